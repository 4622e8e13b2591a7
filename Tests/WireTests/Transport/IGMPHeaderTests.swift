import Testing
import Wire

@Suite struct `IGMP headers` {
    private let report: [UInt8] = [
        0x16,  // type: report of version 2
        0,  // maximum response
        0xbe, 0xef,  // checksum
        224, 0, 0, 251,  // group
    ]

    @Test func parse() throws {
        let frame = ipv4(2, report)
        let read = try #require(decode(frame).igmp)
        #expect(read.type == 0x16 && read.checksum == 0xbeef && read.version == 2 && read.maximumResponse == 0)
        #expect(read.groupAddress?.description == "224.0.0.251" && read.description == "IGMP v2 report 224.0.0.251")
        #expect(decode(frame).stop == nil && decode(frame).payload.isEmpty)
        #expect(decode(ipv6(2, report)).stop == unsupported(.ipv6, .ipProtocol, 2), "IPv6 has ICMPv6 for it")
    }

    @Test(arguments: Cut.allCases) func `cut at every length`(_ cut: Cut) {
        for count in 0..<8 {
            let packet = cut.packet(.four, 2, report, to: count).packet
            #expect(packet.stop == truncated(.igmp, needed: 8, available: count, cut.bound(.four)))
            #expect(packet.igmp?.type == (count < 4 ? nil : 0x16) && packet.igmp?.groupAddress == nil)
        }
    }

    @Test(arguments: [
        ([0x11, 0, 0, 0, 0, 0, 0, 0], 1, nil, "IGMP v1 query"),
        ([0x11, 100, 0, 0, 224, 0, 0, 9], 2, 100, "IGMP v2 query 224.0.0.9"),
        ([0x11, 100, 0, 0, 224, 0, 0, 9, 2, 125, 0, 0], 3, 100, "IGMP v3 query 224.0.0.9"),
        ([0x11, 254, 0, 0, 0, 0, 0, 0, 2, 125, 0, 0], 3, 30_720, "IGMP v3 query"),
        ([0x12, 0, 0, 0, 224, 0, 0, 9], 1, nil, "IGMP v1 report 224.0.0.9"),
        ([0x17, 0, 0, 0, 224, 0, 0, 9], 2, 0, "IGMP v2 leave 224.0.0.9"),
        ([0x22, 0, 0, 0, 0, 0, 0, 2, 4, 0, 0, 0, 224, 0, 0, 9], 3, nil, "IGMP v3 report, 2 groups"),
        ([0x14, 0, 0, 0, 1, 2, 3, 4], 0, nil, "IGMP PIM version 1"),
        ([0x77, 0, 0, 0, 1, 2, 3, 4], 0, nil, "IGMP type 0x77"),
    ] as [([UInt8], UInt8, UInt32?, String)])
    func `versions, and how long an answer may wait`(_ message: [UInt8], _ version: UInt8, _ time: UInt32?, _ text: String) throws {
        let frame = ipv4(2, message) + trailer
        let packet = decode(frame)
        let read = try #require(packet.igmp)
        #expect(read.version == version && read.responseTime == time && read.description == text)
        #expect(read.firstGroup(in: frame.span, end: packet.payload.end)?.description == (message[0] == 0x22 ? "224.0.0.9" : nil))
    }

    @Test func `what stands behind the message is no record`() throws {
        let frame = ipv4(2, [0x22, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0, 224, 0]) + [0, 9] + trailer
        let packet = decode(frame)
        #expect(try #require(packet.igmp).firstGroup(in: frame.span, end: packet.payload.end) == nil)
    }

    @Test func `the checksum is over the whole message`() {
        func status(_ sum: UInt16) -> ChecksumStatus {
            let frame = ipv4(2, [0x22, 0] + be16(Int(sum)) + [0, 0, 0, 1, 4, 0, 0, 0, 224, 0, 0, 9])
            return decode(frame).transportChecksumStatus(frame.span)
        }
        // 0x2200 + 1 + 0x0400 + 0xe000 + 9 = 0x1060a, folded 0x060b.
        #expect(status(~0x060b) == .good)
        #expect(status(0x060b) == .bad)
    }
}
