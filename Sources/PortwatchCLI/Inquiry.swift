import Demux
import HostSockets
import Render
import Wire

/// Asks the kernel who gets a segment or datagram, and the rule why.
struct Inquiry {
    var view: HostView
    var question: LookupQuestion

    /// How often both are asked again where they differ: a socket may come or go between the two.
    private static let mostAttempts = 3

    mutating func verdict(isDeviceGiven: Bool) throws(NetlinkError) -> HostVerdict {
        if !isDeviceGiven { question.device = try view.kernel.destinations.arrivalDevice(from: question.source.address, to: question.destination.address) }
        let reach = try view.kernel.destinations.reach(of: question.destination.address, device: question.device)
        var verdict = try verdict(reach)
        verdict.device = view.deviceName(question.device)
        for index in verdict.receivers.indices {
            view.complete(&verdict.receivers[index])
            let listener = try view.listener(of: verdict.receivers[index].socket)
            let named = verdict.losers.first { $0.entry.socket.cookie == listener?.cookie }
            verdict.receivers[index].madeBy = named?.entry.name
            note(verdict.receivers[index], &verdict)
        }
        verdict.losers = verdict.losers.map { loser in
            var entry = loser.entry
            view.complete(&entry)
            return HostVerdict.Loser(entry, loser.why)
        }
        return verdict
    }

    private func verdict(_ reach: Reach) throws(NetlinkError) -> HostVerdict {
        switch reach {
        case .local: return try one()
        case .elsewhere:
            return notHere("\(question.destination.address) is not an address of this machine: no socket is looked for.")
        case .otherGroup:
            return notHere("Nobody here has joined the group \(question.destination.address): no socket is looked for.")
        case .broadcast, .joinedGroup:
            if question.transport == .tcp { return notHere("TCP goes from one to one (RFC 9293 §3.9.2.3): the kernel drops it.") }
            return try several()
        }
    }

    private func notHere(_ why: String) -> HostVerdict {
        var verdict = HostVerdict(question, rule: .notLocal)
        verdict.notes.append(why)
        return verdict
    }

    // MARK: To one

    private func one() throws(NetlinkError) -> HostVerdict {
        var attempt = 1
        while true {
            let sockets = try view.kernel.all()
            let model = HostTable(sockets).lookup(question)
            let winner = try view.kernel.socket(for: question)
            if let agreed = Inquiry.agreed(model, winner) { return entries(agreed, winner) }
            if attempt == Inquiry.mostAttempts { return disagreement(model, winner) }
            attempt += 1
        }
    }

    /// The rule's answer once the kernel has named the member of a group; `nil` where they differ.
    private static func agreed(_ model: HostDelivery, _ winner: HostSocket?) -> HostDelivery? {
        if let winner { return model.naming(winner.cookie) }
        return model.sockets.isEmpty ? model : nil
    }

    private func entries(_ delivery: HostDelivery, _ winner: HostSocket?) -> HostVerdict {
        var verdict = HostVerdict(question, rule: .rule(delivery.rule))
        let all = (winner.map { [$0] } ?? []) + delivery.candidates.map(\.socket)
        let entries = named(all)
        if let winner, let entry = entries[winner.cookie] { verdict.receivers = [entry] }
        verdict.losers = delivery.candidates.compactMap { candidate in
            entries[candidate.socket.cookie].map { HostVerdict.Loser($0, candidate.why) }
        }
        if case .nobody(let answer) = delivery.receiver { verdict.reply = answer }
        return verdict
    }

    /// The kernel is right. What the rule said instead is told, so that it can be studied.
    private func disagreement(_ model: HostDelivery, _ winner: HostSocket?) -> HostVerdict {
        let rule: Rule = winner.map { $0.transport == .udp ? .datagram : $0.state == .listen ? .listener : .fourTuple } ?? .closedPort
        var delivery = HostDelivery(winner.map { .socket($0) } ?? model.receiver, rule)
        if winner == nil { delivery.receiver = .nobody(question.transport == .tcp ? .reset : .portUnreachable) }
        delivery.candidates = model.candidates.filter { $0.socket.cookie != winner?.cookie }
        var verdict = entries(delivery, winner)
        let words = model.sockets.map { "the socket of cookie \($0.cookie) on \($0.local)" }.joined(separator: ", ")
        verdict.notes.append("The rule says otherwise: \(words.isEmpty ? "nobody" : words) (\(model.rule.word)). The kernel is right.")
        return verdict
    }

    // MARK: To many

    /// The kernel's look-up names but one of them, and which socket has joined which group it does not tell.
    private func several() throws(NetlinkError) -> HostVerdict {
        var table = HostTable(try view.kernel.all())
        table.broadcastAddresses.insert(question.destination.address)
        let delivery = table.lookup(question)
        var verdict = HostVerdict(question, rule: .rule(delivery.rule))
        verdict.isKernels = false
        let entries = named(delivery.sockets + delivery.candidates.map(\.socket))
        verdict.receivers = delivery.sockets.compactMap { entries[$0.cookie] }
        verdict.losers = delivery.candidates.compactMap { candidate in
            entries[candidate.socket.cookie].map { HostVerdict.Loser($0, candidate.why) }
        }
        if question.destination.address.isMulticast, !verdict.receivers.isEmpty {
            verdict.notes.append("The kernel does not tell which of them has joined the group; by IP_MULTICAST_ALL one need not have.")
        }
        return verdict
    }

    // MARK: Names

    /// By cookie; numbered in the order of `portwatch sockets`.
    private func named(_ sockets: [HostSocket]) -> [UInt64: HostEntry] {
        Dictionary(HostListing.entries(sockets).map { ($0.socket.cookie, $0) }) { first, _ in first }
    }

    /// What is surprising about the receiver.
    private func note(_ entry: HostEntry, _ verdict: inout HostVerdict) {
        let socket = entry.socket
        if socket.isAcceptQueueFull {
            verdict.notes.append(
                "\(socket.receiveQueue) connections wait and the backlog is \(socket.sendQueue): the kernel drops a SYN, and the client tries again.")
        }
        if socket.state == .timeWait {
            verdict.notes.append("A SYN that begins a new connection goes on from TIME_WAIT to the listener (RFC 9293 §3.10.7.4).")
        }
    }
}
