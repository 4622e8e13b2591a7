import Platform
import Render
import Timeline

/// `--quiz`: asks on a terminal which socket gets a frame, where the answer is new.
///
/// It knows nothing of where the story comes from: a capture, or a scene with its calls.
public struct QuizPresenter {
    private let storybook: Storybook
    private let quiz: Quiz
    private let hasUnicode: Bool
    private let hasColor: Bool

    public init(_ storybook: Storybook, seed: UInt64?, hasUnicode: Bool, hasColor: Bool) {
        self.storybook = storybook
        self.hasUnicode = hasUnicode
        self.hasColor = hasColor
        quiz = Quiz(storybook.timeline, seed: seed)
    }

    /// What came of it.
    public struct Outcome {
        /// `score 5 of 7`
        public let score: String
        /// What was answered, an object a question, in JSON.
        public let json: String
    }

    /// The questions, a line of dashes, the answers.
    public func worksheet(columns: Int = 100) -> String {
        QuizSheet(quiz, QuizText(storybook, hasUnicode: hasUnicode, columns: columns)).worksheet
    }

    /// The questions with the right answers, an object each.
    public var json: String {
        let sheet = QuizSheet(quiz, QuizText(storybook, hasUnicode: hasUnicode, columns: 100))
        return quiz.questions.indices.map { sheet.json($0, nil) }.joined()
    }

    /// Asks, until all is asked or whoever is asked quits.
    ///
    /// - Parameter onAnswer: gets each answer as it is given, as an object in JSON.
    /// - Returns: `nil` where there is no terminal to ask on.
    public func run(
        drawsOnStandardOutput: Bool, onAnswer: (String) -> Void = { _ in }
    ) throws(SystemError) -> Outcome? {
        guard var screen = try Screen.open(drawsOnStandardOutput: drawsOnStandardOutput) else { return nil }
        var text = QuizText(storybook, hasUnicode: hasUnicode, columns: screen.size.columns)
        var view = QuizView(quiz, hasUnicode: hasUnicode, hasColor: hasColor, now: QuizPresenter.now)
        var json = ""
        var goesOn = true
        while goesOn {
            screen.draw(view.lines(text, screen.size))
            switch screen.next() {
            case .ended: goesOn = false
            case .changed: text = QuizText(storybook, hasUnicode: hasUnicode, columns: screen.size.columns)
            case .key(let key):
                let answered = view.given.count
                goesOn = view.take(key, now: QuizPresenter.now)
                guard view.given.count > answered, let last = view.given.last else { continue }
                let object = QuizSheet(quiz, text).json(answered, last)
                json += object
                onAnswer(object)
            }
        }
        return Outcome(score: view.scoreText, json: json)
    }

    private static var now: Int { Int(monotonicNanoseconds() / 1_000_000) }
}
