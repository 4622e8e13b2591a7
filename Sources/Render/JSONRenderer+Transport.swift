import Demux
import Wire

// The transport layer, each field at its path of Wireshark.

extension JSONRenderer {
    func transport(
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
            json.object("udp", &out) { json, out in JSONRenderer.udp(header, isLite: false, stream, status, &json, &out) }
        case .icmp(let header):
            let message = packet.icmpMessage(in: bytes)
            json.key(header.version == .four ? "icmp" : "icmpv6", &out)
            json.object(&out) { json, out in
                json.field("type", header.type, &out)
                json.field("code", header.code, &out)
                json.field("checksum", header.checksum, &out)
                json.field("checksum_status", status.rawValue, &out)
                if header.version == .four {
                    JSONRenderer.icmp(message, &json, &out)
                } else {
                    JSONRenderer.icmpv6(message, &json, &out)
                }
                if let inner = packet.quoted(in: bytes) { quoted(inner, bytes, delivery, &json, &out) }
            }
        case .udpLite(let header):
            json.object("udp", &out) { json, out in JSONRenderer.udp(header, isLite: true, stream, status, &json, &out) }
        case .sctp(let header): json.object("sctp", &out) { json, out in JSONRenderer.sctp(header, status, &json, &out) }
        case .dccp(let header): json.object("dccp", &out) { json, out in JSONRenderer.dccp(header, &json, &out) }
        case .igmp(let header):
            let group = header.groupAddress ?? header.firstGroup(in: bytes, end: packet.payload.end)
            json.object("igmp", &out) { json, out in JSONRenderer.igmp(header, group, status, &json, &out) }
        case .gre(let header): json.object("gre", &out) { json, out in JSONRenderer.gre(header, bytes, status, &json, &out) }
        }
        if let network = packet.vxlan(in: bytes) {
            json.object("vxlan", &out) { json, out in
                json.field("flags", network.flags, &out)
                json.field("vni", network.network, &out)
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
        if whole >= 20 { json.field("urgent_pointer", header.urgentPointer, &out) }
        if whole >= 16, knowsLength(header, packet) { json.field("len", packet.payloadLength, &out) }
        guard whole >= 20 else { return }
        json.object("options", &out) { json, out in
            // An option that stands twice, which no host sends, would be a key twice: the first counts.
            var seen: Set<String> = []
            for option in TCPOption.all(of: header, in: bytes) {
                guard let key = JSONRenderer.key(of: option), seen.insert("\(key)").inserted else { continue }
                JSONRenderer.option(option, key, &json, &out)
            }
        }
    }

    /// Whether the segment's length is known: of a fragment's only this part's is, and where the header's length
    /// contradicts the packet's neither counts. A cut header of a packet longer than its frame, or of a quote, may do so,
    /// too. And of a quote, which is a beginning, only the IP header says how long it was.
    private static func knowsLength(_ header: TCPHeader, _ packet: Packet) -> Bool {
        let isQuote = packet.marks.contains(.quote)
        if packet.isFragment || isQuote && packet.remark == .lengthZero { return false }
        switch packet.stop?.reason {
        case .malformed: return false
        case .truncated(_, _, let bound):
            // Of a whole header it would show that its length contradicts the packet's; of a cut one it must be looked at.
            let fits = Int(header.offset) + Int(header.headerLength) <= packet.internetEnd ?? 0
            return bound == .captured && packet.remark != .lengthBeyondFrame && !isQuote && fits
                && Int(header.headerLength) >= TCPHeader.minimumLength
        case .unsupported, nil: return true
        }
    }

    private static func key(of option: TCPOption) -> StaticString? {
        switch option {
        case .maximumSegmentSize: "mss_val"
        case .windowScale: "wscale"
        case .sackPermitted: "sack_perm"
        case .sack: "sack"
        case .timestamps: "timestamp"
        case .fastOpen: "tfo"
        case .md5Signature: "md5"
        case .authentication: "ao"
        case .userTimeout: "user_to_val"
        case .multipath: "mptcp"
        case .malformed: "malformed"
        case .endOfList, .noOperation, .other: nil
        }
    }

    private static func option(
        _ option: TCPOption, _ key: StaticString, _ json: inout JSONWriter, _ out: inout OutputBuffer
    ) {
        switch option {
        case .maximumSegmentSize(let value): json.field(key, value, &out)
        case .sackPermitted, .md5Signature: json.field(key, true, &out)
        case .userTimeout(let value, let isMinutes):
            json.field(key, value, &out)
            json.field("user_to_granularity", isMinutes, &out)
        case .sack(let blocks):
            json.key(key, &out)
            json.array(&out) { json, out in
                for block in blocks {
                    json.array(&out) { json, out in
                        json.number(block.left, &out)
                        json.number(block.right, &out)
                    }
                }
            }
        case .windowScale(let shift): json.object(key, &out) { json, out in json.field("shift", shift, &out) }
        case .timestamps(let value, let echoReply): numbers(key, [("tsval", value), ("tsecr", echoReply)], &json, &out)
        case .fastOpen(let length): numbers(key, [("cookie_len", UInt32(length))], &json, &out)
        case .authentication(let keyID, let next): numbers(key, [("keyid", UInt32(keyID)), ("rnextkeyid", UInt32(next))], &json, &out)
        case .multipath(let subtype, _): numbers(key, [("subtype", UInt32(subtype))], &json, &out)
        case .malformed(let kind, let length): numbers(key, [("kind", UInt32(kind)), ("len", UInt32(length))], &json, &out)
        case .endOfList, .noOperation, .other: break
        }
    }

    private static func numbers(
        _ key: StaticString, _ numbers: [(StaticString, UInt32)], _ json: inout JSONWriter, _ out: inout OutputBuffer
    ) {
        json.object(key, &out) { json, out in
            for (key, number) in numbers { json.field(key, number, &out) }
        }
    }

    private static func udp(
        _ header: UDPHeader, isLite: Bool, _ stream: UInt32?, _ status: ChecksumStatus, _ json: inout JSONWriter,
        _ out: inout OutputBuffer
    ) {
        json.field("srcport", header.sourcePort, &out)
        json.field("dstport", header.destinationPort, &out)
        if let stream { json.field("stream", stream, &out) }
        if header.wholeBytes >= 6 { json.field(isLite ? "checksum_coverage" : "length", header.length, &out) }
        if header.wholeBytes >= 8 {
            json.field("checksum", header.checksum, &out)
            json.field("checksum_status", status.rawValue, &out)
        }
    }

    private func quoted(
        _ inner: Packet, _ bytes: Span<UInt8>, _ delivery: Delivery, _ json: inout JSONWriter, _ out: inout OutputBuffer
    ) {
        json.object("quoted", &out) { json, out in
            internet(inner, bytes, nil, &json, &out)
            transport(inner, bytes, delivery, &json, &out)
            if let deeper = inner.tunnelled(in: bytes) {
                json.object("inner", &out) { json, out in
                    headers(deeper, bytes, nil, Delivery(), &json, &out)
                    if let stop = deeper.stop { self.stop(stop, &json, &out) }
                }
            }
            if let stop = inner.stop { self.stop(stop, &json, &out) }
        }
    }
}
