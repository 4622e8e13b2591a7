import Glibc
import Platform
import Sockets
import Wire

/// Several processes that listen on one port, each with a socket of its own, in a reuse-port group: the kernel spreads the
/// connections over them (SO_REUSEPORT, socket(7)). One process looks after them, and starts another where one dies.
///
/// A farm is many hosts; this one is on one host.
struct Farm: ~Copyable {
    private let server: Server
    private let count: Int
    private let desk: ServerDesk
    private let childEnds: SignalReceiver
    /// Bound, not listening: it keeps the port that the members share, and no connection reaches it.
    private let place: StreamSocket
    private let endpoint: Endpoint
    private var members: [Int32: ContinuousClock.Instant] = [:]
    private let clock = ContinuousClock()

    /// How long a member must have lived to be replaced at once.
    private static let shortLife: Duration = .seconds(1)

    init(_ server: Server, of count: Int, _ desk: ServerDesk) throws(ServerEnd) {
        var server = server
        server.sockets.reusesPort = true
        let place = try vital(try StreamSocket(server.address.version))
        do {
            try place.apply(server.sockets)
            try place.bind(to: server.endpoint, reusesAddress: server.sockets.reusesAddress)
        } catch {
            throw .failed(ServiceError(binding: server.endpoint, .tcp, error, reusesAddress: server.sockets.reusesAddress))
        }
        let endpoint = try vital(try place.localEndpoint())
        childEnds = try vital(try SignalReceiver([SIGCHLD]))
        self.endpoint = endpoint
        self.place = place
        server.port = endpoint.port
        self.server = server
        self.count = count
        self.desk = desk
    }

    /// Looks after the members until the end; then none is left.
    mutating func run() throws(ServerEnd) -> Never {
        let end: ServerEnd
        do {
            for _ in 0..<count { try start() }
            try desk.announce(endpoint)
            if desk.talks { for member in members.keys.sorted() { try desk.print("member \(member) listens") } }
            while true { try replace() }
        } catch {
            end = error
        }
        finish()
        throw end
    }

    /// Starts a member, and waits until it listens.
    private mutating func start() throws(ServerEnd) {
        let ready = try vital(try PipeEnds())
        switch try vital(try Platform.fork()) {
        case .child:
            endWithParent()
            do {
                try server.runAsMember(desk, announcing: ready.writing.rawValue)
            } catch {
                desk.notice("portwatch: \(error)")
                leave(1)
            }
            leave(0)
        case .parent(let member):
            members[member] = clock.now
            let reading = ready.keepReading()
            var line = [UInt8](repeating: 0, count: 256)
            guard try vital(try readSome(reading.rawValue, into: &line)) > 0 else {
                throw .failed(.memberFailed)
            }
        }
    }

    private mutating func replace() throws(ServerEnd) {
        _ = try desk.wait(for: childEnds.rawDescriptor, .readable)
        while childEnds.next() != nil {}
        while let (member, end) = reap() {
            guard let since = members.removeValue(forKey: member) else { continue }
            // It ended by itself: nobody reads the output any more.
            if end == .exited(status: 0) { throw .outputClosed }
            var how = ""
            if case .killed(let number) = end { how = " by signal \(number)" }
            desk.notice("member \(member) has died\(how): another takes its place")
            // One that cannot live shall not keep the processor busy.
            if since.duration(to: clock.now) < Farm.shortLife { _ = try desk.wait(for: -1, [], atMost: Farm.shortLife) }
            try start()
        }
    }

    private mutating func finish() {
        for member in members.keys { signal(member, SIGTERM) }
        let end = clock.now + server.limits.grace + .seconds(3)
        while !members.isEmpty {
            if clock.now >= end { for member in members.keys { signal(member, SIGKILL) } }
            var awaited = [Awaited(childEnds.rawDescriptor, for: .readable)]
            _ = try? waitUntilReady(&awaited, milliseconds: max(clock.now.duration(to: end), .milliseconds(10)).inMilliseconds)
            while childEnds.next() != nil {}
            while let (member, _) = reap() { members[member] = nil }
        }
    }
}
