import Wire

/// Two ends that talk: one four-tuple over one protocol, and what its packets so far tell of both.
///
/// The record alone suffices for a segment of an established connection, so that such a segment touches no socket.
struct Conversation: Sendable {
    var key: ConversationKey
    var id: UInt64
    var stream = StreamNumber()
    var phase: Phase
    /// Whether the slot holds a conversation, or waits to be used again.
    var isInUse = true
    /// The end that sent the SYN: 0 or 1.
    var initiator: UInt8 = 0
    /// The listener that the SYN went to; -1 for none or unknown.
    var listener: Int32 = -1
    /// The frame seen last, modulo 2³²: what is evicted first has not been seen for longest.
    var lastFrame: UInt32 = 0
    /// The frame of the SYN.
    var openingFrame: UInt64 = 0
    /// By direction: the end that sends in direction 0, and the other.
    var ends: InlineArray<2, End> = [End(), End()]

    enum Phase: UInt8, Sendable {
        /// A SYN was seen.
        case opening
        /// A SYN ACK was seen.
        case answered
        /// Data may flow; also what a capture began in the middle of.
        case established
        /// Both sockets have ended; the four-tuple is remembered for stray segments.
        case ended
        case datagrams
        /// Only a first fragment or a quote was seen, which no socket gets. It has its stream number.
        case numbered
    }

    /// One end: its socket, and where its sequence numbers are.
    struct End: Sendable {
        /// The socket's slot; -1 for none or unknown.
        var socket: Int32 = -1
        /// The number in that socket's name: a datagram socket's slot may have been given to another since.
        var socketNumber: UInt32 = 0
        /// What this end's socket sent and the other end's socket got. Counted here, and added to both sockets' own
        /// counts where those are read.
        var sent = Traffic()
        /// What relative sequence numbers count from.
        var base = SequenceNumber(0)
        /// The sequence number after the last byte that this end sent.
        var next = SequenceNumber(0)
        /// The sequence number after the FIN.
        var finEnd = SequenceNumber(0)
        var baseOrigin: BaseOrigin = .none
        /// Whether the capture shows the socket: it is not only presumed.
        var isShown = false
        var fin = FIN.none
        /// It had the other's FIN when it sent its own.
        var closedPassively = false

        var sentFIN: Bool { fin != .none }
        var finAcknowledged: Bool { fin == .acknowledged }

        enum FIN: UInt8, Sendable {
            case none, sent, acknowledged
        }

        enum BaseOrigin: UInt8, Sendable {
            case none
            /// Chosen so that the first byte seen is number 1.
            case guessed
            /// The initial sequence number of a SYN.
            case syn
        }
    }
}

extension Conversation {
    /// Follows the sequence numbers of a segment's direction and says where the segment stands in them.
    @inline(__always)
    mutating func place(_ segment: Segment, _ slot: Int, _ delivery: inout Delivery) {
        lastFrame = UInt32(truncatingIfNeeded: segment.number)
        delivery.slot = Int32(truncatingIfNeeded: slot)
        delivery.direction = segment.direction
        delivery.conversationID = id
        delivery.stream = segment.isNumbered ? stream.number : Delivery.noStream
        guard segment.hasFlags else { return }
        let own = segment.own
        if ends[own].baseOrigin == .none {
            ends[own].base = SequenceNumber(segment.sequence.rawValue &- 1)
            ends[own].baseOrigin = .guessed
            ends[own].next = segment.end
        } else if ends[own].next.precedes(segment.end) {
            ends[own].next = segment.end
        }
        delivery.relativeSequence = segment.sequence - ends[own].base
        guard segment.flags.contains(.ack) else { return }
        let other = segment.other
        if ends[other].baseOrigin == .none {
            ends[other].base = SequenceNumber(segment.acknowledgment.rawValue &- 1)
            ends[other].baseOrigin = .guessed
            ends[other].next = segment.acknowledgment
        }
        delivery.relativeAcknowledgment = segment.acknowledgment - ends[other].base
    }

