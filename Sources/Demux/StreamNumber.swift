import Wire

/// A conversation's number as Wireshark gives it (`tcp.stream`, `udp.stream`), and what decides when the next one begins.
///
/// It goes by what stands in the packets, and by nothing else: not by what becomes of the sockets. So it is kept beside
/// their states, and one does not touch the other.
struct StreamNumber: Sendable {
    /// Stands for no number.
    static let none = UInt32.max

    var number = StreamNumber.none
    /// What each direction's sequence numbers count from: the number of its SYN, or the one before the first byte that
    /// was sent or acknowledged.
    private var first = SequenceNumber(0)
    private var second = SequenceNumber(0)
    /// Which of the two are known, a bit each.
    private var known: UInt8 = 0

    /// Nothing but a SYN can change it any more.
    @inline(__always) var isSettled: Bool { known == 3 }

    private func base(_ direction: Int) -> SequenceNumber? {
        known >> UInt8(direction) & 1 == 0 ? nil : direction == 0 ? first : second
    }

    private mutating func setBase(_ base: SequenceNumber, _ direction: Int) {
        if direction == 0 { first = base } else { second = base }
        known |= 1 << UInt8(direction)
    }

    /// Whether a segment begins a new conversation on an old four-tuple: a SYN with another sequence number.
    func isEnded(by segment: Segment) -> Bool {
        guard segment.flags.contains(.syn), !segment.flags.contains(.ack), let base = base(segment.own) else { return false }
        return base != segment.sequence
    }

    /// Begins with this number.
    mutating func begin(_ number: UInt32) {
        self = StreamNumber()
        self.number = number
    }

    /// Takes both directions' bases from a segment, where they are not known; a SYN ACK's number replaces its own.
    mutating func follow(_ segment: Segment) {
        let isSYN = segment.flags.contains(.syn)
        if base(segment.own) == nil || isSYN {
            setBase(isSYN ? segment.sequence : SequenceNumber(segment.sequence.rawValue &- 1), segment.own)
        }
        if segment.flags.contains(.ack), base(segment.other) == nil {
            setBase(SequenceNumber(segment.acknowledgment.rawValue &- 1), segment.other)
        }
    }
}

extension SocketTable {
    /// Gives a segment's conversation its stream number, and a new one where it begins anew.
    @inline(never)
    mutating func followStream(_ segment: Segment, _ slot: Int, _ delivery: inout Delivery) {
        guard segment.isNumbered else { return }
        if conversations[slot].stream.number == StreamNumber.none || conversations[slot].stream.isEnded(by: segment) {
            conversations[slot].stream.begin(streams.tcp)
            streams.tcp &+= 1
        }
        if segment.setsBase { conversations[slot].stream.follow(segment) }
        delivery.stream = conversations[slot].stream.number
    }

    @inline(never)
    mutating func numberStream(ofDatagrams slot: Int) {
        // Wireshark has one conversation for UDP and UDP-Lite between the same ends, whose sockets differ (RFC 3828 §3).
        let key = conversations[slot].key
        if key.transport == .udpLite { streams.hasLite = true }
        if streams.hasLite {
            let twin = key.over(key.transport == .udp ? .udpLite : .udp)
            let other = index.find(twin.hash(hasher)) { conversations[Int($0)].key == twin }
            if other >= 0, conversations[Int(other)].stream.number != StreamNumber.none {
                conversations[slot].stream.begin(conversations[Int(other)].stream.number)
                return
            }
        }
        conversations[slot].stream.begin(streams.udp)
        streams.udp &+= 1
    }

    /// Numbers what an IP packet in an IP packet carries (RFC 2003, RFC 4213): it is for whoever takes it out, and not
    /// for a socket yet. What other tunnels carry has no numbers.
    @inline(never)
    mutating func numberInside(_ packet: Packet, _ bytes: Span<UInt8>, _ number: UInt64) {
        guard packet.upperLayer == .ipv4 || packet.upperLayer == .ipv6, var inner = packet.tunnelled(in: bytes) else { return }
        var unused = Delivery()
        _ = enterNumbered(&inner, number, &unused)
        numberInside(inner, bytes, number)
    }

    /// Numbers what a first fragment has of its datagram's headers, which stands for the datagram: also what it quotes, or
    /// carries.
    ///
    /// - Returns: the packet's direction.
    @inline(never)
    mutating func enterFragment(_ packet: inout Packet, _ bytes: Span<UInt8>, _ number: UInt64, _ delivery: inout Delivery) -> UInt8 {
        if case .icmp(let header) = packet.transport, var inner = packet.quoted(in: bytes), inner.endpoints != nil {
            var quoted = Delivery()
            _ = enterNumbered(&inner, number, gives: SocketTable.numbers(inner, quotedBy: header), &quoted)
            delivery.stream = quoted.stream
            return 0
        }
        if packet.marks.contains(.tunnel) { numberInside(packet, bytes, number) }
        return enterNumbered(&packet, number, &delivery).direction
    }

    /// Gives the frame that completes a datagram the stream number of its own headers, if it is the first fragment. The
    /// datagram itself counts as none.
    ///
    /// - Parameters:
    ///   - packet: the fragment, decoded from `bytes`.
    ///   - delivery: that of the datagram.
    public mutating func numberCompleting(
        _ packet: inout Packet, _ bytes: Span<UInt8>, number: UInt64, _ delivery: inout Delivery
    ) {
        var own = Delivery()
        _ = enterFragment(&packet, bytes, number, &own)
        delivery.stream = own.stream
    }

    /// Of a redirect's quote Wireshark reads eight bytes of a segment, too few for a number.
    static func numbers(_ inner: Packet, quotedBy header: ICMPHeader) -> Bool {
        header.version == .six || header.type != 5 || inner.fourTuple.transport != .tcp
    }

    /// Finds the conversation of a packet that no socket gets: of a first fragment, or of what an ICMP error quotes.
    /// They count for stream numbers as any other (Wireshark numbers what it decodes).
    ///
    /// - Parameter gives: whether a conversation that has no number yet gets one.
    /// - Returns: its slot, or -1 where it has none and gets none, and the packet's direction.
    mutating func enterNumbered(
        _ packet: inout Packet, _ number: UInt64, gives: Bool = true, _ delivery: inout Delivery
    ) -> (slot: Int32, direction: UInt8) {
        let (key, direction) = ConversationKey.of(packet.fourTuple)
        let hash = key.hash(hasher)
        var slot = index.find(hash) { conversations[Int($0)].key == key }
        switch packet.transport {
        case .tcp(let header):
            var segment = Segment(&packet, header, number: number)
            segment.setsBase = false
            if slot < 0, segment.isNumbered, gives {
                slot = Int32(truncatingIfNeeded: newConversation(key, hash, .numbered, number))
                numberedCount += 1
            }
            if slot >= 0, gives { followStream(segment, Int(slot), &delivery) }
        case .udp(let header), .udpLite(let header):
            let isNumbered = Datagram(&packet, header, number: number).isNumbered
            if slot < 0, isNumbered {
                slot = Int32(truncatingIfNeeded: newConversation(key, hash, .datagrams, number))
            }
            if slot >= 0, isNumbered {
                if conversations[Int(slot)].stream.number == StreamNumber.none { numberStream(ofDatagrams: Int(slot)) }
                delivery.stream = conversations[Int(slot)].stream.number
            }
        case .none, .icmp, .sctp, .dccp, .igmp, .gre:
            return (-1, direction)
        }
        guard slot >= 0 else { return (-1, direction) }
        delivery.slot = slot
        delivery.conversationID = conversations[Int(slot)].id
        return (slot, direction)
    }
}
