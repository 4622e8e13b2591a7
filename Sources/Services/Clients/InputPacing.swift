/// Decides when the client's input may go to the server: at once, or in lockstep, a line only after the reply to the
/// line before it. No I/O: input and replies are told to it, and what may be sent is asked of it.
struct InputPacing {
    let lockstep: Bool
    /// Input that was read and not yet released.
    private var held: ArraySlice<UInt8> = []
    private var inputEnded = false
    private var atLineStart = true
    private var linesAwaitingReply = 0
    private var released = 0
    private var received = 0

    init(lockstep: Bool) {
        self.lockstep = lockstep
    }

    /// More input would find its way out or be waited for: until then it stays unread, so that memory is bounded.
    var wantsInput: Bool { !inputEnded && held.isEmpty && linesAwaitingReply == 0 }

    /// Nothing will be released any more.
    var isFinished: Bool { inputEnded && held.isEmpty && linesAwaitingReply == 0 }

    /// Every byte of the input that was read was sent, and every line, or as many bytes, came back.
    var isAnswered: Bool {
        held.isEmpty && (lockstep ? linesAwaitingReply == 0 && atLineStart : received >= released)
    }

    /// Bytes of input.
    mutating func supply(_ bytes: ArraySlice<UInt8>) {
        held += bytes
    }

    /// The input is over. In lockstep a last line without its end is given one, since it is the end that is answered.
    mutating func endInput() {
        inputEnded = true
        if lockstep, !(held.last.map { $0 == newline } ?? atLineStart) { held.append(newline) }
    }

    /// What may be sent now, if anything: in lockstep no further than to the end of a line.
    mutating func release() -> ArraySlice<UInt8> {
        guard lockstep else {
            released += held.count
            defer { held = [] }
            return held
        }
        guard linesAwaitingReply == 0, !held.isEmpty else { return [] }
        let lineEnd = held.firstIndex(of: newline)
        let piece = held[..<(lineEnd.map { $0 + 1 } ?? held.endIndex)]
        held = held[piece.endIndex...]
        atLineStart = lineEnd != nil
        if atLineStart { linesAwaitingReply = 1 }
        return piece
    }

    /// Bytes from the server, in whatever pieces: a reply is whole at its newline.
    mutating func receive(_ bytes: ArraySlice<UInt8>) {
        received += bytes.count
        if lockstep { linesAwaitingReply = max(0, linesAwaitingReply - bytes.count { $0 == newline }) }
    }
}

private let newline = UInt8(ascii: "\n")
