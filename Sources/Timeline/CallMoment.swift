import Demux

/// A socket call, as it is entered, as it returns, or both at once.
public struct CallMoment: Equatable, Sendable {
    public enum Phase: Equatable, Sendable {
        /// It returned before anything else happened.
        case whole
        /// It waits; its return is told later.
        case entered
        case returned
    }

    /// Who calls, by its place in ``Timeline/participants``.
    public let participant: Int
    public let phase: Phase
    /// The C function's name.
    public let name: String
    /// The arguments as C would have them: `3, 127.0.0.1:1234`.
    public let arguments: String
    /// What it returned, with what that means: `0`, `4 from 127.0.0.1:9157`, `ECONNREFUSED`; `nil` while it waits.
    public let result: String?
    /// Whether it failed.
    public let isFailure: Bool
    /// The socket that it is about, where the table has it.
    public var socket: SocketName?
    /// The kernel's number for that socket (SO_COOKIE).
    public let cookie: UInt64?
    /// What there is to be seen here.
    public var remark: String?

    public init(
        participant: Int, phase: Phase, name: String, arguments: String, result: String?, isFailure: Bool = false,
        socket: SocketName? = nil, cookie: UInt64? = nil, remark: String? = nil
    ) {
        self.participant = participant
        self.phase = phase
        self.name = name
        self.arguments = arguments
        self.result = result
        self.isFailure = isFailure
        self.socket = socket
        self.cookie = cookie
        self.remark = remark
    }

    /// `accept(3) …`, `accept(3) = 4`, `recv(4, 1024) = 14`.
    ///
    /// - Parameter waits: the sign of a call that waits.
    public func text(waits: String = "…") -> String {
        switch phase {
        case .entered: "\(name)(\(arguments)) \(waits)"
        // What it was called with stood where it was entered.
        case .returned: "\(name)(\(arguments.prefix { $0 != "," })) = \(result ?? "")"
        // It does not return.
        case .whole where name == "exit": "\(name)(\(arguments))"
        case .whole: "\(name)(\(arguments)) = \(result ?? "")"
        }
    }
}
