import Wire

/// Each line back as `N: line`, N counting from 1.
struct NumberingEcho: Service {
    private var numberer: LineNumberer

    init(_ limits: Limits) {
        numberer = LineNumberer(limit: limits.lineLength)
    }

    var isMidway: Bool { numberer.isMidway }

    mutating func receive(_ bytes: ArraySlice<UInt8>, _ turn: inout Turn) {
        give(numberer.receive(bytes), &turn)
    }

    mutating func endOfInput(_ turn: inout Turn) {
        give(numberer.finish(), &turn)
        turn.close()
    }

    private func give(_ answer: LineNumberer.Answer, _ turn: inout Turn) {
        let peer = turn.peer
        for line in answer.lines { turn.note(Transcript.line(line, from: peer)) }
        turn.send(answer.reply)
        if answer.tooLong { turn.close(.lineTooLong(limit: numberer.limit)) }
    }
}
