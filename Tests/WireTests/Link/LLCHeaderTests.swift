import Testing
import Wire

@Suite struct `802.2 headers` {
    private let snap: [UInt8] = [
        0xaa, 0xaa,  // both service access points: SNAP
        0x03,  // control: unnumbered information
        0, 0, 0,  // organization
        0x08, 0x00,  // type: IPv4
    ]

    private func frame(_ header: [UInt8], _ payload: [UInt8], length: Int? = nil) -> [UInt8] {
        ethernet(length ?? header.count + payload.count, header + payload) + trailer
    }

    private func llc(_ packet: Packet, _ frame: [UInt8]) -> LLCHeader? {
        packet.headers(in: frame).compactMap { if case .llc(let header) = $0 { header } else { nil } }.first
    }

    @Test(arguments: [0, 0x0000f8] as [UInt32]) func `SNAP with an EtherType`(_ organization: UInt32) throws {
        let header = Array(snap.prefix(3)) + be32(organization).dropFirst() + snap.suffix(2)
        let frame = frame(header, ipv4(17, udp([1, 2, 3])))
        let packet = decode(frame, as: .ethernet)
        let read = try #require(llc(packet, frame))
        #expect(read.destinationSAP == 0xaa && read.sourceSAP == 0xaa && read.control == 3 && read.length == 8)
        #expect(read.snap?.organization == organization && read.snap?.type == .ipv4)
        #expect(packet.udp != nil && packet.payload(of: frame) == [1, 2, 3] && packet.stop == nil)
        #expect(packet.internetOffset == 22)
    }

    @Test func `SNAP of another organization is named by it`() {
        let frame = frame([0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0], [1, 2, 3])
        let packet = decode(frame, as: .ethernet)
        #expect(packet.stop == unsupported(.llc, .organization, 0x00000c))
        #expect(packet.stop?.detail == "SNAP organization 0x00000c")
        #expect(packet.payload(of: frame) == [1, 2, 3], "the length ends it, not the frame")
        #expect(llc(packet, frame)?.snap?.type.rawValue == 0x2000)
    }

    @Test func `IPv4 by its own access point`() {
        let frame = frame([6, 6, 3], ipv4(6, tcp()))
        let packet = decode(frame, as: .ethernet)
        #expect(packet.tcp != nil && packet.stop == nil && llc(packet, frame)?.length == 3)
    }

    @Test(arguments: [
        ([0x42, 0x42, 3], 0x42, "LLC SAP 0x42 (spanning tree)", 3),
        ([0xf0, 0xf0, 1, 0], 0xf0, "LLC SAP 0xf0 (NetBIOS)", 4),
        ([0x06, 0x06, 1, 0], 0x06, "LLC SAP 0x06 (IPv4)", 4),
        ([0x13, 0x13, 0xaf], 0x13, "LLC SAP 0x13", 3),
    ] as [([UInt8], UInt32, String, Int)])
    func `any other is named`(_ header: [UInt8], _ number: UInt32, _ detail: String, _ length: Int) {
        let frame = frame(header, [1, 2, 3])
        let packet = decode(frame, as: .ethernet)
        #expect(packet.stop == unsupported(.llc, .sap, number) && packet.stop?.detail == detail)
        #expect(packet.payload(of: frame) == [1, 2, 3] && llc(packet, frame)?.length == length)
    }

    @Test func `what Novell sent without one`() {
        let frame = frame([], [0xff, 0xff, 0, 30] + [UInt8](repeating: 0, count: 26))
        let packet = decode(frame, as: .ethernet)
        #expect(packet.stop == unsupported(.eth, .sap, 0xff) && packet.headers(in: frame).isEmpty)
    }

