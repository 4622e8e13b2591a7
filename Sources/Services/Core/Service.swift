import Wire

/// What one connection of a service does, without the connection: a state machine. Bytes come in; bytes to send, lines to
/// print, the wish to close and questions to others go out through the ``Turn``.
///
/// It neither waits nor knows how its server is organised, so that every model can drive it. The value that a server
/// is made with is the state of a connection that has not begun; each connection gets a copy of it. What connections
/// share, they share through a reference in it.
public protocol Service: Sendable {
    /// The connection stands; nothing was received yet.
    mutating func begin(_ turn: inout Turn)

    /// Bytes of the client's, in whatever pieces the stream comes. At least one; called only when all of the output before
    /// is sent, so that a client that does not read is not read either.
    mutating func receive(_ bytes: ArraySlice<UInt8>, _ turn: inout Turn)

    /// The client has sent its FIN: nothing follows. Without anything to do, the server closes too.
    mutating func endOfInput(_ turn: inout Turn)

    /// All of the output is sent, and the last turn said that more is to come.
    mutating func proceed(_ turn: inout Turn)

    /// The answer to the question of the last turn. Nothing is received in between.
    mutating func hear(_ answer: Answer, _ turn: inout Turn)

    /// The client has begun something and not ended it, such as a line: it has not for ever to do so, and a server that
    /// is told to end lets it.
    var isMidway: Bool { get }

    /// What comes next ends a line, or whatever else one sends at a time: for that there is less time than for the whole.
    var isMidLine: Bool { get }

    /// How many such lines have come, so that another one has its time again.
    var steps: Int { get }

    /// What the client is told before it is closed for want of bytes: a text, or nothing.
    func farewell(_ closing: Closing) -> String
}

extension Service {
    public mutating func begin(_ turn: inout Turn) {}
    public mutating func endOfInput(_ turn: inout Turn) { turn.close() }
    public mutating func proceed(_ turn: inout Turn) {}
    public mutating func hear(_ answer: Answer, _ turn: inout Turn) {}
    public var isMidway: Bool { false }
    public var isMidLine: Bool { isMidway }
    public var steps: Int { 0 }
    public func farewell(_ closing: Closing) -> String { "" }
}
