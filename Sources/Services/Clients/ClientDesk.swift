import Glibc
import Platform

/// Why a client ends before its input does.
enum ClientEnd: Error {
    case outputClosed
    case failed(ServiceError)
}

/// A system call without which the client cannot go on, and what it is about.
@discardableResult
func vital<Result: ~Copyable>(
    _ what: @autoclosure () -> String, _ call: @autoclosure () throws(SystemError) -> Result
) throws(ClientEnd) -> Result {
    do { return try call() } catch { throw .failed(.failed(what(), error)) }
}

/// A client's own three descriptors, and how long it waits for a server.
struct ClientDesk: Sendable {
    let input: Int32
    let output: Int32
    let notices: Int32
    /// `nil` waits without end.
    var timeout: Duration?

    func print(_ bytes: ArraySlice<UInt8>) throws(ClientEnd) {
        do {
            try writeAll(output, bytes.span)
        } catch {
            throw error.code == EPIPE ? .outputClosed : .failed(.failed("output", error))
        }
    }

    /// A line on standard error. The client goes on without it.
    func notice(_ line: String) {
        try? writeAll(notices, "portwatch: \(line)\n")
    }
}
