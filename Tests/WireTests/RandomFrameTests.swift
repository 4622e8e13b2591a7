import Testing
import Wire

/// Frames that no tool would send: whatever they are, decoding ends, and what it says lies within the frame.
@Suite struct `Random frames` {
    private static let linkTypes = [0, 1, 12, 14, 101, 108, 113, 228, 229, 276, 147].map { LinkType(UInt32($0)) }

    @Test func `decode never traps, and never leaves the captured bytes`() {
        var generator = SeededGenerator(seed: 20_000)
        var reused = Packet()
        var seen: Set<String> = []
        for round in 0..<20_000 {
            var linkType = Self.linkTypes[round % Self.linkTypes.count]
            var frame = round % 5 == 0 ? generator.bytes(Int.random(in: 0...200, using: &generator)) : valid(linkType, &generator)
            if round % 3 == 0, let kind = Kind.all.randomElement(using: &generator) { (linkType, frame) = (kind.linkType, kind.frame) }
            for _ in 0..<Int.random(in: 0...4, using: &generator) where !frame.isEmpty {
                frame[Int.random(in: frame.indices, using: &generator)] = generator.bytes(1)[0]
            }
            for count in round % 100 == 1 ? Array(0...frame.count) : [frame.count] {
                let bytes = Array(frame.prefix(count))
                let wire = [count, frame.count, Int.random(in: 0...400, using: &generator)].randomElement(using: &generator) ?? count
                reused.decode(bytes.span, linkType: linkType, originalLength: wire)
                #expect(reused == decode(bytes, as: linkType, wire: wire), "nothing stays of the frame before")
                expectWithin(reused, bytes)
                if let inner = reused.quoted(in: bytes.span) { expectWithin(inner, bytes) }
                var packet = reused
                while let inner = packet.tunnelled(in: bytes.span) {
                    expectWithin(inner, bytes)
                    packet = inner
                }
                #expect(packet.depth <= Packet.deepestTunnel)
                seen.insert(reused.stop.map { $0.layer.rawValue + " " + $0.kind } ?? "whole")
            }
        }
        #expect(
            seen.isSuperset(of: [
                "whole", "eth truncated", "null truncated", "loop truncated", "sll truncated", "raw truncated", "ip truncated", "ipv6 truncated",
                "tcp truncated", "udp truncated", "icmp truncated", "icmpv6 truncated", "raw malformed", "ip malformed", "ipv6 malformed",
                "tcp malformed", "udp malformed", "frame unsupported", "eth unsupported", "sll unsupported", "null unsupported", "ip unsupported",
                "ipv6 unsupported", "vlan truncated", "vlan unsupported", "llc truncated", "llc unsupported", "pppoes truncated", "ppp truncated",
                "ppp unsupported", "chdlc truncated", "arp truncated", "arp malformed", "udplite malformed", "sctp truncated", "dccp malformed",
                "igmp truncated", "gre unsupported", "gre truncated",
            ]), "the sweep reaches every reason: \(seen.sorted())")
    }

    private func expectWithin(_ packet: Packet, _ bytes: [UInt8]) {
        #expect(packet.payload.isEmpty || packet.payload.end <= bytes.count)
        #expect(packet.payloadLength >= packet.payload.count)
        if case .truncated(let needed, let available, _)? = packet.stop?.reason {
            #expect(needed > available && available >= 0 && available <= max(bytes.count, Int(packet.originalLength)))
        }
        if let header = packet.tcp {
            #expect(header.options.isEmpty || header.options.end <= bytes.count)
            _ = TCPOption.all(of: header, in: bytes.span).map(\.description)
        }
        _ = packet.internetChecksumStatus(bytes.span)
        _ = packet.transportChecksumStatus(bytes.span)
        _ = packet.linkHeaders(in: bytes.span)
        _ = (packet.arp(in: bytes.span)?.description, packet.ipv4Options(in: bytes.span).map(\.description), packet.ipv6Extensions(in: bytes.span).map(\.description))
        _ = (packet.icmpMessage(in: bytes.span).brief, packet.igmp?.firstGroup(in: bytes.span, end: packet.payload.end), packet.igmp?.description, packet.vxlan(in: bytes.span))
        _ = (packet.gre?.checksum(in: bytes.span), packet.gre?.key(in: bytes.span), packet.gre?.sequence(in: bytes.span))
        _ = (packet.stop?.description, packet.icmp?.description, packet.tcp?.flags.description)
    }

    /// A frame of `linkType` that is right before it is mutated.
    private func valid(_ linkType: LinkType, _ generator: inout SeededGenerator) -> [UInt8] {
        let version: IPAddress.Version = linkType == .ipv4 ? .four : linkType == .ipv6 ? .six : versions.randomElement(using: &generator) ?? .four
        let packet = valid(version, quoting: true, &generator)
        let type = be16(version == .four ? 0x0800 : 0x86dd)
        return switch linkType {
        case .ethernet: generator.bytes(12) + type + packet
        case .null: be32(version == .four ? 2 : 30).reversed() + packet
        case .loop: be32(version == .four ? 2 : 24) + packet
        case .linuxCooked: [0, 0, 0, 1, 0, 6] + generator.bytes(8) + type + packet
        case .linuxCooked2: type + [0, 0] + generator.bytes(16) + packet
        default: packet
        }
    }

    private func valid(_ version: IPAddress.Version, quoting: Bool, _ generator: inout SeededGenerator) -> [UInt8] {
        let payload = generator.bytes(Int.random(in: 0...40, using: &generator))
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: return ip(version, 17, udp(payload))
        case 1 where quoting:
            let quote = valid(version, quoting: false, &generator)
            let type: UInt8 = version == .four ? 3 : 1
            return ip(version, version == .four ? 1 : 58, [type, 3, 0, 0, 0, 0, 0, 0] + quote.prefix(Int.random(in: 0...quote.count, using: &generator)))
        case 2 where version == .six: return ip(version, 0, [43, 0, 1, 4, 0, 0, 0, 0, 44, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 1, 0, 0, 0, 1] + tcp(payload))
        case 3: return ip(version, 51, [6, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] + tcp(payload))
        case 4 where version == .four: return ipv4(6, tcp(payload), options: [131, 7, 4, 192, 0, 2, 9, 0])
        default: return ip(version, 6, tcp(payload, options: [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7]))
        }
    }
}
