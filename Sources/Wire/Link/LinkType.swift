/// The kind of link-layer header that a frame begins with: libpcap's `DLT_` number on Linux.
public struct LinkType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
    @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    @inlinable @inline(__always) public static var null: LinkType { LinkType(0) }
    @inlinable @inline(__always) public static var ethernet: LinkType { LinkType(1) }
    public static let ppp = LinkType(9)
    /// In HDLC-like framing, Cisco's included.
    public static let pppSerial = LinkType(50)
    public static let pppoe = LinkType(51)
    public static let ciscoHDLC = LinkType(104)
    /// With the direction in the place of the address byte.
    public static let pppd = LinkType(166)
    /// With the direction in a byte of its own.
    public static let pppWithDirection = LinkType(204)
    @inlinable @inline(__always) public static var raw: LinkType { LinkType(12) }
    @inlinable @inline(__always) public static var loop: LinkType { LinkType(108) }
    @inlinable @inline(__always) public static var linuxCooked: LinkType { LinkType(113) }
    @inlinable @inline(__always) public static var ipv4: LinkType { LinkType(228) }
    @inlinable @inline(__always) public static var ipv6: LinkType { LinkType(229) }
    @inlinable @inline(__always) public static var linuxCooked2: LinkType { LinkType(276) }
}

extension LinkType: CustomStringConvertible {
    /// The tcpdump project's list of link-layer header types, and the numbers that systems have beside it.
    private static let names: [UInt32: String] = [
        0: "BSD null", 1: "Ethernet", 2: "experimental Ethernet", 3: "AX.25", 4: "ProNET", 5: "Chaosnet", 6: "token ring", 7: "ARCNET",
        8: "SLIP", 9: "PPP", 10: "FDDI", 11: "ATM RFC 1483", 12: "raw IP", 14: "raw IP", 15: "BSD/OS SLIP", 16: "BSD/OS PPP", 18: "pfsync",
        19: "ATM classical IP", 32: "SmartEdge", 50: "PPP serial", 51: "PPPoE", 99: "Symantec firewall", 100: "ATM RFC 1483", 101: "raw IP",
        104: "Cisco HDLC", 105: "IEEE 802.11", 106: "ATM classical IP", 107: "frame relay", 108: "OpenBSD loop", 109: "OpenBSD enc",
        112: "Cisco HDLC", 113: "Linux cooked v1", 114: "LocalTalk", 115: "Econet", 116: "IPFilter", 117: "pflog", 118: "Cisco IOS",
        119: "802.11 with Prism", 120: "802.11 with Aironet", 121: "HiPath HDLC", 122: "IP over Fibre Channel", 123: "SunATM",
        127: "802.11 with radiotap", 128: "TZSP", 129: "Linux ARCNET", 130: "Juniper MLPPP", 131: "Juniper MLFR", 132: "Juniper ES",
        133: "Juniper GGSN", 134: "Juniper MFR", 135: "Juniper ATM2", 136: "Juniper services", 137: "Juniper ATM1", 138: "IP over FireWire",
        139: "MTP2 with header", 140: "MTP2", 141: "MTP3", 142: "SCCP", 143: "DOCSIS", 144: "IrDA", 163: "802.11 with AVS",
        164: "Juniper monitor", 165: "BACnet MS/TP", 166: "PPP of pppd", 167: "Juniper PPPoE", 168: "Juniper PPPoE over ATM",
        169: "GPRS LLC", 172: "Gcom T1/E1", 173: "Gcom serial", 174: "Juniper PIC peer", 175: "ERF Ethernet", 176: "ERF POS",
        177: "LAPD of Linux", 178: "Juniper Ethernet", 179: "Juniper PPP", 180: "Juniper frame relay", 181: "Juniper Cisco HDLC",
        182: "multilink frame relay", 183: "Juniper voice", 184: "ARINC 429", 185: "ARINC 653", 186: "USB of FreeBSD", 187: "Bluetooth HCI",
        188: "802.16", 189: "USB", 190: "CAN", 191: "802.15.4", 192: "PPI", 194: "Juniper ISM", 195: "802.15.4", 196: "SITA", 197: "ERF",
        199: "IPMB", 200: "Juniper ST", 201: "Bluetooth HCI", 202: "AX.25 with KISS", 203: "LAPD", 204: "PPP with direction",
        205: "Cisco HDLC with direction", 206: "frame relay with direction", 207: "LAPB with direction", 209: "IPMB of Linux",
        210: "FlexRay", 211: "MOST", 212: "LIN", 213: "X2E serial", 214: "X2E Xoraya", 215: "802.15.4", 216: "Linux input events",
        217: "GSM Um", 218: "GSM Abis", 219: "MPLS", 220: "USB", 221: "DECT", 222: "AOS", 223: "WirelessHART", 224: "Fibre Channel",
        225: "Fibre Channel", 226: "Solaris ipnet", 227: "CAN", 228: "raw IPv4", 229: "raw IPv6", 230: "802.15.4", 231: "D-Bus",
        232: "Juniper VS", 233: "Juniper SRX", 234: "Juniper Fibre Channel", 235: "DVB-CI", 236: "3GPP TS 27.010", 237: "STANAG 5066",
        238: "Juniper ATM", 239: "netfilter log", 240: "netANALYZER", 241: "netANALYZER", 242: "IP over InfiniBand", 243: "MPEG-2 TS",
        244: "ng40", 245: "NFC LLCP", 246: "pfsync", 247: "InfiniBand", 248: "SCTP", 249: "USB", 250: "RTAC serial", 251: "Bluetooth LE",
        252: "Wireshark upper PDU", 253: "netlink", 254: "Bluetooth monitor", 255: "Bluetooth BR/EDR", 256: "Bluetooth LE", 257: "PROFIBUS",
        258: "Apple PKTAP", 259: "EPON", 260: "IPMI HPM.2", 261: "Z-Wave", 262: "Z-Wave", 263: "Wattstopper DLM", 264: "ISO 14443",
        265: "RDS", 266: "USB of Darwin", 267: "OpenFlow", 268: "SDLC", 269: "TI LLN sniffer", 270: "LoRaTap", 271: "vsock",
        272: "Nordic BLE", 273: "DOCSIS 3.1", 274: "Ethernet mPackets", 275: "DisplayPort AUX", 276: "Linux cooked v2",
        277: "SERCOS monitor", 278: "OpenVizsla", 279: "EBHSCR", 280: "VPP dispatch trace", 281: "Ethernet with Broadcom tag",
        282: "Ethernet behind Broadcom tag", 283: "802.15.4 TAP", 284: "Ethernet with DSA tag", 285: "Ethernet with EDSA tag", 286: "ELEE",
        287: "Z-Wave serial", 288: "USB 2.0", 289: "ATSC ALP",
    ]

    private var name: String? {
        // Set aside for whoever wants them.
        (147...162).contains(rawValue) ? "user \(rawValue - 147)" : LinkType.names[rawValue]
    }

    /// The number, and the name where there is one: `1 (Ethernet)`.
    public var description: String {
        name.map { "\(rawValue) (\($0))" } ?? "\(rawValue)"
    }
}
