import Demux
import Wire

extension LineRenderer {
    /// What of a frame is delivered: its packet, or the datagram that it completes.
    func delivered(_ packet: Packet) -> Packet {
        packet.isFragment ? fate.whole?.packet ?? packet : packet
    }

    /// Where a fragment belongs, and what becomes of it.
    func renderFragmentPlace(_ packet: Packet, into out: inout OutputBuffer) {
        if let place = packet.fragmentPlace {
            out.append(" (bytes \(place.offset) to \(place.end)\(place.more ? ", more" : ", the last"))")
        }
        switch fate {
        case .none, .completes: break
        case .waits: out.append("  waits")
        case .duplicate: out.append("  a copy of what waits")
        case .overlaps: out.append("  overlaps: its datagram is discarded")
        case .discarded: out.append("  discarded with its datagram")
        case .unfit: out.append("  fits no datagram: discarded")
        }
    }

    /// The datagram that a fragment completes, behind the fragment itself.
    mutating func renderWhole(
        _ whole: ReassembledDatagram, _ delivery: Delivery, lineStart: Int, into out: inout OutputBuffer
    ) {
        out.append("  completes ")
        out.append(LineRenderer.list(whole.frames))
        out.append(": ")
        var packet = whole.packet
        let bytes = whole.bytes
        var plain = delivery
        // What it answers and corrects stands there already.
        plain.replyTo = 0
        plain.corrects = 0
        renderSegment(&packet, bytes.span, &plain, lineStart: lineStart, into: &out)
    }

    /// `1, 2, 3`; of many the first.
    private static func list(_ frames: [UInt64]) -> String {
        if frames.count <= 4 { return frames.map(String.init).joined(separator: ", ") }
        return "\(frames[0]), \(frames[1]), \(frames[2]) and \(frames.count - 3) more"
    }

    /// Under `-v`, the datagram's own headers.
    func renderWholeDetails(_ whole: ReassembledDatagram, into out: inout OutputBuffer) {
        line("datagram", "\(whole.frames.count) fragments, \(whole.payloadLength) B, from frames \(LineRenderer.list(whole.frames))", into: &out)
        let bytes = whole.bytes
        renderHeaders(whole.packet, bytes.span, hasInternet: false, into: &out)
    }
}
