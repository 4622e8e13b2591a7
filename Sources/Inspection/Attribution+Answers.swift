import Demux
import HostSockets
import Platform
import Wire

extension Attribution {
    /// A packet as the kernel is asked about it.
    struct Query {
        let transport: IPProtocol
        let source: Endpoint
        let destination: Endpoint
        let payloadLength: UInt32
        let number: UInt64
        let time: Int64
        /// Whether it is a SYN for a listener.
        var isSYN = false
        /// Whether the rule is held against the kernel.
        var isFirst = false
        var device: UInt32 = 0

        init(_ packet: borrowing Packet, _ ends: (source: Endpoint, destination: Endpoint), number: UInt64, time: Int64) {
            transport = packet.fourTuple.transport
            source = ends.source
            destination = ends.destination
            payloadLength = packet.payloadLength
            self.number = number
            self.time = time
        }

        /// With both ends, whatever it is.
        var exact: LookupQuestion { LookupQuestion(transport: transport, source: source, destination: destination) }

        /// With source port 0 for a SYN: no connection has that, so that the listener is found.
        var question: LookupQuestion {
            let from = isSYN ? Endpoint(source.address, 0) : source
            return LookupQuestion(transport: transport, source: from, destination: destination, device: device)
        }
    }

    enum Answer {
        case socket(HostSocket)
        /// The one that was there, by the kernel's notice of its end.
        case gone(HostSocket)
        /// The most likely of several. One that was there is not found now, and its end was not heard of yet: the notice
        /// comes when the last reader of the tables has gone (RCU), some milliseconds later. Or the one that is found now
        /// may have come after the packet, to a port that has changed hands.
        case uncertain(HostSocket)
        case nobody
        /// It goes to every socket that fits (multicast, broadcast).
        case many
        /// Another machine's, or no group of this one's.
        case elsewhere
        /// To a group that nobody here has joined.
        case notJoined
        /// The kernel could not be asked.
        case unknown
    }

    /// What is known of a SYN's or a datagram's fate before it is delivered.
    mutating func foresee(_ packet: borrowing Packet, number: UInt64, time: Int64) -> Foresight {
        guard let ends = packet.endpoints, packet.fourTuple.transport != .udpLite else { return .unavailable }
        hear()
        var query = Query(packet, ends, number: number, time: time)
        query.isSYN = Attribution.isSYN(packet)
        query.device = arrivalDevice(ends)
        let answer = answer(query)
        foreseen = (number, answer)
        return switch answer {
        case .socket, .gone: .accepted
        case .nobody: .refused(frame: 0)
        case .uncertain, .many, .elsewhere, .notJoined, .unknown: .unavailable
        }
    }

    // MARK: Asking

    mutating func answer(_ query: Query) -> Answer {
        do {
            switch try facts.reach(of: query.destination.address, device: query.device) {
            case .elsewhere: return .elsewhere
            case .otherGroup: return query.transport == .udp ? .notJoined : .elsewhere
            case .broadcast, .joinedGroup: return query.transport == .udp ? .many : .elsewhere
            case .local: break
            }
            let found = try facts.socket(for: query.question)
            let exact = LookupQuestion(transport: query.transport, source: query.source, destination: query.destination)
            if query.isSYN || query.transport == .udp { return try bound(found, exact, at: query.time) }
            if let found, found.kind == .connected {
                if asksAlways { self.found.insert(exact) }
                return .socket(found)
            }
            // A segment of a connection that only a listener would take now: the connection is over.
            if let was = gone.connected(exact, at: query.time) ?? awaitNotice(exact, at: query.time) { return .gone(was) }
            return found.map { .socket($0) } ?? .nobody
        } catch {
            failure = error
            return .unknown
        }
    }

    /// The kernel tells of a destroyed socket when a core is free to (`sock_diag_broadcast_destroy` leaves it to a work queue).
    /// Where the kernel is asked about each frame, there is time to wait for it, if there was a socket.
    private mutating func awaitNotice(_ question: LookupQuestion, at time: Int64) -> HostSocket? {
        guard found.contains(question) else { return nil }
        for _ in 0..<Attribution.longestNotice {
            var none: [Awaited] = []
            _ = try? waitUntilReady(&none, milliseconds: 1)
            hear()
            if let was = gone.connected(question, at: time) { return was }
        }
        return nil
    }

    /// In milliseconds.
    private static let longestNotice = 250

