import Demux
import Timeline

/// What stands beside the columns: calls, what programs print, notes; and the sentences between.
extension LadderPainter {
    /// Whether nothing but those who ask stand at the left of a column: then what belongs to it stands at its left.
    func isLeftmost(_ place: Int) -> Bool {
        guard let layout = section?.layout else { return false }
        return layout.columns[...place].allSatisfy { !cast.actors[$0.actor].isServer && !cast.actors[$0.actor].isKernel }
    }

    /// The cells beside a column that no other socket's life is in.
    func cellsBeside(_ place: Int, isLeft: Bool) -> Range<Int> {
        let layout = section!.layout
        let x = layout.places[place]
        func isThere(_ column: Int) -> Bool { lifeSign(layout.columns[column].actor) != nil }
        if isLeft {
            let start = layout.columns[..<place].indices.last(where: isThere).map { layout.places[$0] + 2 } ?? page.numberWidth + 2
            return start..<max(start, x - 1)
        }
        let start = x + (line.isFree(x + 1) ? 2 : 3)
        let end = layout.columns.indices.first { $0 > place && isThere($0) }.map { layout.places[$0] - 1 } ?? layout.end
        return start..<max(start, end)
    }

    /// Paints a text beside a column if it fits there whole.
    mutating func putBeside(_ text: ChartText, at place: Int, isLeft: Bool, _ ink: Ink = .plain) -> Bool {
        let cells = cellsBeside(place, isLeft: isLeft)
        guard text.width <= cells.count else { return false }
        line.put(text, at: isLeft ? cells.upperBound - text.width : cells.lowerBound, ink)
        return true
    }

    /// Paints a text over whatever is there, with a space at each side of it.
    mutating func overlay(_ text: ChartText, at start: Int, _ ink: Ink = .plain) {
        line.fill(start..<start + text.width + 1, " ")
        line.put(text, at: start, ink)
    }

    // MARK: Calls

    mutating func paint(_ call: CallMoment, _ index: Int, into out: inout OutputBuffer) {
        let actor = Int(cast.steps[index].from)
        if actor >= 0 { live(actor) }
        let words = call.text(waits: signs.cut)
        guard let place = columns[actor] ?? column(of: call.participant) else {
            let name = cast.timeline.participants.indices.contains(call.participant) ? cast.timeline.participants[call.participant].name : ""
            paintFree(name.isEmpty ? words : "\(name)  \(words)", remark: call.remark, into: &out)
            return
        }
        let isLeft = isLeftmost(place)
        // What takes a frame stands on its line, what sends one on that one's.
        let sends = sendsNext(actor, index)
        if !sends, call.phase != .entered, case .frame(let receiver, let side) = open, receiver == place, side == isLeft,
            putBeside(text(words), at: place, isLeft: isLeft)
        {
            closeLine(into: &out)
        } else {
            beginLine(into: &out)
            let fits = putBeside(text(words), at: place, isLeft: isLeft)
            if !fits { putSomewhere(text(words), at: place, prefersLeft: isLeft) }
            if fits, sends, call.remark == nil {
                open = .call(column: place, isLeft: isLeft)
            } else {
                writeLine(into: &out)
            }
        }
        if let remark = call.remark { paintAside(remark, at: place, isLeft: isLeft, into: &out) }
    }

    /// Whether the next moment is a frame from there.
    private func sendsNext(_ actor: Int, _ index: Int) -> Bool {
        guard actor >= 0, index + 1 < cast.timeline.moments.count, case .frame = cast.timeline.moments[index + 1] else { return false }
        return Int(cast.steps[index + 1].from) == actor
    }

    /// The first column of a participant's process.
    private func column(of participant: Int) -> Int? {
        guard cast.timeline.participants.indices.contains(participant) else { return nil }
        let process = cast.timeline.participants[participant].processID
        return section?.layout.columns.firstIndex { cast.actors[$0.actor].holders.contains { $0.processID == process } }
    }

    /// A text that does not fit where it belongs: at the other side; cut, where enough of it is left; else over the others.
    private mutating func putSomewhere(_ text: ChartText, at place: Int, prefersLeft: Bool) {
        if putBeside(text, at: place, isLeft: !prefersLeft) { return }
        let (left, right) = (cellsBeside(place, isLeft: true), cellsBeside(place, isLeft: false))
        let isLeft = left.count == right.count ? prefersLeft : left.count > right.count
        let room = max(left.count, right.count)
        if room >= 24 {
            _ = putBeside(text.cut(to: room, sign: signs.cut), at: place, isLeft: isLeft)
        } else {
            let x = section!.layout.places[place]
            let end = section!.layout.end
            if end - right.lowerBound >= min(text.width, x - page.numberWidth - 3) {
                overlay(text.cut(to: end - right.lowerBound, sign: signs.cut), at: right.lowerBound)
            } else {
                let cut = text.cut(to: x - page.numberWidth - 3, sign: signs.cut)
                line.put(" ", at: x - 2 - cut.width)
                line.put(cut, at: x - 1 - cut.width)
            }
        }
    }

    /// A remark, on lines of its own beside the column.
    private mutating func paintAside(_ words: String, at place: Int, isLeft: Bool, into out: inout OutputBuffer) {
        var cells = cellsBeside(place, isLeft: isLeft)
        var side = isLeft
        if cells.count < 20, cellsBeside(place, isLeft: !isLeft).count > cells.count {
            side = !isLeft
            cells = cellsBeside(place, isLeft: side)
        }
        guard cells.count >= 12 else {
            paintSentence(words, into: &out)
            return
        }
        for part in text(words).wrapped(to: cells.count) {
            beginLine(into: &out)
            _ = putBeside(part, at: place, isLeft: side, .dim)
            writeLine(into: &out)
        }
    }

    /// What belongs to no column that is in view.
    private mutating func paintFree(_ words: String, remark: String?, into out: inout OutputBuffer) {
        beginLine(into: &out)
        overlay(text(words).cut(to: page.width - page.numberWidth - 2, sign: signs.cut), at: page.numberWidth + 2)
        writeLine(into: &out)
        if let remark { paintSentence(remark, into: &out) }
    }

    // MARK: Words

    mutating func paintPrinted(_ participant: Int, _ words: String, into out: inout OutputBuffer) {
        let quoted = "prints \"\(words)\""
        guard let place = column(of: participant) else {
            let name = cast.timeline.participants.indices.contains(participant) ? cast.timeline.participants[participant].name : ""
            paintFree(name.isEmpty ? quoted : "\(name) \(quoted)", remark: nil, into: &out)
            return
        }
        beginLine(into: &out)
        let isLeft = isLeftmost(place)
        if !putBeside(text(quoted), at: place, isLeft: isLeft) { putSomewhere(text(quoted), at: place, prefersLeft: isLeft) }
        writeLine(into: &out)
    }

    /// A sentence between the lines, as wide as the chart.
    mutating func paintSentence(_ words: String, into out: inout OutputBuffer) {
        closeLine(into: &out)
        let indent = page.numberWidth + 2
        for part in text(words).wrapped(to: page.width - indent) {
            line.put(part, at: indent)
            writeLine(into: &out)
        }
    }

    mutating func paintShown(_ source: String, _ lines: [String], into out: inout OutputBuffer) {
        closeLine(into: &out)
        let indent = page.numberWidth + 2
        line.put(text("$ \(source)").cut(to: page.width - indent, sign: signs.cut), at: indent, .bold)
        writeLine(into: &out)
        for shown in lines {
            line.put(text(shown).cut(to: page.width - indent, sign: signs.cut), at: indent)
            writeLine(into: &out)
        }
    }
}
