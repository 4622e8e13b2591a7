import Wire

// MARK: SYN

extension SocketTable {
    /// RFC 9293 §3.5: a SYN finds a connected socket only in a simultaneous open; else it is for a listener.
    mutating func deliverSYN(
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
    mutating func deliverSYNACK(
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
        let listener = knownListener(slot) ?? listener(segment.source, .capture, segment.number)
        setListener(listener, slot)
        conversations[slot].phase = .answered
        let client = conversations[slot].ends[segment.other].socket
        sockets[Int(client)].state = .established
        setSender(listener, payloadLength: segment.payloadLength, &delivery)
        setReceiver(client, .fourTuple, payloadLength: segment.payloadLength, &delivery)
        delivery.replyTo = conversations[slot].openingFrame
    }

    /// The listener that the SYN went to, which its answer shows. It may be bound to a wildcard, as the kernel said.
    private mutating func knownListener(_ slot: Int) -> Int32? {
        let listener = conversations[slot].listener
        guard listener >= 0, !sockets[Int(listener)].isEnded, !sockets[Int(listener)].isFree else { return nil }
        sockets[Int(listener)].evidence = .capture
        return listener
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
    mutating func deliverUnfit(
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
