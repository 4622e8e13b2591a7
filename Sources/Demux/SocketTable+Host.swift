import Wire

/// Where the kernel says which of its sockets it was that a packet came from or went to.
///
/// A capture tells sockets by the addresses that it sees, the kernel by cookies: one listener on a wildcard address is
/// one socket, whichever address a SYN names, and of two datagram sockets on a port one may be connected.
extension SocketTable {
    public enum Role: Sendable {
        case sender, receiver
    }

    /// What the kernel said of a socket; `nil` where it was not asked.
    public func host(_ reference: SocketReference) -> HostRecord? { hosts[reference.slot] }

    /// All that the kernel said, for the table at the end.
    public var hostsByName: [SocketName: HostRecord] {
        Dictionary(hosts.all.map { (sockets[Int($0.key)].name, $0.value) }) { first, _ in first }
    }

    public mutating func updateHost(_ reference: SocketReference, _ body: (inout HostRecord) -> Void) {
        hosts.update(reference.slot, body)
    }

    /// Remarks on the last packet make room for those on the next.
    public mutating func clearRemarks() { remarks = HostRemarks() }

    public mutating func remark(_ body: (inout HostRemarks) -> Void) { body(&remarks) }

    /// Enters that it is this socket that sent a packet, or gets it.
    ///
    /// - Parameters:
    ///   - delivery: that of the last packet, which it corrects.
    ///   - payloadLength: the packet's.
    ///   - number: the packet's frame.
    public mutating func identify(
        _ role: Role, of delivery: inout Delivery, as host: HostSocket, payloadLength: UInt32, number: UInt64
    ) {
        let current = (role == .receiver ? delivery.receiver : delivery.sender)?.slot ?? -1
        let target = slot(of: host, standingFor: current, role, number)
        hosts.enter(host, at: target)
        sockets[Int(target)].evidence = .capture
        if target != current { redirect(role, from: current, to: target, &delivery, payloadLength, number) }
        switch role {
        case .sender: delivery.sender = reference(target)
        case .receiver: delivery.receiver = reference(target)
        }
    }

    /// A socket of the kernel's that no packet has shown yet: a candidate, or one of many receivers.
    public mutating func enter(_ host: HostSocket, number: UInt64) -> SocketReference {
        let target = slot(of: host, standingFor: -1, .receiver, number)
        hosts.enter(host, at: target)
        return reference(target)
    }

    /// The kernel says that nobody gets the datagram that this delivery is of.
    public mutating func deny(_ delivery: inout Delivery, payloadLength: UInt32, _ transport: IPProtocol, number: UInt64) {
        let receiver = delivery.receiver?.slot ?? -1
        takeBack(payloadLength, from: receiver, transport)
        delivery.receiver = nil
        delivery.rule = .closedPort
        recentDatagrams.deny(number)
        guard receiver >= 0, delivery.slot >= 0 else { return }
        let slot = Int(delivery.slot)
        let end = Int(delivery.direction ^ 1)
        guard !conversations[slot].key.isToItself, conversations[slot].ends[end].socket == receiver else { return }
        conversations[slot].ends[end].socket = -1
        if sockets[Int(receiver)].references > 0 { sockets[Int(receiver)].references -= 1 }
        retract(receiver, number)
    }

    /// The kernel has destroyed a socket. A connected one ends as its segments tell, and is only noted.
    public mutating func destroy(cookie: UInt64) {
        guard let slot = hosts.slot(ofCookie: cookie) else { return }
        hosts.update(slot) { $0.isGone = true }
        if sockets[Int(slot)].name.kind != .connected { endSocket(slot, .destroyed) }
    }

    /// Events are told, and nothing is delivered yet.
    public mutating func clearEvents() { events.removeAll(keepingCapacity: true) }

    // MARK: Which slot

