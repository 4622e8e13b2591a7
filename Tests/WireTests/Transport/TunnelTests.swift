import Testing
import Wire

@Suite struct `Tunnels` {
    private let segment = tcp([1, 2, 3])

    @Test(arguments: versions, versions) func `IP in IP`(_ outer: IPAddress.Version, _ inner: IPAddress.Version) throws {
        let frame = ip(outer, inner == .four ? 4 : 41, ip(inner, 6, segment)) + trailer
        let packet = decode(frame)
        #expect(packet.stop == nil && packet.transport == .none && packet.marks.contains(.tunnel) && packet.depth == 0)
        #expect(packet.source?.version == outer && packet.endpoints == nil, "the outer one stays in its place")
        let read = try #require(packet.inner(in: frame))
        #expect(read.source?.version == inner && read.tcp?.destinationPort == 1234 && read.depth == 1 && read.stop == nil)
        #expect(read.payload(of: frame) == [1, 2, 3] && read.inner(in: frame) == nil)
    }

    /// Flags: checksum, key, sequence number.
    @Test(arguments: [(0, 4), (0x8000, 8), (0x2000, 8), (0x1000, 8), (0xb000, 16)]) func `GRE`(_ flags: Int, _ length: Int) throws {
        let optional: [UInt8] = Array([[0xbe, 0xef, 0, 0], be32(77), be32(5)].enumerated().filter { flags & [0x8000, 0x2000, 0x1000][$0.offset] != 0 }.flatMap(\.element))
        let header = be16(flags) + be16(0x0800) + optional
        #expect(header.count == length)
        let frame = ipv4(47, header + ipv4(6, segment)) + trailer
        let packet = decode(frame)
        let gre = try #require(packet.gre)
        #expect(packet.stop == nil && gre.length == length && gre.type == .ipv4 && gre.version == 0)
        #expect(gre.checksum(in: frame.span) == (flags & 0x8000 != 0 ? 0xbeef : nil))
        #expect(gre.key(in: frame.span) == (flags & 0x2000 != 0 ? 77 : nil) && gre.sequence(in: frame.span) == (flags & 0x1000 != 0 ? 5 : nil))
        #expect(try #require(packet.inner(in: frame)).tcp?.sourcePort == 9157)
        #expect(Int(packet.payload.start) == 20 + length)
        for count in 0..<length {
            let cut = decode(frame, captured: 20 + count)
            #expect(cut.stop == truncated(.gre, needed: count < 4 ? 4 : length, available: count, .captured))
            #expect(cut.inner(in: frame.prefix(20 + count)) == nil)
        }
    }

    @Test func `GRE with Ethernet, PPP and IPv6 inside`() throws {
        let bridged = ipv4(47, [0x20, 0] + be16(0x6558) + be32(9 << 8) + ethernet(0x8100, [0, 5, 8, 0] + ipv4(6, segment)))
        let inner = try #require(decode(bridged).inner(in: bridged))
        #expect(inner.tcp != nil && inner.tags(in: bridged).map(\.identifier) == [5] && inner.linkOffset == 28)
        let pptp = ipv4(47, [0x30, 0x01] + be16(0x880b) + be32(7) + be32(1) + [0xff, 3, 0, 0x21] + ipv4(6, segment))
        #expect(try #require(decode(pptp).inner(in: pptp)).tcp != nil)
        let acknowledgment = ipv4(47, [0x20, 0x81] + be16(0x880b) + be32(7) + be32(1))
        #expect(decode(acknowledgment).stop == nil && decode(acknowledgment).inner(in: acknowledgment) == nil)
        let six = ipv4(47, [0, 0] + be16(0x86dd) + ipv6(6, segment))
        #expect(try #require(decode(six).inner(in: six)).source == client6)
        let arp = ipv4(47, [0, 0] + be16(0x6558) + ethernet(0x0806, [0, 1, 8, 0, 6, 4, 0, 1] + [UInt8](repeating: 1, count: 20)))
        #expect(try #require(decode(arp).inner(in: arp)).arpPacket(in: arp)?.opcode == .request)
    }

    @Test(arguments: [(0x88be, "EtherType 0x88be (ERSPAN)"), (0x8847, "EtherType 0x8847 (MPLS)"), (0, "EtherType 0x0000")])
    func `what else GRE carries is named`(_ type: Int, _ detail: String) {
        let frame = ipv4(47, [0, 0] + be16(type) + [1, 2])
        #expect(decode(frame).stop == unsupported(.gre, .etherType, UInt32(type)) && decode(frame).stop?.detail == detail)
        #expect(decode(frame).inner(in: frame) == nil && decode(frame).payload(of: frame) == [1, 2])
    }

    @Test(arguments: [0x4000, 0x0800, 0x0002, 0x0001]) func `flags that change the header are not guessed at`(_ flags: Int) {
        let frame = ipv4(47, be16(flags) + be16(0x0800) + ipv4(6, segment))
        #expect(decode(frame).stop == unsupported(.gre, .greFlags, UInt32(flags)) && decode(frame).inner(in: frame) == nil)
    }

