import Wire

/// What the rule needs of a UDP datagram; of UDP-Lite the same, whose ports are its own (RFC 3828 §3).
struct Datagram {
    let key: ConversationKey
    let direction: UInt8
    let source: Endpoint
    let destination: Endpoint
    let transport: IPProtocol
    let payloadLength: UInt32
    let number: UInt64
    /// Whether it goes to every socket that is bound to the port.
    let isGroup: Bool
    /// By what an ICMP error's quote is told from its like: IPv4's identification, the length, the checksum.
    let fingerprint: UInt64
    /// Whether it counts for stream numbers: Wireshark wants a whole header, and a length that can be.
    let isNumbered: Bool

    @inline(__always)
    init(_ packet: inout Packet, _ header: UDPHeader, number: UInt64) {
        var identification: UInt16 = 0
        if case .ipv4(let header) = packet.internet { identification = header.identification }
        let to = packet.fourTuple.destination
        (key, direction) = ConversationKey.of(packet.fourTuple)
        source = packet.fourTuple.from
        destination = packet.fourTuple.to
        transport = packet.fourTuple.transport
        payloadLength = packet.payloadLength
        self.number = number
        isGroup = to.isMulticast || to.isLimitedBroadcast || packet.isLinkGroup
        isNumbered =
            Int(header.wholeBytes) == UDPHeader.length && packet.remark != .reassembled
            && (Int(header.length) >= UDPHeader.length
                // Of UDP-Lite the field says what the checksum covers, not how long the datagram is.
                || packet.fourTuple.transport == .udpLite || header.length == 0 && to.version == .six)
        fingerprint = UInt64(identification) << 32 | UInt64(header.length) << 16 | UInt64(header.checksum)
    }

    var own: Int { Int(direction) }
    var other: Int { isToItself ? own : Int(direction ^ 1) }
    var isToItself: Bool { source == destination }
}

extension SocketTable {
    /// RFC 768 and the book's two-tuple: the destination address and port alone decide, whoever sends.
    @inline(__always)
    mutating func deliver(_ datagram: Datagram, _ foresight: Foresight, _ delivery: inout Delivery) -> Outcome {
        let hash = datagram.key.hash(hasher)
        let found = index.find(hash) { conversations[Int($0)].key == datagram.key }
        if found >= 0 {
            let sender = datagramSocket(Int(found), datagram.own)
            let receiver = datagramSocket(Int(found), datagram.other)
            if sender >= 0, receiver >= 0 {
                finish(datagram, Int(found), sender, receiver, &delivery)
                return .decided
            }
        }
        return deliverFirst(datagram, hash, found, foresight, &delivery)
    }

    /// The socket at one end of a conversation, if it is still the one that was entered.
    @inline(__always)
    private func datagramSocket(_ slot: Int, _ end: Int) -> Int32 {
        let socket = conversations[slot].ends[end].socket
        guard socket >= 0 else { return -1 }
        let name = sockets[Int(socket)].name
        guard name.kind == .datagram, name.number == conversations[slot].ends[end].socketNumber,
            !sockets[Int(socket)].isEnded
        else { return -1 }
        return socket
    }

    @inline(__always)
    private mutating func finish(
        _ datagram: Datagram, _ slot: Int, _ sender: Int32, _ receiver: Int32, _ delivery: inout Delivery
    ) {
        enter(datagram, slot, reachesNobody: false, &delivery)
        setSender(sender, payloadLength: datagram.payloadLength, &delivery)
        let rule: Rule = datagram.isGroup ? .groupDelivery : .datagram
        setReceiver(receiver, rule, payloadLength: datagram.payloadLength, &delivery)
    }

    @inline(__always)
    private mutating func enter(
        _ datagram: Datagram, _ slot: Int, reachesNobody: Bool, _ delivery: inout Delivery
    ) {
        conversations[slot].lastFrame = UInt32(truncatingIfNeeded: datagram.number)
        if conversations[slot].stream.number == StreamNumber.none, datagram.isNumbered { numberStream(ofDatagrams: slot) }
        delivery.slot = Int32(truncatingIfNeeded: slot)
        delivery.direction = datagram.direction
        delivery.conversationID = conversations[slot].id
        delivery.stream = datagram.isNumbered ? conversations[slot].stream.number : Delivery.noStream
        recentDatagrams.add(
            RecentDatagrams.Entry(
                conversationID: conversations[slot].id, fingerprint: datagram.fingerprint, frame: datagram.number,
                payloadLength: datagram.payloadLength, direction: datagram.direction, reachesNobody: reachesNobody))
    }

