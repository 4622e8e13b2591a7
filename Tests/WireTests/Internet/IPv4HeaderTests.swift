import Testing
import Wire

@Suite struct `IPv4 header` {
    private let packet: [UInt8] = [
        0x46,  // version 4, header length 6 × 4
        0xb9,  // differentiated services 46 (expedited forwarding), congestion 1
        0x00, 0x24,  // total length 36
        0x12, 0x34,  // identification
        0x40, 0x00,  // don't fragment, offset 0
        0x3f,  // time to live 63
        17,  // protocol UDP
        0xbe, 0xef,  // checksum
        192, 0, 2, 1,  // source
        192, 0, 2, 2,  // destination
        1, 1, 1, 0,  // options: three no operations, end of list
    ] + udp([1, 2, 3, 4])

    @Test func parse() throws {
        let decoded = decode(packet)
        let header = try #require(decoded.ipv4)
        #expect(header.headerLength == 24)
        #expect(header.differentiatedServices == 0xb9)
        #expect(header.totalLength == 36)
        #expect(header.identification == 0x1234)
        #expect(header.flagsAndOffset == 0x4000)
        #expect(header.dontFragment && !header.moreFragments && header.fragmentOffset == 0 && !header.isFragment)
        #expect(header.timeToLive == 63)
        #expect(header.protocol == .udp && header.upperLayer == .udp)
        #expect(header.checksum == 0xbeef)
        #expect(header.sourceAddress.description == "192.0.2.1")
        #expect(header.destinationAddress.description == "192.0.2.2")
        #expect(decoded.udp?.offset == 24)
        #expect(decoded.payload(of: packet) == [1, 2, 3, 4])
        #expect(decoded.stop == nil && decoded.remark == nil)
    }

    @Test func `cut at every length`() {
        expectTruncated(packet, as: .ipv4, .ip, needed: 20)
        for count in 20..<24 {
            let decoded = decode(packet, as: .ipv4, captured: count)
            #expect(decoded.stop == truncated(.ip, needed: 24, available: count, .captured))
            #expect(decoded.ipv4?.headerLength == 24, "the fields are whole")
            #expect(decoded.payload.isEmpty && decoded.payloadLength == 12)
            #expect(decode(packet, as: .ipv4, captured: count, wire: count).stop == truncated(.ip, needed: 24, available: count, .frameLength))
        }
    }

    @Test(arguments: 0..<5) func `a header length below 20 is malformed`(_ words: Int) {
        let decoded = decode(ipv4(17, udp(), headerLength: words * 4))
        #expect(decoded.stop == malformed(.ip, .headerLength, UInt32(words * 4)))
        #expect(decoded.ipv4?.protocol == .udp, "the fields as they stand")
        #expect(decoded.payload.isEmpty && decoded.payloadLength == 0 && decoded.transport == .none)
    }

    @Test(arguments: [(0, 1), (0, 19), (40, 20), (40, 59)]) func `a total length below the header's is malformed`(_ options: Int, _ total: Int) {
        let decoded = decode(ipv4(17, udp(), options: [UInt8](repeating: 1, count: options), totalLength: total))
        #expect(decoded.stop == malformed(.ip, .totalLength, UInt32(total)))
        #expect(decoded.ipv4?.totalLength == UInt16(total))
        #expect(decoded.payload.isEmpty && decoded.payloadLength == 0 && decoded.transport == .none)
    }

    @Test func `the total length ends the payload`() {
        let frame = ipv4(6, tcp([1, 2, 3])) + trailer
        let decoded = decode(frame)
        #expect(decoded.payload(of: frame) == [1, 2, 3])
        #expect(decoded.payloadLength == 3 && decoded.remark == nil)
    }

    @Test func `beyond the frame, the frame's original length counts, and it is told`() {
        let frame = ipv4(6, tcp([1, 2, 3]), totalLength: 1500)
        let decoded = decode(frame, wire: frame.count + 7)
        #expect(decoded.payload(of: frame) == [1, 2, 3])
        #expect(decoded.payloadLength == 10)
        #expect(decoded.remark == .lengthBeyondFrame && decoded.stop == nil)
        let datagram = decode(ipv4(17, udp([1, 2, 3], length: 1480), totalLength: 1500))
        #expect(datagram.payloadLength == 3)
        #expect(datagram.remark == .lengthBeyondFrame && datagram.stop == nil, "the UDP length agrees with the IP length")
    }

    @Test func `0 is segmentation offload: the frame's length serves`() {
        let frame = ipv4(6, tcp([1, 2, 3]), totalLength: 0)
        let decoded = decode(frame, wire: frame.count + 7)
        #expect(decoded.payload(of: frame) == [1, 2, 3])
        #expect(decoded.payloadLength == 10)
        #expect(decoded.remark == .lengthZero && decoded.stop == nil)
    }

    @Test func `an original length below the captured one does not count`() {
        #expect(decode(ipv4(6, tcp([1, 2, 3])), wire: 5).payloadLength == 3)
    }

    @Test func `the first fragment has its headers, and carries what it carries`() {
        let frame = ipv4(17, udp([1, 2, 3], length: 3000), flagsAndOffset: 0x2000)
        let decoded = decode(frame)
        #expect(decoded.isFragment && decoded.ipv4?.moreFragments == true)
        #expect(decoded.udp?.length == 3000 && decoded.udp?.destinationPort == 6428)
        #expect(decoded.payloadLength == 3 && decoded.stop == nil)
    }

    /// RFC 1858 §3: a tiny first fragment ends within the TCP header.
    @Test func `a header that goes on in the next fragment is truncated, not malformed`() {
        let decoded = decode(ipv4(6, Array(tcp(options: [1, 1, 1, 1]).prefix(22)), flagsAndOffset: 0x2000))
        #expect(decoded.stop == truncated(.tcp, needed: 24, available: 22, .ipv4TotalLength))
    }

    @Test(arguments: [0x0001, 0x2001, 0x1fff, 0x20b9]) func `a later fragment is the middle of something`(_ flagsAndOffset: Int) {
        let frame = ipv4(6, tcp([1, 2, 3]), flagsAndOffset: flagsAndOffset)
        let decoded = decode(frame)
        #expect(decoded.isFragment && decoded.ipv4?.fragmentOffset == (flagsAndOffset & 0x1fff) * 8)
        #expect(decoded.transport == .none && decoded.endpoints == nil && decoded.stop == nil)
        #expect(decoded.payload(of: frame) == tcp([1, 2, 3]))
    }

    /// RFC 791 §3.1: a loose source route by 192.0.2.9, pointer 4: all its hops are to come.
    @Test func `under source routing the destination is what the header says`() {
        let decoded = decode(ipv4(17, udp(), options: [131, 7, 4, 192, 0, 2, 9, 0]))
        #expect(decoded.destination == IPAddress(ipv4: server4))
        #expect(decoded.endpoints?.destination == Endpoint(IPAddress(ipv4: server4), 6428))
    }
}
