import Demux
import Wire

/// One JSON object a frame, on a line of its own. A value stands at the path of Wireshark's display filter name.
public struct JSONRenderer: ~Copyable {
    private let verifiesChecksums: Bool
    private let explains: Bool
    private static let longestPreview = 64

    public init(verifiesChecksums: Bool, explains: Bool) {
        self.verifiesChecksums = verifiesChecksums
        self.explains = explains
    }

    /// - Parameters:
    ///   - time: `nil` where the capture has none for it.
    ///   - commentary: what the capture says of it.
    public func render(
        _ packet: Packet, _ bytes: Span<UInt8>, number: UInt64, time: Timestamp?, _ delivery: Delivery,
        _ table: borrowing SocketTable, _ fate: FragmentFate = .none, commentary: FrameCommentary? = nil,
        into out: inout OutputBuffer
    ) {
        out.append(UInt8(ascii: "{"))
        var json = JSONWriter()
        frame(packet, number, time, commentary, &json, &out)
        link(packet, &json, &out)
        internet(packet, bytes, fate.whole, &json, &out)
        transport(packet, bytes, delivery, &json, &out)
        payload(packet, bytes, &json, &out)
        if let stop = packet.stop { self.stop(stop, &json, &out) }
        demux(fate.whole?.packet ?? packet, delivery, table, &json, &out)
        out.append("}\n")
    }
}

// MARK: Headers

extension JSONRenderer {
    private func frame(
        _ packet: Packet, _ number: UInt64, _ time: Timestamp?, _ commentary: FrameCommentary?, _ json: inout JSONWriter,
        _ out: inout OutputBuffer
    ) {
        json.object("frame", &out) { json, out in
            json.field("number", number, &out)
            if let time { json.field("time_epoch", JSONRenderer.epoch(time), &out) }
            json.field("len", packet.originalLength, &out)
            json.field("cap_len", packet.capturedLength, &out)
            if let commentary { JSONRenderer.commentary(commentary, &json, &out) }
            json.field("protocols", JSONRenderer.layers(packet), &out)
        }
    }

    private static func commentary(_ commentary: FrameCommentary, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        if let index = commentary.interfaceID { json.field("interface_id", index, &out) }
        if let name = commentary.interfaceName { json.field("interface_name", name, &out) }
        guard !commentary.comments.isEmpty else { return }
        // There may be several: an array always, so that a script need not tell two shapes apart.
        json.key("comment", &out)
        json.array(&out) { json, out in
            for comment in commentary.comments { json.string(comment, &out) }
        }
    }

    /// `SECONDS.NANOSECONDS`: a string, since a double holds neither.
    static func epoch(_ time: Timestamp) -> String {
        let (seconds, fraction) = time.nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        let digits = String(fraction)
        return (time.nanoseconds < 0 ? "-" : "") + String(seconds) + "."
            + String(repeating: "0", count: 9 - digits.count) + digits
    }

    /// The layers as they were decoded, outermost first: `eth:ip:tcp`.
    static func layers(_ packet: Packet) -> String {
        var names: [String] = []
        switch packet.link {
        case .none: if packet.source != nil { names.append("raw") }
        case .ethernet: names.append("eth")
        case .null: names.append(packet.linkType == .loop ? "loop" : "null")
        case .cooked: names.append("sll")
        }
        switch packet.internet {
        case .none: break
        case .ipv4: names.append("ip")
        case .ipv6: names.append("ipv6")
        }
        switch packet.transport {
        case .none: break
        case .tcp: names.append("tcp")
        case .udp: names.append("udp")
        case .icmp(let header): names.append(header.version == .four ? "icmp" : "icmpv6")
        }
        return names.joined(separator: ":")
    }

    private func link(_ packet: Packet, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        guard case .ethernet(let header) = packet.link else { return }
        json.object("eth", &out) { json, out in
            json.field("src", header.source.description, &out)
            json.field("dst", header.destination.description, &out)
            json.field("type", header.type.rawValue, &out)
        }
    }

    private func internet(
        _ packet: Packet, _ bytes: Span<UInt8>, _ whole: ReassembledDatagram?, _ json: inout JSONWriter,
        _ out: inout OutputBuffer
    ) {
        switch packet.internet {
        case .none: return
        case .ipv4(let header):
            let status = verifiesChecksums ? packet.internetChecksumStatus(bytes) : .unverified
            json.object("ip", &out) { json, out in
                JSONRenderer.ipv4(header, status, &json, &out)
                if let whole { JSONRenderer.reassembled(whole, &json, &out) }
            }
        case .ipv6(let header):
            json.object("ipv6", &out) { json, out in
                JSONRenderer.ipv6(header, &json, &out)
                if let whole { JSONRenderer.reassembled(whole, &json, &out) }
            }
        }
    }

