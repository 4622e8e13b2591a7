/// What a server allows its clients, so that none of them can hurt it or the others.
public struct Limits: Equatable, Sendable {
    /// The longest line in bytes, without its end.
    public var lineLength: Int
    /// How long a connection may be without a byte in either direction.
    public var idle: Duration
    /// How many connections are served at once; further ones wait in the accept queue.
    public var connections: Int

    public init(lineLength: Int = 65_536, idle: Duration = .seconds(300), connections: Int = 1_024) {
        self.lineLength = lineLength
        self.idle = idle
        self.connections = connections
    }
}

/// Why a connection ended other than by the client's own FIN.
enum Closing: Equatable, Sendable, CustomStringConvertible {
    case broken(reason: String)
    case idle
    case lineTooLong(limit: Int)

    var description: String {
        switch self {
        case .broken(let reason): reason
        case .idle: "closed: idle for too long"
        case .lineTooLong(let limit): "closed: a line is longer than \(limit) bytes"
        }
    }
}
