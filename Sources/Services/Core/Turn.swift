import Wire

/// What a service wants after something has happened: filled by the service, carried out by the server.
public struct Turn {
    /// Who is at the other end.
    public let peer: Endpoint
    let limits: Limits
    /// Whether lines are printed; if not, they are not even made.
    let talks: Bool

    /// Bytes for the client.
    var output: [UInt8] = []
    /// Lines for the server's output.
    private(set) var lines: [String] = []
    /// Lines for the server's notices.
    private(set) var notices: [String] = []
    /// Set: the connection is closed once the output is sent.
    private(set) var ending: Ending?
    /// Set: ``Service/proceed(_:)`` is called once the output is sent, and no byte received before.
    private(set) var continues = false
    /// Set: answered through ``Service/hear(_:_:)``, once the output is sent.
    private(set) var question: Question?

    enum Ending: Equatable {
        /// With what is unread the kernel makes a RST of the FIN: right where nothing can be.
        case atOnce
        /// The FIN is sent, and what still comes is thrown away for a while, so that the client gets to read the answer.
        case lingering(Closing?)
    }

    init(with peer: Endpoint, _ limits: Limits, talks: Bool) {
        self.peer = peer
        self.limits = limits
        self.talks = talks
    }

    mutating func send(_ text: String) { output += text.utf8 }
    mutating func send(_ bytes: some Collection<UInt8>) { output += bytes }

    mutating func note(_ line: @autoclosure () -> String) {
        if talks { lines.append(line()) }
    }

    /// A line of standard error, which `-q` leaves in.
    mutating func warn(_ line: @autoclosure () -> String) { notices.append(line()) }

    mutating func close() { ending = ending ?? .atOnce }

    /// Closes although the client may still be sending. With a reason, the server tells it as a notice.
    mutating func close(_ reason: Closing?) { ending = .lingering(reason) }

    mutating func proceedWhenSent() { continues = true }

    mutating func ask(_ question: Question) { self.question = question }
}

/// What a service asks of somebody else, before it goes on with its client.
enum Question: Sendable {
    /// One line to a server, and its line back: the service's server is that server's client.
    case server(Endpoint, line: [UInt8])
    /// Work that takes longer than the others should wait, such as hashing a password. It runs in a child process or
    /// thread where the model has one for the connection, and in a child of its own in an event loop.
    case work(@Sendable () -> [UInt8])
}

/// What came back.
public enum Answer: Equatable, Sendable {
    case text([UInt8])
    /// Nobody was there, or did not answer in time; in words.
    case failed(String)
}
