import Demux
import HostSockets
import Platform
import Wire

/// The kernel's word about several hosts at once: each question goes to the one that has the address.
final class StageFacts: HostFacts {
    private let hosts: [Stage.Place]
    private let loopback = interfaceIndex("lo") ?? 1
    /// By cookie the host whose socket it is, as of the last reading of all.
    private var homes: [UInt64: Int] = [:]
    /// The processes that play, who alone can hold a socket here.
    var processes: [Int32] = []
    /// What the kernel has said of SYNs that were yet to be sent.
    var foretold: [LookupQuestion: HostSocket] = [:]
    /// By cookie, the sockets of which the kernel has said that they are gone.
    private(set) var destroyed: Set<UInt64> = []

    init(_ hosts: [Stage.Place]) {
        self.hosts = hosts
    }

    /// The host that an address belongs to; on a stage of one every address is its own, and of several hosts the last is the
    /// one whose `lo` is captured on.
    private func place(of address: IPAddress) -> Stage.Place? {
        hosts.count == 1 || address.isLoopback ? hosts.last : hosts.first { $0.has(address) }
    }

    func reach(of address: IPAddress, device: UInt32) throws(NetlinkError) -> Reach {
        guard let place = place(of: address) else { return .elsewhere }
        return hosts.count == 1 ? try place.host.facts.reach(of: address, device: device) : .local
    }

    func owningDevice(of address: IPAddress) throws(NetlinkError) -> UInt32 { device(of: address) }
    func arrivalDevice(from address: IPAddress) throws(NetlinkError) -> UInt32 { device(of: address) }

    /// `lo` has the same index in each namespace.
    private func device(of address: IPAddress) -> UInt32 {
        address.isLoopback ? loopback : place(of: address)?.host.device ?? 0
    }

    func socket(for question: LookupQuestion) throws(NetlinkError) -> HostSocket? {
        try place(of: question.destination.address)?.host.facts.socket(for: question)
    }

    func bound(_ transport: IPProtocol) throws(NetlinkError) -> [HostSocket] {
        var sockets: [HostSocket] = []
        for place in hosts { sockets += try place.host.facts.bound(transport) }
        return sockets
    }

    func all() throws(NetlinkError) -> [HostSocket] {
        var sockets: [HostSocket] = []
        homes = [:]
        for (index, place) in hosts.enumerated() {
            let found = try place.host.facts.all()
            for socket in found { homes[socket.cookie] = index }
            sockets += found
        }
        return sockets
    }

    func isOnHost(_ socket: HostSocket, of address: IPAddress) -> Bool {
        guard let home = homes[socket.cookie], let place = place(of: address) else { return true }
        return hosts[home] === place
    }

    func member(for question: LookupQuestion) -> HostSocket? { foretold[question] }

    /// The sockets of one host.
    func all(of host: Int) throws(NetlinkError) -> [HostSocket] { try hosts[host].host.facts.all() }

    func drainDestroyed(_ body: (HostSocket) -> Void) throws(NetlinkError) -> Bool {
        var hasLost = false
        for place in hosts {
            let lost = try place.host.facts.drainDestroyed { socket in
                destroyed.insert(socket.cookie)
                body(socket)
            }
            hasLost = hasLost || lost
        }
        return hasLost
    }

    /// The director calls often enough.
    var descriptor: Int32 { -1 }

    /// Read afresh each time: the processes are few, and between two questions one may have forked.
    func owners(of inode: UInt64, likely: [Int32]) -> OwnerTable.Answer {
        if inode == 0 { return .nobody }
        let all = processes.reduce(into: [Int32]()) { all, process in
            all += ProcessTree().family(of: process).filter { !all.contains($0) }
        }
        let owners = all.flatMap { SocketHolder.descriptors(of: $0, inode: inode) }
        return owners.isEmpty ? .nobody : .found(owners)
    }

    var blindness: String? { nil }
    var scans: Int { 0 }
    var now: Int64 { realtimeNanoseconds() }
}
