import CMnl
import Glibc
import Platform

/// A socket to the kernel, through libmnl: a request goes out, its answer comes back, and every answer ends.
@safe
struct NetlinkSocket: ~Copyable {
    private let socket: OpaquePointer
    private var room: [UInt8]
    private var sequence: UInt32 = 0

    /// With room for 32 KiB the kernel fills each message of a dump as far as it ever does (`netlink_dump`).
    static let room = 32 << 10

    /// - Parameters:
    ///   - bus: which part of the kernel, as in `NETLINK_SOCK_DIAG`.
    ///   - groups: the groups whose notices are wanted, a bit each.
    ///   - milliseconds: how long an answer may take. The kernel answers within the call; this is for what nobody foresaw.
    init(_ bus: Int32, groups: UInt32 = 0, milliseconds: Int = 5_000) throws(NetlinkError) {
        guard let opened = unsafe mnl_socket_open2(bus, Int32(SOCK_CLOEXEC.rawValue)) else {
            throw .system(SystemError(errno, in: "socket(AF_NETLINK)"))
        }
        guard unsafe mnl_socket_bind(opened, groups, 0) == 0 else {
            let code = errno
            _ = unsafe mnl_socket_close(opened)
            throw .system(SystemError(code, in: "bind(AF_NETLINK)"))
        }
        unsafe socket = opened
        room = [UInt8](repeating: 0, count: NetlinkSocket.room)
        var limit = timeval(tv_sec: milliseconds / 1_000, tv_usec: milliseconds % 1_000 * 1_000)
        unsafe setsockopt(rawDescriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        _ = unsafe mnl_socket_close(socket)
    }

    /// To wait for with `poll` or `epoll`.
    var rawDescriptor: Int32 { unsafe mnl_socket_get_fd(socket) }

    /// Never waits from here on, and lets notices wait in a queue of at most so many bytes.
    func makeListener(queue: Int32) throws(NetlinkError) {
        do {
            try setNonblocking(rawDescriptor)
        } catch {
            throw .system(error)
        }
        var bytes = queue
        let length = socklen_t(MemoryLayout<Int32>.size)
        // Beyond net.core.rmem_max only with CAP_NET_ADMIN; without it as much as there may be.
        if unsafe setsockopt(rawDescriptor, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, length) != 0 {
            unsafe setsockopt(rawDescriptor, SOL_SOCKET, SO_RCVBUF, &bytes, length)
        }
    }

    /// How an exchange ended.
    enum Outcome: Equatable {
        case complete
        /// All of it came, but the table changed meanwhile.
        case interrupted
        /// The kernel answered with this `errno`.
        case refused(Int32)
    }

    /// Sends a request and gives each message of the answer to `body`.
    mutating func ask(
        _ request: inout NetlinkRequest, _ body: (_ type: UInt16, Span<UInt8>) throws(NetlinkError) -> Void
    ) throws(NetlinkError) -> Outcome {
        sequence &+= 1
        request.setSequence(sequence)
        try send(request.bytes)
        var exchange = NetlinkExchange(sequence: sequence, port: unsafe mnl_socket_get_portid(socket))
        while exchange.outcome == nil {
            let count = try receive()
            try exchange.take(room.span.extracting(first: count), body)
        }
        return exchange.outcome ?? .complete
    }

    private func send(_ bytes: [UInt8]) throws(NetlinkError) {
        do {
            try retrying("sendto(AF_NETLINK)") {
                unsafe bytes.withUnsafeBytes { unsafe mnl_socket_sendto(socket, $0.baseAddress, $0.count) }
            }
        } catch {
            throw .system(error)
        }
    }

    private mutating func receive() throws(NetlinkError) -> Int {
        do {
            return try retrying("recvfrom(AF_NETLINK)") {
                unsafe room.withUnsafeMutableBytes { unsafe mnl_socket_recvfrom(socket, $0.baseAddress, $0.count) }
            }
        } catch {
            switch error.code {
            case EAGAIN: throw .timedOut
            case ENOBUFS: throw .overrun
            // libmnl's word for a message that was cut (MSG_TRUNC).
            case ENOSPC: throw .truncated
            default: throw .system(error)
            }
        }
    }

    /// Gives what has come to `body` until nothing is left, and never waits. For a socket that does not block.
    mutating func drain(
        _ body: (NetlinkHeader, Span<UInt8>) throws(NetlinkError) -> Void
    ) throws(NetlinkError) {
        while true {
            let count: Int
            do {
                count = try receive()
            } catch .timedOut {
                return
            }
            try walkMessages(room.span.extracting(first: count)) { (head, payload) throws(NetlinkError) in
                try body(head, payload)
                return .further
            }
        }
    }
}
