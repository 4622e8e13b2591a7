import Glibc
import Wire

/// A socket of the kernel, closed when nobody holds it any more.
final class Handle {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }

    static func make(_ family: IPAddress.Version, _ transport: IPProtocol) -> Handle {
        let type = Int32((transport == .tcp ? SOCK_STREAM : SOCK_DGRAM).rawValue)
        let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family == .four ? AF_INET : AF_INET6, type | flags, 0)
        guard descriptor >= 0 else { fatalError("socket: \(errno)") }
        let handle = Handle(descriptor)
        handle.sendAtOnce(transport)
        return handle
    }

    /// Else a segment may wait for an acknowledgement that waits, too.
    private func sendAtOnce(_ transport: IPProtocol) {
        if transport == .tcp { set(Int32(IPPROTO_TCP), TCP_NODELAY) }
    }

    @discardableResult
    func set(_ level: Int32, _ name: Int32, _ value: Int32 = 1) -> Bool {
        var value = value
        return setsockopt(descriptor, level, name, &value, 4) == 0
    }

    func bindToDevice(_ name: String) {
        let set = name.withCString { setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, $0, socklen_t(name.utf8.count)) }
        guard set == 0 else { fatalError("SO_BINDTODEVICE \(name): \(errno)") }
    }

    /// Closing it sends RST, and no TIME_WAIT is left.
    func endAbruptly() {
        var value = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    }

    /// What is known of a socket for good.
    var cookie: UInt64 {
        var value: UInt64 = 0
        var length = socklen_t(8)
        let got = getsockopt(descriptor, SOL_SOCKET, 57 /* SO_COOKIE */, &value, &length)
        guard got == 0 else { fatalError("SO_COOKIE: \(errno)") }
        return value
    }

    /// The error that waits, and takes it away.
    func takeError() -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(4)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &length)
        return value
    }

    func bind(_ end: Endpoint, _ family: IPAddress.Version) -> Bool {
        SocketAddress.with(end, family) { Glibc.bind(descriptor, $0, $1) } == 0
    }

    /// 0, or what went wrong.
    func connect(_ end: Endpoint, _ family: IPAddress.Version) -> Int32 {
        SocketAddress.with(end, family) { Glibc.connect(descriptor, $0, $1) } == 0 ? 0 : errno
    }

    func send(_ number: UInt64, to end: Endpoint, _ family: IPAddress.Version) -> Int32 {
        var number = number
        return SocketAddress.with(end, family) { sendto(descriptor, &number, 8, 0, $0, $1) } == 8 ? 0 : errno
    }

    func send(_ number: UInt64) -> Int32 {
        var number = number
        return Glibc.send(descriptor, &number, 8, Int32(MSG_NOSIGNAL)) == 8 ? 0 : errno
    }

    /// The number that was sent; `nil` where nothing waits.
    func receive() -> UInt64? {
        var number: UInt64 = 0
        return recv(descriptor, &number, 8, 0) == 8 ? number : nil
    }

    /// Empties the queue of errors, which IP_RECVERR fills.
    func dropErrors() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while recv(descriptor, &bytes, 64, Int32(MSG_ERRQUEUE)) >= 0 {}
        _ = takeError()
    }

    func accept() -> Handle? {
        let child = Glibc.accept(descriptor, nil, nil)
        guard child >= 0 else { return nil }
        _ = fcntl(child, F_SETFL, fcntl(child, F_GETFL) | O_NONBLOCK)
        let handle = Handle(child)
        handle.sendAtOnce(.tcp)
        return handle
    }

    var local: Endpoint {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
        }
        return SocketAddress.read(storage)
    }
}

enum SocketAddress {
    /// An IPv4 address becomes v4-mapped for an IPv6 socket (RFC 4291 §2.5.5.2); 0.0.0.0 becomes `::`.
    static func with<R>(
        _ end: Endpoint, _ family: IPAddress.Version, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R
    ) -> R {
        if family == .four {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = end.port.bigEndian
            address.sin_addr.s_addr = UInt32(truncatingIfNeeded: end.address.low).bigEndian
            return rebound(&address, body)
        }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = end.port.bigEndian
        let isMapped = end.address.version == .four && !end.address.isWildcard
        let words = (end.address.high.bigEndian, (end.address.low | (isMapped ? 0xffff_0000_0000 : 0)).bigEndian)
        withUnsafeMutableBytes(of: &address.sin6_addr) { bytes in
            bytes.storeBytes(of: words.0, as: UInt64.self)
            bytes.storeBytes(of: words.1, toByteOffset: 8, as: UInt64.self)
        }
        return rebound(&address, body)
    }

    private static func rebound<A, R>(_ address: inout A, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<A>.size)) }
        }
    }

    static func read(_ storage: sockaddr_storage) -> Endpoint {
        withUnsafeBytes(of: storage) { bytes in
            let port = UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self))
            if storage.ss_family == AF_INET {
                return Endpoint(IPAddress(ipv4: UInt32(bigEndian: bytes.load(fromByteOffset: 4, as: UInt32.self))), port)
            }
            let high = UInt64(bigEndian: bytes.load(fromByteOffset: 8, as: UInt64.self))
            let low = UInt64(bigEndian: bytes.load(fromByteOffset: 16, as: UInt64.self))
            if high == 0, low >> 32 == 0xffff { return Endpoint(IPAddress(ipv4: UInt32(truncatingIfNeeded: low)), port) }
            return Endpoint(IPAddress(ipv6High: high, low: low), port)
        }
    }
}
