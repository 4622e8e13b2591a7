import Demux
import Hostile
import Render
import Wire

/// One frame of any link type: link type, length on the wire and where it is cut, then its bytes.
enum DecoderTarget {
    static func run(_ input: [UInt8]) throws(Finding) {
        var data = FuzzData(input)
        let linkType = linkType(&data)
        let extra = Int(data.byte())
        let place = Int(data.uint16())
        let frame = data.rest()
        // Most frames are whole; some were longer; and of some the file says that they were shorter.
        let wire = extra < 128 ? frame.count : extra < 240 ? frame.count + (extra - 128) * 16 : max(0, frame.count - extra + 240)

        let packet = try decode(frame, linkType, wire)
        try expectWithin(packet, frame.span)
        let cut = Array(frame.prefix(place % (frame.count + 1)))
        // One that is longer than its file says is as long as it was captured.
        let cutPacket = try decode(cut, linkType, max(wire, frame.count))
        try expectWithin(cutPacket, cut.span)
        let whole = wire >= frame.count ? packet : try decode(frame, linkType, frame.count)
        let contradictions = cutPacket.contradictions(cut.span, whole, frame.span)
        try check(contradictions.isEmpty, "cut to \(cut.count) of \(frame.count) bytes: \(contradictions.joined(separator: "\n"))")
        // Costs more than all the rest.
        if place & 0x6000 == 0 { try CutJSON.compare(cutPacket, cut.span, whole, frame.span) }
    }

    private static func linkType(_ data: inout FuzzData) -> LinkType {
        let choice = data.byte()
        return LinkType(choice < 0xf0 ? FrameFeed.linkTypes[Int(choice) % FrameFeed.linkTypes.count] : UInt32(data.uint16()))
    }

    /// Decodes over what was there before, and anew.
    private static func decode(_ frame: [UInt8], _ linkType: LinkType, _ wire: Int) throws(Finding) -> Packet {
        var packet = dirty
        packet.decode(frame.span, linkType: linkType, originalLength: wire)
        var fresh = Packet()
        fresh.decode(frame.span, linkType: linkType, originalLength: wire)
        try check(packet == fresh, "something is left of the packet before: \(packet) is not \(fresh)")
        return packet
    }

    /// A packet with everything that a packet can have.
    private static let dirty: Packet = {
        let frame: [UInt8] =
            [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xdd, 0x6f, 0xff, 0xff, 0xff, 0, 200, 44, 64]
            + [UInt8](repeating: 0xfe, count: 32) + [6, 0, 0, 1, 1, 2, 3, 4] + [UInt8](repeating: 0x99, count: 30)
        var packet = Packet()
        packet.decode(frame.span, linkType: .ethernet, originalLength: 80)
        return packet
    }()

    /// What is decoded lies within the frame, also what is decoded on demand.
    private static func expectWithin(_ packet: Packet, _ bytes: Span<UInt8>) throws(Finding) {
        try check(packet.payload.isEmpty || packet.payload.end <= bytes.count, "payload out of bounds: \(packet)")
        try check(packet.payloadLength >= packet.payload.count, "more payload than there is: \(packet)")
        if case .truncated(let needed, let available, _)? = packet.stop?.reason {
            // What a quote's own length grants may be more than the frame that quotes it has.
            let most = packet.marks.contains(.quote) ? 1 << 17 : max(bytes.count, Int(packet.originalLength))
            try check(needed > available && available >= 0 && available <= most, "truncated? \(packet)")
        }
        if case .tcp(let header) = packet.transport {
            try check(header.options.isEmpty || header.options.end <= bytes.count, "options out of bounds: \(packet)")
            _ = TCPOption.all(of: header, in: bytes)
        }
        if let place = packet.fragmentPlace {
            try check(place.offset >= 0 && place.length >= 0 && place.end <= 0xffff * 2, "fragment: \(place)")
        }
        _ = packet.internetChecksumStatus(bytes)
        _ = packet.transportChecksumStatus(bytes)
        _ = (packet.linkHeaders(in: bytes), packet.arp(in: bytes), packet.vxlan(in: bytes))
        _ = (packet.ipv4Options(in: bytes).map(\.description), packet.ipv6Extensions(in: bytes).map(\.description))
        _ = packet.icmpMessage(in: bytes).brief
        for inner in [packet.quoted(in: bytes), packet.tunnelled(in: bytes)].compactMap(\.self) {
            try check(inner.depth <= Packet.deepestTunnel, "\(inner.depth) tunnels deep: \(inner)")
            try expectWithin(inner, bytes)
        }
    }
}

/// A frame as a JSON line, whole and cut.
enum CutJSON {
    private static let table = SocketTable()

    static func compare(_ cut: Packet, _ cutBytes: Span<UInt8>, _ whole: Packet, _ wholeBytes: Span<UInt8>) throws(Finding) {
        let one = try line(cut, cutBytes)
        let other = try line(whole, wholeBytes)
        if let contradiction = one.contradiction(of: other) { throw Finding("cut to \(cutBytes.count) of \(wholeBytes.count) bytes: \(contradiction)\n\(one.text)\n\(other.text)") }
    }

    private static func line(_ packet: Packet, _ bytes: Span<UInt8>) throws(Finding) -> JSONLine {
        var out = OutputBuffer(capacity: 1 << 12)
        let renderer = JSONRenderer(verifiesChecksums: true, explains: false)
        renderer.render(packet, bytes, number: 1, time: Timestamp(nanoseconds: 0), Delivery(), table, into: &out)
        var text: [UInt8] = []
        out.drain { bytes in
            for index in bytes.indices { text.append(bytes[index]) }
        }
        try check(text.last == UInt8(ascii: "\n"), "no line end")
        let line = JSONLine(text.dropLast())
        if let mistake = line.mistake { throw Finding("JSON: \(mistake)") }
        return line
    }
}
