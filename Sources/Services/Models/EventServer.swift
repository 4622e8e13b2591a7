import Glibc
import Platform
import Sockets
import Wire

/// All connections in one thread, which waits for whichever is ready and never for one alone.
///
/// The memory that a connection needs is bounded: its service's own, and one output that is not sent yet.
struct EventServer: ~Copyable {
    private var listener: Listener?
    private let listenerNumber: Int32
    private let endpoint: Endpoint
    let service: any Service
    let desk: ServerDesk
    let limits: Limits
    let clock = ContinuousClock()

    var events: EventQueue
    var connections: [UInt64: Connection] = [:]
    /// Whose question each inquiry answers.
    var inquiries: [UInt64: UInt64] = [:]
    /// How many children work for inquiries, and who waits until there are fewer.
    var helpers = 0
    var waiting: [UInt64] = []
    var nextTag = Tag.first
    private var acceptance = Acceptance.open
    private var shortageTold = false
    private var waitTold = false
    private var nextSweep: ContinuousClock.Instant
    /// Set once it was told to end: until then what is under way may go on.
    var graceEnd: ContinuousClock.Instant?
    var piece = [UInt8](repeating: 0, count: 16_384)
    /// Room for the output of one turn after the other, and for the events of one wait after the other.
    var room: [UInt8] = []
    private var ready: [EventQueue.Event] = []
    /// When the last wait was over: near enough to the present for limits.
    private(set) var now: ContinuousClock.Instant

    /// Tags of connections are not used again, so that an event of one just closed cannot be taken for another's.
    enum Tag {
        static let stop: UInt64 = 0
        static let listener: UInt64 = 1
        static let first: UInt64 = 2
    }

    /// Whether connections are accepted, or left waiting in the accept queue.
    private enum Acceptance: Equatable {
        case open
        /// Until a connection ends.
        case full
        /// Until a connection ends, or this time: descriptors may come free elsewhere.
        case shortage(until: ContinuousClock.Instant)
    }

    /// - Parameter listener: a non-blocking one.
    init(
        _ listener: consuming Listener, _ service: any Service, _ desk: ServerDesk, _ limits: Limits
    ) throws(ServerEnd) {
        let queue = try vital(try EventQueue())
        endpoint = try vital(try listener.localEndpoint())
        events = queue
        listenerNumber = listener.rawDescriptor
        desk.describe("listener", listener)
        self.listener = .some(listener)
        self.service = service
        self.desk = desk
        self.limits = limits
        nextSweep = clock.now
        now = nextSweep
    }

    mutating func run() throws(ServerEnd) -> Never {
        if let stop = desk.stop { try vital(try events.add(stop, for: .readable, tag: Tag.stop)) }
        try watchListener()
        try desk.announce(endpoint)
        while true {
            try wait()
            for index in ready.indices {
                let event = ready[index]
                switch event.tag {
                case Tag.stop: try beginEnding()
                case Tag.listener: try accept()
                default: try serve(event.tag)
                }
            }
            try attendToTime()
            if let graceEnd, connections.isEmpty || graceEnd <= now { throw .stopped }
        }
    }
}

// MARK: - Accepting

extension EventServer {
    /// One connection an event: those that are open have their turn in between.
    private mutating func accept() throws(ServerEnd) {
        guard acceptance == .open, graceEnd == nil else { return }
        let socket: ConnectedSocket
        do {
            guard let accepted = try listener?.accept(nonblocking: true) else { return }
            socket = accepted
        } catch where error.isShortage {
            if !shortageTold { desk.notice("no connection accepted for now: \(error.reason)") }
            shortageTold = true
            return try pauseAccepting(.shortage(until: clock.now + .shortageRetry))
        } catch {
            throw .failed(.failed("server", error))
        }
        shortageTold = false
        let peer = socket.remote
        do {
            try events.add(socket.rawDescriptor, for: .readable, tag: nextTag)
        } catch {
            return desk.tell(.broken(reason: error.reason), peer)
        }
        let tag = nextTag
        nextTag += 1
        if connections.isEmpty { nextSweep = now + sweepInterval }
        let connection = Connection(socket, service, at: now)
        connections[tag] = connection
        try desk.greet(peer)
        desk.describe("socket", connection.socket)
        if connections.count >= limits.connections {
            desk.notice("\(connections.count) connections: further ones wait in the accept queue")
            try pauseAccepting(.full)
        }
        try begin(connection, tag)
    }

