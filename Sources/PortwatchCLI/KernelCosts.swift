import Demux
import HostSockets
import Platform
import Wire

/// What asking the kernel costs on this machine, for `scripts/bench-kernel`: medians, of the table as it is now.
struct KernelCosts {
    private var view: HostView
    private let clock = ContinuousClock()

    init() throws(CommandFailure) {
        view = try HostView(resolvesNames: false)
    }

    /// A line a figure: what, and nanoseconds behind a bar.
    func report(_ console: Console) throws(CommandFailure) {
        let figures: [(String, Double)]
        do {
            figures = try measured()
        } catch {
            throw CommandFailure(error)
        }
        for (name, value) in figures { try console.print("\(name)|\(value)") }
    }

    private func measured() throws(NetlinkError) -> [(String, Double)] {
        let sockets = try view.kernel.all()
        var figures = [("sockets, a number", Double(sockets.count))]
        figures.append(("all sockets read", try median(9) { () throws(NetlinkError) in _ = try view.kernel.all() }))
        figures.append(("the listeners read", try median(99) { () throws(NetlinkError) in _ = try view.kernel.listeners() }))
        figures.append(("the rule's table made of all", median(9) { _ = HostTable(sockets) }))
        if let socket = sockets.first(where: { $0.transport == .tcp && $0.state == .established }), let remote = socket.remote {
            figures.append(("a connection looked up", try each(LookupQuestion(transport: .tcp, source: remote, destination: socket.local))))
            let anybody = LookupQuestion(transport: .tcp, source: Endpoint(remote.address, 0), destination: socket.local)
            figures.append(("a listener looked up", try each(anybody)))
        }
        if let socket = sockets.first(where: { $0.transport == .udp && $0.family == .four }) {
            let from = Endpoint(.ipv4Loopback, 9)
            let to = Endpoint(socket.local.address.isWildcard ? .ipv4Loopback : socket.local.address, socket.local.port)
            figures.append(("a datagram's socket looked up", try each(LookupQuestion(transport: .udp, source: from, destination: to))))
        }
        let inode = sockets.last { $0.inode != 0 }?.inode ?? 1
        figures.append(("all owners read from /proc", median(9) { _ = OwnerTable().owners(of: inode) }))
        let owners = OwnerTable()
        owners.refresh()
        figures.append(("an owner that is known", median(9) { for _ in 0..<1_000 { _ = owners.owners(of: inode) } } / 1_000))
        return figures
    }

    private func each(_ question: LookupQuestion) throws(NetlinkError) -> Double {
        let time = try median(9) { () throws(NetlinkError) in
            for _ in 0..<1_000 { _ = try view.kernel.socket(for: question) }
        }
        return time / 1_000
    }

    /// In nanoseconds.
    private func median<E: Error>(_ rounds: Int, _ body: () throws(E) -> Void) throws(E) -> Double {
        var times: [Int64] = []
        for _ in 0..<rounds {
            let start = clock.now
            try body()
            let (seconds, fraction) = (clock.now - start).components
            times.append(seconds * 1_000_000_000 + fraction / 1_000_000_000)
        }
        return Double(times.sorted()[rounds / 2])
    }
}
