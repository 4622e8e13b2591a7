import Demux
import Timeline
import Wire

/// Paints a chart line by line, and keeps which sockets live.
struct LadderPainter {
    /// Where a socket is in its life.
    enum Life {
        case unborn, alive, timeWait, ended

        var isSeen: Bool { self == .alive || self == .timeWait }
    }

    /// A line that is painted and not yet written, because what comes next may stand on it.
    enum Open {
        /// A call; the frame that it sends may follow.
        case call(column: Int, isLeft: Bool)
        /// A frame; the call that takes it may follow, at the side that it did not come from.
        case frame(receiver: Int, isLeft: Bool)
    }

    let cast: LadderCast
    let page: LadderPage
    let signs: LadderSigns
    let hasUnicode: Bool
    let hasColor: Bool
    var life: [Life]
    /// How many sockets are open: what is in TIME_WAIT is none's any more.
    var living = 0
    var section: LadderPlan.Section?
    /// The columns of the actors that have one.
    var columns: [Int: Int] = [:]
    var line: ChartLine
    var open: Open?
    /// How many lines there are since the last head, and whether anything was written.
    private var linesSinceHead = 0
    private var isBegun = false
    /// Whether the last line was a heading, below which no empty line is wanted.
    private var isBelowHeading = false

    /// After so many lines the names are told again: a terminal shows few more.
    private static let linesToNewHead = 48

    init(_ cast: LadderCast, _ page: LadderPage, _ options: TextOptions) {
        self.cast = cast
        self.page = page
        hasUnicode = options.hasUnicode
        hasColor = options.hasColor
        signs = options.hasUnicode ? .unicode : .ascii
        life = cast.actors.map { $0.isKernel ? .alive : .unborn }
        line = ChartLine(width: page.width)
    }

    func text(_ text: String) -> ChartText { ChartText(text, hasUnicode: hasUnicode) }

    // MARK: Sections

    mutating func paint(_ section: LadderPlan.Section, into out: inout OutputBuffer) {
        self.section = section
        columns.removeAll(keepingCapacity: true)
        for (place, column) in section.layout.columns.enumerated() { columns[column.actor] = place }
        var isHeaded = false
        for index in section.moments {
            let moment = cast.timeline.moments[index]
            if case .heading(let words) = moment {
                closeLine(into: &out)
                heading(words, into: &out)
                continue
            }
            let isText = if case .said = moment { true } else { false }
            if !isHeaded, !isText {
                head(isRepeated: false, into: &out)
                isHeaded = true
            } else if linesSinceHead >= LadderPainter.linesToNewHead, section.moments.upperBound - index > 8, case .frame = moment {
                closeLine(into: &out)
                head(isRepeated: true, into: &out)
            }
            switch moment {
            case .frame(let frame): paint(frame, cast.steps[index], into: &out)
            case .call(let call): paint(call, index, into: &out)
            case .printed(let participant, let words): paintPrinted(participant, words, into: &out)
            case .said(let words): paintSentence(words, into: &out)
            case .shown(let source, let lines): paintShown(source, lines, into: &out)
            case .died(let participant, let signal): paintBeside(participant, "is killed by signal \(signal)", into: &out)
            case .ended(let ended):
                closeLine(into: &out)
                paintEndings(ended, into: &out)
            case .heading: break
            }
        }
        closeLine(into: &out)
    }

    mutating func title(_ words: String, into out: inout OutputBuffer) {
        for part in text(words).wrapped(to: page.width) {
            line.put(part, at: 0, .bold)
            writeLine(into: &out)
        }
        isBelowHeading = true
    }

    private mutating func heading(_ words: String, into out: inout OutputBuffer) {
        if isBegun, !isBelowHeading { writeLine(into: &out) }
        title(words, into: &out)
    }

    /// What there was no room for.
    mutating func end(into out: inout OutputBuffer) {
        let leftOut = cast.timeline.leftOut
        guard leftOut > 0 else { return }
        writeLine(into: &out)
        let drawn = cast.timeline.moments.count
        for part in text("\(leftOut) more frames and calls are not drawn: the chart ends after \(drawn)").wrapped(to: page.width) {
            line.put(part, at: 0)
            writeLine(into: &out)
        }
    }

    // MARK: Heads

    private mutating func head(isRepeated: Bool, into out: inout OutputBuffer) {
        guard let layout = section?.layout, !layout.columns.isEmpty else { return }
        if isBegun, !isBelowHeading { separator(layout, into: &out) }
        linesSinceHead = 0
        if !isRepeated {
            banner(layout, of: \.host, cast.hosts, into: &out)
            if layout.columns.contains(where: { !cast.groups[cast.actors[$0.actor].group].isEmpty }) {
                banner(layout, of: \.group, cast.groups, into: &out)
            }
        }
        for (place, column) in layout.columns.enumerated() {
            let actor = cast.actors[column.actor]
            line.put(text(actor.title).cut(to: room(at: place, layout), sign: signs.cut), at: layout.places[place], ink(actor).bolded)
        }
        writeLine(into: &out)
        peers(layout, into: &out)
    }

