import Glibc
import Platform
import Sockets
import Wire

/// Why a server's loop ends. Only `failed` is an error to its caller.
enum ServerEnd: Error {
    /// SIGINT or SIGTERM, or whatever else the stop descriptor stands for.
    case stopped
    /// Nobody reads the output any more, as after `| head`.
    case outputClosed
    case failed(ServiceError)
}

/// A system call without which the server cannot go on.
func vital<Result: ~Copyable>(
    _ call: @autoclosure () throws(SystemError) -> Result
) throws(ServerEnd) -> Result {
    do { return try call() } catch { throw .failed(.failed("server", error)) }
}

/// Where a server puts its lines, and what tells it to end: all that it has besides its clients.
///
/// It never waits for anything without also waiting for the stop.
struct ServerDesk: Sendable {
    let output: Int32
    let notices: Int32
    /// Readable when the server shall end; `nil` lets it run for ever.
    let stop: Int32?
    /// Whether connections and messages are printed.
    var talks = true
    /// The listener of a server that cannot see to it itself while it serves somebody.
    var listener: Int32?
    /// Where it is told that clients may come, if not on the output.
    var announcements: Int32?
    /// Whether each socket's attributes are, as notices.
    var tellsAttributes = false

    enum Waited {
        case ready
        case timedOut
    }

    func wait(
        for descriptor: Int32, _ events: Readiness, atMost bound: Duration? = nil
    ) throws(ServerEnd) -> Waited {
        var awaited = [Awaited(descriptor, for: events)]
        if let stop { awaited.append(Awaited(stop, for: .readable)) }
        let count = try vital(try waitUntilReady(&awaited, milliseconds: bound?.inMilliseconds))
        if awaited.dropFirst().contains(where: { !$0.ready.isEmpty }) { throw .stopped }
        return count == 0 ? .timedOut : .ready
    }

    /// A line of output, at once and whole.
    ///
    /// - Parameter isStopping: the stop was given already, and is not waited for.
    func print(_ line: String, isStopping: Bool = false) throws(ServerEnd) {
        let bytes = Array("\(line)\n".utf8)
        var start = 0
        while start < bytes.count {
            // A pipe that is ready takes PIPE_BUF bytes without waiting (pipe(7)), so that a reader who has stopped
            // reading cannot keep the server from noticing the stop.
            let end = min(start + Int(PIPE_BUF), bytes.count)
            if isStopping {
                var awaited = [Awaited(output, for: .writable)]
                if try vital(try waitUntilReady(&awaited, milliseconds: 1_000)) == 0 { throw .stopped }
            } else {
                _ = try wait(for: output, .writable)
            }
            do {
                try writeAll(output, bytes.span.extracting(start..<end))
            } catch {
                throw error.code == EPIPE ? .outputClosed : .failed(.failed("output", error))
            }
            start = end
        }
    }

    /// A line on standard error. A server goes on without it.
    func notice(_ line: String) {
        try? writeAll(notices, "\(line)\n")
    }

    /// The first line: clients may come from here on, and the server lacks nothing to serve them.
    func announce(_ endpoint: Endpoint) throws(ServerEnd) {
        if let announcements {
            try? writeAll(announcements, "\(endpoint)\n")
            return
        }
        if !endpoint.address.isLoopback {
            let families = endpoint.address == .ipv6Any ? ", over IPv6 alone" : ""
            notice("bound to \(endpoint.address): other hosts can reach this server\(families)")
        } else if endpoint.address != .ipv4Loopback {
            notice("bound to \(endpoint.address)")
        }
        try print("listening on \(endpoint)")
    }

    func greet(_ peer: Endpoint) throws(ServerEnd) {
        if talks { try print(Transcript.connection(from: peer)) }
    }

    /// What `-v` adds.
    func describe(_ what: String, _ socket: borrowing some Socket & ~Copyable) {
        guard tellsAttributes, let attributes = try? socket.attributes() else { return }
        notice("\(what) \(socket.rawDescriptor): \(attributes)")
    }

    func tell(_ closing: Closing, _ peer: Endpoint) { notice(Transcript.closing(closing, of: peer)) }
}
