import Testing
import Wire

@Suite struct `ARP packets` {
    private let packet: [UInt8] = [
        0, 1,  // hardware: Ethernet
        0x08, 0x00,  // protocol: IPv4
        6, 4,  // lengths of their addresses
        0, 2,  // opcode: reply
        0x02, 0, 0, 0, 0, 1,  // sender's hardware address
        192, 0, 2, 1,  // sender's IPv4 address
        0x02, 0, 0, 0, 0, 2,  // target's hardware address
        192, 0, 2, 2,  // target's IPv4 address
    ]

    @Test(arguments: [0x0806, 0x8035]) func `parse`(_ type: Int) throws {
        let frame = ethernet(type, packet + trailer)
        let decoded = decode(frame, as: .ethernet)
        let arp = try #require(decoded.arpPacket(in: frame))
        #expect(arp.hardwareType == 1 && arp.protocolType == .ipv4 && arp.hardwareLength == 6 && arp.protocolLength == 4)
        #expect(arp.opcode == .reply)
        #expect(arp.sender.hardware?.description == "02:00:00:00:00:01" && arp.sender.address == IPAddress(ipv4: client4))
        #expect(arp.target.hardware?.description == "02:00:00:00:00:02" && arp.target.address == IPAddress(ipv4: server4))
        #expect(arp.description == "ARP 192.0.2.1 is at 02:00:00:00:00:01")
        #expect(decoded.stop == nil && decoded.payload.isEmpty && decoded.payloadLength == 0 && decoded.source == nil)
    }

    @Test func `behind a tag and a cooked header`() {
        let tagged = ethernet(0x8100, [0, 1, 8, 6] + packet)
        #expect(decode(tagged, as: .ethernet).arpPacket(in: tagged)?.opcode == .reply)
        let cooked = [UInt8](repeating: 0, count: 14) + be16(0x0806) + packet
        #expect(decode(cooked, as: .linuxCooked).arpPacket(in: cooked)?.opcode == .reply)
    }

    @Test(arguments: [
        (1, "ARP who has 192.0.2.2, tell 192.0.2.1"), (3, "RARP who is 02:00:00:00:00:02, tell 02:00:00:00:00:01"),
        (4, "RARP 02:00:00:00:00:02 is 192.0.2.2"), (8, "ARP inverse request"), (10, "ARP NAK"), (77, "ARP opcode 77"),
    ] as [(UInt8, String)])
    func `each opcode`(_ opcode: UInt8, _ text: String) {
        var changed = packet
        changed[7] = opcode
        let frame = ethernet(0x0806, changed)
        #expect(decode(frame, as: .ethernet).arpPacket(in: frame)?.description == text)
    }

    @Test func `of one's own address`() {
        let frame = ethernet(0x0806, [0, 1, 8, 0, 6, 4, 0, 1] + packet[8..<18] + [0, 0, 0, 0, 0, 0] + packet[14..<18])
        #expect(decode(frame, as: .ethernet).arpPacket(in: frame)?.description == "ARP announces 192.0.2.1")
    }

    /// What was cut off is missing, what is whole is there.
    @Test func `cut at every length`() {
        let frame = ethernet(0x0806, packet)
        for count in 0..<28 {
            let decoded = decode(frame, as: .ethernet, captured: 14 + count)
            #expect(decoded.stop == truncated(.arp, needed: count < 8 ? 8 : 28, available: count, .captured))
            let arp = decoded.arpPacket(in: frame.prefix(14 + count))
            #expect((arp != nil) == (count >= 8))
            #expect((arp?.sender.hardware != nil) == (count >= 14) && (arp?.sender.address != nil) == (count >= 18))
            #expect((arp?.target.hardware != nil) == (count >= 24) && arp?.target.address == nil)
            #expect(decoded.payload.isEmpty)
        }
    }

    @Test func `addresses of other kinds are walked over`() throws {
        // Eight bytes of hardware address, as FireWire has them.
        let frame = ethernet(0x0806, [0, 24, 8, 0, 8, 4, 0, 1] + [UInt8](repeating: 7, count: 8) + [192, 0, 2, 1] + [UInt8](repeating: 0, count: 8) + [192, 0, 2, 2])
        let arp = try #require(decode(frame, as: .ethernet).arpPacket(in: frame))
        #expect(arp.sender.hardware == nil && arp.sender.address == IPAddress(ipv4: client4) && arp.target.address == IPAddress(ipv4: server4))
        let huge = ethernet(0x0806, [0, 1, 8, 0, 255, 255, 0, 1, 1, 2, 3])
        #expect(decode(huge, as: .ethernet).stop == malformed(.arp, .addressLength, 1028))
        #expect(decode(huge, as: .ethernet).arpPacket(in: huge)?.sender == ARPPacket.Party())
    }
}
