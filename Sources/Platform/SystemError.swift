import Glibc

/// A failed system call: which one, and the kernel's reason.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The `errno` of the failure.
    public let code: Int32
    /// The corresponding C function, as in `bind`.
    public let call: String

    public init(_ code: Int32, in call: String) {
        self.code = code
        self.call = call
    }

    /// The reason in the C library's words, as in `Address already in use`.
    public var reason: String {
        guard let words = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: words)
    }

    public var description: String { "\(call): \(reason)" }
}

/// Runs a C call until something other than a signal ends it (`EINTR`), and turns -1 into ``SystemError``.
@discardableResult
public func retrying<Result: FixedWidthInteger & SignedInteger>(
    _ call: @autoclosure () -> String, _ body: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = body()
        if result != -1 { return result }
        let code = errno
        if code != EINTR { throw SystemError(code, in: call()) }
    }
}
