/// The upper layer of an IP packet: IPv4's Protocol, IPv6's last Next Header (IANA, "Protocol Numbers").
public struct IPProtocol: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    @inlinable @inline(__always) public static var hopByHop: IPProtocol { IPProtocol(rawValue: 0) }
    @inlinable @inline(__always) public static var icmp: IPProtocol { IPProtocol(rawValue: 1) }
    @inlinable @inline(__always) public static var tcp: IPProtocol { IPProtocol(rawValue: 6) }
    @inlinable @inline(__always) public static var udp: IPProtocol { IPProtocol(rawValue: 17) }
    @inlinable @inline(__always) public static var routing: IPProtocol { IPProtocol(rawValue: 43) }
    @inlinable @inline(__always) public static var fragment: IPProtocol { IPProtocol(rawValue: 44) }
    @inlinable @inline(__always) public static var authentication: IPProtocol { IPProtocol(rawValue: 51) }
    @inlinable @inline(__always) public static var icmpv6: IPProtocol { IPProtocol(rawValue: 58) }
    @inlinable @inline(__always) public static var noNextHeader: IPProtocol { IPProtocol(rawValue: 59) }
    @inlinable @inline(__always) public static var destinationOptions: IPProtocol { IPProtocol(rawValue: 60) }

    private static let names: [UInt8: String] = [
        0: "hop-by-hop options", 1: "ICMP", 2: "IGMP", 4: "IPv4", 6: "TCP", 17: "UDP", 33: "DCCP", 41: "IPv6",
        43: "IPv6 routing", 44: "IPv6 fragment", 46: "RSVP", 47: "GRE", 50: "ESP", 51: "AH", 58: "ICMPv6",
        59: "no next header", 60: "destination options", 89: "OSPF", 103: "PIM", 112: "VRRP", 115: "L2TP",
        132: "SCTP", 136: "UDP-Lite", 137: "MPLS",
    ]

    public var name: String? { IPProtocol.names[rawValue] }
}

extension IPProtocol: CustomStringConvertible {
    /// `132 (SCTP)`.
    public var description: String { name.map { "\(rawValue) (\($0))" } ?? "\(rawValue)" }
}
