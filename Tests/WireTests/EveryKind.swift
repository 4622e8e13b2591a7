import Wire

/// A frame of every kind that is decoded, for the tests that are about all of them.
struct Kind: Sendable, CustomStringConvertible {
    let description: String
    let linkType: LinkType
    let frame: [UInt8]

    static let all: [Kind] = links + internets + transports + messages + tunnels

    private static func of(_ name: String, _ frame: [UInt8], _ linkType: LinkType = .raw) -> Kind {
        Kind(description: name, linkType: linkType, frame: frame)
    }

    private static let segment = tcp([1, 2, 3, 4, 5], options: [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7])
    private static let packet = ipv4(6, segment)
    private static let resolution: [UInt8] = [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 192, 0, 2, 2]
    private static let snap: [UInt8] = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0]

    private static let links: [Kind] = [
        of("Ethernet", ethernet(0x0800, packet), .ethernet),
        of("tags", ethernet(0x88a8, [0, 1, 0x81, 0, 0x20, 2, 0x08, 0] + packet), .ethernet),
        of("SNAP", ethernet(snap.count + packet.count, snap + packet + trailer), .ethernet),
        of("LLC", ethernet(3 + packet.count, [6, 6, 3] + packet), .ethernet),
        of("spanning tree", ethernet(38, [0x42, 0x42, 3] + [UInt8](repeating: 0, count: 35)), .ethernet),
        of("a tag over SNAP", ethernet(0x8100, [0, 9] + be16(snap.count + packet.count) + snap + packet), .ethernet),
        of("PPPoE", ethernet(0x8864, [0x11, 0, 0, 7] + be16(2 + packet.count) + [0, 0x21] + packet), .ethernet),
        of("ARP", ethernet(0x0806, resolution + trailer), .ethernet),
        of("MPLS", ethernet(0x8847, [0, 1, 2, 3] + packet), .ethernet),
        of("cooked", [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0] + packet, .linuxCooked),
        of("cooked, with a tag", [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x81, 0, 0, 1, 8, 0] + packet, .linuxCooked),
        of("cooked version 2", [8, 6, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0] + resolution, .linuxCooked2),
        of("null", [2, 0, 0, 0] + packet, .null), of("loop", [0, 0, 0, 2] + packet, .loop),
        of("PPP", [0xff, 3, 0, 0x21] + packet, .ppp), of("PPP, compressed", [0x57] + ipv6(17, udp([1])), .pppSerial),
        of("Cisco HDLC", [0x0f, 0, 8, 0] + packet, .ciscoHDLC), of("pppd", [1, 3, 0, 0x21] + packet, .pppd),
        of("PPP with direction", [1, 0xff, 3, 0x21] + packet, .pppWithDirection),
        of("PPPoE alone", [0x11, 0, 0, 7] + be16(1 + packet.count) + [0x21] + packet, .pppoe),
        of("unknown link", packet, LinkType(105)),
    ]

    private static let internets: [Kind] = [
        of("IPv4 options", ipv4(17, udp([1]), options: [148, 4, 0, 0, 7, 7, 4, 0, 0, 0, 0, 1])),
        of("IPv4 fragment", ipv4(17, udp(Array(1...24)), flagsAndOffset: 0x2000)),
        of("IPv4 later fragment", ipv4(17, Array(1...24), flagsAndOffset: 3)),
        of("authentication", ipv4(51, [17, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1] + udp([1, 2]))),
        of(
            "extension headers",
            ipv6(0, [43, 0, 1, 4, 0, 0, 0, 0, 44, 2, 0, 1, 0, 0, 0, 0] + server6.bytes + [60, 0, 0, 0, 0, 0, 0, 9, 6, 0, 1, 4, 0, 0, 0, 0] + segment)),
        of("IPv6 fragment", ipv6(44, [17, 0, 0, 1, 0, 0, 0, 9] + udp(Array(1...24)))),
        of("no next header", ipv6(60, [59, 0, 1, 4, 0, 0, 0, 0])),
        of("ESP", ipv4(50, Array(1...30))),
    ]

    private static let transports: [Kind] = [
        of("TCP", ipv6(6, segment)), of("UDP", ipv6(17, udp(Array(1...20)))),
        of("UDP-Lite", ipv4(136, be16(9157) + be16(6428) + be16(10) + be16(1) + Array(1...9))),
        of("SCTP", ipv4(132, be16(9157) + be16(6428) + be32(1) + be32(2) + [1, 0, 0, 12] + Array(1...8))),
        of("DCCP", ipv4(33, be16(9157) + be16(6428) + [4, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1] + Array(1...8))),
        of("IGMP", ipv4(2, [0x22, 0, 0, 1, 0, 0, 0, 1, 4, 0, 0, 0, 224, 0, 0, 9], options: [148, 4, 0, 0])),
    ]

    private static let messages: [Kind] = [
        of("echo", ipv4(1, [8, 0, 0, 1, 0, 7, 0, 1] + Array(1...8))),
        of("timestamps", ipv4(1, [13, 0, 0, 1, 0, 7, 0, 1] + Array(1...12))),
        of("port unreachable", ipv4(1, [3, 3, 0, 1, 0, 0, 0, 0] + ipv4(17, udp([1, 2, 3])))),
        of("with extensions", ipv4(1, [11, 0, 0, 1, 0, 7, 0, 0] + ipv4(17, udp()) + [0x20, 0, 0, 0, 0, 4, 1, 1])),
        of("neighbor solicitation", ipv6(58, [135, 0, 0, 1, 0, 0, 0, 0] + server6.bytes + [1, 1, 2, 0, 0, 0, 0, 1])),
        of("redirect", ipv6(58, [137, 0, 0, 1, 0, 0, 0, 0] + server6.bytes + client6.bytes)),
        of("packet too big", ipv6(58, [2, 0, 0, 1, 0, 0, 5, 0] + ipv6(6, segment))),
        of("router advertisement", ipv6(58, [134, 0, 0, 1, 64, 0, 7, 8, 0, 0, 0, 1, 0, 0, 0, 2])),
    ]

    private static let tunnels: [Kind] = [
        of("IPv4 in IPv4", ipv4(4, packet)), of("6in4", ipv4(41, ipv6(6, segment))), of("4in6", ipv6(4, packet)),
        of("GRE", ipv4(47, [0xb0, 0, 8, 0, 0, 1, 0, 0, 0, 0, 0, 7, 0, 0, 0, 9] + packet)),
        of("bridged", ipv4(47, [0x20, 0, 0x65, 0x58, 0, 0, 7, 0] + ethernet(0x8100, [0, 1, 8, 0] + packet))),
        of("PPTP", ipv4(47, [0x30, 1, 0x88, 0x0b, 0, 0, 0, 7, 0, 0, 0, 1, 0xff, 3, 0, 0x21] + packet)),
        of("VXLAN", ipv4(17, be16(9157) + be16(4789) + be16(30 + packet.count) + be16(0) + [8, 0, 0, 0, 0, 0, 42, 0] + ethernet(0x0800, packet))),
        of("four deep", ipv4(4, ipv4(4, ipv4(4, ipv4(4, ipv4(4, packet)))))),
    ]
}
