import Wire

/// The look-up, in the order in which the kernel makes it.
extension HostTable {
    /// Who gets it, and every socket on that port that does not. Its cost grows with the sockets on that port.
    public func lookup(_ question: LookupQuestion) -> HostDelivery {
        let arrival = Arrival(question)
        let (receiver, rule) = decide(arrival)
        return delivery(arrival, receiver, rule)
    }

    /// Who gets it, without those that lost: for a bound socket its cost grows with those that are bound to the port,
    /// for a connected one with nothing.
    public func receiver(of question: LookupQuestion) -> (HostDelivery.Receiver, Rule) {
        decide(Arrival(question))
    }

    /// Who gets a new connection's SYN, whatever is connected: the kernel asks so when a four-tuple in TIME_WAIT may be
    /// used again (`tcp_timewait_state_process` gives TCP_TW_SYN), and whoever wants to know the listener afterwards.
    public func listener(for question: LookupQuestion) -> HostDelivery {
        let arrival = Arrival(question)
        let (receiver, rule) = bound(arrival) ?? (.nobody(answer(arrival)), .closedPort)
        return delivery(arrival, receiver, rule)
    }

    /// The socket that sent it, as far as its addresses tell: who would get an answer, on whatever interface.
    public func sender(of question: LookupQuestion) -> HostDelivery.Receiver {
        decide(Arrival(question, isReversed: true, device: nil), toMany: false).receiver
    }

    /// Who is told of an ICMP error (`udp_err`, `tcp_v4_err`, and those of IPv6).
    ///
    /// - Parameters:
    ///   - question: the packet that the error quotes, which came from here, and the device on which the error came.
    ///   - isHard: whether the error ends what a program does: "port unreachable" does, "host unreachable" does not.
    public func error(quoting question: LookupQuestion, isHard: Bool = true) -> HostErrorDelivery {
        let arrival = Arrival(question, isReversed: true, device: question.device)
        guard arrival.transport == .udp else { return connectionError(arrival) }
        let receiver = decide(arrival, toMany: false).receiver
        guard case .socket(let socket) = receiver else {
            if case .nobody = receiver { return HostErrorDelivery(receiver: nil, isTold: false) }
            return HostErrorDelivery(receiver: receiver, isTold: false)
        }
        let isConnected = socket.remote != nil || !rules.contains(.errorToConnected)
        return HostErrorDelivery(receiver: receiver, isTold: isHard && isConnected)
    }

    /// A listener is not looked for. An established connection goes on and retries (RFC 5461); one that is not yet whole
    /// gives up.
    private func connectionError(_ arrival: Arrival) -> HostErrorDelivery {
        guard let slot = connectedSlot(arrival) else { return HostErrorDelivery(receiver: nil, isTold: false) }
        let socket = entries[Int(slot)].socket
        return HostErrorDelivery(
            receiver: .socket(socket), isTold: socket.state == .synSent || socket.state == .synReceived)
    }

    // MARK: - In order

    typealias Decision = (receiver: HostDelivery.Receiver, rule: Rule)

    func decide(_ arrival: Arrival, toMany: Bool = true) -> Decision {
        let goesToMany = toMany && arrival.transport == .udp && isToMany(arrival.to.address)
        // `udp_rcv`, `udpv6_rcv`: before any look-up.
        if goesToMany, rules.contains(.groupDelivery) { return many(arrival) }
        let first = rules.contains(.connectedFirst)
        if first, let found = connectedTo(arrival) { return found }
        if let found = bound(arrival) { return found }
        if !first, let found = connectedTo(arrival) { return found }
        if let found = sixUnderFour(arrival) { return found }
        return (.nobody(answer(arrival)), .closedPort)
    }

    private func answer(_ arrival: Arrival) -> HostDelivery.Answer {
        if isToMany(arrival.to.address) { return .nothing }
        return arrival.transport == .tcp ? .reset : .portUnreachable
    }

    /// `__inet_lookup_established`; for datagrams `udp4_lib_lookup4`, new in 6.13, before that a score of its own.
    private func connectedTo(_ arrival: Arrival) -> Decision? {
        guard let slot = connectedSlot(arrival) else { return nil }
        let socket = entries[Int(slot)].socket
        guard arrival.transport == .tcp else { return (.socket(socket), .datagramConnected) }
        if socket.state == .timeWait {
            return rules.contains(.timeWait) ? (.socket(socket), .timeWait) : nil
        }
        return (.socket(socket), .fourTuple)
    }

    /// `inet_match`, `inet6_match`: four-tuple, device; the latest of several.
    func connectedSlot(_ arrival: Arrival) -> Int32? {
        if !rules.contains(.peer) {
            return ports[arrival.portKey]?.connected.last { entries[Int($0)].place.local == arrival.to }
        }
        let key = ConnectedKey(transport: arrival.transport, local: arrival.to, remote: arrival.from)
        return connected[key]?.last { fitsDevice(entries[Int($0)].place, arrival) }
    }

