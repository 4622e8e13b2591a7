/// What an Ethernet frame carries (IANA, "IEEE 802 Numbers"). Up to 1500 it is a length instead, and what is between
/// that and 1536 is neither (IEEE 802.3 §3.2.6).
public struct EtherType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    @inlinable @inline(__always) public static var ipv4: EtherType { EtherType(rawValue: 0x0800) }
    @inlinable @inline(__always) public static var arp: EtherType { EtherType(rawValue: 0x0806) }
    @inlinable @inline(__always) public static var ipv6: EtherType { EtherType(rawValue: 0x86dd) }
    public static let bridgedEthernet = EtherType(rawValue: 0x6558)
    public static let reverseARP = EtherType(rawValue: 0x8035)
    /// IEEE 802.1Q's tag for customers.
    public static let vlan = EtherType(rawValue: 0x8100)
    public static let ppp = EtherType(rawValue: 0x880b)
    public static let pppoeSession = EtherType(rawValue: 0x8864)
    /// IEEE 802.1Q's tag for providers, once 802.1ad.
    public static let serviceVLAN = EtherType(rawValue: 0x88a8)
    /// What stacked tags had before there was a standard.
    public static let vlan9100 = EtherType(rawValue: 0x9100)

    /// Whether it is the length of what follows. 0 is none: nothing would follow.
    public var isLength: Bool { rawValue > 0 && rawValue <= 1500 }

    private static let names: [UInt16: String] = [
        0x0600: "XNS IDP", 0x0800: "IPv4", 0x0805: "X.25", 0x0806: "ARP", 0x0842: "Wake-on-LAN", 0x08ff: "AX.25", 0x0bad: "VINES",
        0x0baf: "VINES echo", 0x2000: "CDP", 0x2001: "CGMP", 0x22ea: "stream reservation", 0x22f0: "AVTP", 0x22f1: "ROHC", 0x22f3: "TRILL",
        0x22f4: "IS-IS over TRILL", 0x6000: "DEC", 0x6001: "DEC MOP dump", 0x6002: "DEC MOP console", 0x6003: "DECnet", 0x6004: "DEC LAT",
        0x6005: "DEC diagnostics", 0x6007: "DEC LAVC", 0x6558: "bridged Ethernet", 0x6559: "raw frame relay", 0x8035: "RARP",
        0x8038: "DEC bridging", 0x809b: "AppleTalk", 0x80d5: "SNA", 0x80f3: "AppleTalk ARP", 0x8100: "802.1Q VLAN",
        0x8102: "simple loop protection", 0x8137: "IPX", 0x814c: "SNMP", 0x8204: "QNX", 0x86dd: "IPv6", 0x872d: "Cisco WLCCP",
        0x876b: "TCP/IP compression", 0x8808: "flow control", 0x8809: "slow protocols", 0x880b: "PPP", 0x8819: "CobraNet", 0x8847: "MPLS",
        0x8848: "MPLS multicast", 0x885a: "Foundry", 0x8863: "PPPoE discovery", 0x8864: "PPPoE session", 0x886d: "Intel ANS",
        0x886f: "NLB heartbeat", 0x8870: "jumbo LLC", 0x887b: "HomePlug", 0x888e: "802.1X", 0x8892: "PROFINET", 0x8899: "Realtek",
        0x88a2: "ATA over Ethernet", 0x88a4: "EtherCAT", 0x88a8: "802.1ad VLAN", 0x88ab: "POWERLINK", 0x88b5: "local experiment 1",
        0x88b6: "local experiment 2", 0x88b7: "OUI extended", 0x88b8: "GOOSE", 0x88b9: "GSE management", 0x88ba: "sampled values",
        0x88be: "ERSPAN", 0x88c7: "802.11 pre-authentication", 0x88ca: "TIPC", 0x88cc: "LLDP", 0x88cd: "SERCOS III",
        0x88d8: "circuit emulation", 0x88d9: "LLTD", 0x88dc: "WAVE", 0x88e1: "HomePlug AV", 0x88e3: "media redundancy", 0x88e5: "MACsec",
        0x88e7: "provider backbone", 0x88ee: "E-LMI", 0x88f5: "MVRP", 0x88f6: "MMRP", 0x88f7: "PTP", 0x88f8: "NC-SI",
        0x88fb: "parallel redundancy", 0x8902: "connectivity faults", 0x8906: "FCoE", 0x890d: "802.11 encapsulation",
        0x8909: "Cisco metadata", 0x8914: "FCoE initialization", 0x8915: "RoCE", 0x8917: "media independent handover", 0x891d: "TTEthernet",
        0x8926: "VN-Tag", 0x892f: "HSR", 0x893a: "1905.1", 0x893f: "E-Tag", 0x8947: "GeoNetworking", 0x894f: "NSH", 0x9000: "loopback test",
        0x9021: "real-time MAC", 0x9022: "real-time configuration", 0x9100: "VLAN 0x9100", 0x9200: "VLAN 0x9200", 0xa0ed: "6LoWPAN",
        0xaefe: "eCPRI", 0xcafe: "Veritas", 0xd00d: "TDM over Ethernet", 0xd28b: "Arista timestamp", 0xf1c1: "frame replication",
    ]

    public var name: String? {
        if isLength { return "802.3 length" }
        return rawValue > 0 && rawValue < 0x0600 ? "neither length nor type" : EtherType.names[rawValue]
    }
}

extension EtherType: CustomStringConvertible {
    /// `0x0806 (ARP)`.
    public var description: String { "0x" + hexDigits(UInt64(rawValue), 4) + (name.map { " (\($0))" } ?? "") }
}
