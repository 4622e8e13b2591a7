import Demux
import Timeline
import Wire

/// A quiz where nobody is asked: on paper, or for a program.
public struct QuizSheet {
    private let text: QuizText
    private let quiz: Quiz

    public init(_ quiz: Quiz, _ text: QuizText) {
        self.quiz = quiz
        self.text = text
    }

    /// The questions, a line of dashes, the answers.
    public var worksheet: String {
        guard !quiz.questions.isEmpty else { return "No question: of no frame here it is both new and certain who gets it.\n" }
        // What a scene shows is said behind its name, the answers among it.
        let name = text.timeline.title.prefix { $0 != ":" }
        var lines: [String] = name.isEmpty ? [] : [String(name), ""]
        var earlier: QuizQuestion?
        for (place, question) in quiz.questions.enumerated() {
            lines.append("Question \(place + 1)")
            lines.append("")
            let before = text.before(question, after: earlier, most: QuizText.mostBefore, isOnPaper: true)
            lines += before + text.frameLines(question) + ["", " " + text.asks(question, isOnPaper: true)] + text.choiceLines(question) + ["", ""]
            earlier = question
        }
        lines.append(String(repeating: "-", count: min(text.columns, 100)))
        lines.append("")
        for (place, question) in quiz.questions.enumerated() {
            lines.append("Answer \(place + 1)")
            lines.append("")
            if question.kind.asksForSocket { lines += text.events(question) + text.toldLines(question) }
            lines += text.table(question, given: nil)
            lines += text.verdict(question, given: nil).map { " " + $0 } + ["", ""]
        }
        return lines.dropLast(1).map { QuizText.trimmed($0) + "\n" }.joined()
    }

    /// What somebody answered.
    public struct Given: Equatable, Sendable {
        /// `nil` where it was skipped.
        public let choice: Int?
        public let milliseconds: Int
        public let hadHint: Bool
        public let hands: [[Int]]

        public init(choice: Int?, milliseconds: Int, hadHint: Bool = false, hands: [[Int]] = []) {
            self.choice = choice
            self.milliseconds = milliseconds
            self.hadHint = hadHint
            self.hands = hands
        }
    }

    /// One question as a JSON object in a line of its own.
    ///
    /// - Parameter given: `nil` where nobody was asked.
    public func json(_ place: Int, _ given: Given?) -> String {
        let question = quiz.questions[place]
        var out = OutputBuffer(capacity: 2048)
        var writer = JSONWriter()
        writer.object(&out) { json, out in
            json.field("question", place + 1, &out)
            json.field("of", quiz.questions.count, &out)
            if let seed = quiz.seed { json.field("seed", "\(seed)", &out) }
            json.field("kind", question.kind.rawValue, &out)
            json.field("text", text.asks(question, isOnPaper: true), &out)
            if let frame = text.frame(question.moment) { put(frame, &json, &out) }
            if let reply = question.reply.flatMap({ text.frame($0) }) {
                json.object("comes_back", &out) { json, out in put(reply, &json, &out) }
            }
            json.key("choices", &out)
            json.array(&out) { json, out in
                for (place, choice) in question.choices.enumerated() {
                    json.object(&out) { json, out in text.put(choice, at: place, &json, &out) }
                }
            }
            json.field("right", "\(QuizQuestion.letter(question.right))", &out)
            json.field("why", text.verdict(question, given: given?.choice).joined(separator: " "), &out)
            put(given, question, &json, &out)
        }
        out.append(UInt8(ascii: "\n"))
        return out.takeText()
    }

    private func put(_ given: Given?, _ question: QuizQuestion, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        guard let choice = given?.choice else {
            json.null("answer", &out)
            json.null("correct", &out)
            if let given { json.field("milliseconds", given.milliseconds, &out) } else { json.null("milliseconds", &out) }
            return
        }
        json.field("answer", "\(QuizQuestion.letter(choice))", &out)
        json.field("correct", choice == question.right, &out)
        json.field("milliseconds", given?.milliseconds ?? 0, &out)
        json.field("hint", given?.hadHint ?? false, &out)
        guard let hands = given?.hands, !hands.isEmpty else { return }
        json.key("hands", &out)
        json.array(&out) { json, out in
            for show in hands {
                json.array(&out) { json, out in
                    for number in show { json.number(number, &out) }
                }
            }
        }
    }

    private func put(_ frame: FrameMoment, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.field("frame", Int64(clamping: frame.number), &out)
        json.field("from", frame.from?.description ?? "", &out)
        json.field("to", frame.to?.description ?? "", &out)
        json.field("segment", frame.segment, &out)
    }
}
