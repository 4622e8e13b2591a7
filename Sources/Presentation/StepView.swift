import Render

/// Where a walk through a story stands, and what is to be seen there: nothing but that decides what is drawn, so that a step
/// looks the same from either side.
public struct StepView {
    public enum Panel: Sendable {
        case sockets, keys
    }

    /// The step that is shown last, from 0.
    public private(set) var position = 0
    /// Whether the look-up stands under the frame of this step.
    public private(set) var explains: Bool
    /// What stands below the story.
    public private(set) var panel: Panel?
    /// Whether nothing is shown, as clickers ask for it.
    public private(set) var isBlank = false
    /// How many lines the story is moved down from where it usually stands.
    private var scroll = 0
    /// Told of the end of the story where something was left out: `120 more frames left out`.
    public var remark: String?
    let signs: ScreenSigns

    public init(hasUnicode: Bool, explains: Bool = false, showsSockets: Bool = false) {
        signs = .with(unicode: hasUnicode)
        self.explains = explains
        panel = showsSockets ? .sockets : nil
    }

    /// - Returns: whether it goes on.
    public mutating func take(_ key: Key, _ tellings: [Telling], _ size: ScreenSize) -> Bool {
        if isBlank {
            isBlank = false
            return true
        }
        if panel == .keys {
            panel = nil
            // Whoever has seen that a key ends this, and presses the one that quits, is in no doubt.
            if key != .character("q") { return true }
        }
        let last = max(0, tellings.count - 1)
        switch key {
        case .character(" "), .right, .enter, .pageDown: go(to: min(position + 1, last))
        case .left, .pageUp, .backspace: go(to: max(position - 1, 0))
        case .home: go(to: 0)
        case .end: go(to: last)
        case .up: scroll(by: 1, tellings, size)
        case .down: scroll(by: -1, tellings, size)
        case .character("e"):
            explains.toggle()
            scroll = 0
        case .character("s"): panel = panel == .sockets ? nil : .sockets
        case .character("?"): panel = .keys
        case .character("b"), .character("."): isBlank = true
        case .character("q"), .escape: return false
        default: break
        }
        return true
    }

    private mutating func go(to place: Int) {
        if place != position { scroll = 0 }
        position = place
    }

    private mutating func scroll(by lines: Int, _ tellings: [Telling], _ size: ScreenSize) {
        scroll += lines
        // No further than there are lines.
        let hidden = story(tellings, storyRows(tellings, size), size.columns).hidden
        scroll = hidden.below - usuallyHidden(tellings, storyRows(tellings, size), size.columns)
    }

    // MARK: Drawing

    /// The whole screen, row by row.
    public func lines(_ tellings: [Telling], _ size: ScreenSize) -> [String] {
        guard !isBlank, size.rows > 1 else { return [] }
        let rows = storyRows(tellings, size)
        let (story, hidden) = story(tellings, rows, size.columns)
        let empty = Array(repeating: "", count: max(0, rows - story.count))
        return story + empty + panelLines(tellings, size) + [status(tellings, hidden, size.columns)]
    }

    /// How many rows the story has: all but the status line's and the panel's.
    private func storyRows(_ tellings: [Telling], _ size: ScreenSize) -> Int {
        size.rows - 1 - panelLines(tellings, size).count
    }

    /// This step's own lines.
    private func current(_ tellings: [Telling], _ columns: Int) -> [String] {
        guard position < tellings.count else { return [] }
        return folded(explains ? tellings[position].explained : tellings[position].text, columns)
    }

    private func folded(_ text: String, _ columns: Int) -> [String] {
        ScreenText.lines(text).flatMap { ScreenText.fold($0, columns: columns) }
    }

    /// A step that is longer than the screen is shown from its beginning.
    private func usuallyHidden(_ tellings: [Telling], _ rows: Int, _ columns: Int) -> Int {
        max(0, current(tellings, columns).count - rows)
    }