    private mutating func slot(of host: HostSocket, standingFor current: Int32, _ role: Role, _ number: UInt64) -> Int32 {
        if let known = hosts.slot(ofCookie: host.cookie), !sockets[Int(known)].isFree, fits(known, host) { return known }
        if current >= 0, fits(current, host), hosts[current].map({ $0.socket.cookie == host.cookie }) ?? true { return current }
        return open(host, role, number)
    }

    /// Whether the table's socket may be that one. A listener's cookie is not its children's.
    private func fits(_ slot: Int32, _ host: HostSocket) -> Bool {
        let socket = sockets[Int(slot)]
        return socket.name.kind == host.kind && socket.transport == host.transport
    }

    /// Opens a socket that packets do not find by what it is bound to: only the kernel's answer leads to it.
    private mutating func open(_ host: HostSocket, _ role: Role, _ number: UInt64) -> Int32 {
        let state: SocketState = host.kind == .listener ? .listen : host.kind == .datagram ? .bound : .established
        var socket = Socket(
            newName(host.kind), local: host.local, remote: host.remote, transport: host.transport, state: state,
            evidence: .capture, firstFrame: number)
        socket.isServer = host.kind == .listener || host.kind == .datagram && role == .receiver
        let slot = add(socket)
        if host.kind == .listener { listenerCount += 1 }
        let opening: SocketEvent.Opening =
            switch host.kind {
            case .listener: .passiveOpen
            case .connected: .presumed
            case .datagram: role == .sender ? .sends : .receives
            }
        events.append(.opened(reference(slot), opening))
        return slot
    }

    // MARK: Putting right what the capture made one infer

    private mutating func redirect(
        _ role: Role, from current: Int32, to target: Int32, _ delivery: inout Delivery, _ payloadLength: UInt32,
        _ number: UInt64
    ) {
        let slot = Int(delivery.slot)
        if slot >= 0 {
            let isOwn = role == .sender
            let end = conversations[slot].key.isToItself ? Int(delivery.direction) : Int(delivery.direction ^ (isOwn ? 0 : 1))
            switch sockets[Int(target)].name.kind {
            case .listener: setListener(target, slot)
            case .connected:
                setEnd(end, target, slot)
                sockets[Int(target)].conversation = Int32(slot)
                setPeers(slot)
            case .datagram:
                let old = conversations[slot].ends[end].socket
                if old >= 0, old == current, sockets[Int(old)].references > 0 { sockets[Int(old)].references -= 1 }
                name(target, slot, end)
            }
        }
        guard current >= 0 else { return }
        moveTraffic(role, from: current, to: target, payloadLength)
        retract(current, number)
    }

    /// One packet's, and only where it was entered in the socket's own counts: a connection's own count moves with its end.
    private mutating func moveTraffic(_ role: Role, from current: Int32, to target: Int32, _ payloadLength: UInt32) {
        guard sockets[Int(current)].name.kind != .connected else { return }
        switch role {
        case .sender:
            sockets[Int(current)].sent.takeBack(payloadLength)
            sockets[Int(target)].sent.count(payloadLength)
        case .receiver:
            sockets[Int(current)].received.takeBack(payloadLength)
            sockets[Int(target)].received.count(payloadLength)
        }
    }

    /// A socket that was inferred from this very packet and is none. Its name is given again.
    private mutating func retract(_ slot: Int32, _ number: UInt64) {
        let socket = sockets[Int(slot)]
        let opening = events.firstIndex {
            if case .opened(let opened, _) = $0 { opened.slot == slot } else { false }
        }
        guard let opening, socket.firstFrame == number, !socket.isFree, socket.references == 0 else { return }
        events.remove(at: opening)
        if socket.name.kind != .connected { unbind(slot) }
        let kind = Int(socket.name.kind.rawValue)
        if nextNumber[kind] == socket.name.number &+ 1 { nextNumber[kind] = socket.name.number }
        sockets[Int(slot)].isFree = true
        hosts.forget(slot)
        freeSockets.append(slot)
        generation &+= 1
    }
}

// MARK: What is shown of it

