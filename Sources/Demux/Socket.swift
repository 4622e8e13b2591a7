import Wire

/// The three kinds of socket that the rule knows.
public enum SocketKind: UInt8, Sendable {
    /// Takes connections to its address and port from anybody (the book's welcoming socket).
    case listener
    /// One end of one connection: accepts segments of its four-tuple alone.
    case connected
    /// A UDP socket: accepts datagrams to its address and port from anybody.
    case datagram

    /// The first character of the names of such sockets: `L1`, `C1`, `D1`.
    public var letter: UInt8 {
        switch self {
        case .listener: UInt8(ascii: "L")
        case .connected: UInt8(ascii: "C")
        case .datagram: UInt8(ascii: "D")
        }
    }

    /// The word of the JSON lines.
    public var word: String {
        switch self {
        case .listener: "listener"
        case .connected: "connected"
        case .datagram: "datagram"
        }
    }
}

/// A socket's name: its kind, and a number that only grows and is never used again.
public struct SocketName: Hashable, Sendable, CustomStringConvertible {
    public let kind: SocketKind
    public let number: UInt32

    public init(_ kind: SocketKind, _ number: UInt32) {
        self.kind = kind
        self.number = number
    }

    /// `C2`.
    public var description: String { String(UnicodeScalar(kind.letter)) + String(number) }
}

/// The states of RFC 9293 §3.3.2 as a capture shows them, and `bound` for a datagram socket, which has none.
///
/// SYN-RECEIVED is not among them: a socket is made when the handshake is complete; until then its listener has it.
public enum SocketState: UInt8, Sendable {
    case listen, synSent, established, finWait1, finWait2, closeWait, closing, lastAck, timeWait, closed, bound

    /// The kernel's name (include/net/tcp_states.h): `ESTABLISHED`, `TIME_WAIT`; in lower case what is no state of TCP.
    public var word: String {
        switch self {
        case .listen: "LISTEN"
        case .synSent: "SYN_SENT"
        case .established: "ESTABLISHED"
        case .finWait1: "FIN_WAIT1"
        case .finWait2: "FIN_WAIT2"
        case .closeWait: "CLOSE_WAIT"
        case .closing: "CLOSING"
        case .lastAck: "LAST_ACK"
        case .timeWait: "TIME_WAIT"
        case .closed: "closed"
        case .bound: "bound"
        }
    }
}

/// Why a socket was taken off the table.
public enum SocketEnding: Equatable, Sendable {
    /// Both directions were finished, and it did not send the first FIN.
    case closed
    /// Both directions were finished, and it waits for stray segments.
    case timeWait
    /// A RST, in the frame of that number.
    case reset(frame: UInt64)
    /// Its SYN was answered by a RST.
    case refused(frame: UInt64)
    /// A RST or an ICMP message says that nobody is there (any more).
    case gone(frame: UInt64)
    /// It was only presumed, and an answer says that it was not there.
    case disproved(frame: UInt64)
    /// A new connection began on the same four-tuple.
    case replaced(frame: UInt64)
    /// The kernel says that it has destroyed it: its last holder has closed it.
    case destroyed
}

/// Segments or datagrams, and the payload bytes in them.
public struct Traffic: Equatable, Sendable {
    public var segments: UInt64 = 0
    public var bytes: UInt64 = 0

    @inline(__always)
    mutating func count(_ payloadLength: UInt32) {
        segments &+= 1
        bytes &+= UInt64(payloadLength)
    }

    mutating func takeBack(_ payloadLength: UInt32) {
        guard segments > 0, bytes >= UInt64(payloadLength) else { return }
        segments -= 1
        bytes -= UInt64(payloadLength)
    }

    mutating func add(_ more: Traffic) {
        segments &+= more.segments
        bytes &+= more.bytes
    }
}

/// One socket of the table.
public struct Socket: Sendable {
    public let name: SocketName
    public let local: Endpoint
    /// `nil` for a socket that accepts from anybody.
    public let remote: Endpoint?
    /// `tcp` or `udp`.
    public let transport: IPProtocol
    public internal(set) var state: SocketState
    /// How its existence is known: `presumed` until the capture shows it.
    public internal(set) var evidence: Evidence
    public internal(set) var madeBy: SocketName?
    public internal(set) var peer: SocketName?
    public internal(set) var ending: SocketEnding?
    /// Whether it is the end that others come to: a listener, what a listener made, a datagram socket written to
    /// before it wrote.
    public internal(set) var isServer = false
    /// Whether the slot waits to be used again.
    var isFree = false
    /// The frame that showed it first.
    public let firstFrame: UInt64
    public internal(set) var received = Traffic()
    public internal(set) var sent = Traffic()
    /// The conversation that a connected socket belongs to, to be believed only while that names the socket, too.
    var conversation: Int32 = -1
    /// How many conversations name this listener or datagram socket.
    var references: UInt32 = 0

    public var isEnded: Bool { ending != nil }

    init(
        _ name: SocketName, local: Endpoint, remote: Endpoint?, transport: IPProtocol, state: SocketState,
        evidence: Evidence, firstFrame: UInt64
    ) {
        self.name = name
        self.local = local
        self.remote = remote
        self.transport = transport
        self.state = state
        self.evidence = evidence
        self.firstFrame = firstFrame
    }
}
