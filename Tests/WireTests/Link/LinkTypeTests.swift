import Testing
import Wire

@Suite struct `Link types` {
    /// LINKTYPE_RAW is 101 in files, DLT_RAW 12 on Linux and 14 on OpenBSD.
    @Test(arguments: [12, 14, 101]) func `raw packets tell their version`(_ number: UInt32) {
        let linkType = LinkType(number)
        #expect(decode(ipv4(17, udp()), as: linkType).source == IPAddress(ipv4: client4))
        #expect(decode(ipv6(17, udp()), as: linkType).source == client6)
        for version in [0, 1, 5, 7, 15] as [UInt8] {
            let packet = decode([version << 4] + trailer, as: linkType)
            #expect(packet.stop == malformed(.raw, .version, UInt32(version)))
            #expect(packet.payload.isEmpty && packet.internet == .none)
        }
        #expect(decode(ipv4(17, udp()), as: linkType, captured: 0).stop == truncated(.raw, needed: 1, available: 0, .captured))
        #expect(decode([], as: linkType).stop == truncated(.raw, needed: 1, available: 0, .frameLength))
    }

    @Test func `a link type of one version takes no other`() {
        #expect(decode(ipv4(17, udp()), as: .ipv4).udp != nil)
        #expect(decode(ipv6(17, udp()), as: .ipv6).udp != nil)
        #expect(decode(ipv6(17, udp()), as: .ipv4).stop == malformed(.ip, .version, 6))
        #expect(decode(ipv4(17, udp()), as: .ipv6, wire: 60).stop == truncated(.ipv6, needed: 40, available: 28, .captured))
        #expect(decode(ipv4(17, udp(trailer)), as: .ipv6).stop == malformed(.ipv6, .version, 4))
    }

    @Test(arguments: [
        (107, "link type 107 (frame relay)"), (105, "link type 105 (IEEE 802.11)"), (147, "link type 147 (user 0)"), (290, "link type 290"), (4_000_000_000, "link type 4000000000"),
    ] as [(UInt32, String)])
    func `any other is unsupported, with its number`(_ number: UInt32, _ detail: String) {
        let frame = ipv4(17, udp())
        let packet = decode(frame, as: LinkType(number))
        #expect(packet.stop == unsupported(.frame, .linkType, number))
        #expect(packet.stop?.detail == detail)
        #expect(packet.payload(of: frame) == frame)
    }
}
