/// The line-numbering echo of one connection, without the connection: bytes in, bytes out.
///
/// However the stream was cut into pieces, the answers put together are the same.
struct LineNumberer: Sendable {
    /// How many lines were answered so far; the next one's number is one more.
    private(set) var count = 0
    /// The longest line in bytes, without its end.
    let limit: Int
    /// The beginning of a line whose end has not come yet.
    private var unfinished: [UInt8] = []

    /// The beginning of a line has come, and not its end.
    var isMidway: Bool { !unfinished.isEmpty }

    init(limit: Int) {
        self.limit = limit
    }

    /// What a piece of the stream gives.
    struct Answer: Equatable, Sendable {
        /// `N: line`, once for each line that ended, with the line's own bytes and end.
        var reply: [UInt8] = []
        /// The same lines without `\n` or `\r\n`, for the server's output.
        var lines: [[UInt8]] = []
        /// A line was longer than the limit. What came before it is answered; nothing after it is.
        var tooLong = false
    }

    mutating func receive(_ bytes: some Sequence<UInt8>) -> Answer {
        var answer = Answer()
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                complete(into: &answer)
            } else if unfinished.count == limit {
                answer.tooLong = true
                break
            } else {
                unfinished.append(byte)
            }
        }
        return answer
    }

    /// The stream has ended. A last line without its end is answered as if it had one, so that every reply is a line.
    mutating func finish() -> Answer {
        var answer = Answer()
        if !unfinished.isEmpty { complete(into: &answer) }
        return answer
    }

    private mutating func complete(into answer: inout Answer) {
        count += 1
        answer.reply += "\(count): ".utf8
        answer.reply += unfinished
        answer.reply.append(UInt8(ascii: "\n"))
        if unfinished.last == UInt8(ascii: "\r") { unfinished.removeLast() }
        answer.lines.append(unfinished)
        unfinished.removeAll(keepingCapacity: true)
    }
}
