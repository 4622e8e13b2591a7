import Testing
import Wire

@Suite struct EtherTypes {
    @Test(arguments: [
        (0x0806, "EtherType 0x0806 (ARP)"),
        (0x8100, "EtherType 0x8100 (802.1Q VLAN)"),
        (0x88a8, "EtherType 0x88a8 (802.1ad VLAN)"),
        (0x0026, "EtherType 0x0026 (802.3 length)"),
        (0x05ff, "EtherType 0x05ff (802.3 length)"),
        (0x0600, "EtherType 0x0600"),
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
        let version1 = decode([UInt8](repeating: 0, count: 14) + be16(0x0806), as: .linuxCooked)
        #expect(version1.stop == unsupported(.sll, .etherType, 0x0806))
        let version2 = decode(be16(0x0806) + [UInt8](repeating: 0, count: 18), as: .linuxCooked2)
        #expect(version2.stop == unsupported(.sll, .etherType, 0x0806))
    }
}
