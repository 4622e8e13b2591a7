import Demux
import Wire

/// One JSON object a frame, on a line of its own. A value stands at the path of Wireshark's display filter name.
public struct JSONRenderer: ~Copyable {
    let verifiesChecksums: Bool
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
        frame(packet, bytes, number, time, commentary, &json, &out)
        headers(packet, bytes, fate.whole, delivery, &json, &out)
        if let stop = packet.stop { self.stop(stop, &json, &out) }
        demux(fate.whole?.packet ?? packet, fate, delivery, table, &json, &out)
        out.append("}\n")
    }
}

// MARK: Headers

extension JSONRenderer {
    private func frame(
        _ packet: Packet, _ bytes: Span<UInt8>, _ number: UInt64, _ time: Timestamp?, _ commentary: FrameCommentary?,
        _ json: inout JSONWriter,
        _ out: inout OutputBuffer
    ) {
        json.object("frame", &out) { json, out in
            json.field("number", number, &out)
            if let far = commentary?.farTime {
                json.field("time_epoch", JSONRenderer.epoch(far.seconds, far.nanoseconds), &out)
            } else if let time {
                json.field("time_epoch", JSONRenderer.epoch(time), &out)
            }
            json.field("len", packet.originalLength, &out)
            json.field("cap_len", packet.capturedLength, &out)
            if let commentary { JSONRenderer.commentary(commentary, &json, &out) }
            json.field("protocols", JSONRenderer.layers(packet, bytes), &out)
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
        return (time.nanoseconds < 0 ? "-" : "") + epoch(Int64(clamping: seconds), fraction)
    }

    /// - Parameter fraction: in nanoseconds, counted forward also where the seconds are negative.
    private static func epoch(_ seconds: Int64, _ fraction: UInt64) -> String {
        if seconds < 0, fraction > 0 { return "-" + epoch(-(seconds + 1), 1_000_000_000 - fraction) }
        let digits = String(fraction)
        return "\(seconds)." + String(repeating: "0", count: 9 - digits.count) + digits
    }

    /// All headers in their order, the payload, and what is inside of a tunnel.
    func headers(
        _ packet: Packet, _ bytes: Span<UInt8>, _ whole: ReassembledDatagram?, _ delivery: Delivery,
        _ json: inout JSONWriter, _ out: inout OutputBuffer
    ) {
        link(packet, bytes, &json, &out)
        internet(packet, bytes, whole, &json, &out)
        transport(packet, bytes, delivery, &json, &out)
        payload(packet, bytes, &json, &out)
        guard let inner = packet.tunnelled(in: bytes) else { return }
        json.object("inner", &out) { json, out in
            headers(inner, bytes, nil, Delivery(), &json, &out)
            if let stop = inner.stop { self.stop(stop, &json, &out) }
        }
    }

    func payload(_ packet: Packet, _ bytes: Span<UInt8>, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        // A quote is the beginning of a packet: its headers are shown, and how much of the rest came along means nothing.
        guard packet.payloadLength > 0, !packet.marks.contains(.quote) else { return }
        let captured = packet.payload.clamped(to: bytes.count)
        let end = min(captured.upperBound, captured.lowerBound + JSONRenderer.longestPreview)
        let text = String(repairing: bytes.extracting(captured.lowerBound..<end))
        json.object("payload", &out) { json, out in
            json.field("len", packet.payloadLength, &out)
            json.field("preview", text, &out)
        }
    }

    func stop(_ stop: Stop, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
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
        _ packet: Packet, _ fate: FragmentFate, _ delivery: Delivery, _ table: borrowing SocketTable, _ json: inout JSONWriter,
        _ out: inout OutputBuffer
    ) {
        let sender = delivery.sender.map { table.socket($0) }
        let receiver = delivery.receiver.map { table.socket($0) }
        let candidates = explains ? table.candidates(packet, delivery).shown : []
        let several = table.remarks.receivers
        // Of a group that shares a port one gets it, and only its four-tuple says which.
        let isOneOfSeveral = delivery.rule == .reusePortGroup && several.count > 1
        json.object("demux", &out) { json, out in
            JSONRenderer.socket("sender", sender, delivery.sender.flatMap { table.host($0) }, &json, &out)
            JSONRenderer.socket("receiver", isOneOfSeveral ? nil : receiver, delivery.receiver.flatMap { table.host($0) }, &json, &out)
            if delivery.rule == .groupDelivery || isOneOfSeveral, let first = delivery.receiver {
                json.key("receivers", &out)
                json.array(&out) { json, out in
                    for reference in several.isEmpty ? [first] : several {
                        json.object(&out) { json, out in
                            JSONRenderer.fields(of: table.socket(reference), table.host(reference), &json, &out)
                        }
                    }
                }
            }
            json.field("rule", delivery.rule.word, &out)
            json.field("evidence", delivery.evidence.word, &out)
            if let word = fate.word { json.field("fragment", word, &out) }
            if explains { JSONRenderer.candidates(candidates, &json, &out) }
            if delivery.replyTo != 0 { json.field("reply_to", delivery.replyTo, &out) }
            if delivery.corrects != 0 { json.field("corrects", delivery.corrects, &out) }
            if table.remarks.isTooLate { json.field("too_late", true, &out) }
            if table.remarks.isUntold { json.field("untold", true, &out) }
            if table.remarks.isQueueFull { json.field("queue_full", true, &out) }
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

    static func socket(
        _ key: StaticString, _ socket: Socket?, _ host: HostRecord?, _ json: inout JSONWriter, _ out: inout OutputBuffer
    ) {
        guard let socket else {
            json.null(key, &out)
            return
        }
        json.object(key, &out) { json, out in fields(of: socket, host, &json, &out) }
    }

    /// - Parameter host: what the kernel says of it; `nil` where it was not asked.
    static func fields(of socket: Socket, _ host: HostRecord?, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.field("id", socket.name.description, &out)
        json.field("kind", socket.name.kind.word, &out)
        json.field("local", (host?.socket.local ?? socket.local).description, &out)
        if let remote = host?.socket.remote ?? socket.remote {
            json.field("remote", remote.description, &out)
        } else {
            json.null("remote", &out)
        }
        json.field("state", socket.state.word, &out)
        if let maker = socket.madeBy { json.field("made_by", maker.description, &out) }
        if let peer = socket.peer { json.field("peer", peer.description, &out) }
        guard let host else { return }
        json.field("inode", host.socket.inode, &out)
        // A number of 64 bits, which the numbers of many readers of JSON do not hold.
        json.field("cookie", String(host.socket.cookie), &out)
        if host.socket.kind == .listener {
            json.field("waiting", host.socket.receiveQueue, &out)
            json.field("backlog", host.socket.sendQueue, &out)
        }
        if host.ownership != .unknown { HostJSONRenderer.owners(host.holders, &json, &out) }
    }

    /// A socket as an object of its own, for the table at the end.
    public func render(_ socket: Socket, _ host: HostRecord? = nil, into out: inout OutputBuffer) {
        out.append(UInt8(ascii: "{"))
        var json = JSONWriter()
        JSONRenderer.socket("socket", socket, host, &json, &out)
        out.append("}\n")
    }
}
