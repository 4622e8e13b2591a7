import Demux
import Wire

/// A frame with who gets it and why, as all that shows it needs it: nothing in it points into a table that goes on.
public struct FrameMoment: Sendable {
    public var number: UInt64 = 0
    public var time: Timestamp?
    /// The frame as it was captured, as far as it is kept.
    public var bytes: [UInt8] = []
    public var linkType = LinkType.ethernet
    public var originalLength: UInt32 = 0
    /// Its own packet's, or those of the datagram that it completes; `nil` where it has no addresses or ports.
    public var from: Endpoint?
    public var to: Endpoint?
    /// The hosts' addresses, also of what has no ports.
    public var fromAddress: IPAddress?
    public var toAddress: IPAddress?
    /// `nil` for what is neither IPv4 nor IPv6.
    public var transport: IPProtocol?
    /// TCP's; `nil` for anything else.
    public var flags: TCPFlags?
    /// Counted from the first of each direction.
    public var sequence: UInt32 = 0
    public var acknowledgment: UInt32 = 0
    public var payloadLength = 0
    /// The first bytes of the payload.
    public var preview: [UInt8] = []
    /// `SYN ACK`, `PSH ACK 14 B`, `UDP 6 B`, `ICMP port unreachable`, `ARP who has 10.0.0.3`: the segment in words, without its payload.
    public var segment = ""

    public var sender: SocketMoment?
    public var receiver: SocketMoment?
    /// Where several get a copy, or one of a group.
    public var receivers: [SocketName] = []
    public var rule = Rule.noPorts
    public var evidence = Evidence.capture
    /// In the order of the rule, the winner among them.
    public var candidates: [CandidateMoment] = []
    /// How many more lost.
    public var otherCandidates = 0
    public var conversationID: UInt64 = 0
    public var replyTo: UInt64 = 0
    public var corrects: UInt64 = 0
    /// An ICMP error of which the socket's program does not hear.
    public var isUntold = false
    /// The listener's accept queue is full: the kernel drops it.
    public var isQueueFull = false
    /// Sockets that this frame showed first, and those that ended with it.
    public var opened: [SocketMoment] = []
    public var ended: [(name: SocketName, ending: SocketEnding)] = []

    /// Sockets that ended since the frame before, by the kernel's word.
    public var endedBefore: [(name: SocketName, ending: SocketEnding)] = []

    public init() {}

    /// An acknowledgment alone, of which a story may do without.
    public var isPureAcknowledgment: Bool { flags == .ack && payloadLength == 0 && opened.isEmpty && ended.isEmpty }

    /// Whether it has ports, so that a socket is sought for it.
    public var hasLookup: Bool {
        switch rule {
        case .fragment, .noPorts: false
        default: true
        }
    }
}

/// A socket as it was at one moment.
public struct SocketMoment: Equatable, Sendable {
    public let name: SocketName
    public var transport = IPProtocol.tcp
    /// With the wildcard address where the kernel says so.
    public var local: Endpoint
    public var remote: Endpoint?
    public var state = SocketState.closed
    public var evidence = Evidence.capture
    public var isServer = false
    public var madeBy: SocketName?
    public var peer: SocketName?
    /// Who holds it, where the kernel was asked; several after a fork.
    public var holders: [SocketOwner] = []
    public var inode: UInt64?
    public var cookie: UInt64?
    /// Whether it waits in the accept queue, and how many do.
    public var waiting: UInt32?

    public init(name: SocketName, local: Endpoint, remote: Endpoint?) {
        self.name = name
        self.local = local
        self.remote = remote
    }
}

/// A socket that a frame was held against.
public struct CandidateMoment: Equatable, Sendable {
    public let socket: SocketMoment
    public let acceptsSource: Bool
    public let acceptsDestination: Bool
    public let wins: Bool
    /// `nil` for the winner.
    public let why: Candidate.Loss?

    public init(socket: SocketMoment, acceptsSource: Bool, acceptsDestination: Bool, wins: Bool, why: Candidate.Loss?) {
        self.socket = socket
        self.acceptsSource = acceptsSource
        self.acceptsDestination = acceptsDestination
        self.wins = wins
        self.why = why
    }
}
