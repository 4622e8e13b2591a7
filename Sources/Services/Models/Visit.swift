import Glibc
import Platform
import Sockets
import Wire

/// Ends a conversation, or the server with it.
enum Interruption: Error {
    case conversation(Closing)
    case server(ServerEnd)
}

/// A call on a client's connection: where it fails, that conversation is over.
func ofClient<Result>(_ call: @autoclosure () throws(SystemError) -> Result) throws(Interruption) -> Result {
    do { return try call() } catch { throw .conversation(.broken(reason: error.reason)) }
}

/// What the server does within a conversation: where it ends, all of them do.
func ofServer<Result>(_ call: @autoclosure () throws(ServerEnd) -> Result) throws(Interruption) -> Result {
    do { return try call() } catch { throw .server(error) }
}

/// One client's conversation from its beginning to its end, by whoever has nothing else to do: an iterative server, a
/// child, a thread. Its calls wait for the client, for the end of its time, and for the end of the server.
struct Visit: ~Copyable {
    private let socket: ConnectedSocket
    private let desk: ServerDesk
    private let limits: Limits
    private var service: any Service
    private var buffer = [UInt8](repeating: 0, count: 16_384)
    private let clock = ContinuousClock()
    private var pace = Pace()
    /// Set once the server was told to end.
    private var graceEnd: ContinuousClock.Instant?

    /// - Parameter socket: a non-blocking one.
    init(_ socket: consuming ConnectedSocket, _ service: any Service, _ desk: ServerDesk, _ limits: Limits) {
        self.socket = socket
        self.service = service
        self.desk = desk
        self.limits = limits
    }

    /// Converses to the end, tells why where that is not the service's own, and closes.
    consuming func run() throws(ServerEnd) {
        desk.describe("socket", socket)
        do {
            try converse()
        } catch {
            switch error {
            case .conversation(let closing):
                desk.tell(closing, socket.remote)
                let farewell = Array(service.farewell(closing).utf8)
                if !farewell.isEmpty { _ = try? socket.send(farewell.span) }
            case .server(let end): throw end
            }
        }
    }

    private mutating func converse() throws(Interruption) {
        var inputEnded = false
        var turn = newTurn()
        service.begin(&turn)
        while true {
            try print(turn)
            try send(turn.output.span)
            if let ending = turn.ending { return try end(ending) }
            pace.observe(service, answered: !turn.output.isEmpty, at: clock.now)
            if let question = turn.question {
                let answer = try ask(question)
                turn = newTurn()
                service.hear(answer, &turn)
            } else if turn.continues {
                turn = newTurn()
                service.proceed(&turn)
            } else if inputEnded {
                return
            } else {
                let count = try receive()
                turn = newTurn()
                if count == 0 {
                    inputEnded = true
                    service.endOfInput(&turn)
                } else {
                    service.receive(buffer[..<count], &turn)
                }
            }
        }
    }

    private func newTurn() -> Turn { Turn(with: socket.remote, limits, talks: desk.talks) }

    private func print(_ turn: borrowing Turn) throws(Interruption) {
        for notice in turn.notices { desk.notice(notice) }
        for line in turn.lines { try ofServer(try desk.print(line, isStopping: graceEnd != nil)) }
    }

    private mutating func end(_ ending: Turn.Ending) throws(Interruption) {
        guard case .lingering(let reason) = ending else { return }
        if let reason { desk.tell(reason, socket.remote) }
        try? socket.shutdownSending()
        let end = clock.now + Limits.lingering
        while clock.now < end {
            var awaited = [Awaited(socket.rawDescriptor, for: .readable)]
            guard let ready = try? waitUntilReady(&awaited, milliseconds: clock.now.duration(to: end).inMilliseconds), ready > 0,
                case .bytes = try? socket.receive(into: &buffer)
            else { return }
        }
    }
}

// MARK: - Waiting

extension Visit {
    /// Waits for bytes; 0 at the client's FIN.
    private mutating func receive() throws(Interruption) -> Int {
        while true {
            try wait(.readable)
            switch try ofClient(try socket.receive(into: &buffer)) {
            case .bytes(let count): return count
            case .endOfStream: return 0
            case .wouldBlock: continue
            }
        }
    }

    /// Waits until all of the bytes are sent.
    private mutating func send(_ bytes: Span<UInt8>) throws(Interruption) {
        var done = 0
        while done < bytes.count {
            done += try ofClient(try socket.send(bytes.extracting(done...)))
            if done < bytes.count { try wait(.writable) }
        }
    }

    private mutating func ask(_ question: Question) throws(Interruption) -> Answer {
        switch question {
        case .work(let work): return .text(work())
        case .server(let server, let line):
            let inquiry: ServerInquiry
            do { inquiry = try ServerInquiry(line, to: server) } catch { return .failed("\(server): \(error.reason)") }
            let end = clock.now + Limits.answer
            while true {
                var awaited = [Awaited(inquiry.descriptor, for: inquiry.wants)]
                let left = clock.now.duration(to: end).inMilliseconds
                if try ofClient(try waitUntilReady(&awaited, milliseconds: left)) == 0 { return .failed("\(server): no answer in time") }
                if let answer = inquiry.advance() { return answer }
            }
        }
    }

    /// Waits for the client, no longer than its time and, once that is given, the server's.
    private mutating func wait(_ events: Readiness) throws(Interruption) {
        let since = clock.now
        let isReading = events == .readable
        if CallTrace.isOn, isReading { tellThatItWaits() }
        while true {
            var (end, reason) = (since + limits.idle, Interruption.conversation(.idle))
            if isReading, let slow = pace.end(limits), slow < end { (end, reason) = (slow, .conversation(.tooSlow)) }
            if desk.isCrowded, since + Limits.crowded < end { (end, reason) = (since + Limits.crowded, .conversation(.crowdedOut)) }
            if let graceEnd, graceEnd < end { (end, reason) = (graceEnd, .server(.stopped)) }
            // What was under way is over, unless more has come already.
            if graceEnd != nil, isReading, !service.isMidway { end = clock.now }
            // Whether others wait is looked at now and then.
            let until = desk.crowd == nil ? end : min(end, clock.now + Limits.crowded / 4)

            var awaited = [Awaited(socket.rawDescriptor, for: events)]
            if graceEnd == nil || desk.countsStops, let stop = desk.stop { awaited.append(Awaited(stop, for: .readable)) }
            let left = clock.now.duration(to: until).inMilliseconds
            let count = try ofClient(try waitUntilReady(&awaited, milliseconds: left))
            if !awaited[0].ready.isEmpty { return }
            if count == 0 {
                if until < end { continue }
                throw reason
            }
            // The server is to end: with nothing begun at once, else when that is over; told so twice, at once, too.
            if graceEnd != nil || isReading && !service.isMidway { throw .server(.stopped) }
            graceEnd = clock.now + limits.grace
            if desk.takeStop() { desk.tellEnding(1) }
            if let listener = desk.listener { stopListening(listener) }
        }
    }

    private func tellThatItWaits() {
        var awaited = [Awaited(socket.rawDescriptor, for: .readable)]
        if (try? waitUntilReady(&awaited, milliseconds: 0)) == 0 {
            CallTrace.waits(for: "recv", on: socket.rawDescriptor, [.number(buffer.count)])
        }
    }
}
