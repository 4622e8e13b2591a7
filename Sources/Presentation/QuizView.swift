import Render
import Timeline

/// Where a quiz stands, and what is to be seen there. It reads no clock: whoever asks says what time it is.
public struct QuizView {
    public enum Phase: Equatable, Sendable {
        case asking
        /// Hands are counted: the numbers so far, and what is typed of the next.
        case counting([Int], typed: String)
        case told
        /// All were asked.
        case summary
    }

    public let quiz: Quiz
    public private(set) var place = 0
    public private(set) var phase = Phase.asking
    /// What was answered, a question each, as far as they were asked.
    public private(set) var given: [QuizSheet.Given] = []
    /// Hands before the pairs have talked, and after.
    public private(set) var hands: [[Int]] = []
    public private(set) var hasHint = false
    private var askedAt = 0
    let signs: ScreenSigns
    let hasColor: Bool

    /// - Parameter now: milliseconds of a clock that only goes forward.
    public init(_ quiz: Quiz, hasUnicode: Bool, hasColor: Bool, now: Int) {
        self.quiz = quiz
        self.hasColor = hasColor
        signs = .with(unicode: hasUnicode)
        askedAt = now
        if quiz.questions.isEmpty { phase = .summary }
    }

    public var question: QuizQuestion? { phase != .summary && place < quiz.questions.count ? quiz.questions[place] : nil }
    var earlier: QuizQuestion? { place > 0 ? quiz.questions[place - 1] : nil }

    /// How many were answered rightly, how many answered at all, and how many skipped.
    public var score: (right: Int, answered: Int, skipped: Int) {
        let answers = zip(quiz.questions, given).compactMap { question, given in given.choice.map { $0 == question.right } }
        return (answers.filter { $0 }.count, answers.count, given.count - answers.count)
    }

    public var scoreText: String {
        let score = score
        return "score \(score.right) of \(score.answered)" + (score.skipped > 0 ? ", \(score.skipped) skipped" : "")
    }

    // MARK: Keys

    /// - Returns: whether it goes on.
    public mutating func take(_ key: Key, now: Int) -> Bool {
        switch phase {
        case .asking: return ask(key, now)
        case .counting(let numbers, let typed):
            count(key, numbers, typed)
            return true
        case .told:
            switch key {
            case .character(" "), .enter, .right, .pageDown: goOn(now)
            case .character("q"), .escape: return false
            default: break
            }
            return true
        case .summary: return false
        }
    }

    private mutating func ask(_ key: Key, _ now: Int) -> Bool {
        guard let question else { return false }
        switch key {
        case .character("v"): phase = .counting([], typed: "")
        case .character("h"): hasHint = true
        case .enter: answer(nil, now)
        case .character("q"), .escape: return false
        case .character(let letter):
            let small = letter.lowercased()
            if let choice = question.choices.indices.first(where: { String(QuizQuestion.letter($0)) == small }) { answer(choice, now) }
        default: break
        }
        return true
    }

    private mutating func answer(_ choice: Int?, _ now: Int) {
        given.append(QuizSheet.Given(choice: choice, milliseconds: max(0, now - askedAt), hadHint: hasHint, hands: hands))
        phase = .told
    }

    private mutating func goOn(_ now: Int) {
        place += 1
        phase = place < quiz.questions.count ? .asking : .summary
        hands = []
        hasHint = false
        askedAt = now
    }

    /// No room is larger.
    private static let mostDigits = 4

    /// Numbers with spaces or Enter between: `4 19 6 41 2`.
    private mutating func count(_ key: Key, _ numbers: [Int], _ typed: String) {
        guard let question else { return }
        switch key {
        case .character(let digit) where ("0"..."9").contains(digit):
            if typed.count < QuizView.mostDigits { phase = .counting(numbers, typed: typed + String(digit)) }
        case .backspace:
            if let last = numbers.last, typed.isEmpty {
                phase = .counting(numbers.dropLast(), typed: String(last))
            } else {
                phase = .counting(numbers, typed: String(typed.dropLast()))
            }
        case .enter, .character(" "), .character(","), .tab:
            guard let number = Int(typed) else { return }
            let numbers = numbers + [number]
            guard numbers.count == question.choices.count else {
                phase = .counting(numbers, typed: "")
                return
            }
            // A third show stands for the second.
            hands = hands.prefix(1) + [numbers]
            phase = .asking
        case .escape: phase = .asking
        default: break
        }
    }
}