    /// Of the frame that completes a datagram: the frames that it is from, and how long its payload is.
    private static func reassembled(_ whole: ReassembledDatagram, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.key("fragment", &out)
        json.array(&out) { json, out in
            for frame in whole.frames { json.number(frame, &out) }
        }
        json.object("reassembled", &out) { json, out in json.field("length", whole.payloadLength, &out) }
    }

    private static func ipv4(
        _ header: IPv4Header, _ status: ChecksumStatus, _ json: inout JSONWriter, _ out: inout OutputBuffer
    ) {
        json.field("hdr_len", header.headerLength, &out)
        json.field("dsfield", header.differentiatedServices, &out)
        json.field("len", header.totalLength, &out)
        json.field("id", header.identification, &out)
        json.object("flags", &out) { json, out in
            json.field("df", header.dontFragment, &out)
            json.field("mf", header.moreFragments, &out)
        }
        json.field("frag_offset", header.fragmentOffset, &out)
        json.field("ttl", header.timeToLive, &out)
        json.field("proto", header.protocol.rawValue, &out)
        json.field("checksum", header.checksum, &out)
        json.field("checksum_status", status.rawValue, &out)
        json.field("src", header.sourceAddress.description, &out)
        json.field("dst", header.destinationAddress.description, &out)
    }

    private static func ipv6(_ header: IPv6Header, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.field("tclass", header.trafficClass, &out)
        json.field("flow", header.flowLabel, &out)
        json.field("plen", header.payloadLength, &out)
        json.field("nxt", header.nextHeader.rawValue, &out)
        json.field("proto", header.upperLayer.rawValue, &out)
        json.field("hlim", header.hopLimit, &out)
        json.field("src", header.source.description, &out)
        json.field("dst", header.destination.description, &out)
        if let fragment = header.fragment {
            json.object("fraghdr", &out) { json, out in
                json.field("offset", fragment.offset, &out)
                json.field("more", fragment.more, &out)
                json.field("ident", fragment.identification, &out)
            }
        }
    }

    private func transport(
        _ packet: Packet, _ bytes: Span<UInt8>, _ delivery: Delivery, _ json: inout JSONWriter, _ out: inout OutputBuffer
    ) {
        let status = verifiesChecksums ? packet.transportChecksumStatus(bytes) : .unverified
        let stream = delivery.stream == Delivery.noStream ? nil : delivery.stream
        switch packet.transport {
        case .none: return
        case .tcp(let header):
            json.object("tcp", &out) { json, out in
                JSONRenderer.tcp(header, packet, bytes, stream, status, &json, &out)
            }
        case .udp(let header):
            json.object("udp", &out) { json, out in JSONRenderer.udp(header, stream, status, &json, &out) }
        case .icmp(let header):
            json.key(header.version == .four ? "icmp" : "icmpv6", &out)
            json.object(&out) { json, out in
                json.field("type", header.type, &out)
                json.field("code", header.code, &out)
                json.field("checksum", header.checksum, &out)
                json.field("checksum_status", status.rawValue, &out)
                if let inner = packet.quoted(in: bytes) { quoted(inner, bytes, delivery, &json, &out) }
            }
        }
    }

    /// A cut header has the fields that are whole, and no others.
    private static func tcp(
        _ header: TCPHeader, _ packet: Packet, _ bytes: Span<UInt8>, _ stream: UInt32?, _ status: ChecksumStatus,
        _ json: inout JSONWriter, _ out: inout OutputBuffer
    ) {
        let whole = header.wholeBytes
        json.field("srcport", header.sourcePort, &out)
        json.field("dstport", header.destinationPort, &out)
        if let stream { json.field("stream", stream, &out) }
        if whole >= 8 { json.field("seq_raw", header.sequence.rawValue, &out) }
        if whole >= 12 { json.field("ack_raw", header.acknowledgment.rawValue, &out) }
        if header.hasFlags {
            json.field("hdr_len", header.headerLength, &out)
            json.field("flags", header.flags.rawValue, &out)
        }
        if whole >= 16 { json.field("window_size_value", header.window, &out) }
        if whole >= 18 {
            json.field("checksum", header.checksum, &out)
            json.field("checksum_status", status.rawValue, &out)
        }
        guard whole >= 20 else { return }
        json.field("urgent_pointer", header.urgentPointer, &out)
        json.field("len", packet.payloadLength, &out)
        json.object("options", &out) { json, out in
            // An option that stands twice, which no host sends, would be a key twice: the first counts.
            var seen: Set<UInt8> = []
            for option in TCPOption.all(in: header.options, of: bytes) where seen.insert(option.kind).inserted {
                JSONRenderer.option(option, &json, &out)
            }
        }
    }

    private static func option(_ option: TCPOption, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        switch option {
        case .maximumSegmentSize(let value): json.field("mss_val", value, &out)
        case .windowScale(let shift):
            json.object("wscale", &out) { json, out in json.field("shift", shift, &out) }
        case .sackPermitted: json.field("sack_perm", true, &out)
        case .sack(let blocks):
            json.key("sack", &out)
            json.array(&out) { json, out in
                for block in blocks {
                    json.array(&out) { json, out in
                        json.number(block.left, &out)
                        json.number(block.right, &out)
                    }
                }
            }
        case .timestamps(let value, let echoReply):
            json.object("timestamp", &out) { json, out in
                json.field("tsval", value, &out)
                json.field("tsecr", echoReply, &out)
            }
        case .endOfList, .noOperation, .other, .malformed: break
        }
    }

