import Glibc
import Platform

/// An attribute of a socket that is a number or a switch, with the name that C gives it.
struct SocketOption: Sendable {
    let title: String
    let level: Int32
    let name: Int32

    static let receiveBuffer = SocketOption(title: "SO_RCVBUF", level: SOL_SOCKET, name: SO_RCVBUF)
    static let sendBuffer = SocketOption(title: "SO_SNDBUF", level: SOL_SOCKET, name: SO_SNDBUF)
    static let keepAlive = SocketOption(title: "SO_KEEPALIVE", level: SOL_SOCKET, name: SO_KEEPALIVE)
    static let reuseAddress = SocketOption(title: "SO_REUSEADDR", level: SOL_SOCKET, name: SO_REUSEADDR)
    static let reusePort = SocketOption(title: "SO_REUSEPORT", level: SOL_SOCKET, name: SO_REUSEPORT)
    static let noDelay = SocketOption(title: "TCP_NODELAY", level: Int32(IPPROTO_TCP), name: TCP_NODELAY)
}

/// What may be asked of a socket before it is bound; nothing asked leaves the system's defaults. The connections that a
/// listener makes have all of it from the listener.
public struct SocketOptions: Equatable, Sendable {
    /// `SO_RCVBUF` in bytes. The kernel takes twice that, for its own bookkeeping (socket(7)).
    public var receiveBuffer: Int32?
    /// `SO_SNDBUF` in bytes; doubled likewise.
    public var sendBuffer: Int32?
    /// `SO_RCVTIMEO` and `SO_SNDTIMEO`: after how long a call that waits gives up. Whole milliseconds.
    public var timeout: Duration?
    /// `TCP_NODELAY`: small segments go at once instead of waiting for an acknowledgement (RFC 9293 §3.7.4).
    public var noDelay = false
    /// `SO_REUSEADDR`, for listeners and the clients that bind.
    public var reusesAddress = true
    /// `SO_REUSEPORT`: several sockets of one user listen on one port, and the kernel spreads connections over them.
    public var reusesPort = false

    public init() {}
}

extension Socket where Self: ~Copyable {
    /// All but `SO_REUSEADDR`, which belongs to the bind. The corresponding C function is `setsockopt`.
    func set(_ options: SocketOptions) throws(SystemError) {
        if let size = options.receiveBuffer { try setOption(.receiveBuffer, size) }
        if let size = options.sendBuffer { try setOption(.sendBuffer, size) }
        if let timeout = options.timeout {
            try setTimeout("SO_RCVTIMEO", SO_RCVTIMEO, timeout)
            try setTimeout("SO_SNDTIMEO", SO_SNDTIMEO, timeout)
        }
        if options.noDelay { try setOption(.noDelay, 1) }
        if options.reusesPort { try setOption(.reusePort, 1) }
    }

    private func setTimeout(_ title: String, _ name: Int32, _ timeout: Duration) throws(SystemError) {
        let (seconds, attoseconds) = timeout.components
        var value = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        let number = rawDescriptor
        try call("setsockopt", on: number, [.number(Int(number)), .word(title), .word("\(timeout)")]) {
            unsafe setsockopt(number, SOL_SOCKET, name, &value, socklen_t(MemoryLayout<timeval>.size))
        }
    }
}
