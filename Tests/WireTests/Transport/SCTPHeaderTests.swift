import Testing
import Wire

@Suite struct `SCTP headers` {
    private let header: [UInt8] = [
        0x23, 0xc5,  // source port 9157
        0x0b, 0x59,  // destination port 2905
        1, 2, 3, 4,  // verification tag
        0xaa, 0xbb, 0xcc, 0xdd,  // checksum
    ]

    @Test(arguments: versions) func parse(_ version: IPAddress.Version) throws {
        let frame = ip(version, 132, header + [1, 0, 0, 4])
        let packet = decode(frame)
        let read = try #require(packet.sctp)
        #expect(read.sourcePort == 9157 && read.destinationPort == 2905 && read.verificationTag == 0x0102_0304)
        #expect(read.checksum == 0xaabb_ccdd && read.firstChunk == 1 && read.firstChunkName == "INIT")
        #expect(packet.payload(of: frame) == [1, 0, 0, 4] && packet.stop == nil)
        #expect(packet.ports?.destination.port == 2905 && packet.endpoints == nil, "no matter of the socket table")
    }

    @Test(arguments: versions, Cut.allCases) func `cut at every length`(_ version: IPAddress.Version, _ cut: Cut) {
        for count in cut.counts(version, below: 12) {
            let packet = cut.packet(version, 132, header + [0], to: count).packet
            #expect(packet.stop == truncated(.sctp, needed: 12, available: count, cut.bound(version)))
            #expect((packet.ports?.source.port == 9157) == (count >= 4))
            #expect(packet.sctp.map { Int($0.wholeBytes) } == (count < 4 ? nil : count))
            #expect(packet.sctp.map { $0.verificationTag != 0 } ?? false == (count >= 8))
            #expect(packet.sctp?.firstChunk == nil)
        }
    }

    @Test(arguments: [(0, "DATA"), (14, "SHUTDOWN COMPLETE"), (192, "FORWARD TSN"), (77, "chunk type 77")] as [(UInt8, String)])
    func `chunks`(_ type: UInt8, _ name: String) {
        #expect(decode(ipv4(132, header + [type, 0, 0, 4])).sctp?.firstChunkName == name)
        #expect(decode(ipv4(132, header)).sctp?.firstChunkName == nil)
    }

    /// Bit by bit, from the polynomial in RFC 9260 appendix A.
    private func reference(_ bytes: [UInt8]) -> UInt32 {
        var rest = UInt32.max
        for byte in bytes {
            rest ^= UInt32(byte)
            for _ in 0..<8 { rest = rest & 1 == 1 ? rest >> 1 ^ 0x82f6_3b78 : rest >> 1 }
        }
        return ~rest
    }

    @Test func `the checksum`() {
        // The check value of CRC-32C.
        #expect(reference(Array("123456789".utf8)) == 0xe306_9283)
        var message: [UInt8] = header.prefix(8) + [0, 0, 0, 0] + Array(1...37)
        let right = Array(be32(reference(message)).reversed())
        func status(_ sum: [UInt8], captured: Int? = nil) -> ChecksumStatus {
            message.replaceSubrange(8..<12, with: sum)
            let frame = ipv4(132, message)
            return decode(frame, captured: captured).transportChecksumStatus(Array(frame.prefix(captured ?? frame.count)).span)
        }
        #expect(status(right) == .good)
        #expect(status([0, 0, 0, 0]) == .offloaded, "left to the card")
        #expect(status(right.reversed()) == .bad)
        #expect(status(right, captured: 68) == .unverified)
    }
}