    /// What a look-up of now says of a SYN or a datagram that came a moment ago.
    private mutating func bound(
        _ found: HostSocket?, _ question: LookupQuestion, at time: Int64
    ) throws(NetlinkError) -> Answer {
        // Of a four-tuple there is but one socket at a time.
        if let found, found.remote != nil { return .socket(found) }
        if found == nil, question.transport == .udp, let was = gone.connected(question, at: time) { return .gone(was) }
        let was = gone.bound(question, at: time)
        if let found {
            let wasThere = bounds.wasThere(found, at: time)
            bounds.note(found, at: facts.now)
            if was == nil, wasThere { return .socket(found) }
            if let was { return .uncertain(was) }
            // It was not seen before the packet: is it a port's first socket, or one of several in turn?
            if gone.hasChanged(question, at: time) || bounds.hasVanished(question, at: time) { return .uncertain(found) }
            if others(than: found, question).isEmpty { return .socket(found) }
            // Those beside it may be closing just now. Where they go on, and listen alike, they are its group, and of that
            // no member is named.
            try bounds.refresh(facts, isFresh: true)
            let isGroups = others(than: found, question).allSatisfy { question.transport == .tcp && $0.local == found.local && $0.device == found.device }
            return isGroups ? .socket(found) : .uncertain(found)
        }
        if let was { return bounds.wasThere(was, at: time) ? .gone(was) : .uncertain(was) }
        let closing = bounds.fitting(question, at: time).first { !gone.has(cookie: $0.cookie) }
        return closing.map { .uncertain($0) } ?? .nobody
    }

    private func others(than found: HostSocket, _ question: LookupQuestion) -> [HostSocket] {
        bounds.fitting(question).filter { $0.cookie != found.cookie && !gone.has(cookie: $0.cookie) }
    }

    /// The interface that a packet counts as come over.
    mutating func arrivalDevice(_ ends: (source: Endpoint, destination: Endpoint)) -> UInt32 {
        do {
            if try facts.reach(of: ends.source.address, device: 0) == .local { return try facts.owningDevice(of: ends.destination.address) }
            return device != 0 ? device : try facts.arrivalDevice(from: ends.source.address)
        } catch {
            failure = error
            return device
        }
    }

    // MARK: Entering what was answered

    mutating func apply(_ answer: Answer, _ query: Query, _ delivery: inout Delivery, _ table: inout SocketTable) {
        switch answer {
        case .socket(let host):
            guard query.transport != .tcp || host.kind == delivery.receiver?.name.kind || delivery.receiver == nil else {
                return isTooLate(&table)
            }
            enter(host, query, &delivery, &table)
        case .gone(let host):
            table.identify(.receiver, of: &delivery, as: host, payloadLength: query.payloadLength, number: query.number)
            delivery.rule = Attribution.rule(host, delivery.rule)
            delivery.evidence = .kernel
            noteOwners(delivery.receiver, likely: [], &table)
            if query.isFirst { counts.notCompared += 1 }
        case .uncertain(let host):
            table.identify(.receiver, of: &delivery, as: host, payloadLength: query.payloadLength, number: query.number)
            delivery.rule = Attribution.rule(host, delivery.rule)
            delivery.evidence = .presumed
            noteOwners(delivery.receiver, likely: [], &table)
            if query.isFirst { counts.notCompared += 1 }
            isTooLate(&table)
        case .notJoined: enterNotJoined(query, &delivery, &table)
        case .nobody: enterNobody(query, &delivery, &table)
        case .many: enterMany(query, &delivery, &table)
        case .elsewhere: counts.elsewhere += 1
        case .unknown: break
        }
    }

    private mutating func enter(_ host: HostSocket, _ query: Query, _ delivery: inout Delivery, _ table: inout SocketTable) {
        let said = query.isFirst ? checked(query, host) : nil
        var members: [HostSocket] = []
        if case .group(let sockets)? = said?.receiver { members = sockets }
        // Which member of a group gets a SYN, the kernel says only of the four-tuple, which has its connection by now.
        // Nor does it say so afterwards; whoever has asked before the SYN was sent knows.
        let chosen = query.isSYN && members.count > 1 ? facts.member(for: query.exact) : nil
        let receiver = query.isSYN ? chosen ?? members.first ?? host : host
        table.identify(.receiver, of: &delivery, as: receiver, payloadLength: query.payloadLength, number: query.number)
        delivery.rule = Attribution.rule(receiver, delivery.rule)
        delivery.evidence = .kernel
        if chosen != nil {
            delivery.rule = .reusePortGroup
        } else if members.count > 1, query.isSYN || isGroup(query) {
            enterGroup(members, query, &delivery, &table)
        }
        let likely = delivery.receiver.map { processes(near: $0, table) } ?? []
        noteOwners(delivery.receiver, likely: likely, &table)
        noteQueue(host, query, delivery.receiver, &table)
        if let receiver = delivery.receiver { nameMaker(of: receiver, &table) }
    }

