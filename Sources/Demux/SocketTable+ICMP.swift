import Wire

extension SocketTable {
    /// An ICMP error reaches the socket that sent the packet which it quotes (RFC 1122 §3.2.2, §4.1.3.3).
    ///
    /// Other ICMP messages belong to no socket of the table.
    mutating func deliver(
        _ header: ICMPHeader, _ packet: Packet, _ bytes: Span<UInt8>, number: UInt64, _ delivery: inout Delivery
    ) {
        guard var inner = packet.quoted(in: bytes), let ends = inner.endpoints else { return }
        delivery.rule = .icmpError
        delivery.evidence = .presumed
        let (slot, direction) = enterNumbered(&inner, number, gives: SocketTable.numbers(inner, quotedBy: header), &delivery)
        let sender = slot >= 0 ? conversations[Int(slot)].ends[Int(direction)].socket : -1
        if inner.fourTuple.transport != .tcp {
            deliverError(of: inner, ends, Int(slot), direction, header, number, &delivery)
        } else if sender >= 0, !sockets[Int(sender)].isEnded {
            setReceiver(sender, .icmpError, payloadLength: 0, &delivery)
            answerSYN(header, Int(slot), number, &delivery)
        }
        if slot >= 0 { delivery.direction = direction ^ 1 }
    }

    private mutating func deliverError(
        of inner: Packet, _ ends: (source: Endpoint, destination: Endpoint), _ slot: Int, _ direction: UInt8,
        _ header: ICMPHeader, _ number: UInt64, _ delivery: inout Delivery
    ) {
        let sender = findBinding(BindingKey(ends.source, inner.fourTuple.transport))
        if sender >= 0 { setReceiver(sender, .icmpError, payloadLength: 0, &delivery) }
        let quoted: UDPHeader
        switch inner.transport {
        case .udp(let header), .udpLite(let header): quoted = header
        case .none, .tcp, .icmp, .sctp, .dccp, .igmp, .gre: return
        }
        guard slot >= 0 else { return }
        var inner = inner
        let datagram = Datagram(&inner, quoted, number: number)
        guard
            let asked = recentDatagrams.take(conversations[slot].id, direction, datagram.fingerprint)
        else { return }
        delivery.replyTo = asked.frame
        guard header.saysPortUnreachable else { return }
        let receiver = findBinding(BindingKey(ends.destination, inner.fourTuple.transport))
        if !asked.reachesNobody {
            delivery.corrects = asked.frame
            takeBack(asked.payloadLength, from: receiver, inner.fourTuple.transport)
        }
        // One that the kernel knows is there, and connected to somebody else.
        guard receiver >= 0, host(reference(receiver)).map(\.isGone) ?? true else { return }
        if sockets[Int(receiver)].sent.segments == 0 {
            endSocket(receiver, .disproved(frame: number))
        } else {
            // One that has sent is closed, or connected to somebody else: what it sends next will tell.
            sockets[Int(receiver)].evidence = .presumed
        }
    }

    /// An error about a SYN. Port unreachable, as some firewalls send it, says that nobody is there.
    private mutating func answerSYN(
        _ header: ICMPHeader, _ slot: Int, _ number: UInt64, _ delivery: inout Delivery
    ) {
        guard conversations[slot].phase == .opening else { return }
        delivery.replyTo = conversations[slot].openingFrame
        let listener = conversations[slot].listener
        if header.saysPortUnreachable, listener >= 0, sockets[Int(listener)].evidence == .presumed {
            delivery.corrects = conversations[slot].openingFrame
            takeBack(0, from: listener, .tcp)
            endListener(sockets[Int(listener)].local, .gone(frame: number))
        }
    }
}
