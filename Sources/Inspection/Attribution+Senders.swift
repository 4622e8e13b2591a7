import Demux
import HostSockets
import Wire

// MARK: Who sent it, who holds it, who is told

extension Attribution {
    /// Whose socket sent a packet, where it is this machine's: the one that would get an answer.
    mutating func identifySender(_ query: Query, _ delivery: inout Delivery, _ table: inout SocketTable) {
        guard let sender = delivery.sender else { return }
        if let known = table.host(sender), !known.isGone, sender.name.kind != .datagram || known.socket.remote != nil {
            if known.ownership == .unknown { noteOwners(sender, likely: processes(near: sender, table), &table) }
            if known.groupSize > 1, sender.name.kind == .listener { delivery.sender = nil }
            return
        }
        var back = LookupQuestion(transport: query.transport, source: query.destination, destination: query.source)
        if sender.name.kind == .listener { back.source = Endpoint(back.source.address, 0) }
        guard let host = local(back, at: query.time), host.kind == sender.name.kind else { return }
        table.identify(.sender, of: &delivery, as: host, payloadLength: query.payloadLength, number: query.number)
        noteOwners(delivery.sender, likely: [], &table)
    }

    /// The socket that an answer would reach, or the one that was there a moment ago.
    private mutating func local(_ question: LookupQuestion, at time: Int64) -> HostSocket? {
        var question = question
        do {
            guard try facts.reach(of: question.destination.address, device: 0) == .local else { return nil }
            let ends = (source: question.source, destination: question.destination)
            question.device = arrivalDevice(ends)
            if let found = try facts.socket(for: question) {
                if question.transport == .udp || question.source.port == 0 || found.kind == .connected { return found }
            }
            return gone.connected(question, at: time) ?? (question.transport == .udp ? gone.bound(question, at: time) : nil)
        } catch {
            failure = error
            return nil
        }
    }

    /// An ICMP error is for the socket that sent what it quotes. A datagram socket's program hears of it only if it is
    /// connected (`udp_err`).
    mutating func attributeError(
        _ packet: borrowing Packet, _ bytes: Span<UInt8>, number: UInt64, time: Int64, _ delivery: inout Delivery,
        _ table: inout SocketTable
    ) {
        guard let inner = packet.quoted(in: bytes), let ends = inner.endpoints, inner.fourTuple.transport != .udpLite else { return }
        hear()
        let back = LookupQuestion(transport: inner.fourTuple.transport, source: ends.destination, destination: ends.source)
        guard let host = local(back, at: time), back.transport == .udp || host.kind == .connected else { return }
        table.identify(.receiver, of: &delivery, as: host, payloadLength: 0, number: number)
        delivery.rule = .icmpError
        delivery.evidence = .kernel
        if back.transport == .udp, host.remote == nil { table.remark { $0.isUntold = true } }
        noteOwners(delivery.receiver, likely: [], &table)
    }

    // MARK: Owners

    /// Finds out who holds a socket, unless that is known or was asked a moment ago.
    mutating func noteOwners(_ reference: SocketReference?, likely: [Int32], _ table: inout SocketTable) {
        guard let reference, let host = table.host(reference) else { return }
        if !host.isGone {
            switch facts.owners(of: host.socket.inode, likely: likely + recentOwners + likelyOwners) {
            case .found(let owners):
                table.updateHost(reference) { $0.ownership = .found(owners) }
                remember(owners)
            // Whoever held it last stays known for the table at the end.
            case .nobody where host.owners.isEmpty || host.socket.inode != 0: table.updateHost(reference) { $0.ownership = .nobody }
            case .notYet where host.ownership == .unknown: wait(for: reference)
            case .nobody, .notYet: break
            }
        }
        if let host = table.host(reference) { count(host) }
    }

    /// Whoever held the last sockets is likely to hold the next.
    private mutating func remember(_ owners: [SocketOwner]) {
        for owner in owners where !recentOwners.contains(owner.processID) {
            if recentOwners.count == Attribution.mostRecentOwners { recentOwners.removeFirst() }
            recentOwners.append(owner.processID)
        }
    }

