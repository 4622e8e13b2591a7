import CMnl
import Demux
import Glibc
import Wire

/// A socket as `NETLINK_SOCK_DIAG` describes it (`struct inet_diag_msg` and the attributes behind it).
enum DiagMessage {
    private static let family = 0
    private static let state = family + 1
    /// Behind the timer and the count of retransmissions.
    private static let sourcePort = state + 3
    private static let destinationPort = sourcePort + 2
    private static let source = destinationPort + 2
    private static let destination = source + 16
    private static let interface = destination + 16
    private static let cookieLow = interface + 4
    private static let cookieHigh = cookieLow + 4
    /// Behind the time until the timer ends.
    private static let receiveQueue = cookieHigh + 8
    private static let sendQueue = receiveQueue + 4
    private static let userID = sendQueue + 4
    private static let inode = userID + 4
    private static let length = inode + 4

    /// Reads one.
    ///
    /// - Parameter transport: what was asked for; `nil` for a notice, which says it itself.
    /// - Returns: `nil` for a family, a state or a transport that this program does not know.
    /// - Throws: ``NetlinkError/malformed(_:)`` where it is shorter than it must be.
    static func socket(_ bytes: Span<UInt8>, transport: IPProtocol?) throws(NetlinkError) -> HostSocket? {
        guard bytes.count >= length else { throw .malformed("a socket of \(bytes.count) bytes, of \(length)") }
        guard let version = version(Int32(bytes[family])), let state = HostSocket.State(rawValue: bytes[state]) else { return nil }
        let attributes = try Attributes(bytes, from: length)
        guard let transport = transport ?? attributes.transport else { return nil }
        // A listener's and an unconnected datagram socket's other end is all zeros. A notice of the end of a connection
        // has its other end, though its state is CLOSE as well.
        let isUnconnected = state == .listen || state == .closed && bytes.uint16(at: destinationPort) == 0
        var socket = HostSocket(
            transport: transport, family: version, state: state,
            local: Endpoint(address(bytes, source, version), bytes.uint16(at: sourcePort)),
            remote: isUnconnected ? nil : Endpoint(address(bytes, destination, version), bytes.uint16(at: destinationPort)))
        socket.device = bytes.native32(at: interface)
        socket.cookie = UInt64(bytes.native32(at: cookieHigh)) << 32 | UInt64(bytes.native32(at: cookieLow))
        socket.receiveQueue = bytes.native32(at: receiveQueue)
        socket.sendQueue = bytes.native32(at: sendQueue)
        socket.userID = bytes.native32(at: userID)
        socket.inode = UInt64(bytes.native32(at: inode))
        socket.isIPv6Only = attributes.isIPv6Only
        socket.drops = attributes.drops
        return socket
    }

    private static func version(_ family: Int32) -> IPAddress.Version? {
        switch family {
        case AF_INET: .four
        case AF_INET6: .six
        default: nil
        }
    }

    /// An IPv6 socket that talks IPv4 has v4-mapped addresses, ::ffff:0:0/96 (RFC 4291 §2.5.5.2). On the wire they are
    /// IPv4's, and so they are here; that it is an IPv6 socket its family says. `::` stays `::`.
    private static func address(_ bytes: Span<UInt8>, _ offset: Int, _ version: IPAddress.Version) -> IPAddress {
        if version == .four { return IPAddress(ipv4: bytes.uint32(at: offset)) }
        let high = bytes.uint64(at: offset)
        let low = bytes.uint64(at: offset + 8)
        if high == 0, low >> 32 == 0xffff { return IPAddress(ipv4: UInt32(truncatingIfNeeded: low)) }
        return IPAddress(ipv6High: high, low: low)
    }

    /// What stands behind the fixed part, as far as it is wanted.
    private struct Attributes {
        var isIPv6Only = false
        var drops: UInt32 = 0
        var transport: IPProtocol?

        init(_ bytes: Span<UInt8>, from offset: Int) throws(NetlinkError) {
            try walkAttributes(bytes, from: offset) { type, value in
                switch UInt32(type) {
                case UInt32(INET_DIAG_SKV6ONLY): isIPv6Only = !value.isEmpty && value[0] != 0
                case UInt32(INET_DIAG_PROTOCOL): transport = value.isEmpty ? nil : IPProtocol(rawValue: value[0])
                case UInt32(INET_DIAG_SKMEMINFO):
                    // SK_MEMINFO_DROPS is the ninth of numbers of four bytes; older kernels give eight.
                    let place = Int(SK_MEMINFO_DROPS) * 4
                    if value.count >= place + 4 { drops = value.native32(at: place) }
                default: break
                }
            }
        }
    }
}
