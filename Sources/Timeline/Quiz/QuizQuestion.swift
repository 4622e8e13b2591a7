import Demux
import Wire

/// A question about one moment of a timeline, asked before it is told.
public struct QuizQuestion: Sendable {
    /// What is new there, in the order in which a scene's questions are chosen. The raw values are the words of the JSON lines.
    public enum Kind: String, Sendable, CaseIterable {
        case firstSYN = "first-syn"
        case thirdACK = "third-ack"
        /// The first data to a connected socket of the server's.
        case firstData = "first-data"
        /// Data from another host's same port to the same port.
        case twin
        case nobody
        case firstDatagram = "first-datagram"
        /// UDP from another client than before.
        case secondClient = "second-client"
        case synAck = "syn-ack"
        /// The first data to a socket since accept() has taken it, where it is not the first at all.
        case afterAccept = "after-accept"
        /// A segment to a socket that has sent its FIN, or that has ended.
        case afterClose = "after-close"
        /// Data from another port of a host that has a connection to the same port already.
        case neighbour
        /// A SYN from another host's same port.
        case twinSYN = "twin-syn"
        /// The first that comes back to a client.
        case firstReply = "first-reply"
        /// Which waiting call returns now.
        case callReturns = "call-returns"
        /// What the kernel answers.
        case kernelAnswers = "kernel-answers"
        /// What `ss` shows of a socket.
        case state

        /// Whether it asks for the socket that gets a frame.
        public var asksForSocket: Bool {
            switch self {
            case .callReturns, .kernelAnswers, .state: false
            default: true
            }
        }
    }

    public let kind: Kind
    /// Its place in ``Timeline/moments``: a frame.
    public let moment: Int
    public let choices: [QuizChoice]
    /// The place of the right one.
    public let right: Int
    /// The moment of the frame that comes back, where without it nobody could know.
    public let reply: Int?

    /// The letters of the choices.
    public static func letter(_ place: Int) -> Character { Character(UnicodeScalar(UInt8(ascii: "a") + UInt8(place % 26))) }
}

public enum QuizChoice: Equatable, Sendable {
    case socket(QuizSocket)
    /// No socket: the kernel itself answers.
    case nobody(KernelAnswer)
    case call(CallMoment)
    case noCall
    case answer(KernelAnswer)
    case state(SocketState)

    /// Whether it may have any letter.
    var isMovable: Bool {
        switch self {
        case .nobody, .noCall: false
        default: true
        }
    }

    /// What a kernel may send back.
    public enum KernelAnswer: Sendable {
        case synAck, reset, portUnreachable, nothing
    }
}

/// A socket as a choice: by its name, if it was known before; else by what it would be.
public struct QuizSocket: Equatable, Sendable {
    public enum Role: Equatable, Sendable {
        /// Known by its name.
        case known
        /// The socket that sends the frame: known by that alone.
        case sender
        /// A socket with the frame's destination that nothing has shown yet; whether it is there is a part of the question.
        case ofThePort
        /// One that this frame would make.
        case new(madeBy: SocketName?)
        /// One for the datagrams of this sender alone, which there never is without connect().
        case newForSender
    }

    public let role: Role
    public let kind: SocketKind
    /// Whom it accepts from; `nil` for anybody.
    public let from: Endpoint?
    public let to: Endpoint
    /// What it is called once the frame was told; `nil` for one that there is not.
    public let name: SocketName?

    public init(role: Role, kind: SocketKind, from: Endpoint?, to: Endpoint, name: SocketName?) {
        self.role = role
        self.kind = kind
        self.from = from
        self.to = to
        self.name = name
    }
}

/// Puts choices into an order that is the same for all who ask about the same frame, and another for each seed.
struct QuizOrder: RandomNumberGenerator {
    private var state: UInt64

    /// - Parameter salt: of the whole timeline, see ``salt(_:)``.
    init(frame: UInt64, salt: UInt64, seed: UInt64?) {
        state = frame &* 0xd605_1f4b_9e37_79b9 ^ salt
        if let seed { state ^= (seed &+ 1) &* 0x9fb2_1c65_1e98_df25 }
    }

    /// What tells one story from another, so that the third frame of each does not have its answer in the same place; of a
    /// scene its title, which is the same however often it is played, of a capture what stands in its first frame.
    static func salt(_ timeline: Timeline) -> UInt64 {
        // A page of a capture bears the file's name, which may be any.
        var words = timeline.participants.isEmpty ? "" : timeline.title
        if words.isEmpty, let first = timeline.frames.first(where: { $0.from != nil }) {
            words = "\(first.time.map { "\($0.nanoseconds)" } ?? "") \(first.from.map { "\($0)" } ?? "")"
        }
        // FNV-1a (Fowler, Noll, Vo).
        return words.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators").
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }

    /// The standard library does not promise that its own shuffle stays the same.
    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var elements = elements
        for last in elements.indices.dropFirst().reversed() {
            elements.swapAt(last, Int(next() % UInt64(last + 1)))
        }
        return elements
    }
}
