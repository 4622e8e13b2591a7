/// What a destination address is to this machine: only what is delivered here is looked up among the sockets.
public enum Reach: Hashable, Sendable {
    /// One of the machine's own addresses.
    case local
    /// A broadcast address: every datagram socket that fits gets a copy.
    case broadcast
    /// A multicast group that somebody here has joined: every datagram socket that fits gets a copy.
    case joinedGroup
    /// A multicast group that nobody here has joined, on that interface.
    case otherGroup
    /// Another machine's address, or nobody's.
    case elsewhere

    /// Whether it is delivered to sockets of this machine.
    public var isDelivered: Bool {
        switch self {
        case .local, .broadcast, .joinedGroup: true
        case .otherGroup, .elsewhere: false
        }
    }

    /// Whether it goes to one socket, not to every one that fits.
    public var isToOne: Bool { self == .local }
}