    /// Whether a segment's sequence number is the one that its end began with.
    func hasBase(_ segment: Segment) -> Bool {
        ends[segment.own].baseOrigin != .none && ends[segment.own].base == segment.sequence
    }

    /// Whether a SYN is one of this conversation: sent again, or crossing the other end's. Another sequence number begins
    /// a new conversation.
    func hasSYN(_ segment: Segment) -> Bool {
        phase != .ended && (hasBase(segment) || isCrossing(segment) && ends[segment.own].baseOrigin != .syn)
    }

    /// Whether a SYN comes from the end that did not send the first.
    func isCrossing(_ segment: Segment) -> Bool {
        phase == .opening && initiator != segment.direction && !segment.isToItself
    }

    /// What a segment of an established connection changes beyond the record, seldom enough to be looked at elsewhere.
    struct Consequences: OptionSet {
        let rawValue: UInt8

        /// Its sender was only presumed to be there.
        static var showsSender: Consequences { Consequences(rawValue: 1) }
        /// The other end has sent its FIN.
        static var mayAcknowledgeFIN: Consequences { Consequences(rawValue: 2) }
        static var mayNumberStream: Consequences { Consequences(rawValue: 4) }
    }

    /// Enters a segment of an established connection. All in one call: each look into a record that stands in an array
    /// would copy it whole.
    @inline(__always)
    mutating func advance(_ segment: Segment, _ slot: Int, _ delivery: inout Delivery) -> Consequences {
        var consequences: Consequences = stream.isSettled ? [] : .mayNumberStream
        place(segment, slot, &delivery)
        if !ends[segment.own].isShown {
            ends[segment.own].isShown = true
            consequences.insert(.showsSender)
        }
        transfer(segment, &delivery)
        if ends[segment.other].fin != .none { consequences.insert(.mayAcknowledgeFIN) }
        return consequences
    }

    /// Hands a segment from one end's connected socket to the other's.
    @inline(__always)
    private mutating func transfer(_ segment: Segment, _ delivery: inout Delivery) {
        let own = segment.own
        let other = segment.other
        ends[own].sent.count(segment.payloadLength)
        delivery.sender = SocketReference(
            slot: ends[own].socket, name: SocketName(.connected, ends[own].socketNumber))
        delivery.receiver = SocketReference(
            slot: ends[other].socket, name: SocketName(.connected, ends[other].socketNumber))
        delivery.rule = .fourTuple
        delivery.evidence = ends[other].isShown ? .capture : .presumed
    }

    /// Whether it is this very socket that stands at one of the ends.
    func names(_ socket: Socket, at slot: Int32) -> Bool {
        guard isInUse, phase != .datagrams else { return false }
        for end in 0...1 where ends[end].socket == slot && ends[end].socketNumber == socket.name.number { return true }
        return false
    }

    @inline(__always)
    var isFinished: Bool { ends[0].finAcknowledged && (ends[1].finAcknowledged || key.isToItself) }

    /// Whether an acknowledgment from one end is one of the other's SYN, and of what data went with it.
    ///
    /// RFC 9293 §3.10.7.3: ISS < SEG.ACK =< SND.NXT.
    func isSYNAcknowledged(by segment: Segment) -> Bool {
        let asked = ends[segment.other]
        return segment.acknowledgment.isAfter(asked.base, upTo: asked.next)
    }

    /// Whether a segment may be the first after the SYNs: one that acknowledges nothing of the other end's is left over
    /// from another connection (RFC 9293 §3.5, figures 8 and 9).
    ///
    /// How much it may acknowledge is left open: the capture may have missed what was sent.
    func mayComplete(_ segment: Segment) -> Bool {
        guard segment.hasFlags, !segment.isToItself else { return true }
        guard segment.flags.contains(.ack) else { return false }
        let other = ends[segment.other]
        return other.baseOrigin != .syn || other.base.precedes(segment.acknowledgment)
    }
}

extension SequenceNumber {
    /// Whether this number comes after `first`, and before `last` or at it.
    func isAfter(_ first: SequenceNumber, upTo last: SequenceNumber) -> Bool {
        let distance = self - first
        return distance > 0 && distance <= last - first
    }
}
