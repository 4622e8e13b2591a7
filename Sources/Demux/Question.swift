import Wire

/// A SYN, or a datagram, to a port of which nothing is known: what would answer it?
public struct Question: Equatable, Sendable {
    private let source: Endpoint
    private let destination: Endpoint
    private let transport: IPProtocol
    private let sequence: SequenceNumber
    /// The number after the SYN and what data it carries.
    private let end: SequenceNumber

    /// `nil` for a packet that asks nothing.
    public init?(_ packet: borrowing Packet) {
        guard let ends = packet.endpoints else { return nil }
        (source, destination) = ends
        switch packet.transport {
        case .tcp(let header):
            transport = .tcp
            sequence = header.sequence
            end = header.sequence + 1 + packet.payloadLength
        case .udp, .udpLite:
            transport = packet.fourTuple.transport
            sequence = SequenceNumber(0)
            end = sequence
        case .none, .icmp, .sctp, .dccp, .igmp, .gre:
            return nil
        }
    }

    /// What a later packet says to the question; `nil` for one that has nothing to do with it.
    ///
    /// - Parameters:
    ///   - bytes: those of the later packet's frame.
    ///   - number: its frame's number.
    public func answer(_ packet: borrowing Packet, _ bytes: Span<UInt8>, number: UInt64) -> Foresight? {
        switch packet.transport {
        case .tcp(let header):
            guard transport == .tcp, let ends = packet.endpoints, ends.source == destination, ends.destination == source
            else { return nil }
            return answer(header, number)
        case .udp, .udpLite:
            // Whoever it writes to, a datagram from there shows that a socket is bound there.
            guard transport == packet.fourTuple.transport, let ends = packet.endpoints, ends.source == destination else { return nil }
            return .accepted
        case .icmp(let header):
            guard header.saysLost, let inner = packet.quoted(in: bytes), let ends = inner.endpoints,
                ends.source == source, ends.destination == destination, inner.fourTuple.transport == transport
            else { return nil }
            // Any other error says that the packet did not arrive, and nothing of who would have got it.
            return header.saysPortUnreachable ? .refused(frame: number) : .unanswered
        case .none, .sctp, .dccp, .igmp, .gre:
            return nil
        }
    }

    private func answer(_ header: TCPHeader, _ number: UInt64) -> Foresight? {
        let flags = header.flags
        if flags.contains(.rst) {
            // RFC 9293 §3.10.7.3: in SYN-SENT a RST counts if its ACK acknowledges the SYN.
            return flags.contains(.ack) && isAcknowledged(header) ? .refused(frame: number) : nil
        }
        guard flags.contains(.syn) else {
            // Only an old connection's socket, in TIME_WAIT or still alive, answers a SYN with an ACK of its own number
            // (RFC 9293 §3.10.7.4); what comes after that answers another SYN.
            return flags.contains(.ack) && !isAcknowledged(header) ? .unanswered : nil
        }
        if !flags.contains(.ack) { return .crossed }
        return isAcknowledged(header) ? .accepted : nil
    }

    private func isAcknowledged(_ header: TCPHeader) -> Bool {
        header.acknowledgment.isAfter(sequence, upTo: end)
    }
}
