import Testing
import Wire

@Suite struct `UDP header` {
    private let datagram: [UInt8] = [
        0x23, 0xc5,  // source port 9157
        0x19, 0x1c,  // destination port 6428
        0, 11,  // length
        0xbe, 0xef,  // checksum
        1, 2, 3,  // payload
    ]

    @Test(arguments: versions) func parse(_ version: IPAddress.Version) throws {
        let frame = ip(version, 17, datagram)
        let decoded = decode(frame)
        let header = try #require(decoded.udp)
        #expect(Int(header.offset) == ipHeaderLength(version))
        #expect(header.wholeBytes == 8)
        #expect(header.sourcePort == 9157)
        #expect(header.destinationPort == 6428)
        #expect(header.length == 11)
        #expect(header.checksum == 0xbeef)
        #expect(decoded.payload(of: frame) == [1, 2, 3] && decoded.payloadLength == 3)
        #expect(decoded.stop == nil)
        #expect(decoded.endpoints?.source == Endpoint(try #require(decoded.source), 9157))
        #expect(decoded.endpoints?.destination == Endpoint(try #require(decoded.destination), 6428))
        #expect(decoded.fourTuple.transport == .udp)
    }

    @Test(arguments: versions, Cut.allCases) func `cut at every length`(_ version: IPAddress.Version, _ cut: Cut) {
        for count in cut.counts(version, below: 8) {
            let decoded = cut.packet(version, 17, datagram, to: count).packet
            #expect(decoded.stop == truncated(.udp, needed: 8, available: count, cut.bound(version)))
            guard let header = decoded.udp else {
                #expect(count < 4 && decoded.endpoints == nil)
                continue
            }
            #expect(Int(header.wholeBytes) == count)
            #expect(header.sourcePort == 9157 && header.destinationPort == 6428)
            #expect(decoded.endpoints?.source.port == 9157 && decoded.endpoints?.destination.port == 6428)
            #expect(header.length == (count >= 6 ? 11 : 0))
            #expect(header.checksum == 0)
            #expect(decoded.payload.isEmpty)
        }
    }

    @Test(arguments: versions) func `cut within the payload`(_ version: IPAddress.Version) {
        for count in 8..<11 {
            let captured = Cut.capture.packet(version, 17, datagram, to: count).packet
            #expect(captured.stop == nil && captured.payload.count == count - 8 && captured.payloadLength == 3)
            let short = Cut.frame.packet(version, 17, datagram, to: count).packet
            #expect(short.stop == nil && short.remark == .lengthBeyondFrame && short.payloadLength == count - 8)
            let contradiction = Cut.length.packet(version, 17, datagram, to: count).packet
            #expect(contradiction.stop == malformed(.udp, .length, 11))
            #expect(contradiction.udp?.length == 11 && contradiction.endpoints?.destination.port == 6428, "the fields as they stand")
            #expect(contradiction.payload.isEmpty && contradiction.payloadLength == 0)
        }
    }

    @Test(arguments: 1..<8) func `a length below the header's is malformed`(_ length: Int) {
        for version in versions {
            let decoded = decode(ip(version, 17, udp([1, 2, 3], length: length)))
            #expect(decoded.stop == malformed(.udp, .length, UInt32(length)))
            #expect(decoded.payload.isEmpty && decoded.payloadLength == 0)
        }
    }

    /// RFC 2675 §4 gives 0 a meaning over IPv6, RFC 768 none.
    @Test func `a length of 0`() {
        #expect(decode(ipv4(17, udp([1, 2, 3], length: 0))).stop == malformed(.udp, .length, 0))
        let jumbo = decode(ipv6(17, udp([1, 2, 3], length: 0)))
        #expect(jumbo.stop == nil && jumbo.payloadLength == 3)
    }

    @Test func `a length below the packet's ends the payload`() {
        let frame = ipv4(17, udp([1, 2, 3, 4, 5], length: 10))
        #expect(decode(frame).payload(of: frame) == [1, 2])
    }
}
