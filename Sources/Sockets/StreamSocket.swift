import Glibc
import Platform
import Wire

/// A TCP socket that is nothing yet: it becomes a listener (passive open) or a connected socket (active open), and
/// is used up by that (RFC 9293 §3.9.1.1).
public struct StreamSocket: ~Copyable, Socket, Sendable {
    private let descriptor: Descriptor
    public var rawDescriptor: Int32 { descriptor.rawValue }

    /// The corresponding C function is `socket` with `SOCK_STREAM`.
    public init(_ version: IPAddress.Version) throws(SystemError) {
        descriptor = try makeSocket(version, .tcp)
    }

    /// Takes an address and a port of this host, also while old connections on the port are in TIME_WAIT, so that a
    /// server can be started again at once. The corresponding C functions are `setsockopt` with `SO_REUSEADDR`
    /// and `bind`.
    ///
    /// - Parameter endpoint: with port 0 the kernel chooses an ephemeral port.
    public func bind(to endpoint: Endpoint) throws(SystemError) {
        try setOption(SOL_SOCKET, SO_REUSEADDR, 1)
        try bindDescriptor(to: endpoint)
    }

    /// The passive open: clients may connect from here on. The corresponding C function is `listen`.
    ///
    /// - Parameter backlog: how many connections may wait in the accept queue.
    public consuming func listen(backlog: Int32) throws(SystemError) -> Listener {
        let number = rawDescriptor
        try retrying("listen") { Glibc.listen(number, backlog) }
        return Listener(descriptor)
    }

    /// The active open: waits until the connection stands. The corresponding C function is `connect`.
    ///
    /// - Throws: ``SystemError`` with `ECONNREFUSED` where nobody listens, `EADDRNOTAVAIL` where the bound port's
    ///   last connection to this very peer is in TIME_WAIT, and the like.
    public consuming func connect(to endpoint: Endpoint) throws(SystemError) -> ConnectedSocket {
        let number = rawDescriptor
        let result = unsafe endpoint.withSocketAddress { unsafe Glibc.connect(number, $0, $1) }
        if result != 0 {
            // Interrupted, the handshake goes on by itself; a second connect would fail with EALREADY.
            guard errno == EINTR else { throw SystemError(errno, in: "connect") }
            try waitUntilReady(number, for: .writable)
            let code = try takeError()
            if code != 0 { throw SystemError(code, in: "connect") }
        }
        return ConnectedSocket(descriptor, remote: endpoint)
    }
}
