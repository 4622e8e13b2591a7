import Testing
import Wire

@Suite struct `Null and loop headers` {
    private func packet(_ family: [UInt8], _ version: IPAddress.Version) -> [UInt8] { family + ip(version, 17, udp()) }

    /// LINKTYPE_NULL: 2 is IPv4 everywhere, 24 (NetBSD, OpenBSD), 28 (FreeBSD) and 30 (Darwin) are IPv6.
    @Test(arguments: [(2, 4), (24, 6), (28, 6), (30, 6)])
    func `a family in each byte order`(_ family: UInt32, _ number: UInt8) throws {
        let version = try #require(IPAddress.Version(rawValue: number))
        for (linkType, bytes) in [
            (LinkType.null, be32(family)), (.null, be32(family.byteSwapped)), (.loop, be32(family)),
        ] {
            let packet = decode(packet(bytes, version), as: linkType)
            guard case .null(let header) = packet.link else { throw Unexpected() }
            #expect(header.family == family)
            #expect(header.version == version)
            #expect(packet.source?.version == version)
            #expect(packet.udp != nil && packet.stop == nil)
            #expect(packet.internetOffset == 4)
        }
    }

    @Test func `an unknown family is unsupported`() {
        for (linkType, layer, bytes, family) in [
            (LinkType.null, Stop.Layer.null, be32(7), 7),
            (.null, .null, be32(UInt32(7).byteSwapped), 7),
            (.null, .null, be32(0), 0),
            // Linux' number of IPv6 is none here.
            (.null, .null, be32(10), 10),
            (.loop, .loop, be32(7), 7),
            // LINKTYPE_LOOP has one byte order alone: this is no 2.
            (.loop, .loop, be32(UInt32(2).byteSwapped), 0x0200_0000),
        ] as [(LinkType, Stop.Layer, [UInt8], UInt32)] {
            let frame = packet(bytes, .four)
            let packet = decode(frame, as: linkType)
            #expect(packet.stop == unsupported(layer, .addressFamily, family))
            #expect(packet.stop?.detail == "address family \(family)")
            #expect(packet.payload(of: frame) == Array(frame.dropFirst(4)))
        }
    }

    @Test func `cut at every length`() {
        expectTruncated(packet(be32(2), .four), as: .null, .null, needed: 4)
        expectTruncated(packet(be32(2), .four), as: .loop, .loop, needed: 4)
    }
}
