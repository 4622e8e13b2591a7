import Demux
import HostSockets

/// Sockets as the rule holds them, read from the kernel and believed for a while.
struct HostModel {
    private var table = HostTable()
    /// Until when it is believed: reading it may take a twentieth of one core's time.
    private var goodUntil = Int64.min

    private static let rest: Int64 = 20
    private static let shortest: Int64 = 20_000_000

    /// - Parameters:
    ///   - cookie: of a socket that must be in it, or it is read anew.
    ///   - isFresh: whether it is read anew in any case.
    mutating func table(
        _ facts: any HostFacts, mustHave cookie: UInt64?, isFresh: Bool = false, read: () throws(NetlinkError) -> [HostSocket]
    ) throws(NetlinkError) -> HostTable {
        let now = facts.now
        if !isFresh, now < goodUntil, cookie.map({ table[cookie: $0] != nil }) ?? true { return table }
        table = HostTable(try read())
        let after = facts.now
        goodUntil = after + max(HostModel.shortest, (after - now) * HostModel.rest)
        return table
    }
}
