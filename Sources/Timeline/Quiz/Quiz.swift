import Demux
import Wire

/// The questions of a timeline: where the answer is new, and there alone. Pure, and the same each time.
public struct Quiz: Sendable {
    /// A scene has no more of them, however long it is.
    public static let mostQuestions = 8
    /// So many there are, if there is enough that is new.
    static let wantedQuestions = 6
    /// How many of them may be of another kind than which socket gets a frame: a fifth or so.
    private static let mostOthers = 2

    /// In the order of the timeline.
    public let questions: [QuizQuestion]
    public let seed: UInt64?

    /// - Parameter seed: gives the choices another order; without it, it is that of the frame's number.
    public init(_ timeline: Timeline, seed: UInt64? = nil) {
        self.seed = seed
        let finder = QuizFinder(timeline)
        let maker = QuizMaker(timeline, seed: seed)
        let hasCalls = timeline.moments.contains { if case .call = $0 { true } else { false } }
        var chosen: [QuizQuestion] = []
        var taken: Set<Int> = []
        func choose(_ kind: QuizQuestion.Kind, while isWanted: () -> Bool) -> Bool {
            for find in finder.finds where find.kind == kind && !taken.contains(find.moment) && isWanted() {
                guard let question = maker.question(find) else { continue }
                chosen.append(question)
                taken.insert(find.moment)
                return true
            }
            return false
        }
        var others = 0
        if hasCalls {
            // Of these frames it is rather asked who gets them: the others are about what is left, if there is any.
            let first = [QuizQuestion.Kind.firstSYN, .thirdACK, .firstData, .twin, .nobody, .firstDatagram, .secondClient].compactMap { kind in
                finder.finds.first { $0.kind == kind }?.moment
            }
            for kind in [QuizQuestion.Kind.callReturns, .kernelAnswers, .state] where others < Quiz.mostOthers {
                taken.formUnion(first)
                if choose(kind, while: { true }) { others += 1 }
                taken = Set(chosen.map(\.moment))
            }
        }
        // One of each kind, then what is new a second time: another port that nobody has, another twin.
        let again: [QuizQuestion.Kind] = [.nobody, .twin, .firstSYN, .firstDatagram, .neighbour, .firstData]
        let kinds = QuizQuestion.Kind.allCases.filter(\.asksForSocket)
        for kind in kinds { _ = choose(kind) { chosen.count < Quiz.mostQuestions } }
        for kind in again { _ = choose(kind) { chosen.count < Quiz.wantedQuestions } }
        if !hasCalls { _ = choose(.state) { chosen.count < Quiz.wantedQuestions + 1 } }
        questions = Quiz.balanced(chosen.sorted { $0.moment < $1.moment }, salt: QuizOrder.salt(timeline), seed: seed)
    }

    /// Moves right answers to letters that were seldom right before, by chance among those: who guesses gains nothing by it.
    private static func balanced(_ questions: [QuizQuestion], salt: UInt64, seed: UInt64?) -> [QuizQuestion] {
        var counts: [Int: Int] = [:]
        return questions.map { question in
            var choices = question.choices
            var right = question.right
            // That it is nobody, or none, is always the last choice.
            let free = choices.prefix { $0.isMovable }.count
            if right < free {
                let fewest = (0..<free).map { counts[$0, default: 0] }.min()
                let places = (0..<free).filter { counts[$0, default: 0] == fewest }
                var order = QuizOrder(frame: ~UInt64(question.moment), salt: salt, seed: seed)
                let place = places[Int(order.next() % UInt64(places.count))]
                choices.swapAt(right, place)
                right = place
            }
            counts[right, default: 0] += 1
            return QuizQuestion(kind: question.kind, moment: question.moment, choices: choices, right: right, reply: question.reply)
        }
    }
}

/// Makes questions of what was found.
struct QuizMaker {
    private let timeline: Timeline
    private let seed: UInt64?
    private let salt: UInt64
    /// How far behind a frame the one is sought that answers it.
    private static let longestReply = 256

