import CMnl
import Demux
import Glibc
import Wire

/// The requests of `NETLINK_SOCK_DIAG` (sock_diag(7)).
///
/// ```
/// struct inet_diag_req_v2     family, protocol, extensions, pad: a byte each; states: 4
///   struct inet_diag_sockid   source port, destination port: 2 each; source, destination: 16 each; interface: 4; cookie: 8
/// ```
/// Ports and addresses are in network byte order.
enum DiagRequest {
    private static let family = 0
    private static let transport = family + 1
    private static let extensions = transport + 1
    private static let states = extensions + 2
    private static let sourcePort = states + 4
    private static let destinationPort = sourcePort + 2
    private static let source = destinationPort + 2
    private static let destination = source + 16
    private static let interface = destination + 16
    private static let cookie = interface + 4
    private static let length = cookie + 8

    /// Memory, where the drops are told as well.
    private static let memoryInfo = UInt8(1 << (INET_DIAG_SKMEMINFO - 1))

    /// Every state of tcp_states.h from 1 to 12, a bit each.
    static let everyState: UInt32 = 0x1ffe

    /// Asks for all sockets of one transport and family in these states.
    static func dump(_ transport: IPProtocol, _ version: IPAddress.Version, states: UInt32) -> NetlinkRequest {
        var request = NetlinkRequest(type: SOCK_DIAG_BY_FAMILY, flags: NLM_F_DUMP, bodyLength: length)
        request.store(UInt8(version == .four ? AF_INET : AF_INET6), at: family)
        request.store(transport.rawValue, at: self.transport)
        request.store(memoryInfo, at: extensions)
        request.store(states, at: self.states)
        return request
    }

    /// Asks for the one socket that the kernel's own look-up finds.
    ///
    /// The kernel reads the ends of a TCP question as the socket's: the source is the local end, where the segment goes
    /// (`inet_diag_find_one_icsk`). Those of a UDP question it reads as the datagram's: the source is the remote end
    /// (`udp_dump_one`).
    static func exact(_ question: LookupQuestion) -> NetlinkRequest {
        var request = NetlinkRequest(type: SOCK_DIAG_BY_FAMILY, bodyLength: length)
        let isIPv4 = question.destination.address.version == .four
        request.store(UInt8(isIPv4 ? AF_INET : AF_INET6), at: family)
        request.store(question.transport.rawValue, at: transport)
        request.store(memoryInfo, at: extensions)
        request.store(everyState, at: states)
        let isUDP = question.transport == .udp
        let first = isUDP ? question.source : question.destination
        let second = isUDP ? question.destination : question.source
        request.store(first.port.bigEndian, at: sourcePort)
        request.store(second.port.bigEndian, at: destinationPort)
        store(first.address, at: source, &request)
        store(second.address, at: destination, &request)
        request.store(question.device, at: interface)
        // INET_DIAG_NOCOOKIE: whichever socket it is.
        request.store(UInt64.max, at: cookie)
        return request
    }

    private static func store(_ address: IPAddress, at offset: Int, _ request: inout NetlinkRequest) {
        switch address.version {
        case .four: request.store(UInt32(truncatingIfNeeded: address.low).bigEndian, at: offset)
        case .six:
            request.store(address.high.bigEndian, at: offset)
            request.store(address.low.bigEndian, at: offset + 8)
        }
    }
}
