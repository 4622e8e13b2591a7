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

/// An iterative server: it serves one client, then the next; meanwhile the others wait in the accept queue.
struct OneByOneServer: ~Copyable {
    private let listener: Listener
    private let desk: ServerDesk
    private let limits: Limits
    private var shortageTold = false

    init(listener: consuming Listener, desk: ServerDesk, limits: Limits) {
        self.listener = listener
        self.desk = desk
        self.limits = limits
    }

    mutating func run(
        _ converse: (borrowing Visit) throws(Interruption) -> Void
    ) throws(ServerEnd) -> Never {
        try desk.announce(try vital(try listener.localEndpoint()))
        while true {
            _ = try desk.wait(for: listener.rawDescriptor, .readable)
            guard let socket = try accept() else { continue }
            let peer = socket.remote
            try desk.print(Transcript.connection(from: peer))
            do {
                try converse(Visit(socket: socket, desk: desk, patience: limits.idle))
            } catch {
                switch error {
                case .conversation(let closing): desk.notice(Transcript.closing(closing, of: peer))
                case .server(let end): throw end
                }
            }
        }
    }

    private mutating func accept() throws(ServerEnd) -> ConnectedSocket? {
        do {
            let socket = try listener.accept(nonblocking: true)
            shortageTold = false
            return socket
        } catch where error.isShortage {
            if !shortageTold { desk.notice("no connection accepted for now: \(error.reason)") }
            shortageTold = true
            try desk.pause(.shortageRetry)
            return nil
        } catch {
            throw .failed(.failed("server", error))
        }
    }
}

extension SystemError {
    /// The host or the process has run out of something that comes back: the connection waits until it has.
    var isShortage: Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) }
}

extension Duration {
    /// How long to wait for descriptors or memory to come free before accepting again.
    static var shortageRetry: Duration { .milliseconds(100) }
}

/// One client's connection at an iterative server, with calls that wait: for the client, for the end of its time, and
/// for the end of the server.
struct Visit: ~Copyable {
    let socket: ConnectedSocket
    let desk: ServerDesk
    let patience: Duration

    /// Waits for bytes; 0 at the client's FIN.
    func receive(into buffer: inout [UInt8]) throws(Interruption) -> Int {
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
    func send(_ bytes: Span<UInt8>) throws(Interruption) {
        var done = 0
        while done < bytes.count {
            try wait(.writable)
            done += try ofClient(try socket.send(bytes.extracting(done...)))
        }
    }

    func print(_ line: String) throws(Interruption) {
        try ofServer(try desk.print(line))
    }

    private func wait(_ events: Readiness) throws(Interruption) {
        let waited = try ofServer(try desk.wait(for: socket.rawDescriptor, events, atMost: patience))
        if waited == .timedOut { throw .conversation(.idle) }
    }
}

extension Visit {
    /// Each line back as `N: line`, until the client's FIN.
    func echoNumberedLines(limit: Int) throws(Interruption) {
        var numberer = LineNumberer(limit: limit)
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = try receive(into: &buffer)
            let answer = count == 0 ? numberer.finish() : numberer.receive(buffer[..<count])
            for line in answer.lines { try print(Transcript.line(line, from: socket.remote)) }
            try send(answer.reply.span)
            if answer.tooLong { throw .conversation(.lineTooLong(limit: limit)) }
            if count == 0 { return }
        }
    }

    /// One receive, one send of the same bytes.
    func echoOnce() throws(Interruption) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = try receive(into: &buffer)
        if count == 0 { return }
        try print(Transcript.message(buffer[..<count], from: socket.remote))
        try send(buffer.span.extracting(..<count))
    }
}
