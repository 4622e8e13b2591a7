import Wire

/// The sockets that a capture lets one infer, and the rule by which packets find them.
///
/// Pure: it is given packets and says who gets them. One look-up in one table finds a packet's conversation and with
/// it the sockets at both ends; listeners and datagram sockets are looked for only when a conversation begins.
///
/// Memory is bounded by ``Limits``, whatever the capture holds.
public struct SocketTable: Sendable {
    public struct Limits: Sendable {
        /// Conversations remembered at once. The one not seen for long goes first.
        public var conversations = 1_000_000
        /// Ended sockets that stay listed; older ones are only counted.
        public var endedSockets = 10_000
        /// Listeners remembered although no conversation names them any more.
        public var idleListeners = 100_000

        public init() {}
    }

    public enum Outcome: Sendable {
        case decided
        /// Nothing was changed: the packet may be asked again when more of what follows is known.
        case undecided
    }

    private(set) var limits: Limits
    let hasher = KeyedHash()
    var sockets: [Socket] = []
    var conversations: [Conversation] = []
    /// From a four-tuple to its conversation.
    var index = SlotIndex()
    /// From a bound address and port to the listener or datagram socket there.
    var bindings = SlotIndex()

    /// What the last packet changed, in order. Emptied by the next.
    public internal(set) var events: [SocketEvent] = []
    /// Grows with each socket that comes or goes: while it stays, so does every look-up.
    public internal(set) var generation: UInt64 = 0
    /// Ended sockets that are no longer listed, and sockets given up for lack of room.
    public internal(set) var notListed: UInt64 = 0
    /// What reached nobody.
    public internal(set) var nobody = (tcp: Traffic(), udp: Traffic(), udpLite: Traffic())

    /// What the kernel said of sockets of the table; empty where it is not asked.
    var hosts = HostRecords()
    /// What the kernel said of the last packet.
    public internal(set) var remarks = HostRemarks()

    var freeSockets: [Int32] = []
    var freeConversations: [Int32] = []
    var endedSockets: [Int32] = []
    var oldestEnded = 0
    var evictionHand = 0
    var listenerCount = 0
    var conversationCount = 0
    /// How many of them are only numbered.
    var numberedCount = 0
    var nextNumber: InlineArray<3, UInt32> = [1, 1, 1]
    var nextConversationID: UInt64 = 1
    var streams = (tcp: UInt32(0), udp: UInt32(0), hasLite: false)
    var recentDatagrams = RecentDatagrams()

    public init(limits: Limits = Limits()) {
        self.limits = limits
        // One of each is what a single packet needs.
        self.limits.conversations = max(1, limits.conversations)
        self.limits.endedSockets = max(1, limits.endedSockets)
    }

    /// Says who gets a packet, and enters what it shows.
    ///
    /// - Parameters:
    ///   - packet: decoded from `bytes`. It is not changed: `inout` because Swift copies a value of this size out of
    ///     where it is stored for any other kind of parameter, which `scripts/bench` sees.
    ///   - bytes: those of the whole frame.
    ///   - number: the frame's number, growing from call to call.
    ///   - foresight: what is known of what follows. With ``Foresight/unknown`` the outcome may be `undecided`.
    ///   - delivery: filled in place, whatever was in it before.
    public mutating func deliver(
        _ packet: inout Packet, _ bytes: Span<UInt8>, number: UInt64, foresight: Foresight, into delivery: inout Delivery
    ) -> Outcome {
        if !events.isEmpty { events.removeAll(keepingCapacity: true) }
        delivery = Delivery()
        if packet.isFragment {
            delivery.rule = .fragment
            delivery.direction = enterFragment(&packet, bytes, number, &delivery)
            return .decided
        }
        switch packet.transport {
        case .tcp(let header):
            let segment = Segment(&packet, header, number: number)
            return deliver(segment, foresight, &delivery)
        case .udp(let header), .udpLite(let header):
            let datagram = Datagram(&packet, header, number: number)
            return deliver(datagram, foresight, &delivery)
        case .icmp(let header):
            deliver(header, packet, bytes, number: number, &delivery)
            return .decided
        case .none:
            if packet.marks.contains(.tunnel) { numberInside(packet, bytes, number) }
            return .decided
        case .sctp, .dccp, .igmp, .gre:
            return .decided
        }
    }

    /// A socket of the table, without its conversations' share of its traffic. A slot is valid until the next packet.
    public func socket(_ reference: SocketReference) -> Socket { sockets[Int(reference.slot)] }

    /// How many sockets it has room for now: at least as many as ``listed`` has.
    public var room: Int { sockets.count }

    /// All sockets that are known and all ended ones that are still listed, in no particular order, each with its
    /// whole traffic.
    public var listed: [Socket] {
        var whole = sockets
        for conversation in conversations where conversation.isInUse {
            for end in 0...1 { SocketTable.add(conversation.ends[end].sent, from: end, of: conversation, to: &whole) }
        }
        return whole.filter { socket in
            guard !socket.isFree else { return false }
            if case .disproved = socket.ending { return false }
            return true
        }
    }

    /// Adds what one end sent to the counts of both ends' sockets.
    static func add(_ traffic: Traffic, from end: Int, of conversation: Conversation, to sockets: inout [Socket]) {
        guard traffic.segments > 0 else { return }
        let sender = conversation.ends[end].socket
        let isToItself = conversation.key.isToItself
        let receiver = isToItself ? sender : conversation.ends[1 - end].socket
        if sender >= 0 { sockets[Int(sender)].sent.add(traffic) }
        if receiver >= 0 { sockets[Int(receiver)].received.add(traffic) }
    }
}

// MARK: What a delivery is filled with

extension SocketTable {
    @inline(__always)
    func reference(_ slot: Int32) -> SocketReference {
        SocketReference(slot: slot, name: sockets[Int(slot)].name)
    }

    /// Enters that `slot` sent a packet: so it exists.
    @inline(__always)
    mutating func setSender(_ slot: Int32, payloadLength: UInt32, _ delivery: inout Delivery) {
        guard slot >= 0 else { return }
        sockets[Int(slot)].sent.count(payloadLength)
        if sockets[Int(slot)].evidence == .presumed { sockets[Int(slot)].evidence = .capture }
        delivery.sender = reference(slot)
    }

    /// Enters that `slot` gets a packet.
    @inline(__always)
    mutating func setReceiver(_ slot: Int32, _ rule: Rule, payloadLength: UInt32, _ delivery: inout Delivery) {
        sockets[Int(slot)].received.count(payloadLength)
        delivery.receiver = reference(slot)
        delivery.rule = rule
        delivery.evidence = sockets[Int(slot)].evidence
    }

    /// What was counted for a receiver reached nobody, as a later frame says.
    mutating func takeBack(_ payloadLength: UInt32, from receiver: Int32, _ transport: IPProtocol) {
        if receiver >= 0 { sockets[Int(receiver)].received.takeBack(payloadLength) }
        countNobody(transport, payloadLength)
    }

    private mutating func countNobody(_ transport: IPProtocol, _ payloadLength: UInt32) {
        switch transport {
        case .tcp: nobody.tcp.count(payloadLength)
        case .udpLite: nobody.udpLite.count(payloadLength)
        default: nobody.udp.count(payloadLength)
        }
    }

    mutating func setNobody(_ transport: IPProtocol, payloadLength: UInt32, _ delivery: inout Delivery) {
        countNobody(transport, payloadLength)
        delivery.receiver = nil
        delivery.rule = .closedPort
        delivery.evidence = .capture
    }
}
