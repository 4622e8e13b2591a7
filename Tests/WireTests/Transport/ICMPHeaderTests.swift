import Testing
import Wire

private func number(_ version: IPAddress.Version) -> UInt8 { version == .four ? 1 : 58 }
private func layer(_ version: IPAddress.Version) -> Stop.Layer { version == .four ? .icmp : .icmpv6 }

/// A port unreachable (RFC 792; RFC 4443 §3.1) about `quote`.
private func portUnreachable(_ version: IPAddress.Version, _ quote: [UInt8]) -> [UInt8] {
    (version == .four ? [3, 3] : [1, 4]) + [0xbe, 0xef, 0, 0, 0, 0] + quote
}

@Suite struct `ICMP headers` {
    @Test(arguments: versions) func parse(_ version: IPAddress.Version) throws {
        let message: [UInt8] = [
            version == .four ? 8 : 128,  // type: echo request
            0,  // code
            0xbe, 0xef,  // checksum
            0x12, 0x34, 0, 1,  // identifier, sequence number
            1, 2, 3,  // data
        ]
        let frame = ip(version, number(version), message)
        let decoded = decode(frame)
        let header = try #require(decoded.icmp)
        #expect(header.version == version)
        #expect(Int(header.offset) == ipHeaderLength(version))
        #expect(header.type == message[0] && header.code == 0 && header.checksum == 0xbeef)
        #expect(!header.quotes && !header.saysPortUnreachable)
        #expect(decoded.payload(of: frame) == [1, 2, 3])
        #expect(decoded.quote(in: frame) == nil)
        #expect(decoded.endpoints == nil && decoded.stop == nil)
    }

    @Test(arguments: versions, Cut.allCases) func `cut at every length`(_ version: IPAddress.Version, _ cut: Cut) {
        let message = portUnreachable(version, ip(version, 17, udp()))
        for count in cut.counts(version, below: 8) {
            let (frame, decoded) = cut.packet(version, number(version), message, to: count)
            #expect(decoded.stop == truncated(layer(version), needed: 8, available: count, cut.bound(version)))
            #expect(decoded.icmp?.type == (count < 4 ? nil : message[0]))
            #expect(decoded.icmp?.checksum == (count < 4 ? nil : 0xbeef))
            #expect(decoded.icmp == nil || decoded.payload.isEmpty)
            #expect(decoded.quote(in: frame) == nil)
        }
    }

    @Test(arguments: [
        (.four, 3, 3, true, true, "ICMP port unreachable"),
        (.four, 3, 1, true, false, "ICMP host unreachable"),
        (.four, 3, 4, true, false, "ICMP fragmentation needed"),
        (.four, 3, 99, true, false, "ICMP unreachable, code 99"),
        (.four, 4, 0, true, false, "ICMP source quench"),
        (.four, 5, 1, true, false, "ICMP redirect, code 1"),
        (.four, 11, 0, true, false, "ICMP time exceeded"),
        (.four, 12, 0, true, false, "ICMP parameter problem"),
        (.four, 0, 0, false, false, "ICMP echo reply"),
        (.four, 142, 7, false, false, "ICMP type 142 code 7"),
        (.six, 1, 4, true, true, "ICMPv6 port unreachable"),
        (.six, 1, 0, true, false, "ICMPv6 no route"),
        (.six, 2, 0, true, false, "ICMPv6 packet too big"),
        (.six, 3, 0, true, false, "ICMPv6 time exceeded"),
        (.six, 4, 0, true, false, "ICMPv6 parameter problem"),
        (.six, 129, 0, false, false, "ICMPv6 echo reply"),
        (.six, 135, 0, false, false, "ICMPv6 neighbor solicitation"),
        (.six, 200, 3, false, false, "ICMPv6 type 200 code 3"),
    ] as [(IPAddress.Version, UInt8, UInt8, Bool, Bool, String)])
    func `types and codes`(
        _ version: IPAddress.Version, _ type: UInt8, _ code: UInt8, _ quotes: Bool, _ port: Bool, _ text: String
    ) throws {
        let frame = ip(version, number(version), [type, code, 0, 0, 0, 0, 0, 0] + ip(version, 17, udp()))
        let decoded = decode(frame)
        let header = try #require(decoded.icmp)
        #expect(header.quotes == quotes && header.saysPortUnreachable == port)
        #expect(header.description == text)
        #expect((decoded.quote(in: frame) != nil) == quotes)
    }
}

