import Demux
import Platform
import Wire

/// What an inspection asks the machine that it runs on. Tests answer from memory (``FactsInMemory``).
public protocol HostFacts: AnyObject {
    /// What an address is to this machine.
    func reach(of address: IPAddress, device: UInt32) throws(NetlinkError) -> Reach
    /// The interface that a packet between two of this machine's addresses counts as come over.
    func owningDevice(of address: IPAddress) throws(NetlinkError) -> UInt32
    /// The interface on which a packet from there would arrive.
    func arrivalDevice(from address: IPAddress) throws(NetlinkError) -> UInt32
    /// The socket that the kernel would give a segment or datagram to at this moment; `nil` for nobody.
    func socket(for question: LookupQuestion) throws(NetlinkError) -> HostSocket?
    /// All listeners, or all datagram sockets, in the kernel's order.
    func bound(_ transport: IPProtocol) throws(NetlinkError) -> [HostSocket]
    /// Every socket.
    func all() throws(NetlinkError) -> [HostSocket]
    /// Which member of a reuse-port group a SYN with exactly these ends went to, where somebody has asked before it was sent:
    /// afterwards the same question finds the connection. `nil` where nobody has.
    func member(for question: LookupQuestion) -> HostSocket?
    /// Whether a socket is on the host that has this address: facts may be those of several hosts.
    func isOnHost(_ socket: HostSocket, of address: IPAddress) -> Bool
    /// Gives each socket that was destroyed since; `true` where some were lost.
    func drainDestroyed(_ body: (HostSocket) -> Void) throws(NetlinkError) -> Bool
    /// Readable when sockets were destroyed; -1 for none.
    var descriptor: Int32 { get }
    /// Who holds a socket; of these processes the likely ones are looked at first.
    func owners(of inode: UInt64, likely: [Int32]) -> OwnerTable.Answer
    /// Which processes could not be looked into, in words; `nil` where all could.
    var blindness: String? { get }
    /// How often `/proc` was read whole.
    var scans: Int { get }
    /// Nanoseconds since 1970, the clock of the frames' times.
    var now: Int64 { get }
}

extension HostFacts {
    public func member(for question: LookupQuestion) -> HostSocket? { nil }
    public func isOnHost(_ socket: HostSocket, of address: IPAddress) -> Bool { true }
}

/// The kernel's own facts.
public final class KernelFacts: HostFacts, KernelLookup {
    private let sockets: KernelSockets
    private let destruction: SocketDestruction
    private let table = OwnerTable()

    /// Destroyed sockets are told of from here on.
    public init() throws(NetlinkError) {
        destruction = try SocketDestruction()
        sockets = try KernelSockets()
    }

    public func reach(of address: IPAddress, device: UInt32) throws(NetlinkError) -> Reach {
        try sockets.destinations.reach(of: address, device: device)
    }

    public func owningDevice(of address: IPAddress) throws(NetlinkError) -> UInt32 {
        try sockets.destinations.owningDevice(of: address)
    }

    public func arrivalDevice(from address: IPAddress) throws(NetlinkError) -> UInt32 {
        try sockets.destinations.arrivalDevice(from: address)
    }

    public func socket(for question: LookupQuestion) throws(NetlinkError) -> HostSocket? {
        try sockets.socket(for: question)
    }

    public func bound(_ transport: IPProtocol) throws(NetlinkError) -> [HostSocket] {
        transport == .udp ? try sockets.datagramSockets() : try sockets.listeners()
    }

    public func all() throws(NetlinkError) -> [HostSocket] { try sockets.all() }

    public func drainDestroyed(_ body: (HostSocket) -> Void) throws(NetlinkError) -> Bool {
        try destruction.drain(body)
    }

    public var descriptor: Int32 { destruction.rawDescriptor }

    public func owners(of inode: UInt64, likely: [Int32]) -> OwnerTable.Answer {
        table.owners(of: inode, likely: likely)
    }

    public var blindness: String? { table.blindness.notice }
    public var scans: Int { table.scans }
    public var now: Int64 { realtimeNanoseconds() }
}
