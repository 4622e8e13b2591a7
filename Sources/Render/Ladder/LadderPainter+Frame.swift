import Demux
import Timeline
import Wire

/// A frame: an arrow from who sent it to who gets it.
extension LadderPainter {
    mutating func paint(_ frame: FrameMoment, _ step: LadderCast.Step, into out: inout OutputBuffer) {
        if !frame.endedBefore.isEmpty {
            closeLine(into: &out)
            paintEndings(frame.endedBefore, into: &out)
        }
        for socket in frame.opened { if let actor = cast.place(of: socket.name) { live(actor) } }
        for actor in [step.from, step.to] where actor >= 0 { live(Int(actor)) }
        guard let from = columns[Int(step.from)], let to = columns[Int(step.to)] else {
            paintWithoutArrow(frame, into: &out)
            return
        }
        let pointsRight = from < to
        let follows =
            if case .call(let caller, let isLeft) = open { caller == from && isLeft == pointsRight && from != to } else { false }
        if !follows { beginLine(into: &out) }
        open = nil
        let ink = frame.rule == .closedPort ? Ink.nobody : Ink.of(frame.conversationID)
        let shade = frame.isPureAcknowledgment ? ink.dimmed : ink
        paintNumber(frame)
        paintRule(frame)
        if from == to {
            paintToItself(frame, at: to, shade)
        } else {
            paintArrow(frame, from, to, shade)
        }
        let others = paintOtherReceivers(frame, from, to, shade)
        let hasNote = finish(frame, Int(step.to), at: to, pointsRight: pointsRight, others: others, shade)
        if paintEndings(frame, except: Int(step.to), into: &out) { return }
        if hasNote || from == to {
            writeLine(into: &out)
        } else {
            open = .frame(receiver: to, isLeft: !pointsRight)
        }
    }

    private mutating func paintNumber(_ frame: FrameMoment) {
        let number = text("\(frame.number)")
        line.put(number, at: page.numberWidth - number.width)
    }

    private mutating func paintRule(_ frame: FrameMoment) {
        guard page.hasRules, let layout = section?.layout else { return }
        line.put(text(frame.ruleWord), at: layout.end + 2, frame.rule == .closedPort ? .nobody : .dim)
    }

    /// What no socket and no kernel of a host sends: a frame without IP.
    private mutating func paintWithoutArrow(_ frame: FrameMoment, into out: inout OutputBuffer) {
        beginLine(into: &out)
        paintNumber(frame)
        paintRule(frame)
        let words = frame.segment.isEmpty ? "no IP packet" : frame.segment
        overlay(text(words).cut(to: page.room.count, sign: signs.cut), at: page.room.lowerBound)
        writeLine(into: &out)
    }

    private mutating func paintToItself(_ frame: FrameMoment, at place: Int, _ ink: Ink) {
        let x = section!.layout.places[place]
        line.put(signs.arrives, at: x, ink)
        let isFragment = frame.rule == .fragment
        let forms = [frame.label + (isFragment ? ", waits" : ", to itself"), frame.label, isFragment ? "waits" : "itself"].map(text)
        for form in forms {
            for isLeft in [false, true] where putBeside(form, at: place, isLeft: isLeft, ink) { return }
        }
        overlay(forms[0].cut(to: max(0, section!.layout.end - x - 2), sign: signs.cut), at: x + 2, ink)
    }

    // MARK: The arrow

    private mutating func paintArrow(_ frame: FrameMoment, _ from: Int, _ to: Int, _ ink: Ink) {
        let layout = section!.layout
        let (start, end) = (layout.places[from], layout.places[to])
        let stroke = frame.evidence == .presumed ? signs.dashed : signs.line
        let shaft = from < to ? start + 1..<max(end - 2, start + 1) : min(end + 3, start)..<start
        line.fill(shaft, stroke, ink)
        for place in min(from, to) + 1..<max(from, to) where place < max(from, to) {
            let actor = layout.columns[place].actor
            if !cast.actors[actor].isKernel, life[actor].isSeen { line.put(signs.passes, at: layout.places[place], ink) }
        }
        if from < to {
            line.put(signs.rightTip, at: end - 2, ink)
        } else {
            line.put(signs.leftTip, at: end + 2, ink)
        }
        paintLabel(frame, from, to, ink)
    }

