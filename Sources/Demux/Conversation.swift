import Wire

/// Two ends that talk: one four-tuple over one protocol, and what its packets so far tell of both.
struct Conversation: Sendable {
    var key: ConversationKey
    var id: UInt64
    var stream: UInt32
    var phase: Phase
    /// Whether the slot holds a conversation, or waits to be used again.
    var isInUse = true
    /// The end that sent the SYN: 0 or 1.
    var initiator: UInt8 = 0
    /// The listener that the SYN went to; -1 for none or unknown.
    var listener: Int32 = -1
    /// The frame of the SYN.
    var openingFrame: UInt64 = 0
    /// The frame seen last: what is evicted first has the lowest.
    var lastFrame: UInt64 = 0
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
    }

    /// One end: its socket, and where its sequence numbers are.
    struct End: Sendable {
        /// The socket's slot; -1 for none or unknown.
        var socket: Int32 = -1
        /// The name's number of that socket: a datagram socket's slot may have been given to another since.
        var socketNumber: UInt32 = 0
        /// What relative sequence numbers count from.
        var base = SequenceNumber(0)
        /// The sequence number after the last byte that this end sent.
        var next = SequenceNumber(0)
        /// The sequence number after the FIN.
        var finEnd = SequenceNumber(0)
        var baseOrigin: BaseOrigin = .none
        var sentFIN = false
        var finAcknowledged = false
        /// It had the other's FIN when it sent its own.
        var closedPassively = false

        enum BaseOrigin: UInt8, Sendable {
            case none
            /// Chosen so that the first byte seen is number 1.
            case guessed
            /// The initial sequence number of a SYN.
            case syn
        }
    }
}