    /// Whether datagram sockets that are bound alike share a port by SO_REUSEPORT. The kernel does not show that; it gives
    /// the datagrams of different senders to different members then, and else all to the last that was bound.
    private func isGroup(_ query: Query) -> Bool {
        var question = query.question
        var first: UInt64?
        for port in 1...Attribution.groupSamples {
            question.source = Endpoint(query.source.address, UInt16(port * 37))
            guard let found = try? facts.socket(for: question), found.remote == nil else { continue }
            if let first, first != found.cookie { return true }
            first = found.cookie
        }
        return false
    }

    /// So many are never all given to one of a group, but once in 32,768 times.
    private static let groupSamples = 16

    private mutating func enterGroup(
        _ members: [HostSocket], _ query: Query, _ delivery: inout Delivery, _ table: inout SocketTable
    ) {
        delivery.rule = .reusePortGroup
        var receivers: [SocketReference] = []
        for member in members.prefix(Attribution.mostReceivers) {
            let reference = table.enter(member, number: query.number)
            table.updateHost(reference) { $0.groupSize = members.count }
            if query.isSYN { noteOwners(reference, likely: [], &table) }
            receivers.append(reference)
        }
        if query.isSYN { table.remark { $0.receivers = receivers } }
    }

    private mutating func enterNobody(_ query: Query, _ delivery: inout Delivery, _ table: inout SocketTable) {
        if delivery.receiver != nil {
            // What a connection has left in TIME_WAIT ends without a notice, by the very segment that is asked about.
            guard query.transport == .udp else { return isTooLate(&table) }
            table.deny(&delivery, payloadLength: query.payloadLength, query.transport, number: query.number)
        }
        delivery.rule = .closedPort
        delivery.evidence = .kernel
        if query.isFirst { _ = checked(query, nil) }
    }

    /// The IP layer takes in only what is for a group that somebody has joined (`ip_check_mc_rcu`).
    private mutating func enterNotJoined(_ query: Query, _ delivery: inout Delivery, _ table: inout SocketTable) {
        if delivery.receiver != nil {
            table.deny(&delivery, payloadLength: query.payloadLength, query.transport, number: query.number)
        }
        delivery.rule = .closedPort
        delivery.evidence = .kernel
    }

    /// Of multicast and broadcast the kernel's look-up names but one, so that the rule alone says who gets a copy.
    private mutating func enterMany(_ query: Query, _ delivery: inout Delivery, _ table: inout SocketTable) {
        do {
            var rule = HostTable(try facts.bound(.udp))
            rule.broadcastAddresses.insert(query.destination.address)
            let sockets = rule.lookup(query.question).sockets
            guard let first = sockets.first else { return }
            table.identify(.receiver, of: &delivery, as: first, payloadLength: query.payloadLength, number: query.number)
            let receivers = sockets.prefix(Attribution.mostReceivers).map { table.enter($0, number: query.number) }
            delivery.rule = .groupDelivery
            delivery.evidence = .presumed
            for receiver in receivers { noteOwners(receiver, likely: [], &table) }
            table.remark { $0.receivers = receivers }
        } catch {
            failure = error
        }
    }

    private mutating func isTooLate(_ table: inout SocketTable) {
        counts.tooLate += 1
        table.remark { $0.isTooLate = true }
    }

    private mutating func checked(_ query: Query, _ host: HostSocket?) -> HostDelivery? {
        do {
            return try rules.check(query.question, isSYN: query.isSYN, host, frame: query.number, facts)
        } catch {
            failure = error
            return nil
        }
    }

    static let mostReceivers = 16

    /// The rule by which a socket was found.
    static func rule(_ host: HostSocket, _ known: Rule) -> Rule {
        let isWildcard = host.local.address.isWildcard
        switch host.kind {
        case .connected: return known == .timeWait || known == .icmpError ? known : .fourTuple
        case .listener: return isWildcard ? .listenerWildcard : .listenerAddress
        case .datagram: return host.remote != nil ? .datagramConnected : isWildcard ? .datagramWildcard : .datagramAddress
        }
    }
}
