import Glibc
import Platform
import Wire

/// What a socket carries. Each has ports of its own: TCP's 53 and UDP's 53 are two.
public enum Transport: String, Sendable {
    case tcp
    case udp
}

/// What every socket can be asked, whatever its kind.
public protocol Socket: ~Copyable {
    /// The number, for waiting with `poll` or `epoll`. It stays the socket's to close.
    var rawDescriptor: Int32 { get }
}

extension Socket where Self: ~Copyable {
    /// The address and port that this socket has itself. The corresponding C function is `getsockname`.
    ///
    /// The ephemeral port that the kernel chose for port 0 is read here.
    public func localEndpoint() throws(SystemError) -> Endpoint {
        var address = ReturnedAddress()
        let outcome: (Int32) -> TracedCall.Outcome = { _ in .end(address.endpoint) }
        try call("getsockname", on: rawDescriptor, [.number(Int(rawDescriptor))], outcome: outcome) {
            unsafe address.fill { unsafe getsockname(rawDescriptor, $0, $1) }
        }
        return address.endpoint
    }

    /// Makes calls that cannot be done at once return instead of waiting. The C function is `fcntl`.
    public func setNonblocking() throws(SystemError) {
        try Platform.setNonblocking(rawDescriptor)
    }

    func bindDescriptor(to endpoint: Endpoint) throws(SystemError) {
        try call("bind", on: rawDescriptor, [.number(Int(rawDescriptor)), .word("\(endpoint)")]) {
            unsafe endpoint.withSocketAddress { unsafe bind(rawDescriptor, $0, $1) }
        }
    }

    /// The corresponding C function is `setsockopt`.
    func setOption(_ option: SocketOption, _ value: Int32) throws(SystemError) {
        var value = value
        let number = rawDescriptor
        try call("setsockopt", on: number, [.number(Int(number)), .word(option.title), .number(Int(value))]) {
            unsafe setsockopt(number, option.level, option.name, &value, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    /// The error that waits on the socket, 0 if there is none; asking takes it away.
    /// The corresponding C function is `getsockopt` with `SO_ERROR`.
    public func takeError() throws(SystemError) -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        try retrying("getsockopt") { unsafe getsockopt(rawDescriptor, SOL_SOCKET, SO_ERROR, &code, &length) }
        return code
    }
}

/// The corresponding C function is `socket`. An IPv6 socket is for IPv6 alone (`IPV6_V6ONLY`, RFC 3493 §5.3): an
/// IPv4 address then never shows as `::ffff:127.0.0.1`, and the two families' ports are separate on every host.
func makeSocket(_ version: IPAddress.Version, _ transport: Transport, protocolNumber: Int32 = 0) throws(SystemError) -> SocketDescriptor {
    let family = version == .four ? AF_INET : AF_INET6
    let kind = transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
    let flags = Int32(kind.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let words = [version == .four ? "AF_INET" : "AF_INET6", transport == .tcp ? "SOCK_STREAM" : "SOCK_DGRAM"]
    let number = try call("socket", on: nil, words.map { .word($0) } + [.number(Int(protocolNumber))]) {
        socket(family, flags, protocolNumber)
    }
    let descriptor = SocketDescriptor(owning: number)
    if version == .six {
        var on: Int32 = 1
        try call("setsockopt", on: number, [.number(Int(number)), .word("IPV6_V6ONLY"), .number(1)]) {
            unsafe setsockopt(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, socklen_t(MemoryLayout<Int32>.size))
        }
    }
    return descriptor
}