    /// What was told up to this step, as much as there is room for.
    private func story(_ tellings: [Telling], _ rows: Int, _ columns: Int) -> (lines: [String], hidden: (above: Bool, below: Int)) {
        let current = current(tellings, columns)
        let wanted = max(0, max(0, current.count - rows) + scroll)
        var told = [current]
        var count = current.count
        var place = min(position, tellings.count)
        while place > 0, count < rows + wanted {
            place -= 1
            told.append(folded(tellings[place].text, columns))
            count += told[told.count - 1].count
        }
        let lines = told.reversed().flatMap { $0 }
        let below = min(wanted, max(0, lines.count - rows))
        let end = lines.count - below
        let start = max(0, end - rows)
        return (Array(lines[start..<end]), (start > 0 || place > 0, below))
    }

    // MARK: Panels

    private func panelLines(_ tellings: [Telling], _ size: ScreenSize) -> [String] {
        var lines: [String]
        let title: String
        switch panel {
        case nil: return []
        case .sockets:
            guard position < tellings.count else { return [] }
            title = "sockets at step \(position + 1)"
            lines = folded(sockets(tellings), size.columns)
        case .keys:
            title = "keys"
            lines = keys.flatMap { ScreenText.fold($0, columns: size.columns, indent: 29) }
        }
        // The step itself must still be seen.
        let room = size.rows - 1 - min(8, max(1, size.rows / 3))
        guard room >= 3 else { return [] }
        if lines.count + 1 > room {
            let kept = max(0, room - 2)
            lines = lines[..<kept] + ["  and \(lines.count - kept) lines more: the screen is too low for them"]
        }
        return [ruled(title, size.columns)] + lines.map { ScreenText.cut($0, columns: size.columns) }
    }

    /// The table of this moment; a call has none of its own, it has that of the frame before.
    private func sockets(_ tellings: [Telling]) -> String {
        for telling in tellings[...position].reversed() where !telling.sockets.isEmpty {
            return String(telling.sockets.drop { $0 == "\n" })
        }
        return "No frame has shown a socket of TCP or UDP yet."
    }

    private var keys: [String] {
        [
            row("Space Enter \(signs.right) PageDown", "the next step"),
            row("\(signs.left) PageUp Backspace", "back"),
            row("Home End", "the first step, the last"),
            row("\(signs.up) \(signs.down)", "the lines above, and those of a step that is longer than the screen"),
            row("e", "the look-up of this frame: which sockets it was held against, who won, and why the others lost"),
            row("s", "the sockets of this moment"),
            row("b .", "an empty screen, until the next key"),
            row("q Esc Ctrl-C", "quit"),
        ]
    }

    private func row(_ key: String, _ meaning: String) -> String { "   " + ScreenText.padded(key, 26) + meaning }

    // MARK: Status line

    /// `── title ─────` over the whole width.
    private func ruled(_ title: String, _ columns: Int) -> String {
        let start = "\(signs.rule)\(signs.rule) \(title) "
        return ScreenText.cut(start + String(repeating: signs.rule, count: max(0, columns - ScreenText.columns(start))), columns: columns)
    }

    private func status(_ tellings: [Telling], _ hidden: (above: Bool, below: Int), _ columns: Int) -> String {
        var place = "step \(position + 1) of \(tellings.count)"
        if position == tellings.count - 1 { place += ", the end" }
        if position == tellings.count - 1, let remark { place += ": \(remark)" }
        if hidden.below > 0 { place += "\(signs.dot)\(signs.down) \(hidden.below) more lines" }
        // Those at the end are given up first, where there is no room; but how to quit is always said.
        let hints = [
            "Space next", "\(signs.left) back", "e \(explains ? "hide look-up" : "explain")", "s \(panel == .sockets ? "hide sockets" : "sockets")",
            "? keys",
        ]
        for count in (0...hints.count).reversed() {
            let line = "\(place) \(signs.rule)\(signs.rule) " + (hints[..<count] + ["q quit"]).joined(separator: signs.dot)
            if ScreenText.columns(line) + 4 <= columns || count == 0 { return ruled(line, columns) }
        }
        return ""
    }
}
