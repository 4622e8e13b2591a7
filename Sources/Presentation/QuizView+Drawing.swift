import Render
import Timeline

extension QuizView {
    private struct Block {
        var lines: [String]
        /// Where the screen is too low, the blocks with the highest numbers go first; 0 always stays.
        var dispensable = 0
    }

    /// The whole screen, row by row.
    public func lines(_ text: QuizText, _ size: ScreenSize) -> [String] {
        guard size.rows > 1 else { return [] }
        let top = titled(phase == .summary ? "The end" : "Question \(place + 1) of \(quiz.questions.count)", size.columns)
        var blocks = question.map { asked($0, text, size) } ?? [Block(lines: summary(text))]
        func height() -> Int { blocks.reduce(0) { $0 + $1.lines.count } }
        let room = size.rows - 2
        for level in [4, 3, 2, 1] where height() > room {
            for index in blocks.indices where blocks[index].dispensable == level && height() > room { blocks[index].lines = [] }
        }
        var lines = [top] + blocks.flatMap(\.lines).prefix(room)
        lines += Array(repeating: "", count: size.rows - 1 - lines.count)
        return lines.map { ScreenText.cut($0, columns: size.columns) } + [prompt(size.columns)]
    }

    private func asked(_ question: QuizQuestion, _ text: QuizText, _ size: ScreenSize) -> [Block] {
        func folded(_ lines: [String], indent: Int = 8) -> [String] {
            lines.flatMap { ScreenText.fold($0, columns: size.columns, indent: indent) }
        }
        let blank = Block(lines: [""], dispensable: 4)
        let isTold = phase == .told
        let before = text.before(question, after: earlier, most: max(0, size.rows - 22))
        var blocks = [
            blank, Block(lines: folded(before).map { dim($0) }, dispensable: 3),
            Block(lines: folded(isTold && question.kind.asksForSocket ? text.toldLines(question) : text.frameLines(question))), blank,
            Block(lines: [bold(" " + text.asks(question))], dispensable: isTold ? 2 : 0),
        ]
        // Once it is told, a low screen does without those that were neither right nor chosen, and without the rows that do
        // not decide; what is right and what was answered always stays.
        for (index, line) in text.choiceLines(question).enumerated() {
            let choice = question.kind.asksForSocket ? index - 1 : index
            let isGiven = choice == given.last?.choice
            let matters = choice == question.right || isGiven
            blocks.append(Block(lines: folded([isTold ? marked(line, isRight: choice == question.right, isGiven) : line]), dispensable: isTold && !matters ? 2 : 0))
        }
        if hasHint, !isTold { blocks += [blank, Block(lines: folded([" hint: " + text.hint(question)], indent: 7))] }
        if !hands.isEmpty { blocks += [blank, Block(lines: text.bars(hands))] }
        if isTold {
            let choice = given.last?.choice
            blocks += [blank, Block(lines: folded(text.verdict(question, given: choice, hands: hands.last).map { " " + $0 }, indent: 3)), blank]
            blocks.append(Block(lines: folded(text.events(question)), dispensable: 3))
            for row in whole(text.table(question, given: choice)) {
                let decides = row.contains("\(signs.winner)") || row.contains(" \(signs.chosen) ")
                blocks.append(Block(lines: folded([row], indent: 16), dispensable: decides ? 1 : 2))
            }
        }
        return blocks
    }

    /// Rows of a look-up that were broken for another width, in one piece again.
    private func whole(_ rows: [String]) -> [String] {
        rows.reduce(into: []) { rows, row in
            guard row.hasPrefix("          "), let last = rows.popLast() else { return rows.append(row) }
            rows.append(last + " " + row.drop { $0 == " " })
        }
    }

    /// As in a look-up: an arrow at the end of the right one, one before the answer.
    private func marked(_ line: String, isRight: Bool, _ isGiven: Bool) -> String {
        let line = isGiven ? " \(signs.chosen) " + line.dropFirst(3) : line
        return isRight ? "\(line)  \(signs.winner)" : line
    }

    private func summary(_ text: QuizText) -> [String] {
        var lines = [""]
        for (place, question) in quiz.questions.enumerated() {
            let frame = text.frame(question.moment)
            let what = "frame \(frame?.number ?? 0)  \(frame?.segment ?? "")"
            let right = "\(QuizQuestion.letter(question.right)), \(text.words(question.choices[question.right]))"
            var answer = "not asked"
            if place < given.count {
                answer = given[place].choice.map { $0 == question.right ? "\(right): right" : "\(QuizQuestion.letter($0)); right is \(right)" }
                    ?? "skipped; right is \(right)"
            }
            lines.append("   \(place + 1)  " + ScreenText.padded(what, 34) + "  " + answer)
        }
        if quiz.questions.isEmpty { lines.append(" No question: of no frame here it is both new and certain who gets it.") }
        return lines
    }

    // MARK: First and last row

    private func titled(_ title: String, _ columns: Int) -> String {
        let score = quiz.questions.isEmpty ? "" : scoreText
        return " " + ScreenText.padded(title, max(0, columns - 2 - score.count)) + score
    }

    private func prompt(_ columns: Int) -> String {
        let parts: [String]
        switch phase {
        case .asking:
            let last = (question?.choices.count ?? 1) - 1
            parts = [
                "a\(signs.dash)\(QuizQuestion.letter(last)) answer", "v show of hands\(hands.isEmpty ? "" : " after the talk")", "h hint", "Enter skip", "q quit",
            ]
        case .counting(let numbers, let typed):
            let letter = QuizQuestion.letter(numbers.count)
            let before = numbers.enumerated().map { "\(QuizQuestion.letter($0)) \($1)  " }.joined()
            parts = ["hands: \(before)\(letter) \(typed)_", "Enter the next letter", "Esc not now"]
        case .told: parts = ["Space \(place + 1 < quiz.questions.count ? "next question" : "the score")", "q quit"]
        case .summary: parts = ["any key ends this"]
        }
        return ScreenText.cut(" " + parts.joined(separator: signs.dot), columns: columns)
    }

    private func bold(_ line: String) -> String { hasColor ? "\u{1b}[1m\(line)\u{1b}[0m" : line }
    private func dim(_ line: String) -> String { hasColor ? "\u{1b}[2m\(line)\u{1b}[0m" : line }
}
