import Wire

// MARK: Sockets

extension SocketTable {
    mutating func add(_ socket: Socket) -> Int32 {
        generation &+= 1
        if let slot = freeSockets.popLast() {
            sockets[Int(slot)] = socket
            return slot
        }
        sockets.append(socket)
        return Int32(truncatingIfNeeded: sockets.count - 1)
    }

    mutating func newName(_ kind: SocketKind) -> SocketName {
        let place = Int(kind.rawValue)
        defer { nextNumber[place] &+= 1 }
        return SocketName(kind, nextNumber[place])
    }

    mutating func openConnected(
        _ local: Endpoint, _ remote: Endpoint, _ state: SocketState, _ evidence: Evidence,
        _ opening: SocketEvent.Opening, _ conversation: Int, _ number: UInt64
    ) -> Int32 {
        var socket = Socket(
            newName(.connected), local: local, remote: remote, transport: .tcp, state: state, evidence: evidence,
            firstFrame: number)
        socket.conversation = Int32(truncatingIfNeeded: conversation)
        let slot = add(socket)
        events.append(.opened(reference(slot), opening))
        return slot
    }

    /// A listener or a datagram socket, entered under what it is bound to.
    mutating func openBound(
        _ kind: SocketKind, _ local: Endpoint, _ transport: IPProtocol, _ state: SocketState, _ evidence: Evidence,
        _ key: BindingKey, _ number: UInt64
    ) -> Int32 {
        var socket = Socket(
            newName(kind), local: local, remote: nil, transport: transport, state: state, evidence: evidence,
            firstFrame: number)
        socket.isServer = kind == .listener
        let slot = add(socket)
        if kind == .listener { listenerCount += 1 }
        let (sockets, hasher) = (self.sockets, self.hasher)
        bindings.insert(key.hash(hasher), slot) { SocketTable.bindingHash(sockets[Int($0)], hasher) }
        return slot
    }

    private static func bindingHash(_ socket: Socket, _ hasher: KeyedHash) -> UInt64 {
        BindingKey(socket.local, socket.transport).hash(hasher)
    }

    /// The listener or datagram socket with this key, or -1.
    func findBinding(_ key: BindingKey) -> Int32 {
        bindings.find(key.hash(hasher)) { BindingKey(sockets[Int($0)].local, sockets[Int($0)].transport) == key }
    }

    mutating func setPeers(_ slot: Int) {
        let one = conversations[slot].ends[0].socket
        let two = conversations[slot].ends[1].socket
        guard one >= 0, two >= 0 else { return }
        sockets[Int(one)].peer = sockets[Int(two)].name
        sockets[Int(two)].peer = sockets[Int(one)].name
    }

    mutating func endListener(_ endpoint: Endpoint, _ ending: SocketEnding) {
        let slot = findBinding(BindingKey(endpoint, .tcp))
        guard slot >= 0 else { return }
        guard sockets[Int(slot)].evidence == .presumed, case .gone(let frame) = ending else {
            endSocket(slot, ending)
            return
        }
        endSocket(slot, .disproved(frame: frame))
    }

    /// Takes a socket off the table. It stays listed among the last that ended.
    mutating func endSocket(_ slot: Int32, _ ending: SocketEnding) {
        guard slot >= 0, !sockets[Int(slot)].isEnded else { return }
        generation &+= 1
        sockets[Int(slot)].ending = ending
        sockets[Int(slot)].state = ending == .timeWait ? .timeWait : .closed
        if sockets[Int(slot)].name.kind != .connected { unbind(slot) }
        events.append(.ended(reference(slot), ending))
        if endedSockets.count < limits.endedSockets {
            endedSockets.append(slot)
        } else if !endedSockets.isEmpty {
            release(endedSockets[oldestEnded])
            endedSockets[oldestEnded] = slot
            oldestEnded = (oldestEnded + 1) % endedSockets.count
        }
    }

    /// Ends a socket whose four-tuple is used again, also one that waits in TIME_WAIT: the new connection takes its place
    /// (RFC 9293 §3.6.1; the kernel's `tcp_timewait_state_process`).
    private mutating func replaceSocket(_ slot: Int32, _ ending: SocketEnding) {
        guard slot >= 0, sockets[Int(slot)].ending == .timeWait else {
            endSocket(slot, ending)
            return
        }
        sockets[Int(slot)].ending = ending
        sockets[Int(slot)].state = .closed
        generation &+= 1
        events.append(.ended(reference(slot), ending))
    }

    mutating func unbind(_ slot: Int32) {
        let (sockets, hasher) = (self.sockets, self.hasher)
        bindings.remove(SocketTable.bindingHash(sockets[Int(slot)], hasher), slot) {
            SocketTable.bindingHash(sockets[Int($0)], hasher)
        }
        if sockets[Int(slot)].name.kind == .listener { listenerCount -= 1 }
    }

    /// Gives a socket's slot back. Its conversation goes with the last of its sockets.
    private mutating func release(_ slot: Int32) {
        let socket = sockets[Int(slot)]
        sockets[Int(slot)].isFree = true
        hosts.forget(slot)
        // A listener's slot waits for the last conversation that names it.
        if socket.name.kind != .listener || socket.references == 0 { freeSockets.append(slot) }
        notListed &+= 1
        let place = Int(socket.conversation)
        guard place >= 0, conversations[place].names(socket, at: slot) else { return }
        settleTraffic(place)
        for end in 0...1 where conversations[place].ends[end].socket == slot { conversations[place].ends[end].socket = -1 }
        if conversations[place].phase == .ended, conversations[place].ends[0].socket < 0, conversations[place].ends[1].socket < 0 {
            removeConversation(place)
        }
    }
}