    /// A datagram of which not both sockets are known.
    @inline(never)
    private mutating func deliverFirst(
        _ datagram: Datagram, _ hash: UInt64, _ found: Int32, _ foresight: Foresight, _ delivery: inout Delivery
    ) -> Outcome {
        let destination = BindingKey(datagram.destination, datagram.transport)
        if foresight == .unknown, !datagram.isToItself, !datagram.isGroup, findBinding(destination) < 0 {
            return .undecided
        }
        let slot = found >= 0 ? Int(found) : newConversation(datagram.key, hash, .datagrams, datagram.number)
        let sender = bind(
            datagram.source, BindingKey(datagram.source, datagram.transport), .capture, .sends, slot, datagram.own,
            datagram.number, datagram.transport)
        var receiver = findBinding(destination)
        if receiver >= 0 {
            name(receiver, slot, datagram.other)
        } else {
            switch foresight {
            case .refused: break
            case .accepted:
                receiver = bind(
                    datagram.destination, destination, .capture, .receives, slot, datagram.other, datagram.number,
                    datagram.transport)
            case .unknown, .unavailable, .unanswered, .crossed:
                receiver = bind(
                    datagram.destination, destination, .presumed, .receives, slot, datagram.other, datagram.number,
                    datagram.transport)
            }
        }
        if receiver >= 0 {
            finish(datagram, slot, sender, receiver, &delivery)
        } else {
            enter(datagram, slot, reachesNobody: true, &delivery)
            setSender(sender, payloadLength: datagram.payloadLength, &delivery)
            setNobody(datagram.transport, payloadLength: datagram.payloadLength, &delivery)
            if case .refused(let frame) = foresight { delivery.refusedBy = frame }
        }
        return .decided
    }

    /// The datagram socket bound there, opened where it is not known, and named as an end of the conversation.
    private mutating func bind(
        _ endpoint: Endpoint, _ key: BindingKey, _ evidence: Evidence, _ opening: SocketEvent.Opening, _ slot: Int,
        _ end: Int, _ number: UInt64, _ transport: IPProtocol
    ) -> Int32 {
        var socket = findBinding(key)
        if socket < 0 {
            socket = openBound(.datagram, endpoint, transport, .bound, evidence, key, number)
            sockets[Int(socket)].isServer = opening == .receives
            events.append(.opened(reference(socket), opening))
        }
        name(socket, slot, end)
        return socket
    }

    mutating func name(_ socket: Int32, _ slot: Int, _ end: Int) {
        let number = sockets[Int(socket)].name.number
        let known = conversations[slot].ends[end]
        if known.socket == socket, known.socketNumber == number { return }
        conversations[slot].ends[end].socket = socket
        conversations[slot].ends[end].socketNumber = number
        sockets[Int(socket)].references += 1
    }
}

/// The last datagrams, so that an ICMP error finds the one that it quotes.
struct RecentDatagrams: Sendable {
    struct Entry: Sendable {
        var conversationID: UInt64 = 0
        var fingerprint: UInt64 = 0
        var frame: UInt64 = 0
        var payloadLength: UInt32 = 0
        var direction: UInt8 = 0
        /// Whether that is what was said of it.
        var reachesNobody = false
    }

    private static let capacity = 64
    private var entries = [Entry](repeating: Entry(), count: RecentDatagrams.capacity)
    private var next = 0

    @inline(__always)
    mutating func add(_ entry: Entry) {
        entries[next] = entry
        next = (next + 1) % RecentDatagrams.capacity
    }

    /// The kernel says that nobody got that frame's.
    mutating func deny(_ frame: UInt64) {
        for place in entries.indices where entries[place].frame == frame { entries[place].reachesNobody = true }
    }

    /// The oldest datagram that fits, which is then forgotten: equal ones are answered in order.
    ///
    /// Where a card is left to compute the checksum, a capture on the sender's side has another one than the quote. So
    /// where none fits in all, what fits but for the checksum will do; and for a quote that is cut behind the ports,
    /// what has the same identification.
    mutating func take(_ conversationID: UInt64, _ direction: UInt8, _ fingerprint: UInt64) -> Entry? {
        var found: Int?
        for step in 0..<entries.count {
            let place = (next + step) % entries.count
            let entry = entries[place]
            guard entry.conversationID == conversationID, entry.direction == direction else { continue }
            if entry.fingerprint == fingerprint {
                found = place
                break
            }
            let isCut = fingerprint & 0xffff_ffff == 0
            let kept: UInt64 = isCut ? 32 : 16
            if found == nil, entry.fingerprint >> kept == fingerprint >> kept { found = place }
        }
        guard let found else { return nil }
        defer { entries[found].conversationID = 0 }
        return entries[found]
    }
}
