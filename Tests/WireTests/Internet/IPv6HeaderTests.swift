import Testing
import Wire

@Suite struct `IPv6 header` {
    private let packet: [UInt8] = [
        0x6a, 0xb1, 0x23, 0x45,  // version 6, traffic class 0xab, flow label 0x12345
        0, 12,  // payload length
        17,  // next header UDP
        63,  // hop limit
        0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,  // source
        0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,  // destination
    ] + udp([1, 2, 3, 4])

    @Test func parse() throws {
        let decoded = decode(packet)
        let header = try #require(decoded.ipv6)
        #expect(header.trafficClass == 0xab)
        #expect(header.flowLabel == 0x12345)
        #expect(header.payloadLength == 12)
        #expect(header.nextHeader == .udp && header.upperLayer == .udp)
        #expect(header.hopLimit == 63)
        #expect(header.source.description == "2001:db8::1")
        #expect(header.destination.description == "2001:db8::2")
        #expect(header.extensionsLength == 0 && header.fragment == nil && !header.isFragment)
        #expect(decoded.udp?.offset == 40)
        #expect(decoded.payload(of: packet) == [1, 2, 3, 4])
        #expect(decoded.stop == nil && decoded.remark == nil)
    }

    @Test func `cut at every length`() {
        expectTruncated(packet, as: .ipv6, .ipv6, needed: 40)
    }

    @Test func `the payload length ends the payload`() {
        let frame = ipv6(6, tcp([1, 2, 3])) + trailer
        #expect(decode(frame).payload(of: frame) == [1, 2, 3])
    }

    @Test func `beyond the frame, the frame's original length counts, and it is told`() {
        let decoded = decode(ipv6(17, udp([1, 2, 3], length: 1460), payloadLength: 1460))
        #expect(decoded.payloadLength == 3 && decoded.remark == .lengthBeyondFrame && decoded.stop == nil)
    }

    @Test func `0 is segmentation offload: the frame's length serves`() {
        let decoded = decode(ipv6(6, tcp([1, 2, 3]), payloadLength: 0))
        #expect(decoded.payloadLength == 3 && decoded.remark == .lengthZero && decoded.stop == nil)
    }

    /// RFC 8200 §4.7: nothing follows, and what follows is ignored.
    @Test func `no next header and length 0 carry nothing`() {
        let decoded = decode(ipv6(59, []) + trailer)
        #expect(decoded.stop == nil && decoded.transport == .none && decoded.upperLayer == .noNextHeader)
        #expect(decoded.payload.isEmpty && decoded.payloadLength == 0 && decoded.remark == nil)
    }
}

@Suite struct `IPv6 extension headers` {
    /// As RFC 8200 §4.1 orders them, each with its number and one of them longer than its first eight bytes.
    private static let chain: [(number: UInt8, bytes: [UInt8])] = [
        (0, [60, 0, 1, 4, 0, 0, 0, 0]),  // hop-by-hop: next, 8 bytes, PadN of 6
        (60, [43, 1, 1, 12] + [UInt8](repeating: 0, count: 12)),  // destination options: next, 16 bytes, PadN of 14
        (43, [44, 0, 253, 0, 0, 0, 0, 0]),  // routing: next, 8 bytes, experimental, no segments left
        (44, [51, 0, 0, 0, 0xca, 0xfe, 0xba, 0xbe]),  // fragment: next, offset 0 and no more (RFC 6946), identification
        (51, [60, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 9, 9, 9, 9]),  // authentication: next, 16 bytes
        (60, [6, 0, 1, 4, 0, 0, 0, 0]),  // destination options: next TCP
    ]
    private let extensions = chain.flatMap(\.bytes)

    @Test func `all of them are walked`() throws {
        let frame = ipv6(0, extensions + tcp([1, 2, 3]))
        let decoded = decode(frame)
        let header = try #require(decoded.ipv6)
        #expect(header.nextHeader == .hopByHop && header.upperLayer == .tcp)
        #expect(Int(header.extensionsLength) == extensions.count)
        #expect(header.fragment == IPv6Fragment(offset: 0, more: false, identification: 0xcafe_babe, headersLength: 40))
        #expect(!decoded.isFragment, "an atomic fragment is whole")
        #expect(decoded.tcp?.destinationPort == 1234)
        #expect(decoded.payload(of: frame) == [1, 2, 3] && decoded.stop == nil)
    }

