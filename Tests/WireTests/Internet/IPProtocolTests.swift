import Testing
import Wire

@Suite struct `IP protocols` {
    /// ICMPv6 is none of IPv4's, nor ICMP of IPv6's: their checksums differ.
    @Test(arguments: [
        (50, "IP protocol 50 (ESP)"), (89, "IP protocol 89 (OSPF)"), (58, "IP protocol 58 (ICMPv6)"),
        (137, "IP protocol 137 (MPLS)"), (255, "IP protocol 255 (reserved)"), (200, "IP protocol 200"),
    ])
    func `one that is not decoded is named with its number`(_ number: UInt8, _ detail: String) {
        let frame = ipv4(number, [1, 2, 3])
        let packet = decode(frame)
        #expect(packet.stop == unsupported(.ip, .ipProtocol, UInt32(number)))
        #expect(packet.stop?.description == "ip unsupported: \(detail)")
        #expect(packet.upperLayer?.rawValue == number)
        #expect(packet.payload(of: frame) == [1, 2, 3])
        #expect(packet.endpoints == nil)
    }
}
