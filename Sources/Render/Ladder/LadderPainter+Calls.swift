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
        guard let place = column(of: call, actor) else {
            let words = call.text(waits: signs.cut)
            let name = cast.timeline.participants.indices.contains(call.participant) ? cast.timeline.participants[call.participant].name : ""
            paintFree(name.isEmpty ? words : "\(name)  \(words)", remark: call.remark, into: &out)
            return
        }
        let isLeft = isLeftmost(place)
        let forms = call.forms(waits: signs.cut).map(text)
        // What takes a frame stands on its line, what sends one on that one's.
        if call.takes, case .frame(let receiver, let side) = open, receiver == place, side == isLeft,
            putFirst(of: forms, at: place, isLeft: isLeft)
        {
            closeLine(into: &out)
        } else {
            beginLine(into: &out)
            let fits = putFirst(of: forms, at: place, isLeft: isLeft)
            if !fits { putElsewhere(forms, at: place, isLeft: !isLeft) }
            if fits, call.sends, sendsNext(actor, index), call.remark == nil {
                open = .call(column: place, isLeft: isLeft)
            } else {
                writeLine(into: &out)
            }
        }
        if let remark = call.remark { paintAside(remark, at: place, into: &out) }
    }

    /// Whether the next moment is a frame from there.
    private func sendsNext(_ actor: Int, _ index: Int) -> Bool {
        guard actor >= 0, index + 1 < cast.timeline.moments.count, case .frame = cast.timeline.moments[index + 1] else { return false }
        return Int(cast.steps[index + 1].from) == actor
    }

    /// The socket's own column; but where that is headed by another process than the one that calls, as after a fork, that one's.
    private func column(of call: CallMoment, _ actor: Int) -> Int? {
        let own = column(of: call.participant)
        guard let place = columns[actor] else { return own }
        let holders = cast.actors[actor].holders
        let participants = cast.timeline.participants
        let isHolder = participants.indices.contains(call.participant)
            && holders.contains { $0.processID == participants[call.participant].processID }
        return isHolder || holders.isEmpty ? place : own ?? place
    }

    /// The first column of a participant's process.
    private func column(of participant: Int) -> Int? {
        guard cast.timeline.participants.indices.contains(participant) else { return nil }
        let process = cast.timeline.participants[participant].processID
        return section?.layout.columns.firstIndex { cast.actors[$0.actor].holders.contains { $0.processID == process } }
    }

    /// The first of the forms of a text that fits beside a column.
    private mutating func putFirst(of forms: [ChartText], at place: Int, isLeft: Bool) -> Bool {
        for form in forms where putBeside(form, at: place, isLeft: isLeft) { return true }
        return false
    }

    /// A text that does not fit where it belongs: at the other side, else over the lives of others, which it hides on that line.
    private mutating func putElsewhere(_ forms: [ChartText], at place: Int, isLeft: Bool) {
        guard let whole = forms.first, !putFirst(of: forms, at: place, isLeft: isLeft) else { return }
        let layout = section!.layout
        let x = layout.places[place]
        let (left, right) = (x - page.numberWidth - 3, layout.end - x - 2)
        if right >= min(whole.width, left) {
            let text = (forms.first { $0.width <= right } ?? whole).cut(to: right, sign: signs.cut)
            overlay(text, at: x + 2)
        } else {
            let text = (forms.first { $0.width <= left } ?? whole).cut(to: left, sign: signs.cut)
            line.put(" ", at: x - 2 - text.width)
            line.put(" ", at: x - 1)
            line.put(text, at: x - 1 - text.width)
        }
    }

    /// A remark, in lines beside the column if these are not too short, else as a sentence.
    private mutating func paintAside(_ words: String, at place: Int, into out: inout OutputBuffer) {
        let (left, right) = (cellsBeside(place, isLeft: true), cellsBeside(place, isLeft: false))
        let remark = text(words)
        let fitsRight = right.count >= min(left.count, 28) || right.count >= remark.width
        let cells = fitsRight ? right : left
        guard cells.count >= min(28, remark.width) else {
            paintSentence(words, into: &out)
            return
        }
        let parts = remark.wrapped(to: cells.count)
        let width = parts.map(\.width).max() ?? 0
        let start = cells == right ? right.lowerBound : left.upperBound - width
        for part in parts {
            beginLine(into: &out)
            line.put(part, at: start)
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
        paintBeside(participant, "prints \"\(words)\"", into: &out)
    }

    /// What a participant does that is no call.
    mutating func paintBeside(_ participant: Int, _ quoted: String, into out: inout OutputBuffer) {
        guard let place = column(of: participant) else {
            let name = cast.timeline.participants.indices.contains(participant) ? cast.timeline.participants[participant].name : ""
            paintFree(name.isEmpty ? quoted : "\(name) \(quoted)", remark: nil, into: &out)
            return
        }
        beginLine(into: &out)
        let isLeft = isLeftmost(place)
        if !putBeside(text(quoted), at: place, isLeft: isLeft) { putElsewhere([text(quoted)], at: place, isLeft: !isLeft) }
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
        line.put(text(source).cut(to: page.width - indent, sign: signs.cut), at: indent, .bold)
        writeLine(into: &out)
        for shown in lines {
            line.put(text(shown).cut(to: page.width - indent, sign: signs.cut), at: indent)
            writeLine(into: &out)
        }
    }
}

extension CallMoment {
    /// The call, whole and shorter: without what is hardest to fit, which are strings and addresses.
    fileprivate func forms(waits: String) -> [String] {
        let first = arguments.prefix { $0 != "," }
        let called = first.count < arguments.count ? "\(name)(\(first), \(waits))" : "\(name)(\(arguments))"
        guard let result else { return [text(waits: waits), "\(called) \(waits)"] }
        let taken = phase == .returned ? "\(name)(\(first))" : called
        return [text(waits: waits), "\(taken) = \(result)", "\(taken) = \(result.prefix { $0 != " " })"]
    }

    /// Whether it is what a program takes a segment by, or hears by that one came.
    fileprivate var takes: Bool {
        guard phase != .entered else { return false }
        return switch name {
        case "accept", "accept4", "recv", "recvfrom", "recvmsg", "read", "poll", "epoll_wait", "select": true
        case "connect": phase == .returned
        default: false
        }
    }

    /// Whether segments are what it makes.
    fileprivate var sends: Bool {
        switch name {
        case "connect", "send", "sendto", "sendmsg", "write", "shutdown", "close": phase != .returned
        default: false
        }
    }
}
