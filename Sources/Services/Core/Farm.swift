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
    /// When the next member may be started: one that cannot live shall not keep the processor busy.
    private var next: ContinuousClock.Instant

    /// How long a member must have lived to be replaced at once, and how long to wait where it has not.
    private static let shortLife: Duration = .seconds(1)

    /// What a member's exit status says; 0 is that it was told to end.
    private enum Status {
        static let ended: Int32 = 0
        static let failed: Int32 = 1
        static let outputClosed: Int32 = 3
    }

    init(_ server: Server, of count: Int, _ desk: ServerDesk) throws(ServerEnd) {
        var server = server
        server.sockets.reusesPort = true
        if server.port > 0, PortTable.holder(of: server.endpoint) == .socket {
            desk.notice("\(server.endpoint): another socket has this port; if it has SO_REUSEPORT, too, connections are shared with it")
        }
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
        next = clock.now
    }

    /// Looks after the members until the end; then none is left.
    mutating func run() throws(ServerEnd) -> Never {
        let end: ServerEnd
        do {
            for _ in 0..<count { try startAndWait() }
            try desk.announce(endpoint)
            if desk.talks { for member in members.keys.sorted() { try desk.print("member \(member) listens") } }
            while true {
                let left = members.count < count ? max(clock.now.duration(to: next), .zero) : nil
                _ = try desk.wait(for: childEnds.rawDescriptor, .readable, atMost: left)
                try takeIn()
                refill()
            }
        } catch {
            end = error
        }
        finish()
        throw end
    }

    /// Starts a member, and waits until it listens: what hinders the first ones hinders all.
    private mutating func startAndWait() throws(ServerEnd) {
        let ready = try vital(try PipeEnds())
        try vital(try start(announcing: ready.writing.rawValue))
        let reading = ready.keepReading()
        _ = try desk.wait(for: reading.rawValue, .readable)
        var line = [UInt8](repeating: 0, count: 256)
        guard try vital(try readSome(reading.rawValue, into: &line)) > 0 else { throw .failed(.memberFailed) }
    }

    private mutating func start(announcing: Int32) throws(SystemError) {
        let parent = processNumber
        switch try Platform.fork() {
        case .child:
            endWithParent(parent)
            switch server.runAsMember(desk, announcing: announcing) {
            case .stopped: leave(Status.ended)
            case .outputClosed: leave(Status.outputClosed)
            case .failed(let error):
                desk.notice("portwatch: \(error)")
                leave(Status.failed)
            }
        case .parent(let member): members[member] = clock.now
        }
    }

    /// Starts those that are missing. Where one cannot be started now, it can be later.
    private mutating func refill() {
        while members.count < count, next <= clock.now {
            do throws(SystemError) {
                try start(announcing: -1)
            } catch {
                desk.notice("no member for now: \(error.reason)")
                next = clock.now + Farm.shortLife
            }
        }
    }

    /// However a member ends, another takes its place; but for the end of whoever reads the output of all.
    private mutating func takeIn() throws(ServerEnd) {
        while childEnds.next() != nil {}
        while let (member, end) = reap() {
            guard let since = members.removeValue(forKey: member) else { continue }
            let how: String
            switch end {
            case .exited(Status.outputClosed): throw .outputClosed
            case .exited(Status.ended): how = "has ended"
            case .exited(let status): how = "has ended with status \(status)"
            case .killed(let number): how = "has died by signal \(number)"
            }
            desk.notice("member \(member) \(how): another takes its place")
            let now = clock.now
            if since.duration(to: now) < Farm.shortLife { next = now + Farm.shortLife }
        }
    }

    /// Members have the time that they give their connections. A second stop ends them at once.
    private mutating func finish() {
        let mayHurry = desk.takeStop()
        let all = server.limits.grace + .seconds(3)
        end(Set(members.keys), childEnds, within: all, hurriedBy: mayHurry ? desk.stop : nil) { (count) in
            desk.notice("ending: \(count) member\(count == 1 ? "" : "s") with connections under way; a second signal ends at once")
        }
    }
}

/// Children are told to end as this process was; what still runs after the time, or when `hurry` is readable, is killed.
///
/// - Parameter late: told, once, how many there are of those that do not end at once.
func end(
    _ children: Set<Int32>, _ ends: borrowing SignalReceiver, within time: Duration, hurriedBy hurry: Int32?, _ late: (Int) -> Void
) {
    var children = children
    for child in children { signal(child, SIGTERM) }
    let clock = ContinuousClock()
    var (end, isTold) = (clock.now + time, hurry == nil)
    while !children.isEmpty {
        if clock.now >= end { for child in children { signal(child, SIGKILL) } }
        var awaited = [Awaited(ends.rawDescriptor, for: .readable), Awaited(hurry ?? -1, for: .readable)]
        let left = max(clock.now.duration(to: end), .milliseconds(10))
        let count = try? waitUntilReady(&awaited, milliseconds: (isTold ? left : min(left, .milliseconds(100))).inMilliseconds)
        if count == 0, !isTold {
            late(children.count)
            isTold = true
        }
        if !awaited[1].ready.isEmpty { end = clock.now }
        while ends.next() != nil {}
        while let (child, _) = reap() { children.remove(child) }
    }
}