extension SocketTable {
    /// The listener that made a connected socket.
    public func maker(of reference: SocketReference) -> SocketReference? {
        guard let listener = listener(before: reference), listener.name == sockets[Int(reference.slot)].madeBy else { return nil }
        return listener
    }

    /// The listener that the SYN of a connected socket's connection went to: of a group the one that stands for it.
    public func listener(before reference: SocketReference) -> SocketReference? {
        let socket = sockets[Int(reference.slot)]
        guard socket.name.kind == .connected, socket.isServer, socket.conversation >= 0 else { return nil }
        let listener = conversations[Int(socket.conversation)].listener
        return listener >= 0 ? self.reference(listener) : nil
    }

    /// Says which listener made a connected socket; `nil` where that is not known.
    public mutating func setMaker(of reference: SocketReference, _ listener: SocketReference?) {
        sockets[Int(reference.slot)].madeBy = listener?.name
        let slot = Int(sockets[Int(reference.slot)].conversation)
        if let listener, slot >= 0 { setListener(listener.slot, slot) }
    }

    /// The listeners that share an address and a port with this one.
    public func listeners(like host: HostSocket) -> [SocketReference] {
        hosts.all.filter { entry in
            let other = entry.value.socket
            return other.kind == .listener && other.local == host.local && other.device == host.device && !sockets[Int(entry.key)].isFree
        }.map { reference($0.key) }
    }

    /// Keeps the candidates of the kernel's rule for the last packet: the nearest of those that lost, and the winner, in
    /// the order in which the kernel tries them.
    public mutating func setCandidates(
        _ losers: [HostCandidate], winner: HostSocket?, from source: Endpoint, to destination: Endpoint, number: UInt64
    ) {
        func rank(_ host: HostSocket) -> Int { host.remote != nil ? 0 : host.local.address.isWildcard ? 2 : 1 }
        let places = losers.map { (nearness: SocketTable.nearness($0, source), name: nameNumber(of: $0.socket)) }
        // Of equally near ones those with the least names: the kernel's order of connected ones is a hash's.
        let nearest = losers.indices.sorted { (places[$0].nearness, places[$0].name, $0) < (places[$1].nearness, places[$1].name, $1) }
        let shown = nearest.prefix(SocketTable.shownLosers).map { losers[$0] }
        let kept = losers.filter { shown.contains($0) }
        var lines = kept.map { (host: $0.socket, why: Optional($0.why)) }
        if let winner {
            let own = rank(winner)
            let place = lines.firstIndex { own == 0 ? rank($0.host) > 0 : rank($0.host) >= own } ?? lines.count
            lines.insert((winner, nil), at: place)
        }
        remarks.otherCandidates = losers.count - kept.count
        var entered = lines.map { (host: $0.host, why: $0.why, reference: enter($0.host, number: number)) }
        let connected = entered.prefix { rank($0.host) == 0 }.sorted { $0.reference.name.number < $1.reference.name.number }
        entered.replaceSubrange(0..<connected.count, with: connected)
        remarks.candidates = entered.map { line in
            let reference = line.reference
            return Candidate(
                socket: socket(reference), host: line.host, acceptsSource: line.host.remote.map { $0 == source } ?? true,
                acceptsDestination: SocketTable.accepts(line.host, destination), wins: line.why == nil, why: line.why)
        }
    }

    /// `.max` where it has no name yet.
    private func nameNumber(of host: HostSocket) -> UInt32 {
        hosts.slot(ofCookie: host.cookie).map { sockets[Int($0)].name.number } ?? .max
    }

    private static func nearness(_ candidate: HostCandidate, _ source: Endpoint) -> Int {
        guard let remote = candidate.socket.remote else { return 0 }
        return remote.port == source.port || remote.address == source.address ? 1 : 2
    }

    private static func accepts(_ host: HostSocket, _ destination: Endpoint) -> Bool {
        guard host.local.port == destination.port else { return false }
        let address = host.local.address
        return address == destination.address
            || address.isWildcard && (address.version == destination.address.version || host.isDualStack)
    }
}
