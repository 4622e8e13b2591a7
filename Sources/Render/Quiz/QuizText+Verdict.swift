import Demux
import Timeline
import Wire

extension QuizText {
    /// What is said of an answer: what is right and why, and why not what was chosen.
    ///
    /// - Parameters:
    ///   - given: the place of the answer; `nil` where it was skipped.
    ///   - hands: the last show of hands, a number a choice.
    public func verdict(_ question: QuizQuestion, given: Int?, hands: [Int]? = nil) -> [String] {
        let right = question.choices[question.right]
        let why = reason(question, question.right)
        var sentences = ["\(QuizQuestion.letter(question.right)) is right: \(spoken(right)). \(QuizText.capitalized(why))."]
        if let given, given != question.right {
            sentences.append("You said \(QuizQuestion.letter(given)), \(spoken(question.choices[given])): \(reason(question, given)).")
        }
        if let hands, let most = hands.indices.filter({ $0 != question.right && $0 != given }).max(by: { (hands[$0], $1) < (hands[$1], $0) }),
            hands[most] > 0 {
            sentences.append("\(hands[most]) said \(QuizQuestion.letter(most)), \(spoken(question.choices[most])): \(reason(question, most)).")
        }
        return sentences
    }

    /// A choice within a sentence: of a call without the sign that it waits, which is no end of one.
    private func spoken(_ choice: QuizChoice) -> String {
        guard case .call(let call) = choice else { return words(choice) }
        return QuizText.trimmed("\(participant(call.participant)): \(call.text(waits: ""))")
    }

    /// As it begins a sentence; the name of a socket or of a function keeps its case.
    static func capitalized(_ sentence: String) -> String {
        guard sentence.first?.isLowercase == true, sentence.prefix(while: { $0 != " " }).firstIndex(of: "(") == nil else { return sentence }
        return sentence.prefix(1).uppercased() + sentence.dropFirst()
    }

    /// The sockets that the frame showed first.
    public func events(_ question: QuizQuestion) -> [String] {
        guard question.kind.asksForSocket, let telling = telling(question.moment) else { return [] }
        return telling.text.split(separator: Character("\n")).map { String($0) }.filter { $0.hasPrefix("      + ") }
    }

    /// The look-up, with the rows marked that decide: the winner's as ever, and that of the answer which was given.
    public func table(_ question: QuizQuestion, given: Int?) -> [String] {
        guard question.kind.asksForSocket, let telling = telling(question.moment) else { return [] }
        var chosen: String?
        if let given, given != question.right, case .socket(let socket) = question.choices[given] { chosen = socket.name?.description }
        return telling.lookup.split(separator: Character("\n")).map { row in
            guard let chosen, QuizText.name(row) == chosen else { return String(row) }
            return "    " + (hasUnicode ? "▸" : ">") + " " + row.dropFirst(6)
        }
    }

    /// The name in a row of a look-up, which is its fifth word: `listener any → 127.0.0.1:1234 L1 …`.
    private static func name(_ row: Substring) -> String? {
        let words = row.split(separator: " ", maxSplits: 5)
        return words.count > 4 && ["connected", "listener", "datagram"].contains(words[0]) ? String(words[4]) : nil
    }

    /// Why a row of the look-up won or lost, in the words that it has there.
    private func rowReason(_ question: QuizQuestion, _ name: SocketName) -> String? {
        guard let telling = telling(question.moment) else { return nil }
        var reason: String?
        for row in telling.lookup.split(separator: Character("\n")) {
            if reason != nil {
                // A row that the terminal was too narrow for goes on, further indented.
                guard QuizText.name(row) == nil, row.hasPrefix("          ") else { break }
                reason? += " " + row.drop { $0 == " " }
            } else if QuizText.name(row) == name.description {
                var words = row.split(separator: " ", maxSplits: 5)[5].drop { $0 == " " }
                for _ in 0..<3 {
                    guard let word = words.split(separator: " ", maxSplits: 1).first, ["=", "\(signs.unequal)", "\(signs.winner)"].contains(String(word)) else {
                        break
                    }
                    words = words.dropFirst(word.count).drop { $0 == " " }
                }
                reason = String(words)
            }
        }
        return reason
    }

    // MARK: Reasons

    /// Why that choice is right, or why it is not.
    func reason(_ question: QuizQuestion, _ place: Int) -> String {
        guard let frame = frame(question.moment) else { return "" }
        let isRight = place == question.right
        switch question.choices[place] {
        case .socket(let socket): return reason(socket, question, frame)
        case .nobody(let answer):
            guard isRight else { return "somebody is there" }
            return frame.transport == .tcp ? "no socket fits, and the kernel itself answers \(word(answer))"
                : "\(absence(frame)), and the kernel itself answers \(word(answer))"
        case .call(let call):
            guard isRight else { return call.name == "accept" ? "no connection is whole yet that it could take" : "it waits for something else" }
            let why = reasonToReturn(frame)
            return returned(question.moment, call).map { "\(why): then \($0)" } ?? why
        case .noCall: return isRight ? "nothing that one of them waits for is there yet" : "one of them has what it waited for"
        case .answer(let answer): return isRight ? reason(answer, frame) : "it is \(right(question))"
        case .state: return isRight ? "the other end has sent its FIN, this one has not" : "it is \(right(question))"
        }
    }

    private func right(_ question: QuizQuestion) -> String { words(question.choices[question.right]) }

    private func reasonToReturn(_ frame: FrameMoment) -> String {
        if frame.rule == .icmpError { return "the error ends its wait" }
        guard let flags = frame.flags else { return "this is what it waited for" }
        if flags.contains(.rst) { return "the RST ends its wait" }
        return flags.contains(.syn) && flags.contains(.ack) ? "it waited for the SYN ACK" : "this is what it waited for"
    }

    private func returned(_ place: Int, _ call: CallMoment) -> String? {
        for case .call(let other) in timeline.moments[(place + 1)...] where other.participant == call.participant && other.phase == .returned {
            return other.text() + (other.remark.map { ", \($0)" } ?? "")
        }
        return nil
    }

    /// Why no datagram socket gets it.
    private func absence(_ frame: FrameMoment) -> String {
        for candidate in frame.candidates where candidate.acceptsDestination && !candidate.acceptsSource {
            guard candidate.socket.name.kind == .datagram, let peer = candidate.socket.remote else { continue }
            return "\(candidate.socket.name) has the port, but is connected to \(peer): no socket accepts it"
        }
        return "no socket is bound there"
    }

    private func reason(_ answer: QuizChoice.KernelAnswer, _ frame: FrameMoment) -> String {
        switch answer {
        case .synAck: "a listener is there"
        case .reset: "nobody listens there"
        case .portUnreachable: absence(frame)
        case .nothing: "the accept queue is full, so that it is dropped; the client will try again"
        }
    }

    private func reason(_ socket: QuizSocket, _ question: QuizQuestion, _ frame: FrameMoment) -> String {
        if let name = socket.name, let reason = rowReason(question, name) { return reason }
        switch socket.role {
        case .sender: return "it is the other end, which sends this"
        case .known: return socket.name == frame.sender?.name ? "it is the other end, which sends this" : "its numbers are others"
        case .ofThePort: return "nothing of the kind is there"
        case .newForSender: return "UDP makes no socket for a sender; one gets all that comes to its port"
        case .new:
            if frame.receiver == nil { return "only a listener could make one, and there is none" }
            if frame.flags?.contains(.syn) != true { return "its connection has a socket already" }
            return frame.flags?.contains(.ack) == true
                ? "the server's is made by the ACK that comes next" : "none is made before the handshake is whole; until then the listener has it"
        }
    }
}
