import Glibc
import Platform
import Sockets
import Wire

/// Takes one connection after the other out of the accept queue, for the models whose own loop does nothing but that.
struct Acceptor: ~Copyable {
    private let listener: Listener
    private let desk: ServerDesk
    private var shortageTold = false
    private var fullTold = false
    private var waitTold = false
    /// Not 0 while connections wait for a place, for whoever serves those that have one. `nil` where there is no memory to share.
    let crowd = try? SharedCounter()

    /// - Parameter listener: a non-blocking one.
    init(_ listener: consuming Listener, _ desk: ServerDesk) {
        self.listener = listener
        self.desk = desk
    }

    var rawDescriptor: Int32 { listener.rawDescriptor }

    func announce() throws(ServerEnd) {
        desk.describe("listener", listener)
        try desk.announce(try vital(try listener.localEndpoint()))
    }

    /// Waits for a connection, or until something else is readable.
    ///
    /// - Parameter connections: how many there are, where more than `limit` must wait.
    /// - Returns: `nil` where it was something else, or the connection has gone.
    mutating func next(
        or other: Int32? = nil, connections: Int = 0, limit: Int = .max
    ) throws(ServerEnd) -> ConnectedSocket? {
        let isFull = connections >= limit
        if isFull, !fullTold { desk.notice("\(connections) connections: further ones wait in the accept queue") }
        fullTold = isFull
        if isFull {
            // Whether somebody waits is looked at now and then: poll(2) passes over a negative descriptor.
            tellCrowd(isWaitedFor())
            _ = try wait(for: -1, or: other, atMost: .seconds(1))
            return nil
        }
        tellCrowd(false)
        tellThatItWaits()
        guard try wait(for: listener.rawDescriptor, or: other) else { return nil }
        do {
            let socket = try listener.accept(nonblocking: true)
            if socket != nil { (shortageTold, waitTold) = (false, false) }
            return socket
        } catch where error.code == EINVAL {
            // A visit has been told to stop, and has ended the listening (accept(2): "socket is not listening").
            throw .stopped
        } catch where error.isShortage {
            try recover(from: error, or: other)
            return nil
        } catch {
            throw .failed(.failed("server", error))
        }
    }

    /// The host or the process has run out of something: what waits must wait a little longer.
    mutating func recover(from error: SystemError, or other: Int32? = nil) throws(ServerEnd) {
        if !shortageTold { desk.notice("no connection accepted for now: \(error.reason)") }
        shortageTold = true
        _ = try wait(for: -1, or: other, atMost: .shortageRetry)
    }

    /// Nobody is accepted any more; what waits in the accept queue is reset.
    consuming func close() { try? listener.close() }

    /// - Returns: whether it is the first that is ready.
    private func wait(for one: Int32, or other: Int32?, atMost bound: Duration? = nil) throws(ServerEnd) -> Bool {
        var awaited = [Awaited(one, for: .readable), Awaited(desk.stop ?? -1, for: .readable), Awaited(other ?? -1, for: .readable)]
        _ = try vital(try waitUntilReady(&awaited, milliseconds: bound?.inMilliseconds))
        if !awaited[1].ready.isEmpty { throw .stopped }
        return !awaited[0].ready.isEmpty
    }

    private func isWaitedFor() -> Bool {
        var awaited = [Awaited(listener.rawDescriptor, for: .readable)]
        return (try? waitUntilReady(&awaited, milliseconds: 0)) ?? 0 > 0
    }

    private func tellCrowd(_ isThere: Bool) {
        guard let crowd, (crowd.add(0) > 0) != isThere else { return }
        crowd.add(isThere ? 1 : -1)
    }

    /// Once for each wait, whatever else wakes it.
    private mutating func tellThatItWaits() {
        guard CallTrace.isOn, !waitTold, !isWaitedFor() else { return }
        waitTold = true
        CallTrace.waits(for: "accept", on: listener.rawDescriptor)
    }
}

extension SystemError {
    /// The host or the process has run out of something that comes back: the connection waits until it has.
    var isShortage: Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM, EAGAIN].contains(code) }
}

extension Duration {
    /// How long to wait for descriptors or memory to come free before accepting again.
    static var shortageRetry: Duration { .milliseconds(100) }
}
