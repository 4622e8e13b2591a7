/// What the kernel said of a socket of the table, when it was asked last.
public struct HostRecord: Equatable, Sendable {
    /// Who holds a socket.
    public enum Ownership: Equatable, Sendable {
        /// It was not found out yet.
        case unknown
        case found([SocketOwner])
        /// No process that may be seen holds it: it waits in an accept queue, or whoever held it has closed it.
        case nobody
    }

    public var socket: HostSocket
    public var ownership = Ownership.unknown
    /// Whether the kernel has destroyed it since.
    public var isGone = false
    /// How many sockets are in its reuse-port group, itself among them.
    public var groupSize = 1
    /// How many connections wait in its listener's accept queue, for one that waits there.
    public var waiting: UInt32 = 0

    public init(_ socket: HostSocket) {
        self.socket = socket
    }

    /// Who was last seen to hold it.
    public var owners: [SocketOwner] {
        if case .found(let owners) = ownership { owners } else { [] }
    }

    /// Who holds it now: what has no inode any more, nobody does.
    public var holders: [SocketOwner] { isGone || socket.inode == 0 ? [] : owners }
}

/// The records of a table's sockets, by slot and by cookie.
struct HostRecords: Sendable {
    private var records: [Int32: HostRecord] = [:]
    private var slots: [UInt64: Int32] = [:]

    var all: [Int32: HostRecord] { records }

    subscript(slot: Int32) -> HostRecord? { records[slot] }

    /// The slot of the socket with that cookie.
    func slot(ofCookie cookie: UInt64) -> Int32? { slots[cookie] }

    /// Enters what is known of the socket in a slot, or what has become of it.
    mutating func enter(_ socket: HostSocket, at slot: Int32) {
        if records[slot]?.socket.cookie == socket.cookie {
            records[slot]?.socket = socket
        } else {
            forget(slot)
            records[slot] = HostRecord(socket)
            slots[socket.cookie] = slot
        }
    }

    mutating func update(_ slot: Int32, _ body: (inout HostRecord) -> Void) {
        guard var record = records[slot] else { return }
        body(&record)
        records[slot] = record
    }

    /// The socket in that slot is taken off the table.
    mutating func forget(_ slot: Int32) {
        guard !records.isEmpty, let record = records.removeValue(forKey: slot) else { return }
        if slots[record.socket.cookie] == slot { slots[record.socket.cookie] = nil }
    }
}

/// What the kernel said of one packet, beyond who gets it.
public struct HostRemarks: Sendable {
    /// Each socket that gets a copy (multicast, broadcast), or the members of the reuse-port group of which one gets it.
    public var receivers: [SocketReference] = []
    /// The candidates of its rule; empty where the capture's are shown.
    public internal(set) var candidates: [Candidate] = []
    /// How many more lost.
    public internal(set) var otherCandidates = 0
    /// The socket was gone when the kernel was asked.
    public var isTooLate = false
    /// An ICMP error that the socket's program does not hear of: it is not connected.
    public var isUntold = false
    /// The listener's accept queue is full: the kernel drops it.
    public var isQueueFull = false

    public init() {}
}
