import Wire

/// By which rule a packet found its socket, or found none.
public enum Rule: UInt8, Sendable, CaseIterable {
    /// A connected socket has exactly these two addresses and two ports.
    case fourTuple
    /// No connected socket has; a listener has the destination.
    case listener
    /// A datagram socket has the destination address and port, whoever sends.
    case datagram
    /// The connected socket is gone and its four-tuple is kept from being used again.
    case timeWait
    /// Multicast or broadcast: every socket that is bound to the port.
    case groupDelivery
    /// To the socket that sent the packet which the ICMP error quotes.
    case icmpError
    /// No ports here: the IP layer holds it until the datagram is whole.
    case fragment
    /// Nobody: the kernel itself answers with RST or ICMP port unreachable.
    case closedPort
    /// The packet has no ports.
    case noPorts
    /// A listener that is bound to the destination's address. This and what follows only the kernel's table shows.
    case listenerAddress
    /// A listener that takes connections to every local address.
    case listenerWildcard
    /// A datagram socket that is connected to the source.
    case datagramConnected
    /// A datagram socket that is bound to the destination's address.
    case datagramAddress
    /// A datagram socket that takes what comes to every local address.
    case datagramWildcard
    /// Sockets that share address and port (SO_REUSEPORT): one of them, by a hash of the four-tuple.
    case reusePortGroup

    /// The word of the JSON lines.
    public var word: String {
        switch self {
        case .fourTuple: "four-tuple"
        case .listener: "listener"
        case .datagram: "datagram"
        case .timeWait: "time-wait"
        case .groupDelivery: "group-delivery"
        case .icmpError: "icmp-error"
        case .fragment: "fragment"
        case .closedPort: "closed-port"
        case .noPorts: "no-ports"
        case .listenerAddress: "listener-address"
        case .listenerWildcard: "listener-wildcard"
        case .datagramConnected: "datagram-connected"
        case .datagramAddress: "datagram-address"
        case .datagramWildcard: "datagram-wildcard"
        case .reusePortGroup: "reuse-port-group"
        }
    }
}

/// On what a delivery rests.
public enum Evidence: UInt8, Sendable {
    /// Nothing shows it; it is what must be so if all goes well.
    case presumed
    /// The handshake, or the exchange, was seen.
    case capture
    /// The kernel was asked, and nothing later contradicts it.
    case kernel

    public var word: String {
        switch self {
        case .presumed: "presumed"
        case .capture: "capture"
        case .kernel: "kernel"
        }
    }
}

/// A socket as a delivery names it: where it stands in the table, and its name.
public struct SocketReference: Equatable, Sendable {
    /// Its place in the table: dense, and used again for another socket after this one.
    public let slot: Int32
    public let name: SocketName
}

/// Who sent a packet and who gets it.
public struct Delivery: Equatable, Sendable {
    /// `nil` where no socket sent it: the kernel itself answers with RST and ICMP.
    public var sender: SocketReference?
    /// `nil` where nobody gets it.
    public var receiver: SocketReference?
    public var rule: Rule = .noPorts
    public var evidence: Evidence = .capture
    /// Which way in its conversation: 0 from the end with the lower address and port, 1 from the other.
    public var direction: UInt8 = 0
    /// The conversation's place: dense, and used again. -1 for a packet that belongs to none. Whoever needs more
    /// about a conversation keeps an array by slot, valid while ``conversationID`` stays.
    public var slot: Int32 = -1
    /// The conversation's number over both protocols: it only grows.
    public var conversationID: UInt64 = 0
    /// The conversation's number within its protocol, from 0 in the order of first frames: Wireshark's stream index.
    /// ``noStream`` where the packet has none.
    public var stream: UInt32 = Delivery.noStream
    /// Sequence and acknowledgment number counted from the first of each direction.
    public var relativeSequence: UInt32 = 0
    public var relativeAcknowledgment: UInt32 = 0
    /// The frame that this one answers; 0 for none.
    public var replyTo: UInt64 = 0
    /// The later frame that says that nobody was there; 0 for none.
    public var refusedBy: UInt64 = 0
    /// The frame whose delivery this one disproves; 0 for none.
    public var corrects: UInt64 = 0

    public static let noStream = StreamNumber.none

    public init() {}
}

/// What a packet changed in the socket table.
public enum SocketEvent: Equatable, Sendable {
    case opened(SocketReference, Opening)
    case ended(SocketReference, SocketEnding)

    public enum Opening: Sendable {
        /// A client's socket, at its SYN.
        case activeOpen
        /// A listener, at the first SYN to it or the first SYN ACK from it.
        case passiveOpen
        /// The server's connected socket, at the ACK that completes the handshake.
        case handshake
        /// A connected socket whose handshake was not captured.
        case presumed
        /// A datagram socket, at the first datagram from it.
        case sends
        /// A datagram socket, at the first datagram to it.
        case receives
    }
}

/// What is known of what follows a packet to a port not yet known, when its delivery is decided.
public enum Foresight: Equatable, Sendable {
    /// Nothing yet, and it can be waited for: the table may say ``SocketTable/Outcome/undecided``.
    case unknown
    /// It cannot be waited for: the capture is live.
    case unavailable
    /// Nothing was said in time.
    case unanswered
    /// The other end answered from there.
    case accepted
    /// The frame of that number says that nobody is there.
    case refused(frame: UInt64)
    /// The other end's own SYN came: a simultaneous open (RFC 9293 §3.5).
    case crossed
}