    private static func udp(
        _ header: UDPHeader, _ stream: UInt32?, _ status: ChecksumStatus, _ json: inout JSONWriter,
        _ out: inout OutputBuffer
    ) {
        json.field("srcport", header.sourcePort, &out)
        json.field("dstport", header.destinationPort, &out)
        if let stream { json.field("stream", stream, &out) }
        if header.wholeBytes >= 6 { json.field("length", header.length, &out) }
        if header.wholeBytes >= 8 {
            json.field("checksum", header.checksum, &out)
            json.field("checksum_status", status.rawValue, &out)
        }
    }

    private func quoted(_ inner: Packet, _ bytes: Span<UInt8>, _ delivery: Delivery, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.object("quoted", &out) { json, out in
            internet(inner, bytes, nil, &json, &out)
            transport(inner, bytes, delivery, &json, &out)
            if let stop = inner.stop { self.stop(stop, &json, &out) }
        }
    }

    private func payload(_ packet: Packet, _ bytes: Span<UInt8>, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        guard packet.payloadLength > 0 else { return }
        let captured = packet.payload.clamped(to: bytes.count)
        let end = min(captured.upperBound, captured.lowerBound + JSONRenderer.longestPreview)
        let text = String(repairing: bytes.extracting(captured.lowerBound..<end))
        json.object("payload", &out) { json, out in
            json.field("len", packet.payloadLength, &out)
            json.field("preview", text, &out)
        }
    }

    private func stop(_ stop: Stop, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.object("stopped", &out) { json, out in
            json.field("layer", stop.layer.rawValue, &out)
            json.field("reason", stop.kind, &out)
            json.field("detail", stop.detail, &out)
        }
    }
}

extension String {
    /// Bytes as UTF-8; what is none becomes U+FFFD, so that a JSON string is always valid.
    fileprivate init(repairing bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

// MARK: Demultiplexing

extension JSONRenderer {
    private func demux(
        _ packet: Packet, _ delivery: Delivery, _ table: borrowing SocketTable, _ json: inout JSONWriter,
        _ out: inout OutputBuffer
    ) {
        let sender = delivery.sender.map { table.socket($0) }
        let receiver = delivery.receiver.map { table.socket($0) }
        let candidates = explains ? table.candidates(packet, delivery).shown : []
        json.object("demux", &out) { json, out in
            JSONRenderer.socket("sender", sender, &json, &out)
            JSONRenderer.socket("receiver", receiver, &json, &out)
            if delivery.rule == .groupDelivery, let receiver {
                json.key("receivers", &out)
                json.array(&out) { json, out in
                    json.object(&out) { json, out in JSONRenderer.fields(of: receiver, &json, &out) }
                }
            }
            json.field("rule", delivery.rule.word, &out)
            json.field("evidence", delivery.evidence.word, &out)
            if explains { JSONRenderer.candidates(candidates, &json, &out) }
            if delivery.replyTo != 0 { json.field("reply_to", delivery.replyTo, &out) }
            if delivery.corrects != 0 { json.field("corrects", delivery.corrects, &out) }
        }
    }

    private static func candidates(_ candidates: [Candidate], _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.key("candidates", &out)
        json.array(&out) { json, out in
            for candidate in candidates {
                json.object(&out) { json, out in
                    json.field("socket", candidate.socket.name.description, &out)
                    json.field("from", candidate.acceptsSource, &out)
                    json.field("to", candidate.acceptsDestination, &out)
                    if let why = candidate.why { json.field("why", why.rawValue, &out) }
                }
            }
        }
    }

    static func socket(_ key: StaticString, _ socket: Socket?, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        guard let socket else {
            json.null(key, &out)
            return
        }
        json.object(key, &out) { json, out in fields(of: socket, &json, &out) }
    }

    static func fields(of socket: Socket, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.field("id", socket.name.description, &out)
        json.field("kind", socket.name.kind.word, &out)
        json.field("local", socket.local.description, &out)
        if let remote = socket.remote {
            json.field("remote", remote.description, &out)
        } else {
            json.null("remote", &out)
        }
        json.field("state", socket.state.word, &out)
        if let maker = socket.madeBy { json.field("made_by", maker.description, &out) }
        if let peer = socket.peer { json.field("peer", peer.description, &out) }
    }

    /// A socket as an object of its own, for the table at the end.
    public func render(_ socket: Socket, into out: inout OutputBuffer) {
        out.append(UInt8(ascii: "{"))
        var json = JSONWriter()
        JSONRenderer.socket("socket", socket, &json, &out)
        out.append("}\n")
    }
}