    init(_ timeline: Timeline, seed: UInt64?) {
        self.timeline = timeline
        self.seed = seed
        salt = QuizOrder.salt(timeline)
    }

    func question(_ find: QuizFinder.Find) -> QuizQuestion? {
        guard case .frame(let frame) = timeline.moments[find.moment] else { return nil }
        switch find.kind {
        case .callReturns: return callReturns(frame, find.moment)
        case .kernelAnswers: return kernelAnswers(frame, find.moment)
        case .state: return state(frame, find.moment)
        default: return socket(frame, find)
        }
    }

    private func socket(_ frame: FrameMoment, _ find: QuizFinder.Find) -> QuizQuestion? {
        let (known, hasCalls) = namesInCalls(before: find.moment)
        guard let made = QuizChoices(frame, find.kind, known: known, salt: salt, seed: seed) else { return nil }
        // Whether there is a socket at all, only the reply shows, or the calls that were seen.
        var isOpen = frame.receiver.map { receiver in
            receiver.name.kind != .connected && frame.opened.contains { $0.name == receiver.name } && !known.contains(receiver.name)
        } ?? true
        if hasCalls { isOpen = false }
        return QuizQuestion(
            kind: find.kind, moment: find.moment, choices: made.choices, right: made.right, reply: isOpen ? reply(frame, find.moment) : nil)
    }

    private func namesInCalls(before place: Int) -> (names: Set<SocketName>, hasCalls: Bool) {
        var names: Set<SocketName> = []
        var hasCalls = false
        for case .call(let call) in timeline.moments[..<place] {
            hasCalls = true
            if let socket = call.socket { names.insert(socket) }
        }
        return (names, hasCalls)
    }

    private func reply(_ frame: FrameMoment, _ place: Int) -> Int? {
        let later = timeline.moments.indices.dropFirst(place + 1).prefix(QuizMaker.longestReply)
        return later.first { index in
            guard case .frame(let other) = timeline.moments[index] else { return false }
            return other.replyTo == frame.number || other.from == frame.to && other.to == frame.from && other.transport == frame.transport
        }
    }

    // MARK: The other kinds

    private func callReturns(_ frame: FrameMoment, _ place: Int) -> QuizQuestion? {
        guard let calls = QuizCalls(timeline, frameAt: place, .before(place, of: timeline)) else { return nil }
        var order = QuizOrder(frame: frame.number, salt: salt, seed: seed)
        let shuffled = order.shuffled(calls.waiting)
        let right = calls.returns.flatMap { shuffled.firstIndex(of: $0) } ?? shuffled.count
        return QuizQuestion(
            kind: .callReturns, moment: place, choices: shuffled.map { .call($0) } + [.noCall], right: right, reply: nil)
    }

    private func kernelAnswers(_ frame: FrameMoment, _ place: Int) -> QuizQuestion? {
        let answer: QuizChoice.KernelAnswer =
            frame.isQueueFull ? .nothing : frame.receiver != nil ? .synAck : frame.transport == .tcp ? .reset : .portUnreachable
        return choose(.kernelAnswers, frame, place, [.synAck, .reset, .portUnreachable, .nothing].map { .answer($0) }, .answer(answer))
    }

    private func state(_ frame: FrameMoment, _ place: Int) -> QuizQuestion? {
        guard let receiver = frame.receiver else { return nil }
        return choose(
            .state, frame, place, [.established, .closeWait, .finWait2, .timeWait].map { .state($0) }, .state(receiver.state))
    }

    private func choose(
        _ kind: QuizQuestion.Kind, _ frame: FrameMoment, _ place: Int, _ choices: [QuizChoice], _ right: QuizChoice
    ) -> QuizQuestion? {
        var order = QuizOrder(frame: frame.number, salt: salt, seed: seed)
        let shuffled = order.shuffled(choices)
        guard let answer = shuffled.firstIndex(of: right) else { return nil }
        return QuizQuestion(kind: kind, moment: place, choices: shuffled, right: answer, reply: nil)
    }
}
