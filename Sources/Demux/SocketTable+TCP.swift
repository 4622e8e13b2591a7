import Wire

/// What the rule needs of a TCP segment.
struct Segment {
    let key: ConversationKey
    let direction: UInt8
    let tuple: FourTuple
    /// A socket may be connected to itself (RFC 9293 §3.5, by a simultaneous open with itself).
    let isToItself: Bool
    let flags: TCPFlags
    let hasFlags: Bool
    let sequence: SequenceNumber
    let acknowledgment: SequenceNumber
    let payloadLength: UInt32
    let number: UInt64
    /// Whether it counts for stream numbers: Wireshark wants the header up to the window.
    let isNumbered: Bool
    /// Whether the stream's sequence numbers may count from it: not from a part of a segment, nor where the header
    /// contradicts itself.
    var setsBase = true

    @inline(__always)
    init(_ packet: inout Packet, _ header: TCPHeader, number: UInt64) {
        (key, direction) = ConversationKey.of(packet.fourTuple)
        tuple = packet.fourTuple
        isToItself = packet.fourTuple.isToItself
        flags = header.flags
        hasFlags = header.hasFlags
        sequence = header.sequence
        acknowledgment = header.acknowledgment
        payloadLength = packet.payloadLength
        self.number = number
        // What was put together from fragments was numbered with the first of them.
        isNumbered = header.wholeBytes >= 16 && packet.remark != .reassembled
        switch packet.stop?.reason {
        // A data offset that leads out of the packet; one below 5 leads nowhere, and Wireshark does not mind.
        case .malformed: setsBase = Int(header.headerLength) < TCPHeader.minimumLength
        case .truncated(_, let available, let bound): setsBase = bound == .captured || Int(header.headerLength) <= available
        case .unsupported, nil: break
        }
    }

    var source: Endpoint { tuple.from }
    var destination: Endpoint { tuple.to }
    @inline(__always) var own: Int { Int(direction) }
    @inline(__always) var other: Int { isToItself ? Int(direction) : Int(direction ^ 1) }
    /// The sequence number after the segment: SYN and FIN count as one byte each (RFC 9293 §3.4).
    @inline(__always)
    var end: SequenceNumber {
        sequence + payloadLength + (flags.contains(.syn) ? 1 : 0) + (flags.contains(.fin) ? 1 : 0)
    }
}

extension SocketTable {
    @inline(__always)
    mutating func deliver(_ segment: Segment, _ foresight: Foresight, _ delivery: inout Delivery) -> Outcome {
        let hash = segment.key.hash(hasher)
        let slot = index.find(hash) { conversations[Int($0)].key == segment.key }
        if slot >= 0, conversations[Int(slot)].phase == .established,
            segment.flags.isDisjoint(with: [.syn, .fin, .rst]), segment.hasFlags
        {
            continueConversation(segment, Int(slot), &delivery)
            return .decided
        }
        let outcome = deliverSpecial(segment, hash, slot, foresight, &delivery)
        if outcome == .decided, delivery.slot >= 0 { followStream(segment, Int(delivery.slot), &delivery) }
        return outcome
    }

    /// The four-tuple is known, both sockets are: by far the most segments.
    @inline(__always)
    mutating func continueConversation(_ segment: Segment, _ slot: Int, _ delivery: inout Delivery) {
        let consequences = conversations[slot].advance(segment, slot, &delivery)
        if !consequences.isEmpty { draw(consequences, segment, slot, &delivery) }
    }

    @inline(never)
    private mutating func draw(
        _ consequences: Conversation.Consequences, _ segment: Segment, _ slot: Int, _ delivery: inout Delivery
    ) {
        // A socket that sends exists.
        if consequences.contains(.showsSender) {
            sockets[Int(conversations[slot].ends[segment.own].socket)].evidence = .capture
        }
        if consequences.contains(.mayAcknowledgeFIN) { acknowledgeFIN(segment, slot) }
        if consequences.contains(.mayNumberStream) { followStream(segment, slot, &delivery) }
    }

