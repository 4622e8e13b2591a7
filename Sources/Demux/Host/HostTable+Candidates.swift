import Wire

extension HostTable {
    /// The decision with all those on that port that lost.
    func delivery(_ arrival: Arrival, _ receiver: HostDelivery.Receiver, _ rule: Rule) -> HostDelivery {
        var delivery = HostDelivery(receiver, rule)
        guard let port = ports[arrival.portKey] else { return delivery }
        let winners = delivery.sockets
        for slot in inOrder(port) {
            let entry = entries[Int(slot)]
            if winners.contains(entry.socket) { continue }
            let why = why(entry.place, arrival, rule)
            delivery.candidates.append(HostCandidate(socket: entry.socket, why: why))
        }
        return delivery
    }

    /// Connected ones, those that are bound to an address, those that stand for every address; the latest first, IPv6
    /// groups last.
    private func inOrder(_ port: Port) -> [Int32] {
        let bound = port.bound.reversed()
        return port.connected.reversed() + bound.filter { !entries[Int($0)].place.local.address.isWildcard }
            + bound.filter { entries[Int($0)].place.local.address.isWildcard }
    }

    /// The first thing in which it does not fit, in the order in which `compute_score` looks; else what beat it.
    private func why(_ place: Place, _ arrival: Arrival, _ rule: Rule) -> Candidate.Loss {
        if !place.fitsAddress(arrival) { return .otherAddress }
        if rule == .groupDelivery, !takesGroup(place, arrival) { return .otherAddress }
        if !takes(place, arrival) { return place.family == .six ? .v6Only : .otherAddress }
        if let remote = place.remote, remote != arrival.from { return .otherPeer }
        if !fitsDevice(place, arrival) { return .otherDevice }
        switch rule {
        case .fourTuple, .timeWait, .datagramConnected: return place.role == .bound ? .connectedFirst : .lowerScore
        default: return .lowerScore
        }
    }
}
