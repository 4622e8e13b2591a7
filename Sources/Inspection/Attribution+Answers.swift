import Demux
import HostSockets
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
        /// One that the kernel named for the same destination a moment ago and does not find now. Its end was not heard of
        /// yet: the notice comes when the last reader of the tables has gone (RCU), some milliseconds later.
        case closing(HostSocket)
        case nobody
        /// It goes to every socket that fits (multicast, broadcast).
        case many
        /// Another machine's, or no group of this one's.
        case elsewhere
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
        case .closing, .many, .elsewhere, .unknown: .unavailable
        }
    }

    // MARK: Asking

    mutating func answer(_ query: Query) -> Answer {
        do {
            switch try facts.reach(of: query.destination.address, device: query.device) {
            case .elsewhere, .otherGroup: return .elsewhere
            case .broadcast, .joinedGroup: return query.transport == .udp ? .many : .elsewhere
            case .local: break
            }
            let found = try facts.socket(for: query.question)
            let isForListener = query.transport == .tcp && found?.kind == .listener
            if let found, !isForListener || query.isSYN { return .socket(found) }
            // A segment of a connection that only a listener would take now: the connection is over.
            let exact = LookupQuestion(transport: query.transport, source: query.source, destination: query.destination)
            let was = query.isSYN ? nil : gone.connected(exact, at: query.time)
            if let was = was ?? (query.transport == .udp || query.isSYN ? gone.bound(exact, at: query.time) : nil) { return .gone(was) }
            if let found { return .socket(found) }
            return named(query).map { .closing($0) } ?? .nobody
        } catch {
            failure = error
            return .unknown
        }
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
            let wasKnown = table.knows(cookie: host.cookie)
            table.identify(.receiver, of: &delivery, as: host, payloadLength: query.payloadLength, number: query.number)
            delivery.rule = Attribution.rule(host, delivery.rule)
            // Of a four-tuple there is no other; what was bound to a port may have come after the frame, unless it was there before.
            delivery.evidence = host.remote != nil || wasKnown ? .kernel : .presumed
            noteOwners(delivery.receiver, likely: [], &table)
        case .closing(let host):
            guard query.isSYN || query.transport == .udp else { return isTooLate(&table) }
            table.identify(.receiver, of: &delivery, as: host, payloadLength: query.payloadLength, number: query.number)
            delivery.rule = Attribution.rule(host, delivery.rule)
            delivery.evidence = .presumed
            isTooLate(&table)
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
        let receiver = query.isSYN ? members.first ?? host : host
        table.identify(.receiver, of: &delivery, as: receiver, payloadLength: query.payloadLength, number: query.number)
        delivery.rule = Attribution.rule(receiver, delivery.rule)
        delivery.evidence = .kernel
        name(receiver, query)
        if members.count > 1 { enterGroup(members, query, &delivery, &table) }
        let likely = delivery.receiver.map { processes(near: $0, table) } ?? []
        noteOwners(delivery.receiver, likely: likely, &table)
        noteQueue(host, query, delivery.receiver, &table)
        if let receiver = delivery.receiver { nameMaker(of: receiver, &table) }
    }

    /// Remembers a listener or datagram socket for its destination.
    private mutating func name(_ host: HostSocket, _ query: Query) {
        guard host.remote == nil else { return }
        if named.count >= Attribution.mostNamed { named.removeAll(keepingCapacity: true) }
        named[LookupQuestion(transport: query.transport, source: Attribution.anybody, destination: query.destination)] = host
    }

    /// The one that was named for that destination, unless its end was heard of.
    private func named(_ query: Query) -> HostSocket? {
        guard query.isSYN || query.transport == .udp else { return nil }
        let key = LookupQuestion(transport: query.transport, source: Attribution.anybody, destination: query.destination)
        return named[key].flatMap { gone.has(cookie: $0.cookie) ? nil : $0 }
    }

    private static let anybody = Endpoint(.ipv4Any, 0)
    private static let mostNamed = 65_536

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
        if let receiver = delivery.receiver {
            // A connection that the kernel had destroyed before the segment came is no longer there to get it.
            guard query.transport == .udp || table.host(receiver)?.isGone == true else { return isTooLate(&table) }
            table.deny(&delivery, payloadLength: query.payloadLength, query.transport)
        }
        delivery.rule = .closedPort
        delivery.evidence = .kernel
        if query.isFirst { _ = checked(query, nil) }
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
