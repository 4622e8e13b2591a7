import Wire

/// A TCP or UDP socket as the kernel of the machine has it, not as a capture lets one infer it.
public struct HostSocket: Equatable, Sendable {
    /// The kernel's numbers (`include/net/tcp_states.h`). A UDP socket is ``established`` when it is connected, else ``closed``.
    public enum State: UInt8, Sendable, CaseIterable {
        case established = 1
        case synSent, synReceived, finWait1, finWait2, timeWait, closed, closeWait, lastAck, listen, closing
        /// A connection request that has no socket of its own yet (`TCP_NEW_SYN_RECV`).
        case newSynReceived
    }

    public var transport: IPProtocol
    /// AF_INET or AF_INET6. An IPv6 socket that is not ``isIPv6Only`` takes IPv4 too, as v4-mapped addresses.
    public var family: IPAddress.Version
    public var state: State
    /// What it is bound to. A wildcard address stands for every local one.
    public var local: Endpoint
    /// Whom it is connected to.
    public var remote: Endpoint?
    /// Whether it takes no IPv4: by IPV6_V6ONLY, or since it is bound to an IPv6 address, which sets it.
    public var isIPv6Only = false
    /// The interface that it is bound to (SO_BINDTODEVICE), by index; 0 for none.
    public var device: UInt32 = 0
    /// Whether it shares its port by SO_REUSEPORT. The kernel does not tell, so `nil` for a socket read from its table:
    /// of several that have all else in common it is then presumed.
    public var reusesPort: Bool?
    /// Never used again while the machine runs: what a socket is known by.
    public var cookie: UInt64 = 0
    /// 0 while no process holds it: it waits in an accept queue, or only the kernel still has it.
    public var inode: UInt64 = 0
    public var userID: UInt32 = 0
    /// Bytes that wait to be read; of a listener the connections that wait to be accepted.
    public var receiveQueue: UInt32 = 0
    /// Bytes that wait to be acknowledged; of a listener its backlog.
    public var sendQueue: UInt32 = 0
    /// Datagrams dropped for want of room.
    public var drops: UInt32 = 0

    public init(
        transport: IPProtocol, family: IPAddress.Version, state: State, local: Endpoint, remote: Endpoint? = nil
    ) {
        self.transport = transport
        self.family = family
        self.state = state
        self.local = local
        self.remote = remote
    }
}

extension HostSocket {
    public var kind: SocketKind {
        if transport == .udp { return .datagram }
        return state == .listen ? .listener : .connected
    }

    /// Whether it stands on `::` and takes IPv4 as well as IPv6.
    public var isDualStack: Bool { family == .six && !isIPv6Only && local.address.version == .six && local.address.isWildcard }

    /// Whether it is a connection that no process has accepted: whole, and without an inode, which `accept` gives it.
    public var waitsToBeAccepted: Bool {
        guard transport == .tcp, inode == 0 else { return false }
        return state == .established || state == .closeWait
    }

    /// Whether it is a request whose handshake is not complete.
    public var isHalfOpen: Bool { state == .synReceived || state == .newSynReceived }

    /// Whether one more connection finds no room. The kernel takes one more than the backlog says (`sk_acceptq_is_full`).
    public var isAcceptQueueFull: Bool { state == .listen && receiveQueue > sendQueue }
}

/// What an arriving segment or datagram is looked up by: from where, to where, and on which interface it came.
public struct LookupQuestion: Hashable, Sendable {
    public var transport: IPProtocol
    public var source: Endpoint
    public var destination: Endpoint
    /// The interface's index; 0 where it is not known.
    public var device: UInt32

    public init(transport: IPProtocol, source: Endpoint, destination: Endpoint, device: UInt32 = 0) {
        self.transport = transport
        self.source = source
        self.destination = destination
        self.device = device
    }
}

/// Who holds a socket: a process and its descriptor. A forked server's socket has several.
public struct SocketOwner: Hashable, Sendable {
    public let processID: Int32
    /// The process's name (`/proc/PID/comm`).
    public let name: String
    public let descriptor: Int32

    public init(processID: Int32, name: String, descriptor: Int32) {
        self.processID = processID
        self.name = name
        self.descriptor = descriptor
    }
}

/// The kernel's own look-up, asked for one exact question. Tests answer from memory.
public protocol KernelLookup {
    associatedtype Failure: Error
    /// The socket that the kernel would give a segment or datagram to at this moment, or `nil` for nobody.
    mutating func socket(for question: LookupQuestion) throws(Failure) -> HostSocket?
}
