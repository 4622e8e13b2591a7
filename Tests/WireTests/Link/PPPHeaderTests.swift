import Testing
import Wire

@Suite struct `PPP headers` {
    private func ppp(_ packet: Packet, _ frame: [UInt8]) -> PPPHeader? {
        packet.headers(in: frame).compactMap { if case .ppp(let header) = $0 { header } else { nil } }.first
    }

    @Test(arguments: [
        ([0xff, 0x03, 0x00, 0x21], 4), ([0x00, 0x21], 4), ([0x21], 4), ([0xff, 0x03, 0x21], 4), ([0xff, 0x03, 0x00, 0x57], 6), ([0x57], 6),
    ] as [([UInt8], UInt8)])
    func `address, control and protocol, each may be compressed`(_ header: [UInt8], _ number: UInt8) throws {
        let version = try #require(IPAddress.Version(rawValue: number))
        for linkType in [LinkType.ppp, .pppSerial, .pppWithDirection] {
            let frame = (linkType == .pppWithDirection ? [1] : []) + header + ip(version, 17, udp([1, 2, 3]))
            let packet = decode(frame, as: linkType)
            #expect(packet.udp != nil && packet.stop == nil && packet.payload(of: frame) == [1, 2, 3])
            let read = try #require(ppp(packet, frame))
            #expect(Int(read.length) == header.count && read.protocol == (version == .four ? .ipv4 : .ipv6))
        }
    }

    @Test func `pppd puts the direction in the address's place`() {
        for header in [[0, 3, 0, 0x21], [1, 3, 0x21], [1, 0, 0x21]] as [[UInt8]] {
            #expect(decode(header + ipv4(6, tcp()), as: .pppd).tcp != nil)
        }
    }

    @Test func `Cisco's framing has an EtherType`() {
        for (linkType, address) in [(LinkType.pppSerial, 0x0f), (.ciscoHDLC, 0x0f), (.ciscoHDLC, 0x8f), (.pppSerial, 0x8f)] as [(LinkType, UInt8)] {
            let frame = [address, 0] + be16(0x0800) + ipv4(6, tcp())
            let packet = decode(frame, as: linkType)
            #expect(packet.tcp != nil && packet.headers(in: frame) == [.hdlc(.ipv4)])
        }
        #expect(decode([0x8f, 0, 0x80, 0x35, 1, 2], as: .ciscoHDLC).stop == unsupported(.hdlc, .hdlcProtocol, 0x8035))
        for type in [0x8100, 0x8864, 0x0806, 0x05dc] {
            #expect(decode([0x0f, 0] + be16(type) + [1, 2], as: .ciscoHDLC).stop == unsupported(.hdlc, .hdlcProtocol, UInt32(type)))
        }
        for count in 0..<4 {
            #expect(decode(Array([0x0f, 0, 8, 0].prefix(count)), as: .ciscoHDLC).stop == truncated(.hdlc, needed: 4, available: count, .frameLength))
        }
    }

    @Test(arguments: [(0xc021, "PPP protocol 0xc021 (LCP)"), (0x8021, "PPP protocol 0x8021 (IPCP)"), (0x4444, "PPP protocol 0x4444")])
    func `any other protocol is named`(_ number: Int, _ detail: String) {
        let frame = [0xff, 3] + be16(number) + [1, 2, 3]
        let packet = decode(frame, as: .ppp)
        #expect(packet.stop == unsupported(.ppp, .pppProtocol, UInt32(number)) && packet.stop?.detail == detail)
        #expect(packet.payload(of: frame) == [1, 2, 3] && ppp(packet, frame)?.length == 4)
    }

    @Test func `cut at every length`() {
        let frame = [0xff, 0x03, 0x00, 0x21] + ipv4(17, udp())
        for (count, needed) in [(0, 1), (1, 3), (2, 3), (3, 4)] {
            #expect(decode(frame, as: .ppp, captured: count).stop == truncated(.ppp, needed: needed, available: count, .captured))
        }
    }
}

@Suite struct `PPPoE headers` {
    private let header: [UInt8] = [
        0x11,  // version 1, type 1
        0,  // code: session data
        0x12, 0x34,  // session
        0, 33,  // length
    ]

    @Test func `parse`() throws {
        let inside = header + [0x00, 0x21] + ipv4(17, udp([1, 2, 3]))
        for (frame, linkType) in [(ethernet(0x8864, inside + trailer), LinkType.ethernet), (inside + trailer, .pppoe)] {
            let packet = decode(frame, as: linkType)
            #expect(packet.udp != nil && packet.stop == nil && packet.payload(of: frame) == [1, 2, 3])
            guard case .pppoe(let read)? = packet.headers(in: frame).first else { throw Unexpected() }
            #expect(read.version == 1 && read.type == 1 && read.code == 0 && read.session == 0x1234 && read.payloadLength == 33)
        }
    }

    @Test func `the length ends what follows`() {
        let start = Array(header.prefix(5))
        let short = ethernet(0x8864, start + [21, 0x00, 0x21] + ipv4(17, udp([1, 2, 3])) + trailer)
        #expect(decode(short, as: .ethernet).stop == truncated(.ip, needed: 20, available: 19, .pppoeLength))
        let empty = ethernet(0x8864, start + [0] + trailer)
        #expect(decode(empty, as: .ethernet).stop == truncated(.ppp, needed: 1, available: 0, .pppoeLength))
    }

    @Test func `cut at every length`() {
        for count in 0..<6 {
            let packet = decode(ethernet(0x8864, header), as: .ethernet, captured: 14 + count)
            #expect(packet.stop == truncated(.pppoe, needed: 6, available: count, .captured))
        }
    }
}
