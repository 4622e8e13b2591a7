import Testing
import Wire

@Suite struct `VLAN tags` {
    private let tag: [UInt8] = [
        0xb0, 0x76,  // priority 5, drop eligible, network 118
        0x08, 0x00,  // type: IPv4
    ]

    @Test(arguments: [0x8100, 0x88a8, 0x9100]) func `parse`(_ type: Int) throws {
        let frame = ethernet(type, tag + ipv4(17, udp([1, 2, 3])) + trailer)
        let packet = decode(frame, as: .ethernet)
        let read = try #require(packet.tags(in: frame).first)
        #expect(read.identifier == 118 && read.priority == 5 && read.isDropEligible && read.type == .ipv4)
        #expect(packet.tags(in: frame).count == 1 && packet.headers(in: frame).count == 1)
        #expect(packet.internetOffset == 18 && packet.udp != nil && packet.stop == nil)
        #expect(packet.payload(of: frame) == [1, 2, 3])
    }

    @Test(arguments: [2, 3, 20]) func `stacked, any number`(_ count: Int) {
        let tags = (1...count).flatMap { (number: Int) -> [UInt8] in
            be16(number) + be16(number == count ? 0x86dd : number % 2 == 0 ? 0x8100 : 0x88a8)
        }
        let frame = ethernet(0x88a8, tags + ipv6(6, tcp()))
        let packet = decode(frame, as: .ethernet)
        #expect(packet.tags(in: frame).map(\.identifier) == (1...count).map { UInt16($0) })
        #expect(packet.tcp != nil && Int(packet.internetOffset) == 14 + 4 * count)
    }

    @Test func `under cooked headers`() {
        let version1 = [UInt8](repeating: 0, count: 14) + be16(0x8100) + tag + ipv4(6, tcp())
        #expect(decode(version1, as: .linuxCooked).tags(in: version1).map(\.identifier) == [118])
        #expect(decode(version1, as: .linuxCooked).tcp != nil)
        let version2 = be16(0x88a8) + [UInt8](repeating: 0, count: 18) + tag + ipv4(6, tcp())
        #expect(decode(version2, as: .linuxCooked2).tags(in: version2).map(\.identifier) == [118])
        #expect(decode(version2, as: .linuxCooked2).tcp != nil)
    }

    @Test func `a length may stand where the type does`() {
        let frame = ethernet(0x8100, [0, 1] + be16(31) + [6, 6, 3] + ipv4(17, udp()) + trailer)
        let packet = decode(frame, as: .ethernet)
        #expect(packet.udp != nil && packet.stop == nil && packet.headers(in: frame).count == 2)
    }

    @Test func `cut at every length`() {
        for start in [14, 18] {
            let frame = ethernet(0x8100, (start == 18 ? [0, 1, 0x81, 0] : []) + tag + ipv4(17, udp()))
            for count in 0..<4 {
                let packet = decode(frame, as: .ethernet, captured: start + count)
                #expect(packet.stop == truncated(.vlan, needed: 4, available: count, .captured))
                #expect(packet.tags(in: frame.prefix(start + count)).count == (start - 14) / 4, "those that are whole")
                #expect(decode(Array(frame.prefix(start + count)), as: .ethernet).stop == truncated(.vlan, needed: 4, available: count, .frameLength))
            }
        }
    }

    @Test func `what it carries is named, and by the tag`() {
        let frame = ethernet(0x8100, [0, 1] + be16(0x8847) + [1, 2, 3])
        let packet = decode(frame, as: .ethernet)
        #expect(packet.stop == unsupported(.vlan, .etherType, 0x8847))
        #expect(packet.payload(of: frame) == [1, 2, 3] && packet.tags(in: frame).count == 1)
    }

    /// More than a header's place in the frame can count.
    @Test func `a frame of nothing but tags ends`() {
        let frame = ethernet(0x8100, (0..<20_000).flatMap { _ in [0, 1, 0x81, 0] as [UInt8] })
        let packet = decode(frame, as: .ethernet)
        #expect(packet.stop?.kind == "malformed" && packet.payload.isEmpty)
        #expect(packet.tags(in: frame).count < 20_000)
    }
}