    @Test(arguments: Cut.allCases) func `cut at every length`(_ cut: Cut) {
        var start = 0
        for (number, bytes) in Self.chain {
            for count in 0..<bytes.count where start + count > 0 {
                let decoded = cut.packet(.six, 0, extensions + tcp(), to: start + count).packet
                let needed = count >= 2 || number == 44 ? bytes.count : number == 51 ? 12 : 8
                #expect(decoded.stop == truncated(.ipv6, needed: needed, available: count, cut.bound(.six)))
                // Of a fragment header that is cut nothing is used.
                let known = count > 0 && number != 44 ? bytes[0] : number
                #expect(decoded.ipv6?.upperLayer.rawValue == known, "the last next header that is known")
                #expect(decoded.ipv6.map { Int($0.extensionsLength) } == start)
                #expect(decoded.transport == .none)
            }
            start += bytes.count
        }
    }

    @Test func `the first fragment has its headers, a later one has none`() {
        let first = decode(ipv6(44, [17, 0, 0, 1, 0, 0, 0, 7] + udp([1, 2, 3], length: 3000)))
        #expect(first.isFragment && first.udp?.length == 3000 && first.payloadLength == 3 && first.stop == nil)
        #expect(first.ipv6?.fragment == IPv6Fragment(offset: 0, more: true, identification: 7))

        // Offset 185 × 8 = 1480, the last; its next header is the first of the whole packet, and is not here.
        let frame = ipv6(44, [60] + [0] + be16(185 << 3) + be32(7) + [1, 2, 3])
        let later = decode(frame)
        #expect(later.ipv6?.fragment == IPv6Fragment(offset: 1480, more: false, identification: 7))
        #expect(later.isFragment && later.transport == .none && later.stop == nil)
        #expect(later.upperLayer == .destinationOptions)
        #expect(later.payload(of: frame) == [1, 2, 3])
    }

    @Test(arguments: [(50, "IP protocol 50 (ESP)"), (135, "IP protocol 135 (mobility)"), (139, "IP protocol 139 (HIP)"), (140, "IP protocol 140 (Shim6)"), (1, "IP protocol 1 (ICMP)"), (255, "IP protocol 255 (reserved)")])
    func `what cannot be walked is unsupported`(_ number: UInt8, _ detail: String) {
        let frame = ipv6(0, [number, 0, 1, 4, 0, 0, 0, 0, 1, 2, 3])
        let decoded = decode(frame)
        #expect(decoded.stop == unsupported(.ipv6, .ipProtocol, UInt32(number)))
        #expect(decoded.stop?.detail == detail)
        #expect(decoded.payload(of: frame) == [1, 2, 3])
    }

    @Test func `more of them than a payload length counts are malformed`() {
        let one = [60, 255] + [UInt8](repeating: 0, count: 2046)
        let frame = ipv6(60, (0..<40).flatMap { _ in one }, payloadLength: 0)
        // 40 bytes of header and 31 times 2,048 end at 63,528; one more would end beyond 65,535.
        #expect(decode(frame).stop == malformed(.ipv6, .extensionLength, 40 + 32 * 2048))
    }

    @Test func `segments left tell that the destination is not the last`() {
        let routing: [UInt8] = [17, 2, 4, 1, 0, 0, 0, 0] + client6.bytes
        #expect(decode(ipv6(43, routing + udp())).ipv6?.segmentsLeft == 1)
    }

    /// RFC 2675 §2: option type 0xc2 and four bytes of length in the hop-by-hop header, payload length 0.
    @Test func `a jumbo payload option counts where the payload length is 0`() {
        func jumbo(_ length: UInt32) -> [UInt8] { ipv6(0, [6, 0, 0xc2, 4] + be32(length) + tcp([1, 2, 3]), payloadLength: 0) }
        let decoded = decode(jumbo(70_000), wire: 70_040 + 9)
        #expect(decoded.payloadLength == 70_000 - 28 && decoded.remark == nil && decoded.stop == nil)
        #expect(decode(jumbo(70_000)).remark == .lengthBeyondFrame)
        // §3: below 65,536 it is an error; then the frame's length serves.
        #expect(decode(jumbo(31)).remark == .lengthZero)
        let padded = ipv6(0, [6, 1, 0, 1, 3, 0, 0, 0, 0, 0xc2, 4] + be32(70_000) + [0] + tcp(), payloadLength: 0)
        #expect(decode(padded, wire: 70_040).payloadLength == 70_000 - 36, "behind Pad1 and PadN")
    }
}
