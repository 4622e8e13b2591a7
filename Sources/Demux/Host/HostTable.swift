import Wire

/// The sockets of a machine as its kernel keeps them, and its rule for who gets what.
///
/// It is told of sockets and asked about segments, and never asks the kernel: held against the kernel's own look-up and
/// against where the segments really went, it shows whether the rule is understood (`docs/rule.md`, kernel 6.18).
public struct HostTable: Sendable {
    /// What has one transport and one local port.
    struct Port: Sendable {
        /// Listeners and unconnected datagram sockets. The kernel's chains, read from the end: what came last is met
        /// first.
        var bound: [Int32] = []
        /// The latest connection last.
        var connected: [Int32] = []
    }

    struct Entry: Sendable {
        var socket: HostSocket
        let place: Place
        /// Its reuse-port group; -1 for none.
        var group: Int32 = -1
        /// When it was bound: it only grows.
        let order: UInt64

        init(_ socket: HostSocket, order: UInt64) {
            self.socket = socket
            place = Place(socket)
            self.order = order
        }
    }

    var entries: [Entry] = []
    private var free: [Int32] = []
    private var slots: [UInt64: Int32] = [:]
    /// By four-tuple. Several have the same one where they differ in the device, or are datagram sockets.
    var connected: [ConnectedKey: [Int32]] = [:]
    var ports: [PortKey: Port] = [:]
    /// By what the members of a group have in common; the latest bound last.
    var alike: [AlikeKey: [Int32]] = [:]
    var groups: [Int32: ReusePortGroup] = [:]
    var nextGroup: Int32 = 0
    private var nextOrder: UInt64 = 0

    /// Broadcast addresses of this machine's networks; 255.255.255.255 need not be among them.
    public var broadcastAddresses: Set<IPAddress> = []
    package var rules = HostRules.all

    public init() {}

    /// - Parameter sockets: in the order in which the kernel lists them (`NETLINK_SOCK_DIAG`): what it would try first
    ///   goes first.
    public init(_ sockets: [HostSocket]) {
        entries.reserveCapacity(sockets.count)
        slots.reserveCapacity(sockets.count)
        connected.reserveCapacity(sockets.count)
        for socket in HostTable.sharing(sockets).reversed() { insert(socket, inListedOrder: true) }
    }

    public var count: Int { entries.count - free.count }

    /// The socket of that cookie.
    public subscript(cookie cookie: UInt64) -> HostSocket? {
        slots[cookie].map { entries[Int($0)].socket }
    }

    /// Adds a socket that was bound, connected or made just now; of a cookie that is known, what has become of it.
    public mutating func insert(_ socket: HostSocket) {
        insert(socket, inListedOrder: false)
    }

    private mutating func insert(_ socket: HostSocket, inListedOrder: Bool) {
        if socket.cookie != 0, let slot = slots[socket.cookie] {
            if entries[Int(slot)].place == Place(socket) {
                entries[Int(slot)].socket = socket
            } else {
                move(slot, to: socket)
            }
            return
        }
        nextOrder += 1
        add(Entry(socket, order: nextOrder), inListedOrder: inListedOrder)
    }

    private mutating func add(_ entry: Entry, inListedOrder: Bool) {
        let socket = entry.socket
        guard entry.place.role != .none else { return }
        let slot = occupy(entry)
        if socket.cookie != 0 { slots[socket.cookie] = slot }
        join(slot, inListedOrder: inListedOrder)
        link(slot, inListedOrder: inListedOrder)
    }

    @discardableResult
    public mutating func remove(cookie: UInt64) -> HostSocket? {
        guard let slot = slots.removeValue(forKey: cookie) else { return nil }
        leave(slot)
        unlink(slot)
        free.append(slot)
        return entries[Int(slot)].socket
    }

    /// A socket that has another address, peer or part in the look-up than before.
    private mutating func move(_ slot: Int32, to socket: HostSocket) {
        let old = entries[Int(slot)]
        let new = Place(socket)
        // A datagram socket that connects keeps its place among those that are alike, unless its address changes.
        let connects = old.place.role == .bound && new.role == .connected && old.place.transport == .udp
        if connects, old.place.alikeKey == new.alikeKey {
            connectWithinGroup(slot)
            unlink(slot)
            entries[Int(slot)] = Entry(socket, order: old.order)
            link(slot, inListedOrder: false)
            return
        }
        remove(cookie: socket.cookie)
        add(Entry(socket, order: old.order), inListedOrder: false)
    }

    private mutating func occupy(_ entry: Entry) -> Int32 {
        if let slot = free.popLast() {
            entries[Int(slot)] = entry
            return slot
        }
        entries.append(entry)
        return Int32(entries.count - 1)
    }

    private mutating func link(_ slot: Int32, inListedOrder: Bool) {
        let entry = entries[Int(slot)]
        switch entry.place.role {
        case .none: break
        case .connected:
            connected[entry.place.connectedKey, default: []].append(slot)
            ports[entry.place.portKey, default: Port()].connected.append(slot)
        case .bound:
            // `__inet_hash`, `udp_lib_get_port`: at the head of its chain, but an IPv6 socket with SO_REUSEPORT at the
            // tail. A list of what there is shows the chains as they are.
            let isGroup = entry.place.family == .six && entry.group >= 0
            let goesLast = isGroup && !inListedOrder && rules.contains(.sixGroupsLast)
            let at = goesLast ? 0 : ports[entry.place.portKey]?.bound.count ?? 0
            ports[entry.place.portKey, default: Port()].bound.insert(slot, at: at)
        }
    }

    /// Puts a socket of which it shows only now that it shares its port where it would stand had it been known.
    mutating func moveLast(_ slot: Int32) {
        let place = entries[Int(slot)].place
        guard place.family == .six, place.transport == .udp else { return }
        unlink(slot)
        link(slot, inListedOrder: false)
    }

    private mutating func unlink(_ slot: Int32) {
        let place = entries[Int(slot)].place
        if place.role == .connected {
            HostTable.drop(slot, from: &connected, place.connectedKey)
        }
        guard var port = ports.removeValue(forKey: place.portKey) else { return }
        if place.role == .connected {
            if let index = port.connected.lastIndex(of: slot) { port.connected.remove(at: index) }
        } else {
            if let index = port.bound.lastIndex(of: slot) { port.bound.remove(at: index) }
        }
        if !(port.bound.isEmpty && port.connected.isEmpty) { ports[place.portKey] = port }
    }

    static func drop<Key: Hashable>(_ slot: Int32, from lists: inout [Key: [Int32]], _ key: Key) {
        guard var list = lists.removeValue(forKey: key) else { return }
        if let index = list.lastIndex(of: slot) { list.remove(at: index) }
        if !list.isEmpty { lists[key] = list }
    }
}
