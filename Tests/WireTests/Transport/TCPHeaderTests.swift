import Testing
import Wire

@Suite struct `TCP header` {
    private let segment: [UInt8] = [
        0x23, 0xc5,  // source port 9157
        0x04, 0xd2,  // destination port 1234
        0x01, 0x02, 0x03, 0x04,  // sequence number
        0x05, 0x06, 0x07, 0x08,  // acknowledgment number
        0x71, 0x18,  // data offset 7 × 4, accurate ECN, PSH ACK
        0x02, 0x00,  // window 512
        0xbe, 0xef,  // checksum
        0x09, 0x0a,  // urgent pointer
        2, 4, 0x05, 0xb4, 1, 3, 3, 7,  // options: maximum segment size 1460, no operation, window scale 7
        1, 2, 3,  // payload
    ]

    @Test(arguments: versions) func parse(_ version: IPAddress.Version) throws {
        let frame = ip(version, 6, segment)
        let decoded = decode(frame)
        let header = try #require(decoded.tcp)
        #expect(Int(header.offset) == ipHeaderLength(version))
        #expect(header.wholeBytes == 20 && header.hasFlags)
        #expect(header.headerLength == 28)
        #expect(header.sourcePort == 9157)
        #expect(header.destinationPort == 1234)
        #expect(header.sequence == SequenceNumber(0x0102_0304))
        #expect(header.acknowledgment == SequenceNumber(0x0506_0708))
        #expect(header.flags == [.ae, .psh, .ack])
        #expect(header.window == 512)
        #expect(header.checksum == 0xbeef)
        #expect(header.urgentPointer == 0x090a)
        #expect(header.options == ByteRange(offset: ipHeaderLength(version) + 20, count: 8))
        #expect(decoded.payload(of: frame) == [1, 2, 3] && decoded.payloadLength == 3)
        #expect(decoded.stop == nil)
        #expect(decoded.endpoints?.source == Endpoint(try #require(decoded.source), 9157))
        #expect(decoded.endpoints?.destination == Endpoint(try #require(decoded.destination), 1234))
        #expect(decoded.fourTuple.transport == .tcp)
    }

    @Test(arguments: versions, Cut.allCases) func `cut at every length`(_ version: IPAddress.Version, _ cut: Cut) {
        for count in cut.counts(version, below: 28) {
            let decoded = cut.packet(version, 6, segment, to: count).packet
            let contradiction = cut == .length && count >= 20
            #expect(
                decoded.stop
                    == (contradiction
                        ? malformed(.tcp, .dataOffset, 28)
                        : truncated(.tcp, needed: count < 20 ? 20 : 28, available: count, cut.bound(version))))
            if count >= 4 {
                #expect(decoded.payload.isEmpty)
                #expect(decoded.payloadLength == (cut == .capture && count >= 14 ? 3 : 0), "not guessed without the data offset")
            }
            expectWholeFields(of: decoded, count, options: contradiction ? 0 : max(0, count - 20))
        }
    }

    /// The fields that end within `count` bytes, and 0 for the others.
    private func expectWholeFields(of packet: Packet, _ count: Int, options: Int) {
        guard let header = packet.tcp else {
            #expect(count < 4 && packet.endpoints == nil)
            return
        }
        #expect(Int(header.wholeBytes) == min(count, 20))
        #expect(header.sourcePort == 9157 && header.destinationPort == 1234)
        #expect(packet.endpoints?.source.port == 9157 && packet.endpoints?.destination.port == 1234)
        #expect(header.sequence.rawValue == (count >= 8 ? 0x0102_0304 : 0))
        #expect(header.acknowledgment.rawValue == (count >= 12 ? 0x0506_0708 : 0))
        #expect(header.headerLength == (count >= 14 ? 28 : 0))
        #expect(header.hasFlags == (count >= 14))
        #expect(header.flags == (count >= 14 ? [.ae, .psh, .ack] : []))
        #expect(header.window == (count >= 16 ? 512 : 0))
        #expect(header.checksum == (count >= 18 ? 0xbeef : 0))
        #expect(header.urgentPointer == (count >= 20 ? 0x090a : 0))
        #expect(header.options.count == options, "never out of what lies behind the segment")
    }

    /// More capturing would not have helped: the packet itself has no room for the header.
    @Test(arguments: versions) func `a packet too short for the header is told by its own length, however it was cut`(_ version: IPAddress.Version) {
        let frame = ip(version, 6, Array(tcp().prefix(15))) + trailer
        let bound: Stop.Bound = version == .four ? .ipv4TotalLength : .ipv6PayloadLength
        for count in 0...15 {
            let decoded = decode(frame, captured: ipHeaderLength(version) + count)
            #expect(decoded.stop == truncated(.tcp, needed: 20, available: 15, bound))
        }
    }

    @Test(arguments: [0, 4, 16, 24, 60]) func `a data offset below 20 or beyond the segment is malformed`(_ offset: Int) {
        for version in versions {
            let decoded = decode(ip(version, 6, tcp([1, 2, 3], dataOffset: offset)) + trailer)
            #expect(decoded.stop == malformed(.tcp, .dataOffset, UInt32(offset)))
            #expect(decoded.tcp?.headerLength == UInt8(offset), "the fields as they stand")
            #expect(decoded.endpoints?.destination.port == 1234)
            #expect(decoded.payload.isEmpty && decoded.payloadLength == 0)
            #expect(decoded.tcp?.options.isEmpty == true)
            // So it is where the header is cut behind it.
            let frame = ip(version, 6, tcp([1, 2, 3], dataOffset: offset)) + trailer
            for count in 12..<20 {
                let cut = decode(frame, captured: ipHeaderLength(version) + count)
                let stop = count < 14 ? truncated(.tcp, needed: 20, available: count, .captured) : malformed(.tcp, .dataOffset, UInt32(offset))
                #expect(cut.stop == stop)
            }
        }
    }

    @Test func `a data offset to the end of the segment is fine`() {
        let decoded = decode(ipv4(6, tcp(options: [1, 1, 1, 1])) + trailer)
        #expect(decoded.stop == nil && decoded.payloadLength == 0)
    }

    @Test(arguments: [
        (0x002, "SYN"), (0x012, "SYN ACK"), (0x010, "ACK"), (0x018, "PSH ACK"), (0x011, "FIN ACK"), (0x004, "RST"), (0x014, "RST ACK"),
        (0x0c2, "SYN ECE CWR"), (0x1ff, "SYN FIN RST PSH ACK URG ECE CWR AE"), (0x000, "no flags"), (0x802, "SYN reserved 0x800"),
    ] as [(UInt16, String)])
    func `flags in words`(_ bits: UInt16, _ words: String) {
        #expect(TCPFlags(rawValue: bits).description == words)
    }
}
