/// A datagram put together from its fragments, as the IP layer hands it up.
public final class ReassembledDatagram: Sendable {
    /// Decoded as if the datagram had never been divided; with the link-layer header of the frame that completed it.
    public let packet: Packet
    /// What ``packet`` was decoded from: an IP header, and the payload as far as it was captured without a gap.
    public let bytes: [UInt8]
    /// The frames that its fragments came in, in the order of their places.
    public let frames: [UInt64]
    /// How long its payload is, in bytes.
    public let payloadLength: Int

    init(
        header: [UInt8], headerLength: Int, payload: [UInt8], payloadLength: Int, link: Packet.Link, frames: [UInt64]
    ) {
        let bytes = header + payload
        var packet = Packet()
        packet.decode(bytes.span, linkType: .raw, originalLength: headerLength + payloadLength)
        packet.link = link
        packet.remark = .reassembled
        self.packet = packet
        self.bytes = bytes
        self.frames = frames
        self.payloadLength = payloadLength
    }
}

/// What became of a fragment.
public enum FragmentFate: Sendable {
    /// It is no fragment.
    case none
    /// It waits for the others.
    case waits
    /// It was the last that was missing.
    case completes(ReassembledDatagram)
    /// Its bytes wait already. It changes nothing (RFC 5722 §4 as amended by erratum 3089).
    case duplicate
    /// It overlaps another: the whole datagram is discarded, with what is still to come of it (RFC 5722 §4).
    case overlaps
    /// Its datagram was discarded before, for overlapping fragments.
    case discarded
    /// It cannot be a part of its datagram: it carries nothing, or reaches beyond the last fragment or beyond what any
    /// datagram may have.
    case unfit

    /// The word of the JSON lines; `nil` for what is no fragment.
    public var word: String? {
        switch self {
        case .none: nil
        case .waits: "waits"
        case .completes: "completes"
        case .duplicate: "duplicate"
        case .overlaps: "overlaps"
        case .discarded: "discarded"
        case .unfit: "unfit"
        }
    }

    public var whole: ReassembledDatagram? {
        if case .completes(let whole) = self { whole } else { nil }
    }
}
