import Testing
import Wire

@Suite struct `Authentication header` {
    private let header: [UInt8] = [
        17,  // next header: UDP
        4,  // length: 6 words of four, minus 2
        0, 0,  // reserved
        0, 0, 1, 0,  // security parameters index
        0, 0, 0, 1,  // sequence number
    ] + [UInt8](repeating: 0xaa, count: 12)  // integrity check value

    @Test(arguments: versions) func `is walked over, in both versions`(_ version: IPAddress.Version) {
        let frame = ip(version, 51, header + udp([1, 2, 3]))
        let decoded = decode(frame)
        #expect(decoded.upperLayer == .udp)
        #expect(decoded.udp?.destinationPort == 6428)
        #expect(decoded.payload(of: frame) == [1, 2, 3])
        #expect(decoded.stop == nil)
        #expect(decoded.ipv4 == nil || decoded.ipv4?.protocol == .authentication, "IPv4's field is what it is")
        let twice = decode(ip(version, 51, [51] + header.dropFirst() + header + udp()))
        #expect(twice.udp != nil && twice.upperLayer == .udp)
    }

    @Test(arguments: versions, Cut.allCases) func `cut at every length`(_ version: IPAddress.Version, _ cut: Cut) {
        let layer: Stop.Layer = version == .four ? .ip : .ipv6
        for count in cut.counts(version, below: header.count) {
            let decoded = cut.packet(version, 51, header + udp(), to: count).packet
            #expect(decoded.stop == truncated(layer, needed: count < 2 ? 12 : 24, available: count, cut.bound(version)))
            let known: IPProtocol = version == .six && count > 0 ? .udp : .authentication
            #expect(decoded.upperLayer == known, "the last next header that is known: over IPv6 its own")
            #expect(decoded.transport == .none)
        }
    }

    /// RFC 4302 §2: the fixed fields alone take three words.
    @Test(arguments: versions) func `shorter than its fixed fields is malformed`(_ version: IPAddress.Version) {
        let decoded = decode(ip(version, 51, [17, 0, 0, 0, 0, 0, 0, 0] + udp()))
        #expect(decoded.stop == malformed(version == .four ? .ip : .ipv6, .extensionLength, 8))
        #expect(decoded.transport == .none && decoded.payload.isEmpty)
    }
}
