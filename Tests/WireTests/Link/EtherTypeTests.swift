import Testing
import Wire

@Suite struct EtherTypes {
    @Test(arguments: [
        (0x8847, "EtherType 0x8847 (MPLS)"),
        (0x88e5, "EtherType 0x88e5 (MACsec)"),
        (0x8863, "EtherType 0x8863 (PPPoE discovery)"),
        (0x0000, "EtherType 0x0000"),
        (0x05dd, "EtherType 0x05dd (neither length nor type)"),
        (0x05ff, "EtherType 0x05ff (neither length nor type)"),
        (0x0600, "EtherType 0x0600 (XNS IDP)"),
        (0xabcd, "EtherType 0xabcd"),
    ])
    func `one that is not decoded is named with its number`(_ type: Int, _ detail: String) {
        let frame = [UInt8](repeating: 2, count: 12) + be16(type) + [1, 2, 3]
        let packet = decode(frame, as: .ethernet)
        #expect(packet.stop == unsupported(.eth, .etherType, UInt32(type)))
        #expect(packet.stop?.kind == "unsupported")
        #expect(packet.stop?.detail == detail)
        #expect(packet.payload(of: frame) == [1, 2, 3])
        #expect(packet.internet == .none && packet.transport == .none)
    }

    @Test func `under a cooked header, too`() {
        let version1 = decode([UInt8](repeating: 0, count: 14) + be16(0x8847), as: .linuxCooked)
        #expect(version1.stop == unsupported(.sll, .etherType, 0x8847))
        let version2 = decode(be16(0x8847) + [UInt8](repeating: 0, count: 18), as: .linuxCooked2)
        #expect(version2.stop == unsupported(.sll, .etherType, 0x8847))
    }
}
