import Testing
import Wire

@Suite struct `Linux cooked headers` {
    private let version1: [UInt8] = [
        0, 4,  // packet type: outgoing
        0x03, 0x04,  // hardware type: 772, loopback
        0, 6,  // address length
        0x02, 0, 0, 0, 0, 0x0a, 0xaa, 0xbb,  // address, and two bytes that are none of it
        0x08, 0x00,  // protocol: IPv4
    ]
    private let version2: [UInt8] = [
        0x86, 0xdd,  // protocol: IPv6
        0, 0,  // reserved
        0, 0, 0, 3,  // interface index
        0, 1,  // hardware type: Ethernet
        2,  // packet type: multicast
        6,  // address length
        0x02, 0, 0, 0, 0, 0x0a, 0xaa, 0xbb,  // address, and two bytes that are none of it
    ]

    @Test func `parse version 1`() throws {
        let packet = decode(version1 + ipv4(17, udp()), as: .linuxCooked)
        guard case .cooked(let header) = packet.link else { throw Unexpected() }
        #expect(header.version == 1 && header.length == 16)
        #expect(header.packetType == 4 && header.direction == .outgoing)
        #expect(header.hardwareType == 772)
        #expect(header.source == HardwareAddress(rawValue: 0x0200_0000_000a))
        #expect(header.type == .ipv4)
        #expect(header.interfaceIndex == nil)
        #expect(packet.internetOffset == 16 && packet.udp != nil && packet.stop == nil && !packet.isLinkGroup)
    }

    @Test func `parse version 2`() throws {
        let packet = decode(version2 + ipv6(17, udp()), as: .linuxCooked2)
        guard case .cooked(let header) = packet.link else { throw Unexpected() }
        #expect(header.version == 2 && header.length == 20)
        #expect(header.packetType == 2 && header.direction == .multicast)
        #expect(header.hardwareType == 1)
        #expect(header.source == HardwareAddress(rawValue: 0x0200_0000_000a))
        #expect(header.type == .ipv6)
        #expect(header.interfaceIndex == 3)
        #expect(packet.internetOffset == 20 && packet.udp != nil && packet.stop == nil && packet.isLinkGroup)
    }

    @Test(arguments: [0, 4, 8, 20]) func `an address of another length is none that is known`(_ length: UInt8) throws {
        var frame = version1
        frame[5] = length
        guard case .cooked(let header) = decode(frame, as: .linuxCooked).link else { throw Unexpected() }
        #expect(header.source == nil)
    }

    @Test func `an unknown packet type stands as it is`() throws {
        var frame = version1
        frame[1] = 7
        guard case .cooked(let header) = decode(frame, as: .linuxCooked).link else { throw Unexpected() }
        #expect(header.packetType == 7 && header.direction == nil)
    }

    @Test func `cut at every length`() {
        expectTruncated(version1, as: .linuxCooked, .sll, needed: 16)
        expectTruncated(version2, as: .linuxCooked2, .sll, needed: 20)
    }
}
