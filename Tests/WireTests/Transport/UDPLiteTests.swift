import Testing
import Wire

@Suite struct `UDP-Lite headers` {
    private func message(coverage: Int, _ payload: [UInt8] = [1, 2, 3, 4]) -> [UInt8] {
        be16(9157) + be16(6428) + be16(coverage) + be16(0xbeef) + payload
    }

    @Test(arguments: versions, [0, 8, 10, 12]) func parse(_ version: IPAddress.Version, _ coverage: Int) throws {
        let frame = ip(version, 136, message(coverage: coverage)) + trailer
        let packet = decode(frame)
        let read = try #require(packet.udpLite)
        #expect(read.sourcePort == 9157 && read.destinationPort == 6428 && Int(read.length) == coverage && read.checksum == 0xbeef)
        #expect(packet.payload(of: frame) == [1, 2, 3, 4], "the IP length ends it, whatever is covered")
        #expect(packet.fourTuple.transport == .udpLite && packet.endpoints != nil && packet.stop == nil && packet.udp == nil)
    }

    /// RFC 3828 §3.1.
    @Test(arguments: [1, 7, 13, 65_535]) func `a coverage that must be discarded`(_ coverage: Int) {
        let packet = decode(ipv4(136, message(coverage: coverage)))
        #expect(packet.stop == malformed(.udplite, .checksumCoverage, UInt32(coverage)))
        #expect(packet.udpLite != nil && packet.payload.isEmpty)
    }

    @Test func `more covered than the frame has is not verified`() {
        let frame = ipv4(136, message(coverage: 30, Array(repeating: 0, count: 30))).dropLast(20)
        #expect(decode(Array(frame)).transportChecksumStatus(Array(frame).span) == .unverified)
    }

    @Test(arguments: versions, Cut.allCases) func `cut at every length`(_ version: IPAddress.Version, _ cut: Cut) {
        for count in cut.counts(version, below: 8) {
            let packet = cut.packet(version, 136, message(coverage: 0), to: count).packet
            #expect(packet.stop == truncated(.udplite, needed: 8, available: count, cut.bound(version)))
            #expect((packet.endpoints != nil) == (count >= 4))
        }
    }

    @Test(arguments: [0, 8, 9, 12]) func `the checksum is over what is covered`(_ coverage: Int) {
        func status(_ changed: Int?) -> ChecksumStatus {
            var message = message(coverage: coverage)
            message.replaceSubrange(6..<8, with: [0, 0])
            let covered = coverage == 0 ? message : Array(message.prefix(coverage))
            // RFC 3828 §3.1: the pseudo-header has the length by the IP header, not the coverage.
            let pseudo = be32(client4) + be32(server4) + [0, 136] + be16(12)
            var sum: UInt32 = 0
            for part in [pseudo, covered] {
                for (index, byte) in part.enumerated() { sum += index % 2 == 0 ? UInt32(byte) << 8 : UInt32(byte) }
            }
            while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
            message.replaceSubrange(6..<8, with: be16(Int(~UInt16(sum))))
            if let changed { message[changed] ^= 0x40 }
            let frame = ipv4(136, message)
            return decode(frame).transportChecksumStatus(frame.span)
        }
        #expect(status(nil) == .good)
        let end = coverage == 0 ? 12 : coverage
        for place in [0, 1, 2, 3, 6, 7, 8, 9, 10, 11] { #expect(status(place) == (place < end ? .bad : .good)) }
    }
}