// MARK: Conversations

extension SocketTable {
    /// Makes room for a TCP conversation on a four-tuple, ending one that was there.
    mutating func beginConversation(_ segment: Segment, _ hash: UInt64, _ found: Int32) -> Int {
        guard found >= 0 else { return newConversation(segment.key, hash, .established, segment.number) }
        let slot = Int(found)
        let old = conversations[slot]
        settleTraffic(slot)
        for end in 0...1 { replaceSocket(old.ends[end].socket, .replaced(frame: segment.number)) }
        setListener(-1, slot)
        conversations[slot] = Conversation(key: old.key, id: nextConversationID, stream: old.stream, phase: .established)
        nextConversationID += 1
        return slot
    }

    mutating func newConversation(
        _ key: ConversationKey, _ hash: UInt64, _ phase: Conversation.Phase, _ number: UInt64
    ) -> Int {
        if numberedCount > 0, phase != .datagrams, let slot = takeNumbered(key, hash, phase) { return slot }
        if conversationCount >= limits.conversations { evictConversation(at: number) }
        var conversation = Conversation(key: key, id: nextConversationID, phase: phase)
        conversation.lastFrame = UInt32(truncatingIfNeeded: number)
        nextConversationID += 1
        conversationCount += 1
        let slot: Int32
        if let free = freeConversations.popLast() {
            slot = free
            conversations[Int(slot)] = conversation
        } else {
            conversations.append(conversation)
            slot = Int32(truncatingIfNeeded: conversations.count - 1)
        }
        let (conversations, hasher) = (self.conversations, self.hasher)
        index.insert(hash, slot) { conversations[Int($0)].key.hash(hasher) }
        return Int(slot)
    }

    /// The conversation of which only a first fragment or a quote was seen, which begins only now.
    private mutating func takeNumbered(_ key: ConversationKey, _ hash: UInt64, _ phase: Conversation.Phase) -> Int? {
        let found = index.find(hash) { conversations[Int($0)].key == key }
        guard found >= 0, conversations[Int(found)].phase == .numbered else { return nil }
        conversations[Int(found)].phase = phase
        numberedCount -= 1
        return Int(found)
    }

    /// On its own, so that the copy of the array is gone before the array is written to.
    private mutating func removeFromIndex(_ slot: Int) {
        let (conversations, hasher) = (self.conversations, self.hasher)
        index.remove(conversations[slot].key.hash(hasher), Int32(truncatingIfNeeded: slot)) {
            conversations[Int($0)].key.hash(hasher)
        }
    }

    mutating func setBase(_ sequence: SequenceNumber, ofEnd end: Int, _ slot: Int) {
        conversations[slot].ends[end].base = sequence
        conversations[slot].ends[end].baseOrigin = .syn
        conversations[slot].ends[end].next = sequence + 1
    }

    mutating func setListener(_ listener: Int32, _ slot: Int) {
        let old = conversations[slot].listener
        if old == listener { return }
        conversations[slot].listener = listener
        if listener >= 0 { sockets[Int(listener)].references += 1 }
        guard old >= 0 else { return }
        sockets[Int(old)].references -= 1
        guard sockets[Int(old)].references == 0 else { return }
        if sockets[Int(old)].isFree {
            freeSockets.append(old)
        } else if !sockets[Int(old)].isEnded, listenerCount > limits.idleListeners {
            unbind(old)
            release(old)
        }
    }

    /// Enters a conversation's traffic in its sockets' own counts, before it is forgotten.
    private mutating func settleTraffic(_ slot: Int) {
        for end in 0...1 {
            SocketTable.add(conversations[slot].ends[end].sent, from: end, of: conversations[slot], to: &sockets)
            conversations[slot].ends[end].sent = Traffic()
        }
    }

    private mutating func removeConversation(_ slot: Int) {
        settleTraffic(slot)
        setListener(-1, slot)
        removeFromIndex(slot)
        if conversations[slot].phase == .numbered { numberedCount -= 1 }
        conversations[slot].isInUse = false
        freeConversations.append(Int32(truncatingIfNeeded: slot))
        conversationCount -= 1
    }

    /// Gives up the conversation not seen for longest among a few: an order of all would cost each packet something.
    private mutating func evictConversation(at number: UInt64) {
        let now = UInt32(truncatingIfNeeded: number)
        var victim = -1
        var looked = 0
        while victim < 0 || looked < 8 {
            evictionHand = (evictionHand + 1) % conversations.count
            looked += 1
            guard conversations[evictionHand].isInUse else { continue }
            let age = now &- conversations[evictionHand].lastFrame
            if victim < 0 || age > now &- conversations[victim].lastFrame { victim = evictionHand }
        }
        let conversation = conversations[victim]
        for end in 0...1 { giveUp(conversation.ends[end], ofDatagrams: conversation.phase == .datagrams) }
        if conversations[victim].isInUse, conversations[victim].id == conversation.id { removeConversation(victim) }
    }

    private mutating func giveUp(_ end: Conversation.End, ofDatagrams: Bool) {
        guard end.socket >= 0, !sockets[Int(end.socket)].isEnded else { return }
        if ofDatagrams {
            // The slot may be another socket's by now, even one of another kind with the same number.
            guard sockets[Int(end.socket)].name == SocketName(.datagram, end.socketNumber) else { return }
            sockets[Int(end.socket)].references -= 1
            if sockets[Int(end.socket)].references > 0 { return }
            unbind(end.socket)
        }
        sockets[Int(end.socket)].conversation = -1
        sockets[Int(end.socket)].ending = .closed
        release(end.socket)
    }
}