    /// Enters that the connected socket of a segment's own end sent it, where there is one.
    mutating func setSender(_ segment: Segment, _ slot: Int, _ delivery: inout Delivery) {
        let socket = conversations[slot].ends[segment.own].socket
        guard socket >= 0 else { return }
        conversations[slot].ends[segment.own].isShown = true
        setSender(socket, payloadLength: segment.payloadLength, &delivery)
    }

    /// Hands a segment to a conversation's listener, or to nobody where that is gone.
    mutating func setListenerAsReceiver(_ segment: Segment, _ slot: Int, _ delivery: inout Delivery) {
        let listener = conversations[slot].listener
        if listener >= 0, !sockets[Int(listener)].isEnded, !sockets[Int(listener)].isFree {
            setReceiver(listener, .listener, payloadLength: 0, &delivery)
        } else {
            setNobody(.tcp, payloadLength: segment.payloadLength, &delivery)
            setListener(-1, slot)
        }
    }

    /// Enters a connected socket as an end of a conversation.
    mutating func setEnd(_ end: Int, _ socket: Int32, _ slot: Int) {
        conversations[slot].ends[end].socket = socket
        conversations[slot].ends[end].socketNumber = sockets[Int(socket)].name.number
        conversations[slot].ends[end].isShown = sockets[Int(socket)].evidence == .capture
    }

    @inline(never)
    private mutating func deliverSpecial(
        _ segment: Segment, _ hash: UInt64, _ found: Int32, _ foresight: Foresight, _ delivery: inout Delivery
    ) -> Outcome {
        let flags = segment.flags
        // One that is only numbered begins as a new one does, and keeps its number.
        let slot = found >= 0 && conversations[Int(found)].phase == .numbered ? -1 : found
        if flags.contains(.rst) {
            deliverReset(segment, hash, slot, &delivery)
        } else if flags.contains(.syn), !flags.contains(.ack) {
            return deliverSYN(segment, hash, slot, foresight, &delivery)
        } else if flags.contains(.syn) {
            deliverSYNACK(segment, hash, slot, &delivery)
        } else {
            deliverData(segment, hash, slot, &delivery)
        }
        return .decided
    }
}

// MARK: ACK, data, FIN

extension SocketTable {
    mutating func deliverData(_ segment: Segment, _ hash: UInt64, _ found: Int32, _ delivery: inout Delivery) {
        var slot = Int(found)
        if found < 0 {
            slot = beginConversation(segment, hash, found)
            presumeConnected(segment, slot)
        } else {
            switch conversations[slot].phase {
            case .opening, .answered:
                guard conversations[slot].mayComplete(segment) else {
                    deliverUnfit(segment, slot, from: conversations[slot].ends[segment.own].socket, &delivery)
                    return
                }
                completeHandshake(segment, slot)
            case .ended:
                deliverStray(segment, slot, &delivery)
                return
            case .established, .datagrams, .numbered: break
            }
        }
        continueConversation(segment, slot, &delivery)
        if segment.flags.contains(.fin) { enterFIN(segment, slot) }
    }

    /// A capture begun in the middle: both ends must have connected sockets, or nobody would send this.
    private mutating func presumeConnected(_ segment: Segment, _ slot: Int) {
        conversations[slot].phase = .established
        let one = openConnected(
            segment.source, segment.destination, .established, .presumed, .presumed, slot, segment.number)
        setEnd(segment.own, one, slot)
        if segment.isToItself { return }
        let two = openConnected(
            segment.destination, segment.source, .established, .presumed, .presumed, slot, segment.number)
        setEnd(segment.other, two, slot)
        setPeers(slot)
    }

    /// The ACK that completes the handshake goes to the socket that it completes; so does whatever comes in its place.
    ///
    /// The server's end cannot send anything but a SYN ACK before, so that a segment from there shows it as well.
    private mutating func completeHandshake(_ segment: Segment, _ slot: Int) {
        let conversation = conversations[slot]
        conversations[slot].phase = .established
        for end in 0...1 {
            let socket = conversation.ends[end].socket
            if socket >= 0 { sockets[Int(socket)].state = .established }
        }
        let server = Int(conversation.initiator ^ 1)
        guard !segment.isToItself, conversation.ends[server].socket < 0 else { return }
        let (local, remote) =
            segment.own == server ? (segment.source, segment.destination) : (segment.destination, segment.source)
        let shown = segment.own == server || conversation.phase == .answered && segment.hasFlags
        let socket = openConnected(
            local, remote, .established, shown ? .capture : .presumed, .handshake, slot, segment.number)
        sockets[Int(socket)].isServer = true
        if conversation.listener >= 0 { sockets[Int(socket)].madeBy = sockets[Int(conversation.listener)].name }
        setEnd(server, socket, slot)
        setPeers(slot)
    }

