import Wire

/// Whether something on the wire still waits for an answer: bytes, a SYN or a FIN that are not acknowledged.
///
/// An end that has nothing to send acknowledges some 40 ms later (delayed ACK, RFC 9293 §3.8.6.3). The director waits for that,
/// so that a scene has the same frames each time.
struct WireWatch {
    private struct Way: Hashable {
        let from: Endpoint
        let to: Endpoint
    }

    /// By direction, the sequence number behind the last byte sent that is not acknowledged.
    private var awaited: [Way: SequenceNumber] = [:]
    private var packet = Packet()

    var isOutstanding: Bool { !awaited.isEmpty }

    mutating func see(_ bytes: [UInt8], _ linkType: LinkType) {
        packet.decode(bytes.span, linkType: linkType, originalLength: bytes.count)
        guard case .tcp(let header) = packet.transport, let ends = packet.endpoints else { return }
        let way = Way(from: ends.source, to: ends.destination)
        let back = Way(from: ends.destination, to: ends.source)
        if header.flags.contains(.rst) {
            awaited[way] = nil
            awaited[back] = nil
            return
        }
        if header.flags.contains(.ack), let sent = awaited[back], sent.precedesOrEquals(header.acknowledgment) { awaited[back] = nil }
        var length = packet.payloadLength
        if header.flags.contains(.syn) { length += 1 }
        if header.flags.contains(.fin) { length += 1 }
        if length > 0 { awaited[way] = header.sequence + length }
    }

    /// What was not answered in time will not be.
    mutating func forget() { awaited.removeAll(keepingCapacity: true) }
}
