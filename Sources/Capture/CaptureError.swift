/// What could not be captured, read or written, why, and where it helps what to do about it.
public struct CaptureError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A file, an interface, a filter expression.
    public let subject: String
    public let reason: String
    /// A second line: what to type instead.
    public let hint: String?

    public init(_ subject: String, _ reason: String, hint: String? = nil) {
        self.subject = subject
        self.reason = reason
        self.hint = hint
    }

    public var description: String { "\(subject): \(reason)" }
}
