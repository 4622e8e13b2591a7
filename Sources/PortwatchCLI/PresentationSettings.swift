import Presentation

/// How a story is presented, if not all at once: `--pace`, `--step`, `--quiz`, `--seed`. Of `--read` and of a demonstration.
struct PresentationSettings {
    enum Form: Equatable {
        case atOnce
        case paced(Pace)
        case stepped
        case quiz(seed: UInt64?)
    }

    private var pace: Pace?
    private var steps = false
    private var quizzes = false
    private var seed: UInt64?

    var form: Form {
        if let pace { return .paced(pace) }
        if steps { return .stepped }
        return quizzes ? .quiz(seed: seed) : .atOnce
    }

    mutating func apply(_ id: OptionID, _ value: String, _ spec: CommandSpec) throws(CommandFailure) {
        switch id {
        case .pace:
            guard let pace = Pace(value) else {
                throw .usage("--pace \(value): real, a factor as ×0.1 or x0.1 (a tenth as fast), or a delay as 0.5, 500ms or 2s", spec)
            }
            self.pace = pace
        case .step: steps = true
        case .quiz: quizzes = true
        case .seed:
            guard let number = UInt64(value) else { throw .usage("--seed \(value): a number from 0 on", spec) }
            seed = number
        default: break
        }
    }

    /// - Parameter others: options that are given as well, and do not go with a presentation.
    func check(json isJSON: Bool, others: [(isGiven: Bool, name: String)], _ spec: CommandSpec) throws(CommandFailure) {
        let forms = [(pace != nil, "--pace"), (steps, "--step"), (quizzes, "--quiz")].filter(\.0).map(\.1)
        if forms.count > 1 { throw .usage("\(forms[0]) and \(forms[1]): one or the other", spec) }
        if seed != nil, !quizzes { throw .usage("--seed: it is for --quiz", spec) }
        guard let form = forms.first else { return }
        if steps, isJSON { throw .usage("--step and --json: --step shows a screen; --pace writes JSON lines in time", spec) }
        for other in others where other.isGiven {
            throw .usage("\(form) and \(other.name): one or the other", spec)
        }
    }
}
