import Demux
import Timeline
import Wire

extension QuizText {
    /// The frame that is asked about, who gets it left open, and what comes back where that must be known.
    public func frameLines(_ question: QuizQuestion) -> [String] {
        let widths = widths(question)
        guard let frame = frame(question.moment) else { return [] }
        var lines = lines(frame, who: question.kind.asksForSocket ? "?" : nil, widths)
        if let reply = question.reply.flatMap({ self.frame($0) }) {
            lines += self.lines(reply, who: nil, widths).enumerated().map { $0 == 0 ? $1 + "   (comes back)" : $1 }
        }
        return lines
    }

    /// The same with who gets it, by which rule.
    public func toldLines(_ question: QuizQuestion) -> [String] {
        guard let frame = frame(question.moment) else { return [] }
        let rule = frame.rule == .closedPort ? "nobody" : frame.rule.word
        return lines(frame, who: frame.receiver?.name.description ?? "\(signs.nobody)", rule: rule, widths(question))
    }

    /// What happened since the question before, without who got what.
    ///
    /// - Parameter most: no more of the last lines than this, and than ``mostBefore``.
    public func before(_ question: QuizQuestion, after earlier: QuizQuestion?, most: Int) -> [String] {
        let widths = widths(question)
        let most = min(most, QuizText.mostBefore)
        var lines: [String] = []
        var place = question.moment
        while place > (earlier?.moment ?? -1) + 1, lines.count < most {
            place -= 1
            switch timeline.moments[place] {
            case .frame(let frame): lines = self.lines(frame, who: nil, widths) + lines
            case .call, .printed, .said, .shown, .heading, .died, .ended:
                lines = (telling(place)?.text ?? "").split(separator: Character("\n")).map { String($0) } + lines
            }
        }
        return Array(lines.suffix(most))
    }

    /// `Which socket of host C gets it?`
    public func asks(_ question: QuizQuestion) -> String {
        guard let frame = frame(question.moment) else { return "" }
        switch question.kind {
        case .callReturns: return "Which call returns now?"
        case .kernelAnswers: return "What does the kernel answer?"
        case .state: return "What does ss show for \(frame.receiver.map { "\($0.name)" } ?? "its socket") now?"
        default: break
        }
        guard let to = frame.to, let from = frame.from, to.address != from.address else { return "Which socket gets it?" }
        let host = timeline.hosts.first { $0.address == to.address && !$0.name.isEmpty }.map { "host \($0.name)" }
        return "Which socket of \(host ?? "\(to.address)") gets it?"
    }

    /// The choices, a line each, under a line that names their columns.
    public func choiceLines(_ question: QuizQuestion) -> [String] {
        let widths = widths(question)
        var lines: [String] = []
        if question.kind.asksForSocket {
            lines.append(
                QuizText.left("", widths.start) + QuizText.left("accepts from", widths.from + arrow.count) + "to")
        }
        for (place, choice) in question.choices.enumerated() {
            let letter = "   \(QuizQuestion.letter(place))  "
            switch choice {
            case .socket(let socket): lines.append(letter + line(socket, widths, letter.count))
            case .nobody(let answer):
                lines.append(letter + QuizText.left("nobody", widths.start - letter.count) + "the kernel answers \(word(answer))")
            default: lines.append(letter + words(choice))
            }
        }
        return lines
    }

    private func line(_ socket: QuizSocket, _ widths: Widths, _ before: Int) -> String {
        let ends =
            QuizText.left(socket.from?.description ?? "any", widths.from) + arrow + QuizText.left(socket.to.description, widths.to)
        let label: String
        let meaning: String
        switch socket.role {
        case .known: (label, meaning) = ("\(socket.name.map { "\($0)" } ?? "")", socket.kind.word)
        case .sender: (label, meaning) = ("sender's", "the socket that sends it")
        case .ofThePort: (label, meaning) = ("", "a \(noun(socket.kind)) on that port")
        case .new(let maker): (label, meaning) = ("new", "connected, made by \(maker.map { "\($0)" } ?? "a listener") now")
        case .newForSender: (label, meaning) = ("new", "datagram, for this sender alone")
        }
        let line = QuizText.left(label, widths.start - before) + ends
        return columns >= before + line.count + 3 + meaning.count ? line + "   " + meaning : line + " " + short(socket)
    }

    /// For a terminal without room for more.
    private func short(_ socket: QuizSocket) -> String {
        switch socket.role {
        case .sender: "it sends this"
        case .new(let maker?): "made by \(maker) now"
        default: socket.kind.word
        }
    }

    func noun(_ kind: SocketKind) -> String {
        switch kind {
        case .listener: "listener"
        case .connected: "connected socket"
        case .datagram: "datagram socket"
        }
    }

    /// A choice in words, without what it accepts, as it is called once all is told.
    public func words(_ choice: QuizChoice) -> String {
        switch choice {
        case .socket(let socket):
            switch socket.role {
            case _ where socket.name != nil: socket.name.map { "\($0)" } ?? ""
            case .known, .sender: "the sender's socket"
            case .ofThePort: "a \(noun(socket.kind)) on that port"
            case .new: "a new connected socket"
            case .newForSender: "a new datagram socket"
            }
        case .nobody: "nobody"
        case .call(let call): "\(participant(call.participant)): \(call.text(waits: "\(signs.cut)"))"
        case .noCall: "none of them"
        case .answer(let answer): answer == .nothing ? "nothing" : word(answer)
        case .state(let state): state.word
        }
    }

    func word(_ answer: QuizChoice.KernelAnswer) -> String {
        switch answer {
        case .synAck: "SYN ACK"
        case .reset: "RST"
        case .portUnreachable: "ICMP port unreachable"
        case .nothing: "nothing"
        }
    }

    /// What helps without giving it away.
    public func hint(_ question: QuizQuestion) -> String {
        switch question.kind {
        case .callReturns: return "Which of them waits for just this? Ask what each call is to bring, and whether that is there now."
        case .kernelAnswers: return "First ask whether anybody is there to take it, and which protocol it is."
        case .state: return "It has received a FIN. Has it sent one?"
        default: break
        }
        guard let frame = frame(question.moment) else { return "" }
        if frame.transport == .udp { return "UDP looks at where it goes to. A socket that is not connected takes it from anybody." }
        if question.reply != nil { return "What comes back tells whether somebody is there." }
        if frame.flags?.contains(.syn) == true { return "Hold its two ends against each row: TCP seeks one that fits in both halves, and connected sockets first." }
        return "TCP asks connected sockets first: all four numbers must fit. Only when none fits is a listener asked."
    }
}