    /// The label stands in the widest gap that the arrow crosses, nearer to the sender.
    private mutating func paintLabel(_ frame: FrameMoment, _ from: Int, _ to: Int, _ ink: Ink) {
        let layout = section!.layout
        let gaps = min(from, to)..<max(from, to)
        /// The cells of a gap that a label may stand in: the receiver's has the tip.
        func cells(_ gap: Int) -> Range<Int> {
            let start = layout.places[gap] + 1 + (gap == to ? 2 : 0)
            return start..<max(start, layout.places[gap + 1] - (gap + 1 == to ? 2 : 0))
        }
        let nearest = from < to ? Array(gaps) : gaps.reversed()
        let widest = nearest.map { cells($0).count }.max() ?? 0
        guard let gap = nearest.first(where: { cells($0).count == widest }) else { return }
        let room = cells(gap)
        var label = text(frame.label).cut(to: LadderPage.longestLabel, sign: signs.cut)
        let numbers = section!.hasNumbers ? frame.numbers : ""
        if !numbers.isEmpty {
            let long = text("\(frame.label)  \(numbers)")
            if long.width + 4 <= room.count { label = long }
        }
        label = label.cut(to: room.count - 4, sign: signs.cut)
        guard !label.isEmpty else { return }
        // All labels of a gap begin in one column, as the longest of them needs it.
        let longest = max(label.width, section!.label)
        let lead = max(1, min(4, room.count - label.width - 3, cells(gap).count - (gap + 1 == to || gap == to ? 0 : 2) - longest - 3))
        let start = from < to ? room.lowerBound + lead : room.upperBound - lead - label.width - 2
        line.fill(start..<start + label.width + 2, " ")
        line.put(label, at: start + 1, ink)
    }

    // MARK: Where it arrives

    /// Of a group's datagram each member gets a copy.
    ///
    /// - Returns: how many get one that are not in view.
    private mutating func paintOtherReceivers(_ frame: FrameMoment, _ from: Int, _ to: Int, _ ink: Ink) -> Int {
        guard frame.rule == .groupDelivery else { return 0 }
        var others = 0
        for name in frame.receivers where name != frame.receiver?.name {
            guard let actor = cast.place(of: name), let place = columns[actor], place != from else {
                others += 1
                continue
            }
            live(actor)
            line.put(signs.arrives, at: section!.layout.places[place], ink)
        }
        return others
    }

    /// The sign of the receiver and what is to be said of it.
    ///
    /// - Returns: whether anything is said.
    private mutating func finish(_ frame: FrameMoment, _ receiver: Int, at place: Int, pointsRight: Bool, others: Int, _ ink: Ink) -> Bool {
        let x = section!.layout.places[place]
        let ending = frame.ended.first { $0.name == cast.actors[receiver].name }?.ending
        let isNobody = frame.rule == .closedPort && cast.actors[receiver].isKernel
        let ends = ending != nil && ending != .timeWait
        let sign = isNobody ? signs.nobody : ends ? signs.ends : frame.isQueueFull ? signs.nobody : signs.arrives
        line.put(sign, at: x, isNobody ? .nobody : ink)
        switch frame.evidence {
        case .kernel: line.put(signs.sure, at: x + 1, ink)
        case .presumed: line.put(signs.presumed, at: x + 1, ink)
        case .capture: break
        }
        var notes = others > 0 ? ["and \(others) more get it", "+\(others)"] : frame.notes(frame.receiver)
        if let ending, ends {
            end(receiver, ending)
            notes = [ending.word]
        }
        for note in notes where putBeside(text(note), at: place, isLeft: !pointsRight, isNobody ? .nobody : .plain) { return true }
        return false
    }

    /// Lines for those who end with this frame, but for the receiver whose end stands on the arrow's line.
    ///
    /// - Returns: whether there are such, so that nothing more stands on the arrow's line.
    private mutating func paintEndings(_ frame: FrameMoment, except receiver: Int, into out: inout OutputBuffer) -> Bool {
        let ended = frame.ended.filter { $0.ending == .timeWait || cast.place(of: $0.name) != receiver }
        guard !ended.isEmpty else { return false }
        writeLine(into: &out)
        paintEndings(ended, into: &out)
        return true
    }

    /// A line with the ends of those that are in view, if there are any.
    mutating func paintEndings(_ ended: [(name: SocketName, ending: SocketEnding)], into out: inout OutputBuffer) {
        var shown: [(place: Int, ending: SocketEnding)] = []
        for (name, ending) in ended {
            guard let actor = cast.place(of: name) else { continue }
            if let place = columns[actor], life[actor].isSeen { shown.append((place, ending)) }
            end(actor, ending)
        }
        guard !shown.isEmpty else { return }
        beginLine(into: &out)
        for (place, ending) in shown {
            let actor = cast.actors[section!.layout.columns[place].actor]
            line.put(ending == .timeWait ? signs.timeWait : signs.ends, at: section!.layout.places[place], ink(actor))
            let isLeft = isLeftmost(place)
            if !putBeside(text(ending.word), at: place, isLeft: isLeft, .dim) { _ = putBeside(text(ending.word), at: place, isLeft: !isLeft, .dim) }
        }
        writeLine(into: &out)
    }
}
