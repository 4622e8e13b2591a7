/// What an Ethernet frame carries (IANA, "IEEE 802 Numbers"). Below 1536 it is a length instead (IEEE 802.3 §3.2.6).
public struct EtherType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    @inlinable @inline(__always) public static var ipv4: EtherType { EtherType(rawValue: 0x0800) }
    @inlinable @inline(__always) public static var arp: EtherType { EtherType(rawValue: 0x0806) }
    @inlinable @inline(__always) public static var ipv6: EtherType { EtherType(rawValue: 0x86dd) }

    private static let names: [UInt16: String] = [
        0x0800: "IPv4", 0x0806: "ARP", 0x0842: "Wake-on-LAN", 0x8035: "RARP", 0x8100: "802.1Q VLAN",
        0x86dd: "IPv6", 0x8808: "flow control", 0x8809: "slow protocols", 0x8847: "MPLS", 0x8848: "MPLS multicast",
        0x8863: "PPPoE discovery", 0x8864: "PPPoE session", 0x888e: "802.1X", 0x88a8: "802.1ad VLAN",
        0x88cc: "LLDP", 0x88e5: "MACsec", 0x88f7: "PTP", 0x9000: "loopback test",
    ]

    public var name: String? {
        rawValue < 0x0600 ? "802.3 length" : EtherType.names[rawValue]
    }
}

extension EtherType: CustomStringConvertible {
    /// `0x0806 (ARP)`.
    public var description: String {
        let digits = String(rawValue, radix: 16)
        let number = "0x" + String(repeating: "0", count: 4 - digits.count) + digits
        return name.map { "\(number) (\($0))" } ?? number
    }
}