    @Test func `the checksum of GRE is over all of it`() {
        func status(_ sum: UInt16) -> ChecksumStatus {
            let frame = ipv4(47, [0x80, 0, 0x12, 0x34] + be16(Int(sum)) + [0, 0, 1, 2])
            return decode(frame).transportChecksumStatus(frame.span)
        }
        // 0x8000 + 0x1234 + 0x0102.
        #expect(status(~0x9336) == .good)
        #expect(status(0x9336) == .bad)
    }

    @Test func `VXLAN`() throws {
        let header: [UInt8] = [0x08, 0, 0, 0] + be32(42 << 8)
        func frame(_ start: [UInt8], port: Int = 4789) -> [UInt8] {
            let payload = start + ethernet(0x0800, ipv4(6, segment))
            return ipv4(17, be16(9157) + be16(port) + be16(8 + payload.count) + be16(0) + payload)
        }
        let whole = frame(header)
        let packet = decode(whole)
        #expect(packet.udp != nil && packet.endpoints?.destination.port == 4789, "a datagram like any other")
        #expect(packet.vxlan(in: whole.span)?.network == 42 && packet.payloadLength == 8 + 14 + 43)
        let inner = try #require(packet.inner(in: whole))
        #expect(inner.tcp?.destinationPort == 1234 && inner.stop == nil && inner.linkOffset == 36)
        // Another port, and a header without the flag that says that the number is valid.
        #expect(decode(frame(header, port: 4790)).inner(in: frame(header, port: 4790)) == nil)
        #expect(decode(frame([0] + header.dropFirst())).inner(in: frame([0] + header.dropFirst())) == nil)
        for count in 28..<whole.count {
            let cut = decode(whole, captured: count)
            #expect((cut.inner(in: whole.prefix(count)) != nil) == (count >= 36))
            if count >= 36, count < 50 {
                #expect(cut.inner(in: whole.prefix(count))?.stop == truncated(.eth, needed: 14, available: count - 36, .captured))
            }
        }
    }

    @Test func `four deep, and no further`() throws {
        var packet = ipv4(6, segment)
        for _ in 0..<4 { packet = ipv4(4, packet) }
        var read = decode(packet)
        for depth in 1...4 {
            read = try #require(read.inner(in: packet))
            #expect(read.depth == depth)
        }
        #expect(read.tcp != nil && read.stop == nil)
        let deeper = ipv4(4, packet)
        read = decode(deeper)
        for _ in 1...4 { read = try #require(read.inner(in: deeper)) }
        #expect(read.stop == unsupported(.ip, .tunnels, 5) && read.inner(in: deeper) == nil)
        #expect(read.stop?.detail == "a tunnel within 4 tunnels")
        #expect(read.payload.isEmpty == false)
    }

    /// A datagram to VXLAN's port need not be VXLAN: cut before its header it is not said what there is one of too many.
    @Test func `a fifth tunnel that may be one`() throws {
        var datagram = udp([8, 0, 0, 0, 0, 0, 7, 0] + Array(repeating: 0, count: 20))
        datagram.replaceSubrange(2..<4, with: be16(4789))
        var packet = ipv4(17, datagram)
        for _ in 0..<4 { packet = ipv4(4, packet) }
        for (captured, stop) in [
            (packet.count, unsupported(.vxlan, .tunnels, 5)), (packet.count - 28, truncated(.vxlan, needed: 8, available: 0, .captured)),
        ] {
            let bytes = Array(packet.prefix(captured))
            var read = decode(packet, captured: captured)
            for _ in 1...4 { read = try #require(read.inner(in: bytes)) }
            #expect(read.stop == stop)
        }
    }

    @Test func `what is quoted, and a fragment's beginning`() throws {
        let tunnel = ipv4(4, ipv4(17, udp(Array(1...40))))
        let error = ipv4(1, [11, 0, 0, 0, 0, 0, 0, 0] + tunnel.prefix(48))
        let quote = try #require(decode(error).quote(in: error))
        let inner = try #require(quote.inner(in: error))
        #expect(inner.udp?.destinationPort == 6428 && inner.stop == nil, "a quote is a beginning by design")
        let first = ipv4(4, ipv4(17, udp(Array(1...40))).dropLast(16) + [], flagsAndOffset: 0x2000)
        #expect(try #require(decode(first).inner(in: first)).remark == .lengthBeyondFrame)
        let later = ipv4(4, [1, 2, 3, 4, 5, 6, 7, 8], flagsAndOffset: 1)
        #expect(decode(later).inner(in: later) == nil)
    }

    @Test func `an inner length that contradicts the outer one`() throws {
        let frame = ipv4(4, ipv4(6, segment, totalLength: 19)) + trailer
        #expect(try #require(decode(frame).inner(in: frame)).stop == malformed(.ip, .totalLength, 19))
        let short = ipv4(4, Array(ipv4(6, segment).prefix(10))) + trailer
        #expect(try #require(decode(short).inner(in: short)).stop == truncated(.ip, needed: 20, available: 10, .tunnel))
    }
}
