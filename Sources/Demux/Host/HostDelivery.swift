import Wire

/// Who gets a segment or datagram by the kernel's rule, and every socket on that port that does not.
public struct HostDelivery: Equatable, Sendable {
    public enum Receiver: Equatable, Sendable {
        case socket(HostSocket)
        /// One of these, by what only the kernel knows: in a reuse-port group a hash of the four-tuple, whose key it keeps
        /// to itself.
        case group([HostSocket])
        /// Each of these gets a copy (multicast, broadcast).
        case several([HostSocket])
        case nobody(Answer)
    }

    /// What the kernel itself answers where no socket does.
    public enum Answer: String, Equatable, Sendable {
        /// RFC 9293 §3.10.7.1.
        case reset
        /// RFC 1122 §4.1.3.1; over IPv6 RFC 4443 §3.1.
        case portUnreachable = "port-unreachable"
        /// RFC 1122 §3.2.2: no error about what was sent to a multicast or broadcast address.
        case nothing
    }

    public var receiver: Receiver
    public var rule: Rule
    /// Those that lost, in the order in which the kernel would try them: connected ones, those that are bound to the
    /// address, those that stand for every address.
    public var candidates: [HostCandidate] = []

    public init(_ receiver: Receiver, _ rule: Rule, candidates: [HostCandidate] = []) {
        self.receiver = receiver
        self.rule = rule
        self.candidates = candidates
    }

    /// The sockets that may get it, or do.
    public var sockets: [HostSocket] {
        switch receiver {
        case .socket(let socket): [socket]
        case .group(let members): members
        case .several(let sockets): sockets
        case .nobody: []
        }
    }

    /// The same once the kernel has named the member: the other members of the group have lost, before all others.
    ///
    /// - Returns: `nil` where no socket of that cookie can get it: the rule and the kernel disagree.
    public func naming(_ cookie: UInt64) -> HostDelivery? {
        guard case .group(let members) = receiver else {
            return sockets.contains { $0.cookie == cookie } ? self : nil
        }
        guard let chosen = members.first(where: { $0.cookie == cookie }) else { return nil }
        let others = members.filter { $0.cookie != cookie }.map { HostCandidate(socket: $0, why: .groupMember) }
        return HostDelivery(.socket(chosen), rule, candidates: others + candidates)
    }
}

/// A socket that a segment or datagram was held against and that does not get it.
public struct HostCandidate: Equatable, Sendable {
    public let socket: HostSocket
    public let why: Candidate.Loss

    public init(socket: HostSocket, why: Candidate.Loss) {
        self.socket = socket
        self.why = why
    }
}

/// Who is told of an ICMP error.
public struct HostErrorDelivery: Equatable, Sendable {
    /// The socket that the quoted packet is looked up to have come from; `nil` for none.
    public var receiver: HostDelivery.Receiver?
    /// Whether its program is told: by the next call that fails, IP_RECVERR aside.
    public var isTold: Bool

    public init(receiver: HostDelivery.Receiver?, isTold: Bool) {
        self.receiver = receiver
        self.isTold = isTold
    }
}
