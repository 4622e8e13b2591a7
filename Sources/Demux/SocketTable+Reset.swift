import Wire

extension SocketTable {
    mutating func deliverReset(_ segment: Segment, _ hash: UInt64, _ found: Int32, _ delivery: inout Delivery) {
        guard found >= 0 else {
            // An answer to something that was not captured. Whoever it is for ends with it.
            let slot = beginConversation(segment, hash, found)
            let receiver = openConnected(
                segment.destination, segment.source, .established, .presumed, .presumed, slot, segment.number)
            setEnd(segment.other, receiver, slot)
            conversations[slot].place(segment, slot, &delivery)
            setReceiver(receiver, .fourTuple, payloadLength: segment.payloadLength, &delivery)
            conversations[slot].phase = .ended
            endSocket(receiver, .reset(frame: segment.number))
            return
        }
        let slot = Int(found)
        let conversation = conversations[slot]
        switch conversation.phase {
        case .opening where conversation.initiator != segment.direction && conversation.ends[segment.own].socket < 0:
            refuse(segment, slot, &delivery)
        case .opening, .answered, .established, .datagrams, .numbered:
            abort(segment, slot, &delivery)
        case .ended:
            deliverStray(segment, slot, &delivery)
        }
    }

    /// A RST in answer to a SYN: nobody listens there (RFC 9293 §3.10.7.1), and the kernel itself sends it.
    private mutating func refuse(_ segment: Segment, _ slot: Int, _ delivery: inout Delivery) {
        let client = conversations[slot].ends[segment.other]
        conversations[slot].place(segment, slot, &delivery)
        setReceiver(client.socket, .fourTuple, payloadLength: segment.payloadLength, &delivery)
        // RFC 9293 §3.10.7.3: in SYN-SENT a RST counts if its ACK acknowledges the SYN.
        guard segment.flags.contains(.ack), conversations[slot].isSYNAcknowledged(by: segment) else { return }
        delivery.replyTo = conversations[slot].openingFrame
        let listener = conversations[slot].listener
        if listener >= 0 {
            delivery.corrects = conversations[slot].openingFrame
            takeBack(0, from: listener, .tcp)
            endListener(segment.source, .gone(frame: segment.number))
        }
        conversations[slot].phase = .ended
        endSocket(client.socket, .refused(frame: segment.number))
    }

    /// A RST in a connection ends both of its sockets.
    private mutating func abort(_ segment: Segment, _ slot: Int, _ delivery: inout Delivery) {
        let expected = conversations[slot].ends[segment.own]
        let receiver = conversations[slot].ends[segment.other].socket
        conversations[slot].place(segment, slot, &delivery)
        // It carries nothing of the stream: a wild number must not make the next one like it look near.
        if expected.baseOrigin != .none { conversations[slot].ends[segment.own].next = expected.next }
        // A RST without ACK is what a host sends that has no such socket (RFC 9293 §3.5.2): it shows none.
        if expected.isShown || segment.flags.contains(.ack) { setSender(segment, slot, &delivery) }
        if receiver >= 0 {
            setReceiver(receiver, .fourTuple, payloadLength: segment.payloadLength, &delivery)
        } else {
            // The connection is not made yet: the listener keeps it (the kernel: as a request in its queue).
            setListenerAsReceiver(segment, slot, &delivery)
        }
        guard isBelievable(segment, expected) else { return }
        conversations[slot].phase = .ended
        for end in [segment.other, segment.own] {
            endSocket(conversations[slot].ends[end].socket, .reset(frame: segment.number))
        }
    }

    /// Whether a RST may be taken for one: RFC 5961 §3.2 (RFC 9293 §3.10.7.4) demands the very next number, and the
    /// kernel answers any other with a challenge ACK. Of an end that was not seen there is no number to compare with.
    private func isBelievable(_ segment: Segment, _ expected: Conversation.End) -> Bool {
        if expected.baseOrigin == .none { return true }
        return segment.sequence == expected.next
    }
}