    /// `__inet_lookup_listener`, `__udp4_lib_lookup` and those of IPv6: those that are bound to the address, then those
    /// that stand for every address.
    func bound(_ arrival: Arrival) -> Decision? {
        guard let port = ports[arrival.portKey] else { return nil }
        guard rules.contains(.addressFirst) else { return best(port, arrival) { $0.fitsAddress(arrival) } }
        return best(port, arrival) { $0.local.address == arrival.to.address }
            ?? best(port, arrival) { $0.local.address.isWildcard }
    }

    /// `inet_lhash2_lookup`, `udp4_lib_lookup2`: along the chain, the first of the highest score, but a reuse-port group
    /// ends it.
    private func best(_ port: Port, _ arrival: Arrival, where fits: (Place) -> Bool) -> Decision? {
        var result: Int32?
        var highest = 0
        for slot in rules.contains(.latestFirst) ? port.bound.reversed() : port.bound {
            let entry = entries[Int(slot)]
            guard fits(entry.place), takes(entry.place, arrival), fitsDevice(entry.place, arrival) else { continue }
            let score = score(entry.place, arrival)
            guard score > highest else { continue }
            highest = score
            result = slot
            // "Fall back to scoring if group has connections" (`udp4_lib_lookup2`).
            if let group = groups[entry.group], !(group.hasConnections && rules.contains(.groupScore)) { break }
        }
        return result.map(decision)
    }

    private func decision(_ slot: Int32) -> Decision {
        let entry = entries[Int(slot)]
        if let group = groups[entry.group] {
            let members = selectable(group).map { entries[Int($0)].socket }
            if members.count > 1 { return (.group(members), .reusePortGroup) }
            if let only = members.first { return (.socket(only), HostTable.rule(entry.place)) }
        }
        return (.socket(entry.socket), HostTable.rule(entry.place))
    }

    /// `udp4_lib_lookup1`, new in 6.14: nobody found, the kernel goes through all on the port once more, since one may be
    /// changing its address just now. There it meets IPv6 sockets under the address that they have for IPv4: 127.0.0.6
    /// (LOOPBACK4_IPV6), meant to fit nothing. One that was bound to `::` and then connected is not v6only, and has no
    /// IPv4 peer but a peer's port.
    private func sixUnderFour(_ arrival: Arrival) -> Decision? {
        guard arrival.transport == .udp, arrival.to.address == HostTable.sixUnderFourAddress,
            rules.contains(.sixUnderFour)
        else { return nil }
        let fitting = (ports[arrival.portKey]?.connected ?? []).filter { slot in
            let place = entries[Int(slot)].place
            return place.family == .six && place.local.address.version == .six && !place.isIPv6Only
                && place.remote?.port == arrival.from.port && fitsDevice(place, arrival)
        }
        // A device counts more. Of several the kernel prefers one that has received on this very processor
        // (`sk_incoming_cpu`), which is not to be seen.
        let ofDevice = fitting.filter { entries[Int($0)].place.device != 0 }
        let best = (ofDevice.isEmpty ? fitting : ofDevice).map { entries[Int($0)].socket }
        guard let first = best.first else { return nil }
        return (best.count > 1 ? .group(best) : .socket(first), .datagramAddress)
    }

    private static let sixUnderFourAddress = IPAddress(ipv4: 0x7f00_0006)

    private static func rule(_ place: Place) -> Rule {
        switch (place.transport, place.local.address.isWildcard) {
        case (.tcp, false): .listenerAddress
        case (.tcp, true): .listenerWildcard
        case (_, false): .datagramAddress
        case (_, true): .datagramWildcard
        }
    }

    // MARK: - To many

    /// `__udp4_lib_mcast_deliver`, `__udp6_lib_mcast_deliver`: each that `__udp_is_mcast_sock` lets through.
    private func many(_ arrival: Arrival) -> Decision {
        let sockets = (ports[arrival.portKey]).map { port in
            (port.connected.reversed() + port.bound.reversed()).filter { fitsGroup(entries[Int($0)].place, arrival) }
                .map { entries[Int($0)].socket }
        }
        guard let sockets, !sockets.isEmpty else { return (.nobody(.nothing), .groupDelivery) }
        return (.several(sockets), .groupDelivery)
    }

    private func fitsGroup(_ place: Place, _ arrival: Arrival) -> Bool {
        place.fitsAddress(arrival) && takes(place, arrival) && fitsDevice(place, arrival)
            && (place.remote == nil || place.remote == arrival.from) && takesGroup(place, arrival)
    }

    /// IP_MULTICAST_ALL is on until a program turns it off: it is enough that somebody has joined. But an IPv6 socket
    /// has it for IPv6 alone (`inet6_create`), and gets of an IPv4 group what it has itself joined, which is not seen.
    func takesGroup(_ place: Place, _ arrival: Arrival) -> Bool {
        !(place.family == .six && arrival.version == .four && arrival.to.address.isMulticast)
    }

    func isToMany(_ address: IPAddress) -> Bool {
        address.isMulticast || address.isLimitedBroadcast || broadcastAddresses.contains(address)
    }
}