    /// An empty line before a head, with how many sockets live that it does not show.
    private mutating func separator(_ layout: LadderLayout, into out: inout OutputBuffer) {
        let here = layout.columns.count { !cast.actors[$0.actor].isKernel && life[$0.actor] == .alive }
        let others = living - here
        if others > 0 {
            let words = text("\(others) more socket\(others == 1 ? " is" : "s are") open, not drawn here")
            line.put(words, at: page.width - words.width, .dim)
        }
        writeLine(into: &out)
    }

    /// The cells from a column to the next.
    private func room(at place: Int, _ layout: LadderLayout) -> Int {
        let end = place + 1 < layout.places.count ? layout.places[place + 1] - 1 : layout.end
        return max(0, end - layout.places[place])
    }

    /// A line of names over the columns that belong under each, with a rule as far as they go.
    private mutating func banner(
        _ layout: LadderLayout, of owner: KeyPath<LadderCast.Actor, Int>, _ names: [String], into out: inout OutputBuffer
    ) {
        var place = 0
        while place < layout.columns.count {
            let owned = cast.actors[layout.columns[place].actor][keyPath: owner]
            var last = place
            while last + 1 < layout.columns.count, cast.actors[layout.columns[last + 1].actor][keyPath: owner] == owned { last += 1 }
            let start = layout.places[place]
            let room = (last + 1 < layout.places.count ? layout.places[last + 1] - 2 : page.width) - start
            let name = text(names[owned]).cut(to: max(0, room), sign: signs.cut)
            let end = line.put(name, at: start)
            if last > place, !name.isEmpty, end + 1 < layout.places[last] { line.fill(end + 1..<layout.places[last] + 1, signs.line, .dim) }
            place = last + 1
        }
        writeLine(into: &out)
    }

    /// A line that says whom each connection of a server is for: all by their addresses and ports if these fit, or by their ports
    /// if these tell them apart, or by their names.
    private mutating func peers(_ layout: LadderLayout, into out: inout OutputBuffer) {
        var forms: [[(place: Int, text: ChartText)]] = [[], [], []]
        for (place, column) in layout.columns.enumerated() {
            let actor = cast.actors[column.actor]
            guard actor.isServer, let remote = actor.remote else { continue }
            let port = ":\(remote.port)"
            let host = remote.address == actor.local?.address ? "" : cast.shortHost(remote)
            forms[0].append((place, text("\(signs.both) \(host)\(port)")))
            forms[1].append((place, text("\(signs.both) \(port)")))
            forms[2].append((place, text("\(signs.both) \(actor.peer.map(\.description) ?? port)")))
        }
        guard !forms[0].isEmpty else { return }
        for (level, form) in forms.enumerated() {
            let fits = form.allSatisfy { $0.text.width <= room(at: $0.place, layout) }
            let isClear = Set(form.map { String(String.UnicodeScalarView($0.text.scalars)) }).count == form.count
            guard fits && isClear || level == forms.count - 1 else { continue }
            for (place, peer) in form {
                line.put(peer.cut(to: room(at: place, layout), sign: signs.cut), at: layout.places[place], .dim)
            }
            writeLine(into: &out)
            return
        }
    }

    // MARK: Lines

    /// Paints the life of each socket, which an arrow or a text may then be painted over.
    mutating func beginLine(into out: inout OutputBuffer) {
        closeLine(into: &out)
        guard let layout = section?.layout else { return }
        for (place, column) in layout.columns.enumerated() {
            guard let sign = lifeSign(column.actor) else { continue }
            let actor = cast.actors[column.actor]
            line.put(sign, at: layout.places[place], actor.isKernel ? .dim : ink(actor))
        }
    }

    func lifeSign(_ actor: Int) -> Unicode.Scalar? {
        if cast.actors[actor].isKernel { return signs.kernel }
        return switch life[actor] {
        case .alive: signs.life
        case .timeWait: signs.timeWait
        case .unborn, .ended: nil
        }
    }

    /// A connection's hue, for both its ends and what passes between them.
    func ink(_ actor: LadderCast.Actor) -> Ink { .of(actor.conversationID) }

    mutating func closeLine(into out: inout OutputBuffer) {
        guard open != nil else { return }
        open = nil
        writeLine(into: &out)
    }

    mutating func writeLine(into out: inout OutputBuffer) {
        line.write(into: &out, hasColor: hasColor)
        line.clear()
        isBegun = true
        isBelowHeading = false
        linesSinceHead += 1
    }

    mutating func live(_ actor: Int) {
        guard life[actor] == .unborn else { return }
        life[actor] = .alive
        living += 1
    }

    mutating func end(_ actor: Int, _ ending: SocketEnding) {
        guard !cast.actors[actor].isKernel else { return }
        if life[actor] == .alive { living -= 1 }
        life[actor] = ending == .timeWait ? .timeWait : .ended
    }
}

extension LadderCast.Actor {
    /// What stands over its column: `C1 :9157`, `L1 *:80` for one that takes what comes to any address.
    var title: String {
        guard let name else { return isGroup ? "group" : "kernel" }
        guard let local else { return "\(name)" }
        return "\(name) \(local.address.isWildcard ? "*" : ""):\(local.port)"
    }
}
