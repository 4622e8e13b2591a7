import Demux
import HostSockets
import Render
import Wire

/// What a scene asks the kernel, to bear out what it says.
extension Director {
    /// The sockets of a host that have that end, in no order.
    public func sockets(at local: Endpoint, on host: Int = 0) throws -> [HostSocket] {
        try stage.facts.all(of: host).filter { $0.local == local }
    }

    /// The sockets of a host with that port of their own.
    public func sockets(onPort port: UInt16, of host: Int = 0) throws -> [HostSocket] {
        try stage.facts.all(of: host).filter { $0.local.port == port }
    }

    /// The sockets of a host that have that port at either end and a peer.
    public func sockets(ofConnectionsAt port: UInt16, on host: Int = 0) throws -> [HostSocket] {
        try stage.facts.all(of: host).filter { $0.remote != nil && ($0.local.port == port || $0.remote?.port == port) }
    }

    /// The one socket of a host that has that end.
    public func socket(at local: Endpoint, on host: Int = 0) throws -> HostSocket {
        let found = try sockets(at: local, on: host)
        guard found.count == 1 else { throw StageError.disproved("\(found.count) sockets have \(local)") }
        return found[0]
    }

    /// What was sent there, frame by frame, in the order in which it came.
    public func payloads(to destination: Endpoint) -> [String] {
        storybook.timeline.frames.filter { $0.to == destination && $0.payloadLength > 0 }.map { String(decoding: $0.preview, as: UTF8.self) }
    }

    /// The processes that hold these, each once.
    public func processes(holding sockets: [HostSocket]) -> Set<Int32> {
        Set(sockets.flatMap { holders(of: $0).map(\.processID) })
    }

    /// The listener at an address and port: how many wait in its queue is its ``HostSocket/receiveQueue``, the backlog its
    /// ``HostSocket/sendQueue``.
    public func listener(at local: Endpoint, on host: Int = 0) throws -> HostSocket {
        guard let found = try sockets(at: local, on: host).first(where: { $0.kind == .listener }) else {
            throw StageError.disproved("nobody listens at \(local)")
        }
        return found
    }

    /// What a participant's last call has returned, as it is told: `4 from 127.0.0.1:9157`, `3 "abc"`, `EACCES: …`; `nil`
    /// before its first has.
    public func result(of participant: Participant) -> String? { actors[participant.place].lastReturned?.result }

    /// What a participant is to the scene.
    public func name(of participant: Participant) -> String { actors[participant.place].name }

    /// The process that plays a participant.
    public func processID(of participant: Participant) -> Int32 { actors[participant.place].processID }

    /// Who holds a socket, by the processes that play: `webd[700] fd 4`.
    public func holders(of socket: HostSocket) -> [SocketOwner] {
        if case .found(let owners) = stage.facts.owners(of: socket.inode, likely: []) { owners } else { [] }
    }

    /// The socket that the kernel would give a SYN to at this moment.
    public func kernelChoice(from source: Endpoint, to destination: Endpoint) throws -> HostSocket? {
        let question = LookupQuestion(transport: .tcp, source: source, destination: destination)
        let choice = try stage.facts.socket(for: question)
        stage.facts.foretold[question] = choice
        return choice
    }

    // MARK: Shown

    /// The listener as `ss -ltn` has it.
    public func showListener(_ local: Endpoint, on host: Int = 0) throws {
        let socket = try listener(at: local, on: host)
        show("the kernel's listener (sock_diag, which ss asks too)", Director.table([["State", "Recv-Q", "Send-Q", "Local"], row(socket)]))
    }

    /// The connections with that port, as `ss -tanp` has them.
    public func showConnections(_ port: UInt16, on host: Int = 0) throws {
        let all = try sockets(ofConnectionsAt: port, on: host).sorted { one, other in
            // The clients' ends first, in the order of the names that the story has for them.
            (one.local.port == port ? 1 : 0, order(one)) < (other.local.port == port ? 1 : 0, order(other))
        }
        show("the kernel's sockets on port \(port) (sock_diag, which ss asks too)", Director.table([["State", "Recv-Q", "Send-Q", "Local", "Peer", "Process"]] + all.map(row)))
    }

    /// Where a socket stands in the story.
    func order(_ socket: HostSocket) -> UInt32 { self.name(ofCookie: socket.cookie)?.number ?? .max }

    private func row(_ socket: HostSocket) -> [String] {
        let holders = holders(of: socket).map { "\($0.name)[\($0.processID)] fd \($0.descriptor)" }.joined(separator: ", ")
        return [socket.stateWord, "\(socket.receiveQueue)", "\(socket.sendQueue)", "\(socket.local)", socket.remote.map { "\($0)" } ?? "", holders]
    }

    /// Rows in columns.
    private static func table(_ rows: [[String]]) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() where !cell.isEmpty {
                line += String(repeating: " ", count: max(0, widths[..<column].reduce(0) { $0 + $1 + 2 } - line.count)) + cell
            }
            return line
        }
    }
}