    private mutating func wait(for reference: SocketReference) {
        guard ownerless.count < Attribution.mostOwnerless, !ownerless.contains(reference) else { return }
        ownerless.append(reference)
    }

    /// Asks again for those whose owner could not be sought when it was asked for.
    mutating func seekOwners(_ table: inout SocketTable) {
        let waiting = ownerless
        ownerless.removeAll(keepingCapacity: true)
        for reference in waiting where table.host(reference)?.ownership == .unknown {
            noteOwners(reference, likely: [], &table)
        }
    }

    /// Who is likely to hold it: whoever holds the listener that made it.
    func processes(near reference: SocketReference, _ table: borrowing SocketTable) -> [Int32] {
        guard let maker = table.maker(of: reference), let host = table.host(maker) else { return [] }
        return Array(Set(host.owners.map(\.processID))).sorted()
    }

    /// Which member of a group made a connection, the kernel does not say: it is known once a process has accepted it, and
    /// only one member is that process's.
    mutating func nameMaker(of reference: SocketReference, _ table: inout SocketTable) {
        guard let maker = table.listener(before: reference), let group = table.host(maker), group.groupSize > 1 else { return }
        let holders = Set(table.host(reference)?.owners.map(\.processID) ?? [])
        let members = table.listeners(like: group.socket).filter { member in
            table.host(member)?.owners.contains { holders.contains($0.processID) } ?? false
        }
        table.setMaker(of: reference, members.count == 1 ? members[0] : nil)
    }

    /// How many wait, where this is a connection that waits or a listener whose queue is full.
    mutating func noteQueue(_ host: HostSocket, _ query: Query, _ receiver: SocketReference?, _ table: inout SocketTable) {
        if query.isSYN, host.isAcceptQueueFull, !hasChild(query) { table.remark { $0.isQueueFull = true } }
        guard host.waitsToBeAccepted || host.isHalfOpen, let receiver else { return }
        // Of a group only the four-tuple's hash says whose queue it is.
        if let maker = table.listener(before: receiver), table.host(maker)?.groupSize ?? 1 > 1 { return }
        var question = query.question
        question.source = Endpoint(question.source.address, 0)
        guard let listener = try? facts.socket(for: question), listener.kind == .listener else { return }
        table.updateHost(receiver) { $0.waiting = listener.receiveQueue }
    }

    /// Whether a SYN has made a connection already: it may be what fills the queue.
    private func hasChild(_ query: Query) -> Bool {
        let exact = LookupQuestion(transport: .tcp, source: query.source, destination: query.destination, device: query.device)
        return (try? facts.socket(for: exact))?.kind == .connected
    }

    // MARK: Why the others lost

    /// The candidates of the kernel's rule, over all sockets that this machine has on the port.
    mutating func explain(_ packet: borrowing Packet, number: UInt64, _ delivery: Delivery, _ table: inout SocketTable) {
        guard let ends = packet.endpoints else { return }
        var query = Query(packet, ends, number: number, time: 0)
        query.device = arrivalDevice(ends)
        let winner = delivery.receiver.flatMap { table.host($0)?.socket }
        do {
            let rule = try all.table(facts, mustHave: winner?.cookie, isFresh: asksAlways) { () throws(NetlinkError) in try facts.all() }
            let forListener = delivery.receiver?.name.kind == .listener
            var said = forListener ? rule.listener(for: query.question) : rule.lookup(query.question)
            // Those that fit as well as the one that the kernel names have lost, too. Of a group of listeners it names none,
            // but where it was asked beforehand.
            let isNamed = query.transport == .udp || delivery.rule == .reusePortGroup && table.remarks.receivers.isEmpty
            if isNamed, let named = winner.flatMap({ said.naming($0.cookie) }) { said = named }
            // What this very SYN has made meanwhile was no candidate.
            let losers = said.candidates.filter {
                !(forListener && $0.socket.remote == ends.source) && $0.socket.cookie != winner?.cookie
                    && facts.isOnHost($0.socket, of: ends.destination.address)
            }
            table.setCandidates(losers, winner: winner, from: ends.source, to: ends.destination, number: number)
        } catch {
            failure = error
        }
    }
}
