import Testing
import Wire

@Suite struct `DCCP headers` {
    private let header: [UInt8] = [
        0x23, 0xc5,  // source port 9157
        0x04, 0xd2,  // destination port 1234
        4,  // data offset: 16 bytes
        0,  // CCVal, coverage
        0xbe, 0xef,  // checksum
        0x01, 0, 0, 0,  // type 0: Request; extended sequence numbers
        0, 0, 0, 5,
    ]

    @Test(arguments: versions) func parse(_ version: IPAddress.Version) throws {
        let frame = ip(version, 33, header + [1, 2, 3])
        let packet = decode(frame)
        let read = try #require(packet.dccp)
        #expect(read.sourcePort == 9157 && read.destinationPort == 1234 && read.headerLength == 16)
        #expect(read.checksum == 0xbeef && read.type == 0 && read.typeName == "Request")
        #expect(packet.payload(of: frame) == [1, 2, 3] && packet.stop == nil)
        #expect(packet.ports?.source.port == 9157 && packet.endpoints == nil)
    }

    @Test(arguments: versions, Cut.allCases) func `cut at every length`(_ version: IPAddress.Version, _ cut: Cut) {
        for count in cut.counts(version, below: 16) {
            let packet = cut.packet(version, 33, header, to: count).packet
            let isLong = cut == .length && count >= 12
            let stop = truncated(.dccp, needed: count < 12 ? 12 : 16, available: count, cut.bound(version))
            // The IP length itself says that the header does not fit.
            #expect(packet.stop == (isLong ? malformed(.dccp, .dataOffset, 16) : stop))
            #expect((packet.ports?.destination.port == 1234) == (count >= 4))
        }
    }

    @Test func `a data offset that contradicts the packet`() {
        var short = header
        short[4] = 2
        #expect(decode(ipv4(33, short)).stop == malformed(.dccp, .dataOffset, 8))
        short[4] = 255
        #expect(decode(ipv4(33, short)).stop == malformed(.dccp, .dataOffset, 1020))
        #expect(decode(ipv4(33, short)).payload.isEmpty)
    }
}