    /// A segment after the end of its conversation: TIME_WAIT takes it, or a listener's look-up finds it, or nobody.
    mutating func deliverStray(_ segment: Segment, _ slot: Int, _ delivery: inout Delivery) {
        conversations[slot].place(segment, slot, &delivery)
        let receiver = conversations[slot].ends[segment.other].socket
        let listener = findBinding(BindingKey(segment.destination, .tcp))
        if receiver >= 0, sockets[Int(receiver)].state == .timeWait {
            setReceiver(receiver, .timeWait, payloadLength: segment.payloadLength, &delivery)
        } else if listener >= 0 {
            // The look-up finds it; it ignores a RST and answers anything else with one (RFC 9293 §3.10.7.2).
            setReceiver(listener, .listener, payloadLength: 0, &delivery)
        } else {
            setNobody(.tcp, payloadLength: segment.payloadLength, &delivery)
        }
        if segment.flags.contains(.syn), conversations[slot].initiator != segment.direction {
            // A SYN ACK sent again.
            setSender(conversations[slot].listener, payloadLength: segment.payloadLength, &delivery)
        } else if !segment.flags.contains(.rst) {
            setSender(segment, slot, &delivery)
        }
    }

    private mutating func acknowledgeFIN(_ segment: Segment, _ slot: Int) {
        let other = segment.other
        guard segment.flags.contains(.ack), conversations[slot].ends[other].fin != .acknowledged,
            conversations[slot].ends[other].finEnd.precedesOrEquals(segment.acknowledgment)
        else { return }
        conversations[slot].ends[other].fin = .acknowledged
        updateStates(slot)
        if conversations[slot].isFinished { finish(slot) }
    }

    private mutating func enterFIN(_ segment: Segment, _ slot: Int) {
        guard conversations[slot].phase == .established, conversations[slot].ends[segment.own].fin == .none else { return }
        let other = conversations[slot].ends[segment.other]
        conversations[slot].ends[segment.own].fin = .sent
        conversations[slot].ends[segment.own].finEnd = segment.end
        conversations[slot].ends[segment.own].closedPassively =
            other.sentFIN && segment.flags.contains(.ack) && other.finEnd.precedesOrEquals(segment.acknowledgment)
        updateStates(slot)
    }

    /// RFC 9293 §3.3.2, figure 5, from ESTABLISHED down: what both ends' FINs and their acknowledgments make of them.
    private mutating func updateStates(_ slot: Int) {
        for end in 0...1 {
            let own = conversations[slot].ends[end]
            let other = conversations[slot].key.isToItself ? own : conversations[slot].ends[1 - end]
            guard own.socket >= 0 else { continue }
            let state: SocketState =
                switch (own.sentFIN, own.finAcknowledged) {
                case (false, _): other.sentFIN ? .closeWait : .established
                case (true, false): own.closedPassively ? .lastAck : other.sentFIN ? .closing : .finWait1
                case (true, true): own.closedPassively ? .closed : other.sentFIN ? .timeWait : .finWait2
                }
            sockets[Int(own.socket)].state = state
        }
    }

    /// Both FINs are acknowledged: who closed passively is gone, who closed actively stays in TIME_WAIT.
    private mutating func finish(_ slot: Int) {
        conversations[slot].phase = .ended
        let ends = conversations[slot].ends
        for passive in [true, false] {
            for end in 0...1 where ends[end].socket >= 0 && ends[end].closedPassively == passive {
                endSocket(ends[end].socket, passive ? .closed : .timeWait)
            }
        }
    }
}
