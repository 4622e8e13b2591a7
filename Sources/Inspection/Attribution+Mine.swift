import Demux
import HostSockets

/// Whose packets are shown, where only some processes' are (`--mine`).
extension Attribution {
    /// What is known of a conversation.
    struct Shown {
        var conversationID: UInt64 = 0
        var isMine = false
    }

    /// Whether a packet is to be shown: one of its sockets is held by one of those processes, or was made by a listener
    /// that is. What was shown once of a conversation is shown to its end.
    mutating func isShown(_ delivery: Delivery, _ table: borrowing SocketTable) -> Bool {
        guard isMine != nil else { return true }
        let slot = Int(delivery.slot)
        if slot >= 0, slot < shown.count, shown[slot].conversationID == delivery.conversationID, shown[slot].isMine { return true }
        var holders: Set<Int32> = []
        var isUnknown = false
        for reference in [delivery.sender, delivery.receiver].compactMap({ $0 }) + table.remarks.receivers {
            guard let host = table.host(reference) else { continue }
            let owners = host.owners + (table.maker(of: reference).flatMap { table.host($0)?.owners } ?? [])
            holders.formUnion(owners.map(\.processID))
            if owners.isEmpty { isUnknown = true }
        }
        let isShown = holders.contains { isKin($0) }
        if isShown {
            remember(slot, delivery.conversationID)
        } else if isUnknown {
            counts.unknown += 1
        } else {
            counts.others += 1
        }
        return isShown
    }

    /// Who was one of them once stays one, also when it has ended.
    private mutating func isKin(_ process: Int32) -> Bool {
        if kin.contains(process) { return true }
        guard isMine?(process) ?? true else { return false }
        kin.insert(process)
        return true
    }

    private mutating func remember(_ slot: Int, _ conversationID: UInt64) {
        guard slot >= 0 else { return }
        if slot >= shown.count { shown.append(contentsOf: repeatElement(Shown(), count: max(64, slot + 1 - shown.count))) }
        shown[slot] = Shown(conversationID: conversationID, isMine: true)
    }
}
