import Glibc
import Platform
import Wire

/// A TCP socket that is nothing yet: it becomes a listener (passive open) or a connected socket (active open), and
/// is used up by that (RFC 9293 §3.9.1.1).
public struct StreamSocket: ~Copyable, Socket, Sendable {
    private let descriptor: SocketDescriptor
    public var rawDescriptor: Int32 { descriptor.rawValue }

    /// The corresponding C function is `socket` with `SOCK_STREAM`.
    ///
    /// - Parameter protocolNumber: TCP's, as the protocols database has it; 0 is the default of stream sockets, which is TCP.
    public init(_ version: IPAddress.Version, protocolNumber: Int32 = 0) throws(SystemError) {
        descriptor = try makeSocket(version, .tcp, protocolNumber: protocolNumber)
    }

    /// Takes an address and a port of this host, also while old connections on the port are in TIME_WAIT, so that a
    /// server can be started again at once. The corresponding C functions are `setsockopt` with `SO_REUSEADDR`
    /// and `bind`.
    ///
    /// - Parameters:
    ///   - endpoint: with port 0 the kernel chooses an ephemeral port.
    ///   - reusesAddress: `false` leaves `SO_REUSEADDR` off: then a connection in TIME_WAIT holds the port. It must be on
    ///     at both, the socket that is bound and the one that the connection had.
    public func bind(to endpoint: Endpoint, reusesAddress: Bool = true) throws(SystemError) {
        if reusesAddress { try setOption(.reuseAddress, 1) }
        try bindDescriptor(to: endpoint)
    }

    /// Sets what is asked for. Buffers must be sized before the connection stands, since the window's scale is settled
    /// by the SYN (RFC 7323 §2.2).
    public func apply(_ options: SocketOptions) throws(SystemError) {
        try set(options)
    }

    /// The passive open: clients may connect from here on. The corresponding C function is `listen`.
    ///
    /// - Parameter backlog: how many connections may wait in the accept queue.
    public consuming func listen(backlog: Int32) throws(SystemError) -> Listener {
        let number = rawDescriptor
        try call("listen", on: number, [.number(Int(number)), .number(Int(backlog))]) { Glibc.listen(number, backlog) }
        return Listener(descriptor)
    }

    /// The active open: waits until the connection stands. The corresponding C function is `connect`.
    ///
    /// - Throws: ``SystemError`` with `ECONNREFUSED` where nobody listens, `EADDRNOTAVAIL` where the bound port's
    ///   last connection to this very peer is in TIME_WAIT, and the like.
    public consuming func connect(to endpoint: Endpoint) throws(SystemError) -> ConnectedSocket {
        let number = rawDescriptor
        let begun = CallTrace.isOn ? CallTrace.begun("connect", on: number, [.number(Int(number)), .word("\(endpoint)")]) : nil
        if let begun { CallTrace.tell(begun) }
        var code: Int32 = 0
        if unsafe endpoint.withSocketAddress({ unsafe Glibc.connect(number, $0, $1) }) != 0 {
            code = errno
            // Interrupted, the handshake goes on by itself; a second connect would fail with EALREADY.
            if code == EINTR {
                try waitUntilReady(number, for: .writable)
                code = try takeError()
            }
        }
        if let begun { CallTrace.ended(begun, code == 0 ? .value(0) : .error(code)) }
        if code != 0 { throw SystemError(code, in: "connect") }
        return ConnectedSocket(descriptor, remote: endpoint)
    }

    /// The active open without waiting: the SYN is sent, and the socket becomes writable when the connection stands or
    /// has failed, which ``ConnectedSocket/takeError()`` then tells. The socket is non-blocking from here on.
    public consuming func beginConnecting(to endpoint: Endpoint) throws(SystemError) -> ConnectedSocket {
        let number = rawDescriptor
        try Platform.setNonblocking(number)
        do {
            try call("connect", on: number, [.number(Int(number)), .word("\(endpoint)")]) {
                unsafe endpoint.withSocketAddress { unsafe Glibc.connect(number, $0, $1) }
            }
        } catch where error.code == EINPROGRESS {}
        return ConnectedSocket(descriptor, remote: endpoint)
    }
}
