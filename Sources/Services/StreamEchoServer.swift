import Glibc
import Platform
import Sockets
import Wire

/// TCP echo (RFC 862) for many clients at once, in one thread that waits for events.
///
/// A client is read only when all that it sent before is on its way back. So a client that does not read is not read
/// either, its own kernel makes it wait, and a connection never needs more memory than one piece.
struct StreamEchoServer: ~Copyable {
    private let listener: Listener
    private let desk: ServerDesk
    private let limits: Limits
    private let clock = ContinuousClock()

    private var events: EventQueue
    private var conversations: [UInt64: Conversation] = [:]
    private var nextTag = Tag.firstConversation
    private var acceptance = Acceptance.open
    private var shortageTold = false
    private var nextSweep: ContinuousClock.Instant
    private var piece = [UInt8](repeating: 0, count: 16_384)

    /// Tags of conversations are not used again, so that an event of one just closed cannot be taken for another's.
    private enum Tag {
        static let stop: UInt64 = 0
        static let listener: UInt64 = 1
        static let firstConversation: UInt64 = 2
    }

    /// Whether connections are accepted, or left waiting in the accept queue.
    private enum Acceptance: Equatable {
        case open
        /// Until a connection ends.
        case full
        /// Until a connection ends, or this time: descriptors may come free elsewhere.
        case shortage(until: ContinuousClock.Instant)
    }

    private final class Conversation {
        let socket: ConnectedSocket
        /// What was received and is not sent yet.
        var pending: [UInt8] = []
        var lastActivity: ContinuousClock.Instant

        init(_ socket: consuming ConnectedSocket, since now: ContinuousClock.Instant) {
            self.socket = socket
            lastActivity = now
        }

        func send(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
            try socket.send(bytes.span)
        }
    }

    init(listener: consuming Listener, desk: ServerDesk, limits: Limits) throws(ServerEnd) {
        events = try vital(try EventQueue())
        self.listener = listener
        self.desk = desk
        self.limits = limits
        nextSweep = clock.now
    }

    mutating func run() throws(ServerEnd) -> Never {
        if let stop = desk.stop { try vital(try events.add(stop, for: .readable, tag: Tag.stop)) }
        try watchListener()
        try desk.announce(try vital(try listener.localEndpoint()))
        while true {
            for event in try wait() {
                switch event.tag {
                case Tag.stop: throw .stopped
                case Tag.listener: try accept()
                default: try serve(event.tag)
                }
            }
            try attendToTime()
        }
    }
}

// MARK: - One connection

extension StreamEchoServer {
    /// The connection can be read or written, or is broken: then the call that is tried says how.
    private mutating func serve(_ tag: UInt64) throws(ServerEnd) {
        guard let conversation = conversations[tag] else { return }
        do {
            if conversation.pending.isEmpty {
                try receive(conversation, tag)
            } else {
                try sendPending(conversation, tag)
            }
        } catch {
            switch error {
            case .conversation(let closing):
                desk.notice(Transcript.closing(closing, of: conversation.socket.remote))
                try close(tag)
            case .server(let end):
                throw end
            }
        }
    }

    private mutating func receive(_ conversation: Conversation, _ tag: UInt64) throws(Interruption) {
        switch try ofClient(try conversation.socket.receive(into: &piece)) {
        case .wouldBlock:
            return
        case .endOfStream:
            // Nothing is pending here: all that the client sent before its FIN is on its way back.
            try ofServer(try close(tag))
        case .bytes(let count):
            conversation.lastActivity = clock.now
            try ofServer(try desk.print(Transcript.message(piece[..<count], from: conversation.socket.remote)))
            let sent = try ofClient(try conversation.send(piece[..<count]))
            if sent < count {
                conversation.pending = Array(piece[sent..<count])
                try watch(conversation, tag, for: .writable)
            }
        }
    }

    private mutating func sendPending(_ conversation: Conversation, _ tag: UInt64) throws(Interruption) {
        let sent = try ofClient(try conversation.send(conversation.pending[...]))
        if sent > 0 { conversation.lastActivity = clock.now }
        conversation.pending.removeFirst(sent)
        if conversation.pending.isEmpty { try watch(conversation, tag, for: .readable) }
    }

    private func watch(
        _ conversation: Conversation, _ tag: UInt64, for readiness: Readiness
    ) throws(Interruption) {
        try ofServer(try vital(try events.modify(conversation.socket.rawDescriptor, for: readiness, tag: tag)))
    }

    /// Dropping the last reference closes the socket, and that takes it out of the event queue.
    private mutating func close(_ tag: UInt64) throws(ServerEnd) {
        conversations[tag] = nil
        try resumeAccepting()
    }
}

// MARK: - Accepting

extension StreamEchoServer {
    /// One connection an event: those that are open have their turn in between.
    private mutating func accept() throws(ServerEnd) {
        guard acceptance == .open else { return }
        let socket: ConnectedSocket
        do {
            guard let accepted = try listener.accept(nonblocking: true) else { return }
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
            return desk.notice(Transcript.closing(.broken(reason: error.reason), of: peer))
        }
        if conversations.isEmpty { nextSweep = clock.now + sweepInterval }
        conversations[nextTag] = Conversation(socket, since: clock.now)
        nextTag += 1
        try desk.print(Transcript.connection(from: peer))
        if conversations.count >= limits.connections {
            desk.notice("\(conversations.count) connections: further ones wait in the accept queue")
            try pauseAccepting(.full)
        }
    }

    /// The listener would stay ready, and the loop would spin.
    private mutating func pauseAccepting(_ reason: Acceptance) throws(ServerEnd) {
        acceptance = reason
        try vital(try events.remove(listener.rawDescriptor))
    }

    private mutating func resumeAccepting() throws(ServerEnd) {
        guard acceptance != .open else { return }
        acceptance = .open
        try watchListener()
    }

    private func watchListener() throws(ServerEnd) {
        try vital(try events.add(listener.rawDescriptor, for: .readable, tag: Tag.listener))
    }
}

// MARK: - Time

extension StreamEchoServer {
    private mutating func wait() throws(ServerEnd) -> [EventQueue.Event] {
        var due: ContinuousClock.Instant?
        if case .shortage(let time) = acceptance { due = time }
        if !conversations.isEmpty { due = min(due ?? nextSweep, nextSweep) }
        return try vital(try events.wait(milliseconds: due.map { clock.now.duration(to: $0).inMilliseconds }))
    }

    /// How often idle connections are looked for: one lives a quarter of the limit longer at most.
    private var sweepInterval: Duration { limits.idle / 4 }

    private mutating func attendToTime() throws(ServerEnd) {
        let now = clock.now
        if case .shortage(let time) = acceptance, time <= now { try resumeAccepting() }
        guard nextSweep <= now, !conversations.isEmpty else { return }
        nextSweep = now + sweepInterval
        for (tag, conversation) in conversations where conversation.lastActivity + limits.idle <= now {
            desk.notice(Transcript.closing(.idle, of: conversation.socket.remote))
            try close(tag)
        }
    }
}
