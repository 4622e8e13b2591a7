import Glibc
import Platform
import Wire

/// What the kernel tells of a socket: its ends and its attributes, as they are now.
public struct SocketAttributes: Equatable, Sendable, CustomStringConvertible {
    /// From `getsockname`.
    public let local: Endpoint
    /// From `getpeername`; `nil` for a socket without a peer.
    public let remote: Endpoint?
    /// `SO_RCVBUF` and `SO_SNDBUF` in bytes, the kernel's bookkeeping included.
    public let receiveBuffer: Int32
    public let sendBuffer: Int32
    /// `SO_RCVTIMEO` and `SO_SNDTIMEO`; zero for none.
    public let receiveTimeout: Duration
    public let sendTimeout: Duration
    /// `TCP_NODELAY`; `nil` for UDP.
    public let noDelay: Bool?
    public let keepAlive: Bool
    public let reuseAddress: Bool
    public let reusePort: Bool

    /// `127.0.0.1:1234 ↔ 127.0.0.1:9157: SO_RCVBUF 131072, … TCP_NODELAY off …`: one line, in words.
    public var description: String {
        func isOn(_ flag: Bool) -> String { flag ? "on" : "off" }
        func time(_ time: Duration) -> String { time == .zero ? "none" : "\(time)" }
        var words = [
            "SO_RCVBUF \(receiveBuffer)", "SO_SNDBUF \(sendBuffer)", "SO_RCVTIMEO \(time(receiveTimeout))",
            "SO_SNDTIMEO \(time(sendTimeout))",
        ]
        if let noDelay { words.append("TCP_NODELAY \(isOn(noDelay))") }
        words += [
            "SO_KEEPALIVE \(isOn(keepAlive))", "SO_REUSEADDR \(isOn(reuseAddress))", "SO_REUSEPORT \(isOn(reusePort))",
        ]
        return "getsockname \(local), getpeername \(remote.map(\.description) ?? "none"), " + words.joined(separator: ", ")
    }
}

extension Socket where Self: ~Copyable {
    /// The corresponding C functions are `getsockname`, `getpeername` and `getsockopt`.
    public func attributes() throws(SystemError) -> SocketAttributes {
        var address = ReturnedAddress()
        var remote: Endpoint?
        do {
            try call("getpeername", on: rawDescriptor, [.number(Int(rawDescriptor))]) {
                unsafe address.fill { unsafe getpeername(rawDescriptor, $0, $1) }
            }
            remote = address.endpoint
        } catch where error.code == ENOTCONN {}
        return SocketAttributes(
            local: try localEndpoint(), remote: remote,
            receiveBuffer: try option(.receiveBuffer), sendBuffer: try option(.sendBuffer),
            receiveTimeout: try timeout("SO_RCVTIMEO", SO_RCVTIMEO), sendTimeout: try timeout("SO_SNDTIMEO", SO_SNDTIMEO),
            noDelay: (try? option(.noDelay)).map { $0 != 0 }, keepAlive: try option(.keepAlive) != 0,
            reuseAddress: try option(.reuseAddress) != 0, reusePort: try option(.reusePort) != 0)
    }

    private func option(_ option: SocketOption) throws(SystemError) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        let number = rawDescriptor
        try call("getsockopt", on: number, [.number(Int(number)), .word(option.title)]) {
            unsafe getsockopt(number, option.level, option.name, &value, &length)
        }
        return value
    }

    private func timeout(_ title: String, _ name: Int32) throws(SystemError) -> Duration {
        var value = timeval()
        var length = socklen_t(MemoryLayout<timeval>.size)
        let number = rawDescriptor
        try call("getsockopt", on: number, [.number(Int(number)), .word(title)]) {
            unsafe getsockopt(number, SOL_SOCKET, name, &value, &length)
        }
        return .seconds(value.tv_sec) + .microseconds(value.tv_usec)
    }
}
