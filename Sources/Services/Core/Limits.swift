/// What a server allows its clients, so that none of them can hurt it or the others.
public struct Limits: Equatable, Sendable {
    /// The longest line in bytes, without its end.
    public var lineLength: Int
    /// The most bytes that are kept of one client: a list to sort, a mail, an uploaded file.
    public var message: Int
    /// How long a connection may be without a byte in either direction.
    public var idle: Duration
    /// How long a client may take for a line, or for the head of a request: a byte a minute is not idle.
    public var request: Duration
    /// How many connections are served at once; further ones wait in the accept queue.
    public var connections: Int
    /// How long, once the server is told to end, what is under way may go on.
    public var grace: Duration
    /// What is kept in memory of all clients together, in bytes.
    public var memory: Int
    /// How long a client may take for all that it has begun, such as a mail: a line a minute is no end.
    public var whole: Duration { idle * 12 }

    public init(
        lineLength: Int = 65_536, message: Int = 16_777_216, idle: Duration = .seconds(300), request: Duration = .seconds(60),
        connections: Int = 1_024, grace: Duration = .seconds(10), memory: Int = 134_217_728
    ) {
        self.lineLength = lineLength
        self.message = message
        self.idle = idle
        self.request = request
        self.connections = connections
        self.grace = grace
        self.memory = memory
    }

    /// How long a client that still sends may do so after it was answered for the last time.
    static let lingering: Duration = .seconds(2)
    /// How long a client may be silent while others wait for a place.
    static let crowded: Duration = .seconds(10)
    /// How long another server may take to answer.
    static let answer: Duration = .seconds(10)
    /// How many helpers an event loop has at a time.
    static let helpers = 8
}

/// Why a connection ended other than by its service's own rules.
public enum Closing: Equatable, Sendable, CustomStringConvertible {
    case broken(reason: String)
    case idle
    /// Silent, while others wait.
    case crowdedOut
    case tooSlow
    case lineTooLong(limit: Int)
    case tooMuch(limit: Int)
    case noMemory

    public var description: String {
        switch self {
        case .broken(let reason): reason
        case .idle: "closed: idle for too long"
        case .crowdedOut: "closed: silent while others wait for a place"
        case .tooSlow: "closed: too slow"
        case .lineTooLong(let limit): "closed: a line is longer than \(limit) bytes"
        case .tooMuch(let limit): "closed: more than \(limit) bytes"
        case .noMemory: "closed: what the server may keep of all clients is used up"
        }
    }
}
