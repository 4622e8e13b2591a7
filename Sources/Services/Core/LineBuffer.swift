/// Puts lines together from the pieces in which a stream brings them; ends with `\n` or `\r\n`.
struct LineBuffer: Sendable {
    /// The longest line in bytes, without its end.
    private let limit: Int
    private var bytes: [UInt8] = []
    private var start = 0
    private var searched = 0
    /// Whether the last line that was taken did.
    private(set) var endedInCRLF = false
    /// How many lines were taken.
    private(set) var taken = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// The beginning of a line has come, and not its end.
    var isMidway: Bool { start < bytes.count }

    enum Next: Equatable {
        case line([UInt8])
        case none
        /// The line that comes is longer than the limit: nothing after it can be told from it.
        case tooLong
    }

    mutating func supply(_ piece: some Collection<UInt8>) {
        if start > 0 {
            bytes.removeFirst(start)
            searched -= start
            start = 0
        }
        bytes += piece
    }

    /// Takes the next line, without its end.
    mutating func next() -> Next {
        guard let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = bytes.count
            // One more, for a \r that belongs to the end.
            return bytes.count - start > limit + 1 ? .tooLong : .none
        }
        var line = bytes[start..<end]
        start = end + 1
        searched = start
        taken &+= 1
        endedInCRLF = line.last == UInt8(ascii: "\r")
        if endedInCRLF { line.removeLast() }
        return line.count > limit ? .tooLong : .line(Array(line))
    }

    /// Takes what has come of a line that will not end, or bytes that are no lines, at most `count`.
    mutating func takeBytes(_ count: Int = .max) -> ArraySlice<UInt8> {
        let end = count < bytes.count - start ? start + count : bytes.count
        defer {
            start = end
            searched = end
        }
        return bytes[start..<end]
    }
}
