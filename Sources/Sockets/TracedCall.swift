import Wire

/// One socket call, as it was entered or as it returned.
public struct TracedCall: Sendable {
    public enum Argument: Equatable, Sendable {
        /// A descriptor, a length, a backlog.
        case number(Int)
        /// A constant or an endpoint, written as it is.
        case word(String)
        /// A name to look up.
        case text(String)
        /// The first bytes of what is sent.
        case bytes([UInt8])
    }

    public enum Outcome: Equatable, Sendable {
        /// It waits: a line with its return follows.
        case entered
        case value(Int)
        /// The look-ups return lists.
        case answer(String)
        /// What `accept` or `recvfrom` returns beside the number: who is at the other end.
        case from(Int, Endpoint)
        /// What `getsockname` or `getpeername` has filled in.
        case end(Endpoint)
        /// How many bytes were received, and the first of them, if those may be shown.
        case received(Int, [UInt8]?)
        /// The `errno` of a failure.
        case error(Int32)
    }

    /// The C function's name.
    public let name: String
    public let arguments: [Argument]
    /// The socket that it is about; `nil` for look-ups, and for `socket` until it has returned.
    public var descriptor: Int32?
    /// The kernel's number for that socket, which no other socket of this boot has (`SO_COOKIE`, socket(7)).
    public var cookie: UInt64?
    /// The number of the socket that `accept` has taken.
    public var newCookie: UInt64?
    /// When it was entered, on the clock of captures: nanoseconds of CLOCK_REALTIME.
    public let time: Timestamp
    /// How long it took, in nanoseconds; `nil` while it waits.
    public var nanoseconds: Int64?
    public var outcome: Outcome = .entered

    /// No more bytes than these of what is sent and received are kept.
    static let previewLength = 40
}