    @Test func `cut at every length, by the capture and by the length`() {
        for count in 0..<8 {
            let needed = count < 3 ? 3 : 8
            let cut = decode(frame(snap, ipv4(17, udp())), as: .ethernet, captured: 14 + count)
            #expect(cut.stop == truncated(.llc, needed: needed, available: count, .captured))
            guard count > 0 else { continue }
            let short = decode(frame(Array(snap.prefix(count)), []), as: .ethernet)
            #expect(short.stop == truncated(.llc, needed: needed, available: count, .ieee8023Length))
        }
        let numbered = decode(frame([6, 6, 1], []), as: .ethernet)
        #expect(numbered.stop == truncated(.llc, needed: 4, available: 3, .ieee8023Length))
    }

    /// With a length of 2 there is room for Novell's field of ones, and for no header of IEEE 802.2.
    @Test func `which of the two a length of 2 means, only its bytes say`() {
        let frame = frame([0xff, 0xff], [UInt8](repeating: 0, count: 10), length: 2)
        #expect(decode(frame, as: .ethernet).stop == unsupported(.eth, .sap, 0xff))
        for count in 0..<2 {
            let cut = decode(frame, as: .ethernet, captured: 14 + count)
            #expect(cut.stop == truncated(.llc, needed: 2, available: count, .captured))
        }
    }

    @Test func `where the length ends before the IPv4 header does its checksum is not verified`() {
        let packet = ipv4(6, tcp(), options: [1, 1, 1, 0])
        for (length, isWhole) in [(8 + packet.count, true), (8 + 24, true), (8 + 20, false)] {
            let frame = ethernet(length, snap + packet)
            #expect((decode(frame, as: .ethernet).internetChecksumStatus(frame.span) != .unverified) == isWhole)
        }
    }

    @Test func `a length beyond the frame does not count`() {
        let frame = ethernet(1500, snap + ipv4(17, udp([1, 2, 3])))
        #expect(decode(frame, as: .ethernet).payload(of: frame) == [1, 2, 3])
    }

    /// The kernel's ETH_P_802_2; 1 is Novell's, and 12 is CAN.
    @Test func `under a cooked header`() {
        func cooked(_ type: Int, _ hardware: Int = 1) -> [UInt8] { [0, 0] + be16(hardware) + [UInt8](repeating: 0, count: 10) + be16(type) }
        #expect(decode(cooked(4) + snap + ipv4(6, tcp()), as: .linuxCooked).tcp != nil)
        #expect(decode(cooked(1) + [1, 2], as: .linuxCooked).stop == unsupported(.sll, .cookedProtocol, 1))
        #expect(decode(cooked(12) + [1, 2], as: .linuxCooked).stop?.detail == "cooked protocol 0x000c")
        #expect(decode(cooked(0, 824) + [1, 2], as: .linuxCooked).stop == unsupported(.sll, .hardwareType, 824))
        #expect(decode(cooked(0x0806, 803) + [1, 2], as: .linuxCooked).stop == unsupported(.sll, .hardwareType, 803))
    }

    /// Whatever the protocol field says: before an IP packet there would be a header of the hardware's own.
    @Test func `under a cooked header of hardware that has its own numbers`() {
        func cooked(_ type: Int, _ hardware: Int) -> [UInt8] { [0, 0] + be16(hardware) + [UInt8](repeating: 0, count: 10) + be16(type) }
        for hardware in [770, 803, 824] {
            #expect(decode(cooked(0x0800, hardware) + ipv4(6, tcp()), as: .linuxCooked).stop == unsupported(.sll, .hardwareType, UInt32(hardware)))
        }
        #expect(decode(cooked(0x0800, 778) + ipv4(6, tcp()), as: .linuxCooked).tcp != nil)
        #expect(decode(cooked(0x8100, 778) + be16(7) + be16(0x0800) + ipv4(6, tcp()), as: .linuxCooked).stop == unsupported(.sll, .etherType, 0x8100))
        #expect(decode(cooked(0x0800, 801) + ipv4(6, tcp()), as: .linuxCooked).tcp != nil)
    }
}
