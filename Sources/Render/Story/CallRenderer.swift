import Timeline

/// What is told beside the frames, as lines of the terminal: calls in a column of their own under the frame's number, sentences,
/// and what the kernel shows.
public struct CallRenderer {
    private let options: TextOptions
    private let signs: Signs
    /// `client 1`, so that little moves when a second client comes.
    private var nameWidth = 8

    /// Where a remark begins, if the call leaves room for it.
    private static let remarkColumn = 49
    private static let indent = 6

    public init(_ options: TextOptions) {
        self.options = options
        signs = options.hasUnicode ? .unicode : .ascii
    }

    /// Makes room for the names of the participants.
    public mutating func grow(_ participants: [Timeline.Participant]) {
        nameWidth = max(nameWidth, participants.map(\.name.count).max() ?? 0)
    }

    public func text(_ moment: Moment, _ participants: [Timeline.Participant]) -> String {
        switch moment {
        // Those have lines of their own.
        case .frame, .ended: ""
        case .call(let call): line(call, participants[call.participant].name)
        case .printed(let participant, let line): printed(line, participants[participant].name)
        case .died(let participant, let signal):
            spaces(CallRenderer.indent) + padded(participants[participant].name) + "  " + bold("is killed by signal \(signal)") + "\n"
        case .said(let sentence): wrapped(safe(sentence), indent: CallRenderer.indent, mark: options.hasUnicode ? "▸ " : "> ") + "\n"
        case .shown(let source, let lines): shown(source, lines)
        case .heading(let title): heading(title)
        }
    }

    private func line(_ call: CallMoment, _ name: String) -> String {
        let start = spaces(CallRenderer.indent) + padded(name) + "  "
        let text = safe(call.text(waits: String(describing: signs.cut)))
        let head = start + (call.isFailure ? bold(text) : text)
        guard let remark = call.remark.map(safe) else { return head + "\n" }
        let used = start.count + text.count
        let column = max(CallRenderer.remarkColumn, used + 2)
        if options.columns.map({ column + remark.count <= $0 }) ?? true {
            return head + spaces(column - used) + dim(remark) + "\n"
        }
        return head + "\n" + wrapped(remark, indent: start.count + 2, mark: "", isDim: true) + "\n"
    }

    private func printed(_ line: String, _ name: String) -> String {
        spaces(CallRenderer.indent) + padded(name) + "  " + dim("prints: ") + safe(line) + "\n"
    }

    private func shown(_ source: String, _ lines: [String]) -> String {
        spaces(CallRenderer.indent) + dim(source) + "\n" + lines.map { spaces(CallRenderer.indent + 2) + safe($0) + "\n" }.joined()
    }

    private func heading(_ title: String) -> String { "\n" + bold(safe(title)) + "\n" }

    // MARK: Words

    /// Breaks a sentence at the terminal's width, at most at 100 columns: nobody reads longer lines.
    private func wrapped(_ sentence: String, indent: Int, mark: String, isDim: Bool = false) -> String {
        let width = max(24, min(options.columns ?? 100, 100) - indent - mark.count)
        var lines: [String] = []
        var line = ""
        for word in sentence.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        lines.append(line)
        return lines.enumerated().map { index, line in
            spaces(indent) + (index == 0 ? mark : spaces(mark.count)) + (isDim ? dim(line) : line)
        }.joined(separator: "\n")
    }

    /// As it may stand on any terminal.
    private func safe(_ text: String) -> String {
        if options.hasUnicode { return text }
        return text.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "→": text += "->"
            case "…": text += "..."
            default: text += scalar.isASCII ? String(scalar) : "?"
            }
        }
    }

    private func padded(_ name: String) -> String { name + spaces(nameWidth - name.count) }
    private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
    private func bold(_ text: String) -> String { options.hasColor ? "\u{1b}[1m\(text)\u{1b}[0m" : text }
    private func dim(_ text: String) -> String { options.hasColor ? "\u{1b}[2m\(text)\u{1b}[0m" : text }
}
