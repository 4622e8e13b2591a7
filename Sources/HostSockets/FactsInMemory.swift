import Demux
import Wire

/// Facts from memory: the kernel's twin for tests.
public final class FactsInMemory: HostFacts, KernelLookup {
    /// Those that are looked up by the rule itself (``HostTable``), in the kernel's order.
    public var sockets: [HostSocket]
    /// What the look-up says instead of the rule, by the question.
    public var answers: [LookupQuestion: HostSocket?] = [:]
    public var local: Set<IPAddress>
    /// Whether somebody has joined every multicast group, or nobody any.
    public var hasJoined = true
    public var holders: [UInt64: OwnerTable.Answer] = [:]
    /// What is told as destroyed when that is asked next.
    public var destroyed: [HostSocket] = []
    public var failure: NetlinkError?
    public var now: Int64 = 0
    public var blindness: String?
    public var scans = 0
    public var descriptor: Int32 { -1 }
    /// What was asked, in order.
    public private(set) var asked: [LookupQuestion] = []

    public init(_ sockets: [HostSocket], local: Set<IPAddress>) {
        self.sockets = sockets
        self.local = local
    }

    public func reach(of address: IPAddress, device: UInt32) throws(NetlinkError) -> Reach {
        if address.isMulticast { return hasJoined ? .joinedGroup : .otherGroup }
        if address.isLimitedBroadcast { return .broadcast }
        return local.contains(address) ? .local : .elsewhere
    }

    public func owningDevice(of address: IPAddress) throws(NetlinkError) -> UInt32 { 1 }
    public func arrivalDevice(from address: IPAddress) throws(NetlinkError) -> UInt32 { 1 }

    public func socket(for question: LookupQuestion) throws(NetlinkError) -> HostSocket? {
        asked.append(question)
        if let failure { throw failure }
        if let answer = answers[question] { return answer }
        return HostTable(sockets).lookup(question).sockets.first
    }

    public func bound(_ transport: IPProtocol) throws(NetlinkError) -> [HostSocket] {
        sockets.filter { $0.transport == transport && ($0.transport == .udp || $0.state == .listen) }
    }

    public func all() throws(NetlinkError) -> [HostSocket] { sockets }

    public func drainDestroyed(_ body: (HostSocket) -> Void) throws(NetlinkError) -> Bool {
        destroyed.forEach(body)
        destroyed = []
        return false
    }

    public func owners(of inode: UInt64, likely: [Int32]) -> OwnerTable.Answer { holders[inode] ?? .nobody }
}