    /// The listener would stay ready, and the loop would spin.
    private mutating func pauseAccepting(_ reason: Acceptance) throws(ServerEnd) {
        acceptance = reason
        try vital(try events.remove(listenerNumber))
    }

    mutating func resumeAccepting() throws(ServerEnd) {
        guard acceptance != .open, graceEnd == nil else { return }
        acceptance = .open
        try watchListener()
    }

    private func watchListener() throws(ServerEnd) {
        try vital(try events.add(listenerNumber, for: .readable, tag: Tag.listener))
    }

    /// Nobody is accepted any more. Of the connections those at rest are looked at once more, since a request may have come
    /// before the stop, and closed. A second stop ends the others, too.
    private mutating func beginEnding() throws(ServerEnd) {
        if graceEnd != nil { throw .stopped }
        graceEnd = clock.now + limits.grace
        if let stop = desk.stop, !desk.takeStop() { try vital(try events.remove(stop)) }
        listener = nil
        for (tag, connection) in connections where connection.isAtRest {
            try serve(tag)
            if connection.isAtRest { try close(tag) }
        }
        desk.tellEnding(connections.count)
    }
}

// MARK: - Time

extension EventServer {
    private mutating func wait() throws(ServerEnd) {
        var due = graceEnd
        if case .shortage(let time) = acceptance { due = min(due ?? time, time) }
        if !connections.isEmpty { due = min(due ?? nextSweep, nextSweep) }
        if CallTrace.isOn {
            // It is told only where it waits.
            try vital(try events.wait(into: &ready, milliseconds: 0))
            if !ready.isEmpty {
                now = clock.now
                waitTold = false
                return
            }
            if !waitTold { CallTrace.waits(for: "epoll_wait", on: events.rawDescriptor, [.number(connections.count + (listener == nil ? 0 : 1))]) }
            waitTold = true
        }
        try vital(try events.wait(into: &ready, milliseconds: due.map { clock.now.duration(to: $0).inMilliseconds }))
        if !ready.isEmpty { waitTold = false }
        now = clock.now
    }

    /// How often it is looked whose time is over: a connection lives a quarter of the shortest limit longer at most.
    private var sweepInterval: Duration {
        max(min(limits.idle, limits.request, Limits.lingering) / 4, .milliseconds(1))
    }

    private mutating func attendToTime() throws(ServerEnd) {
        if case .shortage(let time) = acceptance, time <= now { try resumeAccepting() }
        guard nextSweep <= now, !connections.isEmpty else { return }
        nextSweep = now + sweepInterval
        let isCrowded = acceptance == .full && othersWait()
        for (tag, connection) in connections {
            let (time, reason) = connection.end(limits, isCrowded: isCrowded)
            guard time <= now else { continue }
            if case .hear(let inquiry) = connection.next {
                try hear(.failed("no answer in time"), to: inquiry, for: tag)
                continue
            }
            if let reason {
                desk.tell(reason, connection.socket.remote)
                let farewell = connection.service.farewell(reason)
                if !farewell.isEmpty, !connection.hasOutput { _ = try? connection.send(Array(farewell.utf8)) }
            }
            try close(tag)
        }
    }

    private func othersWait() -> Bool {
        var awaited = [Awaited(listenerNumber, for: .readable)]
        return (try? waitUntilReady(&awaited, milliseconds: 0)) ?? 0 > 0
    }
}
