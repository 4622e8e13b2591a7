import Glibc
import Platform
import Sockets
import Wire

/// An answer on its way. It never waits by itself: whoever drives it waits for its descriptor, then lets it advance.
protocol Inquiry: AnyObject {
    var descriptor: Int32 { get }
    var wants: Readiness { get }
    /// Does what can be done now; the answer, once it is whole.
    func advance() -> Answer?
}

/// A question to another server, of which this server is a client: connect, send a line, receive a line, close.
final class ServerInquiry: Inquiry {
    private let socket: ConnectedSocket
    private var outgoing: ArraySlice<UInt8>
    private var incoming = LineBuffer(limit: 8_192)
    private var stands = false
    private var buffer = [UInt8](repeating: 0, count: 4_096)

    var descriptor: Int32 { socket.rawDescriptor }
    var wants: Readiness { outgoing.isEmpty ? .readable : .writable }

    init(_ line: [UInt8], to server: Endpoint) throws(SystemError) {
        socket = try StreamSocket(server.address.version).beginConnecting(to: server)
        outgoing = (line + [UInt8(ascii: "\n")])[...]
    }

    func advance() -> Answer? {
        do throws(SystemError) {
            if !stands {
                let code = try socket.takeError()
                if code != 0 { throw SystemError(code, in: "connect") }
                stands = true
            }
            if !outgoing.isEmpty {
                outgoing = outgoing.dropFirst(try socket.send(outgoing.span))
                return nil
            }
            switch try socket.receive(into: &buffer) {
            case .wouldBlock: return nil
            case .endOfStream: return .failed("\(socket.remote): closed without an answer")
            case .bytes(let count): incoming.supply(buffer[..<count])
            }
        } catch {
            return .failed("\(socket.remote): \(error.reason)")
        }
        switch incoming.next() {
        case .line(let line): return .text(line)
        case .none: return nil
        case .tooLong: return .failed("\(socket.remote): an answer that is too long")
        }
    }
}

/// Work in a child process, for an event loop: what the child writes until it ends is the answer. Needs that the process
/// has one thread.
final class ChildInquiry: Inquiry {
    private let pipe: Descriptor
    private let child: Int32
    private var incoming: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 4_096)

    var descriptor: Int32 { pipe.rawValue }
    var wants: Readiness { .readable }

    init(_ work: () -> [UInt8]) throws(SystemError) {
        let ends = try PipeEnds()
        switch try Platform.fork() {
        case .child:
            let answer = work()
            try? writeAll(ends.writing.rawValue, answer.span)
            leave(0)
        case .parent(let child):
            self.child = child
            pipe = ends.keepReading()
        }
    }

    /// Where the answer is no longer wanted, the child is not either.
    deinit {
        signal(child, SIGKILL)
        reap(child, waits: true)
    }

    func advance() -> Answer? {
        guard let count = try? readSome(pipe.rawValue, into: &buffer) else { return .failed("no answer") }
        incoming += buffer[..<count]
        if count > 0 { return nil }
        return incoming.isEmpty ? .failed("no answer") : .text(incoming)
    }
}
