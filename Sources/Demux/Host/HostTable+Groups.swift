import Wire

/// Sockets that share an address and a port by SO_REUSEPORT (`struct sock_reuseport`).
struct ReusePortGroup: Sendable {
    /// In the order in which they joined.
    var members: [Int32] = []
    /// `has_conns`: a member has connected, while it was bound to this address. It is never taken back.
    var hasConnections = false
}

extension HostTable {
    /// Puts a socket that is bound just now into the group of those that are alike.
    mutating func join(_ slot: Int32, inListedOrder: Bool) {
        let place = entries[Int(slot)].place
        guard takesPart(place) else { return }
        let list = alike[place.alikeKey] ?? []
        let first = place.family == .six && rules.contains(.sixGroupsLast) ? list.first : list.last
        remember(slot)
        guard rules.contains(.groups) else { return }
        if place.role == .bound, place.reusesPort == true {
            // `udp_reuseport_add_sock` takes the first on the chain that is alike: for IPv4 the latest, for IPv6 the
            // oldest (`sk_add_node_rcu`). That may be one that has connected and left its group: then a new group begins
            // with the two, beside the old one.
            add(slot, toGroupOf: first ?? slot)
        } else if place.role == .bound, place.reusesPort == nil, let first, entries[Int(first)].place.role == .bound {
            let wasAlone = entries[Int(first)].group < 0
            add(slot, toGroupOf: first)
            if wasAlone, !inListedOrder { moveLast(first) }
        }
    }

    /// In the order in which they were bound, which is not that in which they came here: connecting gives a socket that
    /// was bound to a wildcard an address.
    private mutating func remember(_ slot: Int32) {
        let order = entries[Int(slot)].order
        var list = alike.removeValue(forKey: entries[Int(slot)].place.alikeKey) ?? []
        let later = list.reversed().prefix { entries[Int($0)].order > order }.count
        list.insert(slot, at: list.count - later)
        alike[entries[Int(slot)].place.alikeKey] = list
    }

    /// Those of which it matters with whom they share their port.
    private func takesPart(_ place: Place) -> Bool {
        switch place.role {
        case .none: false
        case .bound: place.reusesPort != false
        case .connected: place.transport == .udp && place.reusesPort == true
        }
    }

    private mutating func add(_ slot: Int32, toGroupOf other: Int32) {
        if entries[Int(other)].group < 0 {
            entries[Int(other)].group = nextGroup
            groups[nextGroup] = ReusePortGroup(members: [other])
            nextGroup &+= 1
        }
        guard slot != other else { return }
        let group = entries[Int(other)].group
        entries[Int(slot)].group = group
        groups[group]?.members.append(slot)
    }

    /// Takes a socket out, since it is gone or has another address now.
    mutating func leave(_ slot: Int32) {
        let place = entries[Int(slot)].place
        if takesPart(place) { HostTable.drop(slot, from: &alike, place.alikeKey) }
        leaveGroup(slot)
    }

    /// A member that is bound to an address connects: it leaves (`udp_lib_hash4`), but the group remembers it
    /// (`reuseport_has_conns_set`), and it stays among those that are alike.
    mutating func connectWithinGroup(_ slot: Int32) {
        let group = entries[Int(slot)].group
        if group >= 0 { groups[group]?.hasConnections = true }
        leaveGroup(slot)
    }

    private mutating func leaveGroup(_ slot: Int32) {
        let group = entries[Int(slot)].group
        guard group >= 0 else { return }
        entries[Int(slot)].group = -1
        groups[group]?.members.removeAll { $0 == slot }
        if groups[group]?.members.isEmpty == true { groups[group] = nil }
    }

    /// The members that can be chosen: `reuseport_select_sock_by_hash` passes over those that are connected.
    func selectable(_ group: ReusePortGroup) -> [Int32] {
        group.members.filter { entries[Int($0)].place.role == .bound }
    }
}

extension HostTable {
    /// Listeners that could both take a connection exist only with SO_REUSEPORT (`inet_csk_bind_conflict`, asked once more by
    /// `inet_csk_listen_start`): so much shows of it in a list that does not tell. Each is a group, if only of one.
    static func sharing(_ sockets: [HostSocket]) -> [HostSocket] {
        var byPort: [UInt16: [Int]] = [:]
        for (index, socket) in sockets.enumerated() where socket.kind == .listener && socket.reusesPort == nil {
            byPort[socket.local.port, default: []].append(index)
        }
        var result = sockets
        for indices in byPort.values where indices.count > 1 && indices.count <= HostTable.mostCompared {
            for index in indices where indices.contains(where: { $0 != index && overlap(sockets[index], sockets[$0]) }) {
                result[index].reusesPort = true
            }
        }
        return result
    }

    /// Beyond so many on one port they are not compared with each other.
    private static let mostCompared = 256

    private static func overlap(_ one: HostSocket, _ other: HostSocket) -> Bool {
        guard one.device == 0 || other.device == 0 || one.device == other.device else { return false }
        let (first, second) = (Place(one), Place(other))
        let versions: [IPAddress.Version] = [.four, .six]
        guard versions.contains(where: { first.takes($0) && second.takes($0) }) else { return false }
        return first.local.address == second.local.address || first.local.address.isWildcard || second.local.address.isWildcard
    }
}
