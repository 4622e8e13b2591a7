import Demux
import Wire

/// What the kernel would do with one segment or datagram: who gets it, by which rule, and why the others do not.
public struct HostVerdict: Sendable {
    public struct Loser: Sendable {
        public let entry: HostEntry
        public let why: Candidate.Loss

        public init(_ entry: HostEntry, _ why: Candidate.Loss) {
            self.entry = entry
            self.why = why
        }
    }

    public var question: LookupQuestion
    /// The interface on which it is taken to arrive.
    public var device: String?
    /// One; several for multicast and broadcast; none where nobody gets it.
    public var receivers: [HostEntry] = []
    public var losers: [Loser] = []
    public var rule: HostRule
    /// What the kernel answers where nobody gets it.
    public var reply = HostDelivery.Answer.nothing
    /// Whether the kernel itself has named the receiver, or nobody.
    public var isKernels = true
    /// What else is to be said of it, a sentence each.
    public var notes: [String] = []

    public init(_ question: LookupQuestion, rule: HostRule) {
        self.question = question
        self.rule = rule
    }

    /// Every socket that it was held against, in the order in which the kernel tries them: those with a peer, those
    /// bound to an address, those that take every address. The receiver stands last of its kind that is connected, and
    /// first of those that are not.
    var inOrder: [(entry: HostEntry, why: Candidate.Loss?)] {
        func rank(_ socket: HostSocket) -> Int { socket.remote != nil ? 0 : socket.local.address.isWildcard ? 2 : 1 }
        var lines = losers.map { (entry: $0.entry, why: Optional($0.why)) }
        for receiver in receivers.reversed() {
            let own = rank(receiver.socket)
            let place = lines.firstIndex { own == 0 ? rank($0.entry.socket) > 0 : rank($0.entry.socket) >= own } ?? lines.count
            lines.insert((receiver, nil), at: place)
        }
        return lines
    }
}

/// The rule that decided; or that none was tried, as the destination is not this machine's.
public enum HostRule: Equatable, Sendable {
    case rule(Rule)
    case notLocal

    /// The word of the JSON lines.
    public var word: String {
        switch self {
        case .rule(let rule): rule.word
        case .notLocal: "not-local"
        }
    }
}

extension HostEntry {
    /// Whether it takes what comes from there.
    func fitsSource(_ question: LookupQuestion) -> Bool { socket.remote.map { $0 == question.source } ?? true }

    /// Whether it takes what goes there: to its port, and to its address or to every one of a version that it speaks.
    func fitsDestination(_ question: LookupQuestion) -> Bool {
        let address = socket.local.address
        guard socket.local.port == question.destination.port else { return false }
        if address == question.destination.address { return true }
        return address.isWildcard && (address.version == question.destination.address.version || socket.isDualStack)
    }

    /// Why it does not get it, as a sentence's part.
    func loss(_ why: Candidate.Loss) -> String {
        switch why {
        case .otherPort: "it is bound to port \(socket.local.port)"
        case .otherAddress: "it is bound to \(socket.local.address)"
        case .otherPeer: socket.transport == .udp ? "it is connected to \(from)" : "it is the end of another connection"
        case .connectedFirst: "fits too, but connected ones go first"
        case .otherDevice: "it is bound to another interface"
        case .v6Only: "it takes IPv6 alone"
        case .lowerScore: "fits too, but less closely"
        case .groupMember: "fits too: the hash of the four-tuple chose another of the group"
        }
    }
}