@Suite struct `ICMP quotes` {
    /// RFC 792 asks for the IP header and eight bytes, RFC 1812 and RFC 4443 for as much as fits.
    @Test(arguments: versions, [UInt8(6), 17]) func `cut at every length`(_ version: IPAddress.Version, _ transport: UInt8) throws {
        let message = transport == 6 ? tcp([1, 2, 3], options: [1, 1, 1, 1]) : udp([1, 2, 3])
        let whole = ip(version, transport, message)
        let header = ipHeaderLength(version)
        let start = header + 8
        for count in 1...whole.count {
            // A trailer follows, which is no part of the message.
            let frame = ip(version, number(version), portUnreachable(version, Array(whole.prefix(count)))) + trailer
            let inner = try #require(decode(frame).quote(in: frame))
            let present = count - header
            #expect(inner.stop == stop(version, transport, present: present, .quote))
            #expect((inner.endpoints?.source.port == 9157) == (present >= 4))
            #expect(inner.internet == .none || inner.source == decode(whole).source)
            #expect(inner.payload.isEmpty || inner.payload.end <= start + count, "not beyond the quote")
            #expect(inner.tcp.map { $0.options.isEmpty || $0.options.end <= start + count } ?? true)
            if inner.stop == nil { #expect(inner.payloadLength == 3, "by the word of the quoted packet") }

            // The same cut by the capture, not by who quoted.
            let long = ip(version, number(version), portUnreachable(version, whole))
            let cut = try #require(decode(long, captured: start + count).quote(in: long.prefix(start + count)))
            #expect(cut.stop == stop(version, transport, present: present, count < whole.count ? .captured : .quote))
            #expect(cut.fourTuple == inner.fourTuple)
        }
    }

    private func stop(_ version: IPAddress.Version, _ transport: UInt8, present: Int, _ bound: Stop.Bound) -> Stop? {
        let header = ipHeaderLength(version)
        if present < 0 { return truncated(version == .four ? .ip : .ipv6, needed: header, available: header + present, bound) }
        if transport == 17 { return present < 8 ? truncated(.udp, needed: 8, available: present, bound) : nil }
        return present < 24 ? truncated(.tcp, needed: present < 20 ? 20 : 24, available: present, bound) : nil
    }

    @Test(arguments: versions) func `no quote`(_ version: IPAddress.Version) {
        let frame = ip(version, number(version), portUnreachable(version, [])) + trailer
        #expect(decode(frame).stop == nil)
        #expect(decode(frame).quote(in: frame) == nil)
    }

    @Test func `a quoted length ends the quote earlier`() throws {
        let frame = ipv4(1, portUnreachable(.four, ipv4(17, udp([1, 2, 3])) + trailer))
        let inner = try #require(decode(frame).quote(in: frame))
        #expect(inner.payload(of: frame) == [1, 2, 3] && inner.stop == nil)
    }

    /// Some systems quote a total length of 0 or in the wrong byte order; the ports are there all the same.
    @Test(arguments: [0, 0x1f00]) func `a wrong length in a quote`(_ total: Int) throws {
        let frame = ipv4(1, portUnreachable(.four, ipv4(17, udp([1, 2, 3]), totalLength: total).dropLast(3))) + trailer
        let inner = try #require(decode(frame).quote(in: frame))
        #expect(inner.endpoints?.destination.port == 6428)
        #expect(inner.stop == nil && inner.payload.isEmpty)
    }

    @Test func `quoted nonsense is malformed, of the quote alone`() throws {
        let frame = ipv4(1, portUnreachable(.four, [0x60] + ipv4(17, udp()).dropFirst()))
        #expect(decode(frame).stop == nil)
        #expect(try #require(decode(frame).quote(in: frame)).stop == malformed(.ip, .version, 6))
    }

    /// How long the quote is the message says, not the capture: what contradicts itself does so where it is cut, too.
    @Test func `a cut quote ends where the whole one does`() throws {
        // 25 bytes of TCP, of which the header says that it has 36; what follows is none of it.
        let quote = ipv4(6, tcp(options: [UInt8](repeating: 1, count: 5), dataOffset: 36)) + trailer
        let frame = ipv4(1, portUnreachable(.four, quote))
        for captured in 20 + 8 + 20 + 20...frame.count {
            let inner = try #require(decode(frame, captured: captured).quote(in: frame.prefix(captured)))
            #expect(inner.stop == malformed(.tcp, .dataOffset, 36))
        }
    }

    /// RFC 1122 §3.2.2: no ICMP error is sent about an ICMP error, so that a quote in a quote is nobody's.
    @Test(arguments: versions) func `a quote in a quote is not followed`(_ version: IPAddress.Version) throws {
        let error = ip(version, number(version), portUnreachable(version, ip(version, 17, udp())))
        let frame = ip(version, number(version), portUnreachable(version, error))
        let inner = try #require(decode(frame).quote(in: frame))
        #expect(inner.icmp?.saysPortUnreachable == true)
        #expect(inner.endpoints == nil && inner.stop == nil)
    }
}
