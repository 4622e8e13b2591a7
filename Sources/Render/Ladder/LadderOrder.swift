import Demux
import Timeline

/// The order of the columns: hosts that only ask at the left of those that serve; under a host its processes likewise; under
/// a process a listener, then what it made. Whatever is alike stands in the order in which it appeared.
///
/// It is one order for the whole chart, so that a socket that is shown again stands on the same side of its peer.
struct LadderOrder {
    /// The actors from left to right.
    private(set) var actors: [Int] = []
    /// Of each actor the group of columns that it belongs to, and what stands over each group.
    private(set) var group: [Int] = []
    private(set) var groups: [String] = []

    /// What a group of columns has in common.
    private struct GroupKey: Hashable {
        let host: Int
        /// Who holds the sockets; none where it is not known.
        let processes: [Int32]
        let side: Int
    }

    /// Where a group stands among those of its host.
    private enum Side {
        static let asks = 0, serves = 1, asksOthers = 2, kernel = 3
    }

    init(_ all: [LadderCast.Actor], _ participants: [Timeline.Participant], _ hostCount: Int) {
        var hostServes = [Bool](repeating: false, count: hostCount)
        var hostFirst = [Int](repeating: .max, count: hostCount)
        for actor in all {
            if actor.isServer { hostServes[actor.host] = true }
            hostFirst[actor.host] = min(hostFirst[actor.host], actor.first)
        }
        var names: [Int32: String] = [:]
        for participant in participants { names[participant.processID] = "\(participant.name) \(participant.process)" }

        // Groups first: a process serves if one of its sockets does.
        var keys: [GroupKey: Int] = [:]
        var serves: [Bool] = []
        var first: [Int] = []
        var sides: [Int] = []
        for actor in all {
            let key = GroupKey(host: actor.host, processes: actor.holders.map(\.processID), side: LadderOrder.side(actor, all, hostServes))
            let place = keys[key] ?? groups.count
            if place == groups.count {
                keys[key] = place
                groups.append(LadderOrder.label(actor.holders, names))
                serves.append(false)
                first.append(actor.first)
                sides.append(key.side)
            }
            group.append(place)
            if actor.isServer { serves[place] = true }
        }
        for place in groups.indices where sides[place] == Side.asks && serves[place] { sides[place] = Side.serves }

        var places: [SocketName: Int] = [:]
        for (index, actor) in all.enumerated() { if let name = actor.name { places[name] = index } }
        /// Within a process who asks that process itself stands before those who serve, who asks another after them.
        func side(within group: [Int], _ index: Int) -> Int {
            if all[index].isServer { return Side.serves }
            guard let peer = all[index].peer.flatMap({ places[$0] }) else { return Side.asksOthers }
            return group[peer] == group[index] ? Side.asks : Side.asksOthers
        }
        let sortKeys = all.indices.map { index -> [Int] in
            let actor = all[index]
            let place = group[index]
            // What a listener made stands behind it.
            let family = actor.madeBy.flatMap { places[$0] }.map { all[$0].first } ?? actor.first
            return [
                hostServes[actor.host] ? 1 : 0, hostFirst[actor.host], actor.host, sides[place], first[place], place, side(within: group, index),
                family, actor.name?.kind == .listener ? 0 : 1, actor.first, index,
            ]
        }
        actors = all.indices.sorted { sortKeys[$0].lexicographicallyPrecedes(sortKeys[$1]) }
    }

    /// Where nothing is known of processes, the sockets of a host still fall into those that ask and those that serve. A host
    /// that serves and asks another host does the latter at its right.
    private static func side(_ actor: LadderCast.Actor, _ all: [LadderCast.Actor], _ hostServes: [Bool]) -> Int {
        if actor.isKernel { return Side.kernel }
        guard actor.holders.isEmpty else { return Side.asks }
        if actor.isServer { return Side.serves }
        guard hostServes[actor.host], let local = actor.local, let remote = actor.remote else { return Side.asks }
        return local.address == remote.address ? Side.asks : Side.asksOthers
    }

    private static func label(_ holders: [SocketOwner], _ names: [Int32: String]) -> String {
        guard let first = holders.first else { return "" }
        let name = "\(first.name)[\(first.processID)]"
        guard holders.count > 1 else { return names[first.processID] ?? name }
        // After a fork; all have its name, then.
        let others = holders.dropFirst().prefix(2).map { $0.name == first.name ? "[\($0.processID)]" : "\($0.name)[\($0.processID)]" }
        return ([name] + others).joined(separator: ", ") + (holders.count > 3 ? " +\(holders.count - 3)" : "")
    }
}
