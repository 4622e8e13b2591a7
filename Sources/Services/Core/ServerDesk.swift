import Glibc
import Platform
import Sockets
import Synchronization
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
    private(set) var stop: Int32?
    /// Whether connections and messages are printed.
    var talks = true
    /// The listener of a server that cannot see to it itself while it serves somebody.
    var listener: Int32?
    /// Where it is told that clients may come, if not on the output.
    var announcements: Int32?
    /// Whether each socket's attributes are, as notices.
    var tellsAttributes = false
    /// The stop is signals, each to be read: the second ends what the first lets go on. Of one process alone, since those that
    /// it has forked get the terminal's signals, too.
    var countsStops = false
    /// Not 0 while others wait for a place, where connections are served by others than who accepts them.
    var crowd: SharedCounter?
    /// Told with the announcement.
    var remark: String?
    private let unread = UnreadOutput()

    init(output: Int32, notices: Int32, stop: Int32?) {
        self.output = output
        self.notices = notices
        self.stop = stop
    }

    /// The same, ended by another descriptor.
    func stopped(by stop: Int32) -> ServerDesk {
        var desk = self
        desk.stop = stop
        return desk
    }

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

    /// A line of output, at once and whole. Where nobody reads for a while, lines are left out and counted, and the server
    /// goes on.
    ///
    /// - Parameter isStopping: the stop was given already, and is not waited for.
    func print(_ line: String, isStopping: Bool = false) throws(ServerEnd) {
        let (before, isStuck) = unread.pending
        let bytes = Array("\(before)\(line)\n".utf8)
        var start = 0
        while start < bytes.count {
            // A pipe that is ready takes PIPE_BUF bytes without waiting (pipe(7)).
            let end = min(start + Int(PIPE_BUF), bytes.count)
            let bound: Duration = isStuck ? .zero : ServerDesk.patience
            let waited: Waited
            if isStopping {
                var awaited = [Awaited(output, for: .writable)]
                waited = try vital(try waitUntilReady(&awaited, milliseconds: bound.inMilliseconds)) == 0 ? .timedOut : .ready
            } else {
                waited = try wait(for: output, .writable, atMost: bound)
            }
            if case .timedOut = waited {
                if unread.leaveOut(isCut: start > 0) { notice("nobody reads the output: lines are left out") }
                return
            }
            do {
                try writeAll(output, bytes.span.extracting(start..<end))
            } catch {
                throw error.code == EPIPE ? .outputClosed : .failed(.failed("output", error))
            }
            start = end
        }
        unread.goOn()
    }

    private static let patience: Duration = .seconds(1)

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
        if let remark { notice(remark) }
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

    /// Takes the signal that was the stop, so that a second one is seen.
    ///
    /// - Returns: whether there may be a second.
    func takeStop() -> Bool {
        if countsStops, let stop { takeSignal(stop) }
        return countsStops
    }

    /// Why it does not end at once.
    func tellEnding(_ count: Int) {
        guard count > 0 else { return }
        notice("ending: \(count) connection\(count == 1 ? "" : "s") under way" + (countsStops ? "; a second signal ends at once" : ""))
    }

    var isCrowded: Bool { crowd.map { $0.add(0) > 0 } ?? false }

    func tell(_ closing: Closing, _ peer: Endpoint) { notice(Transcript.closing(closing, of: peer)) }
}

/// Lines that found no reader: shared by the threads of a server.
private final class UnreadOutput: Sendable {
    private struct State {
        var left = 0
        var isCut = false
    }

    private let state = Mutex(State())

    /// What stands before the next line, and whether the reader has been waited for already.
    var pending: (text: String, isStuck: Bool) {
        state.withLock { state in
            let count = state.left > 0 ? "(\(state.left) line\(state.left == 1 ? "" : "s") left out: nobody read them)\n" : ""
            return ((state.isCut ? "\n" : "") + count, state.left > 0)
        }
    }

    /// - Returns: whether it is the first.
    func leaveOut(isCut: Bool) -> Bool {
        state.withLock { state in
            state.left += 1
            state.isCut = state.isCut || isCut
            return state.left == 1
        }
    }

    func goOn() { state.withLock { $0 = State() } }
}
