import Glibc
import Platform
import Synchronization

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
    /// Set: what the server says is shown as text, since its bytes could steer a terminal.
    private let screen: Screen?

    /// - Parameter showsText: whether it is text in any case, and not only on a terminal.
    init(input: Int32, output: Int32, notices: Int32, timeout: Duration? = nil, showsText: Bool = false) {
        self.input = input
        self.output = output
        self.notices = notices
        self.timeout = timeout
        screen = showsText || Terminal.isTerminal(output) ? Screen() : nil
    }

    func print(_ bytes: ArraySlice<UInt8>) throws(ClientEnd) {
        try write(screen?.show(bytes) ?? bytes)
    }

    /// Nothing more comes: what waited for more to be a character is shown as it is.
    func finish() throws(ClientEnd) {
        if let rest = screen?.rest() { try write(rest) }
    }

    private func write(_ bytes: ArraySlice<UInt8>) throws(ClientEnd) {
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

/// Text for a terminal, out of the pieces of a stream: lines and tabs as they are, all else that steers it written out.
final class Screen: Sendable {
    /// The beginning of a character, or of a line's end, whose rest has not come.
    private let held = Mutex<[UInt8]>([])

    func show(_ piece: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        held.withLock { held in
            let bytes = held + piece
            let end = Screen.wholeEnd(of: bytes)
            held = Array(bytes[end...])
            return Screen.text(bytes[..<end])
        }
    }

    func rest() -> ArraySlice<UInt8>? {
        held.withLock { held in
            defer { held = [] }
            return held.isEmpty ? nil : Screen.text(held[...])
        }
    }

    /// Before a CR that may be followed by LF, and before a character of UTF-8 that may go on.
    private static func wholeEnd(of bytes: [UInt8]) -> Int {
        if bytes.last == UInt8(ascii: "\r") { return bytes.count - 1 }
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0xc0 == 0x80 { continue }
            let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
            return length > back ? bytes.count - back : bytes.count
        }
        return bytes.count
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let shown = lines.enumerated().map { index, line in
            // Lines on the wire end in CRLF, and those of a terminal in LF.
            let isEnded = index < lines.count - 1
            let line = isEnded && line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            return line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map { Transcript.printable($0) }.joined(separator: "\t")
        }
        return Array(shown.joined(separator: "\n").utf8)[...]
    }
}
