/// The upper layer of an IP packet: IPv4's Protocol, IPv6's last Next Header (IANA, "Protocol Numbers").
public struct IPProtocol: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let hopByHop = IPProtocol(rawValue: 0)
    public static let icmp = IPProtocol(rawValue: 1)
    public static let tcp = IPProtocol(rawValue: 6)
    public static let udp = IPProtocol(rawValue: 17)
    public static let routing = IPProtocol(rawValue: 43)
    public static let fragment = IPProtocol(rawValue: 44)
    public static let authentication = IPProtocol(rawValue: 51)
    public static let icmpv6 = IPProtocol(rawValue: 58)
    public static let noNextHeader = IPProtocol(rawValue: 59)
    public static let destinationOptions = IPProtocol(rawValue: 60)

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
