import Testing
import Wire

@Suite struct `Ethernet header` {
    private let frame: [UInt8] = [
        0x02, 0, 0, 0, 0, 0x0b,  // destination
        0x02, 0, 0, 0, 0, 0x0a,  // source
        0x08, 0x00,  // type: IPv4
    ] + ipv4(17, udp())

    @Test func parse() throws {
        let packet = decode(frame, as: .ethernet)
        guard case .ethernet(let header) = packet.link else { throw Unexpected() }
        #expect(header.destination == HardwareAddress(rawValue: 0x0200_0000_000b))
        #expect(header.source == HardwareAddress(rawValue: 0x0200_0000_000a))
        #expect(header.source.description == "02:00:00:00:00:0a")
        #expect(header.type == .ipv4)
        #expect(packet.internetOffset == 14)
        #expect(packet.udp?.destinationPort == 6428)
        #expect(packet.stop == nil)
    }

    @Test func `cut at every length`() {
        expectTruncated(frame, as: .ethernet, .eth, needed: 14)
        #expect(decode(frame, as: .ethernet, captured: 13).link == .none)
    }

    /// IEEE 802-2014 §8.2: the least significant bit of the first byte.
    @Test(arguments: [(0x01_00_5e_00_00_01, true), (0xff_ff_ff_ff_ff_ff, true), (0x02_00_00_00_00_01, false), (0, false)])
    func `a group address`(_ address: UInt64, _ isGroup: Bool) {
        #expect(HardwareAddress(rawValue: address).isGroup == isGroup)
        let frame = be16(Int(address >> 32)) + be32(UInt32(address & 0xffff_ffff)) + self.frame.dropFirst(6)
        #expect(decode(frame, as: .ethernet).isLinkGroup == isGroup)
    }

    /// RFC 894: frames are padded to 46 bytes of data; the padding belongs to no packet.
    @Test func `padding is no payload`() {
        let frame = self.frame + [UInt8](repeating: 0, count: 18)
        let packet = decode(frame, as: .ethernet)
        #expect(packet.payload.isEmpty && packet.payloadLength == 0 && packet.stop == nil)
    }
}
