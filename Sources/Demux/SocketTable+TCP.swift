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
        return deliverSpecial(segment, hash, slot, foresight, &delivery)
    }

    /// The four-tuple is known, both sockets are: by far the most segments.
    @inline(__always)
    private mutating func continueConversation(_ segment: Segment, _ slot: Int, _ delivery: inout Delivery) {
        conversations[slot].place(segment, slot, &delivery)
        if !conversations[slot].ends[segment.own].isShown { show(segment.own, slot) }
        conversations[slot].transfer(segment, &delivery)
        if conversations[slot].ends[segment.other].fin != .none { acknowledgeFIN(segment, slot) }
    }

    /// A socket that sends exists.
    @inline(never)
    private mutating func show(_ end: Int, _ slot: Int) {
        conversations[slot].ends[end].isShown = true
        sockets[Int(conversations[slot].ends[end].socket)].evidence = .capture
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
        _ segment: Segment, _ hash: UInt64, _ slot: Int32, _ foresight: Foresight, _ delivery: inout Delivery
    ) -> Outcome {
        let flags = segment.flags
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

// MARK: SYN

extension SocketTable {
    /// RFC 9293 §3.5: a SYN finds a connected socket only in a simultaneous open; else it is for a listener.
    private mutating func deliverSYN(
        _ segment: Segment, _ hash: UInt64, _ found: Int32, _ foresight: Foresight, _ delivery: inout Delivery
    ) -> Outcome {
        if found >= 0, conversations[Int(found)].hasSYN(segment) {
            return repeatSYN(segment, Int(found), foresight, &delivery)
        }
        if foresight == .unknown, !segment.isToItself { return .undecided }
        if found >= 0, deliverToConnected(segment, Int(found), foresight, &delivery) { return .decided }

        let slot = beginConversation(segment, hash, found)
        let client = openConnected(
            segment.source, segment.destination, .synSent, .capture, .activeOpen, slot, segment.number)
        conversations[slot].initiator = segment.direction
        conversations[slot].openingFrame = segment.number
        conversations[slot].phase = .opening
        setBase(segment.sequence, ofEnd: segment.own, slot)
        setEnd(segment.own, client, slot)
        conversations[slot].place(segment, slot, &delivery)
        setSender(segment, slot, &delivery)
        if segment.isToItself {
            setReceiver(client, .fourTuple, payloadLength: segment.payloadLength, &delivery)
        } else {
            decide(segment, slot, foresight, &delivery)
        }
        return .decided
    }

    /// A SYN with a new number to a connection that is still there finds its connected socket first, which answers with
    /// a challenge ACK (RFC 9293 §3.10.7.4; §3.5.1, figure 9). Only where it is known that the SYN was answered as a new
    /// one must the old connection have ended unseen.
    private mutating func deliverToConnected(
        _ segment: Segment, _ slot: Int, _ foresight: Foresight, _ delivery: inout Delivery
    ) -> Bool {
        let receiver = conversations[slot].ends[segment.other].socket
        guard conversations[slot].phase == .established, foresight == .unavailable || foresight == .unanswered,
            receiver >= 0, !sockets[Int(receiver)].isEnded
        else { return false }
        let before = conversations[slot].ends[segment.own]
        conversations[slot].place(segment, slot, &delivery)
        conversations[slot].ends[segment.own].next = before.next
        setReceiver(receiver, .fourTuple, payloadLength: segment.payloadLength, &delivery)
        delivery.evidence = .presumed
        return true
    }

    /// Who gets a SYN to an end of which no connected socket is known, by what answers it.
    private mutating func decide(
        _ segment: Segment, _ slot: Int, _ foresight: Foresight, _ delivery: inout Delivery
    ) {
        switch foresight {
        case .accepted:
            deliverToListener(segment, slot, .capture, &delivery)
        case .unknown, .unavailable, .unanswered:
            // That a listener was there before does not show that it has this one.
            deliverToListener(segment, slot, .presumed, &delivery)
            delivery.evidence = .presumed
        case .refused(let frame):
            endListener(segment.destination, .gone(frame: frame))
            setNobody(.tcp, payloadLength: segment.payloadLength, &delivery)
            delivery.refusedBy = frame
            setListener(-1, slot)
        case .crossed:
            let peer = openConnected(
                segment.destination, segment.source, .synSent, .capture, .activeOpen, slot, segment.number)
            setEnd(segment.other, peer, slot)
            setPeers(slot)
            setReceiver(peer, .fourTuple, payloadLength: segment.payloadLength, &delivery)
        }
    }

    /// A SYN in a conversation that is already known: sent again, or crossing the other end's.
    private mutating func repeatSYN(
        _ segment: Segment, _ slot: Int, _ foresight: Foresight, _ delivery: inout Delivery
    ) -> Outcome {
        let isCrossing = conversations[slot].isCrossing(segment)
        let asks = conversations[slot].phase == .opening && !isCrossing && conversations[slot].ends[segment.other].socket < 0
        // What the first copy met is not what this one meets: it is asked anew.
        if asks, foresight == .unknown { return .undecided }
        if isCrossing { openCrossing(segment, slot, &delivery) }
        // What answers, answers the last copy.
        let isOpening = conversations[slot].phase == .opening || conversations[slot].openingFrame == 0
        if isOpening, conversations[slot].initiator == segment.direction {
            conversations[slot].openingFrame = segment.number
        }
        conversations[slot].place(segment, slot, &delivery)
        setSender(segment, slot, &delivery)
        let receiver = conversations[slot].ends[segment.other].socket
        if receiver >= 0 {
            setReceiver(receiver, .fourTuple, payloadLength: segment.payloadLength, &delivery)
        } else if asks {
            decide(segment, slot, foresight, &delivery)
        } else {
            setListenerAsReceiver(segment, slot, &delivery)
        }
        return .decided
    }

    /// RFC 9293 §3.5, figure 7: both ends sent a SYN before either had the other's.
    private mutating func openCrossing(_ segment: Segment, _ slot: Int, _ delivery: inout Delivery) {
        if conversations[slot].ends[segment.own].socket < 0 {
            let socket = openConnected(
                segment.source, segment.destination, .synSent, .capture, .activeOpen, slot, segment.number)
            setEnd(segment.own, socket, slot)
            setPeers(slot)
            disproveListener(segment, slot, &delivery)
        }
        if conversations[slot].ends[segment.own].baseOrigin != .syn { setBase(segment.sequence, ofEnd: segment.own, slot) }
    }

    /// The SYN that a listener was presumed for met a connecting socket.
    private mutating func disproveListener(_ segment: Segment, _ slot: Int, _ delivery: inout Delivery) {
        let listener = conversations[slot].listener
        guard listener >= 0 else { return }
        if sockets[Int(listener)].evidence == .presumed {
            delivery.corrects = conversations[slot].openingFrame
            // Other SYNs may be presumed to have met it.
            if sockets[Int(listener)].references == 1 { endSocket(listener, .disproved(frame: segment.number)) }
        }
        setListener(-1, slot)
    }

    private mutating func deliverToListener(
        _ segment: Segment, _ slot: Int, _ evidence: Evidence, _ delivery: inout Delivery
    ) {
        let listener = listener(segment.destination, evidence, segment.number)
        setListener(listener, slot)
        setReceiver(listener, .listener, payloadLength: segment.payloadLength, &delivery)
    }

    /// The listener that is bound there, opened where it is not known, and believed more firmly where `evidence` is.
    private mutating func listener(_ endpoint: Endpoint, _ evidence: Evidence, _ number: UInt64) -> Int32 {
        let key = BindingKey(endpoint, .tcp)
        let known = findBinding(key)
        if known >= 0 {
            if evidence == .capture { sockets[Int(known)].evidence = .capture }
            return known
        }
        let slot = openBound(.listener, endpoint, .tcp, .listen, evidence, key, number)
        events.append(.opened(reference(slot), .passiveOpen))
        return slot
    }
}

// MARK: SYN ACK

extension SocketTable {
    /// The listener answers; the connecting socket gets it by four-tuple.
    private mutating func deliverSYNACK(
        _ segment: Segment, _ hash: UInt64, _ found: Int32, _ delivery: inout Delivery
    ) {
        if found >= 0 {
            let slot = Int(found)
            let conversation = conversations[slot]
            let isFromInitiator = conversation.initiator == segment.direction
            let isRepeated = conversation.hasBase(segment)
            switch conversation.phase {
            case .opening where isFromInitiator || conversation.ends[segment.own].socket >= 0:
                crossedSYNACK(segment, slot, &delivery)
                return
            case .opening,
                .answered where !isFromInitiator && (isRepeated || conversation.isSYNAcknowledged(by: segment)):
                if conversation.isSYNAcknowledged(by: segment) {
                    answer(segment, slot, &delivery)
                } else {
                    deliverUnfit(segment, slot, from: conversation.listener, &delivery)
                }
                return
            case .answered where isRepeated:
                deliverData(segment, hash, found, &delivery)
                return
            case .established where isRepeated && !isFromInitiator && conversation.listener >= 0:
                answerAgain(segment, slot, &delivery)
                return
            case .established where isRepeated || conversation.ends[segment.own].baseOrigin != .syn:
                continueConversation(segment, slot, &delivery)
                return
            case .ended where isRepeated:
                deliverStray(segment, slot, &delivery)
                return
            default:
                break
            }
        }
        // The SYN was not captured.
        let slot = beginConversation(segment, hash, found)
        conversations[slot].initiator = segment.direction ^ 1
        let client = openConnected(
            segment.destination, segment.source, .synSent, .presumed, .presumed, slot, segment.number)
        setEnd(segment.other, client, slot)
        answer(segment, slot, &delivery)
    }

    private mutating func answer(_ segment: Segment, _ slot: Int, _ delivery: inout Delivery) {
        setBase(segment.sequence, ofEnd: segment.own, slot)
        conversations[slot].place(segment, slot, &delivery)
        let listener = listener(segment.source, .capture, segment.number)
        setListener(listener, slot)
        conversations[slot].phase = .answered
        let client = conversations[slot].ends[segment.other].socket
        sockets[Int(client)].state = .established
        setSender(listener, payloadLength: segment.payloadLength, &delivery)
        setReceiver(client, .fourTuple, payloadLength: segment.payloadLength, &delivery)
        delivery.replyTo = conversations[slot].openingFrame
    }

    /// The handshake is complete as far as was captured, and yet the SYN ACK comes again: the third segment was lost, and
    /// the one who waits for it is the listener.
    private mutating func answerAgain(_ segment: Segment, _ slot: Int, _ delivery: inout Delivery) {
        conversations[slot].place(segment, slot, &delivery)
        setSender(conversations[slot].listener, payloadLength: segment.payloadLength, &delivery)
        setReceiver(
            conversations[slot].ends[segment.other].socket, .fourTuple, payloadLength: segment.payloadLength, &delivery)
        delivery.replyTo = conversations[slot].openingFrame
    }

    /// A segment that does not fit the handshake under way. The look-up finds who waits there all the same; that one
    /// answers with a RST, and nothing has changed (RFC 9293 §3.10.7.3, §3.10.7.4).
    private mutating func deliverUnfit(
        _ segment: Segment, _ slot: Int, from sender: Int32, _ delivery: inout Delivery
    ) {
        conversations[slot].place(segment, slot, &delivery)
        setSender(sender, payloadLength: segment.payloadLength, &delivery)
        let receiver = conversations[slot].ends[segment.other].socket
        if receiver >= 0 {
            setReceiver(receiver, .fourTuple, payloadLength: segment.payloadLength, &delivery)
        } else {
            setListenerAsReceiver(segment, slot, &delivery)
        }
    }

    /// In a simultaneous open, and where a socket connects to itself, no listener takes part.
    private mutating func crossedSYNACK(_ segment: Segment, _ slot: Int, _ delivery: inout Delivery) {
        if conversations[slot].ends[segment.other].socket < 0 {
            // Whoever answers its own SYN's answerer had a SYN from there, which was not captured.
            let peer = openConnected(
                segment.destination, segment.source, .synSent, .presumed, .presumed, slot, segment.number)
            setEnd(segment.other, peer, slot)
            setPeers(slot)
            disproveListener(segment, slot, &delivery)
        }
        conversations[slot].place(segment, slot, &delivery)
        let own = conversations[slot].ends[segment.own].socket
        let other = conversations[slot].ends[segment.other].socket
        sockets[Int(other)].state = .established
        if sockets[Int(own)].state == .established { conversations[slot].phase = .established }
        setSender(segment, slot, &delivery)
        setReceiver(other, .fourTuple, payloadLength: segment.payloadLength, &delivery)
        if conversations[slot].initiator != segment.direction || segment.isToItself {
            delivery.replyTo = conversations[slot].openingFrame
        }
    }
}

// MARK: ACK, data, FIN

extension SocketTable {
    private mutating func deliverData(_ segment: Segment, _ hash: UInt64, _ found: Int32, _ delivery: inout Delivery) {
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
            case .established, .datagrams: break
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

    @inline(never)
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
