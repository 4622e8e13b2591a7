import Glibc
import Platform
import Sockets

/// A connection on which client and server speak in turn, with calls that wait.
struct ClientConversation: ~Copyable {
    private var socket: ConnectedSocket
    let desk: ClientDesk
    private var lines = LineBuffer(limit: 1_048_576)
    /// By when a reply of several pieces must have come.
    private var deadline: ContinuousClock.Instant?
    private var piece = [UInt8](repeating: 0, count: 65_536)

    init(_ socket: consuming ConnectedSocket, _ desk: ClientDesk) throws(ClientEnd) {
        try vital("client", try socket.setNonblocking())
        self.socket = socket
        self.desk = desk
    }

    /// Goes on with another connection.
    mutating func resume(_ socket: consuming ConnectedSocket) throws(ClientEnd) {
        try vital("client", try socket.setNonblocking())
        self.socket = socket
        lines = LineBuffer(limit: 1_048_576)
    }

    /// A reply may be of many lines: all of them have the time of one answer.
    mutating func withinOneTime<Result>(_ body: (inout ClientConversation) throws(Silence) -> Result) throws(Silence) -> Result {
        deadline = desk.timeout.map { ContinuousClock.now + $0 }
        defer { deadline = nil }
        return try body(&self)
    }

    /// Why there was no whole answer. It is told where it happens.
    enum Silence: Error {
        case unanswered
        case ended(ClientEnd)
    }

    /// Sends bytes, then prints all that comes until the server's FIN.
    mutating func ask(_ bytes: [UInt8]) throws(ClientEnd) -> Client.Outcome {
        try answered { (conversation) throws(Silence) in
            try conversation.send(bytes)
            var isEmpty = true
            while let piece = try conversation.receive() {
                isEmpty = false
                try conversation.print(piece)
            }
            if isEmpty { throw conversation.silence("closed without an answer") }
        }
    }

    /// Runs a dialogue; a server that does not keep to it makes it unanswered.
    mutating func answered(
        _ dialogue: (inout ClientConversation) throws(Silence) -> Void
    ) throws(ClientEnd) -> Client.Outcome {
        do {
            try dialogue(&self)
            return .answered
        } catch {
            if case .ended(let end) = error { throw end }
            return .unanswered
        }
    }

    /// Tells it, and is what to throw then.
    func silence(_ what: String) -> Silence {
        desk.notice("\(socket.remote): \(what)")
        return .unanswered
    }

    func print(_ bytes: ArraySlice<UInt8>) throws(Silence) {
        do { try desk.print(bytes) } catch { throw .ended(error) }
    }

    func send(_ bytes: [UInt8]) throws(Silence) {
        var done = 0
        while done < bytes.count {
            do {
                done += try socket.send(bytes.span.extracting(done...))
            } catch {
                throw silence(error.reason)
            }
            if done < bytes.count { try wait(.writable) }
        }
    }

    /// Says goodbye, and waits for whatever the server says to that, or does not say.
    mutating func leave(_ words: String) {
        guard let sent = try? socket.send(Array(words.utf8).span), sent > 0 else { return }
        var awaited = [Awaited(socket.rawDescriptor, for: .readable)]
        let bound = min(desk.timeout ?? .seconds(2), .seconds(2))
        if let ready = try? waitUntilReady(&awaited, milliseconds: bound.inMilliseconds), ready > 0 { _ = try? socket.receive(into: &piece) }
    }

    func send(_ text: String) throws(Silence) { try send(Array(text.utf8)) }

    /// The next bytes; `nil` at the server's FIN. First those that came behind the last line.
    mutating func receive(atMost count: Int = .max) throws(Silence) -> ArraySlice<UInt8>? {
        if lines.isMidway { return lines.takeBytes(count) }
        guard let piece = try receivePiece() else { return nil }
        if piece.count <= count { return piece }
        lines.supply(piece)
        return lines.takeBytes(count)
    }

    /// The next line, without its end.
    mutating func receiveLine() throws(Silence) -> [UInt8] {
        while true {
            switch lines.next() {
            case .line(let line): return line
            case .tooLong: throw silence("a line that does not end")
            case .none:
                guard let piece = try receivePiece() else { throw silence("closed before it had answered") }
                lines.supply(piece)
            }
        }
    }

    private mutating func receivePiece() throws(Silence) -> ArraySlice<UInt8>? {
        while true {
            if CallTrace.isOn { CallTrace.waits(for: "recv", on: socket.rawDescriptor, [.number(piece.count)]) }
            try wait(.readable)
            do {
                switch try socket.receive(into: &piece) {
                case .bytes(let count): return piece[..<count]
                case .endOfStream: return nil
                case .wouldBlock: continue
                }
            } catch {
                throw silence(error.reason)
            }
        }
    }

    private func wait(_ events: Readiness) throws(Silence) {
        var awaited = [Awaited(socket.rawDescriptor, for: events)]
        let bound = deadline.map { max(ContinuousClock.now.duration(to: $0), .zero) } ?? desk.timeout
        do {
            if try waitUntilReady(&awaited, milliseconds: bound?.inMilliseconds) > 0 { return }
        } catch {
            throw silence(error.reason)
        }
        throw silence("no answer in time")
    }
}
