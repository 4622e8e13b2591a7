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
        let sign = frame.evidence == .kernel ? "\(signs.sure)" : ""
        return lines(frame, who: (frame.receiver?.name.description ?? "\(signs.nobody)") + sign, rule: ruleWord(frame), widths(question))
    }

    /// As the story has it: what more the kernel's table says of a rule stands in the look-up.
    private func ruleWord(_ frame: FrameMoment) -> String {
        switch frame.rule {
        case .closedPort: "nobody"
        case .listenerAddress, .listenerWildcard: Rule.listener.word
        case .datagramAddress, .datagramWildcard, .datagramConnected: Rule.datagram.word
        default: frame.rule.word
        }
    }

    /// What happened since the question before, without who got what.
    ///
    /// Of whole moments: half a sentence or a table without its head says nothing. What is to be seen in the call that causes
    /// the frame is left out, as it may be the answer.
    ///
    /// - Parameter most: no more lines than this, and than ``mostBefore``; on paper the last moment may be longer.
    public func before(_ question: QuizQuestion, after earlier: QuizQuestion?, most: Int, isOnPaper: Bool = false) -> [String] {
        let widths = widths(question)
        let most = min(most, QuizText.mostBefore)
        var lines: [String] = []
        var place = question.moment
        var isCause = true
        while place > (earlier?.moment ?? -1) + 1, lines.count < most {
            place -= 1
            var told: [String] = []
            switch timeline.moments[place] {
            case .frame(let frame): told = self.lines(frame, who: nil, widths)
            case .call(let call) where isCause:
                told = [withoutRemark(call, textLines(place).first ?? "")]
                isCause = call.phase == .returned
            case .call, .printed, .said, .shown, .heading, .died, .ended: told = textLines(place)
            }
            let isOneLongMoment = isOnPaper && lines.isEmpty && told.count <= QuizText.longestMoment
            guard lines.count + told.count <= most || isOneLongMoment else { break }
            lines = told + lines
        }
        return lines
    }

    /// A table of that many lines is shown whole on paper.
    private static let longestMoment = 12

    private func textLines(_ place: Int) -> [String] {
        (telling(place)?.text ?? "").split(separator: Character("\n")).map { String($0) }
    }

    /// The line of a call as far as the call itself.
    private func withoutRemark(_ call: CallMoment, _ line: String) -> String {
        guard call.remark != nil, let range = line.firstRange(of: call.text(waits: "\(signs.cut)")) else { return line }
        return String(line[..<range.upperBound])
    }

    /// `Which socket of host C gets it?`
    ///
    /// - Parameter isOnPaper: who reads it has not been told before what the sockets' names stand for.
    public func asks(_ question: QuizQuestion, isOnPaper: Bool = false) -> String {
        guard let frame = frame(question.moment) else { return "" }
        switch question.kind {
        case .callReturns: return "Which call returns now?"
        case .kernelAnswers: return "What does the kernel answer?"
        case .state:
            guard let socket = frame.receiver else { return "What does ss show for its socket now?" }
            let ends = isOnPaper ? socket.remote.map { ", \(socket.local) with \($0)," } : nil
            return "What does ss show for \(socket.name)\(ends ?? "") now?"
        default: break
        }
        // Of several hosts each has its own loopback.
        guard let to = frame.to, let from = frame.from, to.address != from.address, timeline.hosts.count < 2 || !to.address.isLoopback
        else { return "Which socket gets it?" }
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
        let isShort = !question.choices.allSatisfy { choice in
            guard case .socket(let socket) = choice else { return true }
            return widths.start + widths.from + arrow.count + widths.to + 3 + meaning(socket).count <= columns
        }
        for (place, choice) in question.choices.enumerated() {
            let letter = "   \(QuizQuestion.letter(place))  "
            switch choice {
            case .socket(let socket): lines.append(letter + line(socket, widths, letter.count, isShort: isShort))
            case .nobody(let answer):
                lines.append(letter + QuizText.left("nobody", widths.start - letter.count) + "the kernel answers \(word(answer))")
            default: lines.append(letter + words(choice))
            }
        }
        return lines
    }

    /// - Parameter isShort: of all rows or of none, so that their last words stand in one column.
    private func line(_ socket: QuizSocket, _ widths: Widths, _ before: Int, isShort: Bool) -> String {
        let label =
            switch socket.role {
            case .known: "\(socket.name.map { "\($0)" } ?? "")"
            case .sender: "sender's"
            case .ofThePort: ""
            case .new, .newForSender: "new"
            }
        let ends =
            QuizText.left(socket.from?.description ?? "any", widths.from) + arrow + QuizText.left(socket.to.description, widths.to)
        return QuizText.left(label, widths.start - before) + ends + "   " + (isShort ? short(socket) : meaning(socket))
    }

    private func meaning(_ socket: QuizSocket) -> String {
        switch socket.role {
        case .known: socket.kind.word
        case .sender: "the socket that sends it"
        case .ofThePort: "a \(noun(socket.kind)) on that port"
        case .new(let maker): "connected, made by \(maker.map { "\($0)" } ?? "a listener") now"
        case .newForSender: "datagram, for this sender alone"
        }
    }

    /// For a terminal without room for more.
    private func short(_ socket: QuizSocket) -> String {
        switch socket.role {
        case .sender: "it sends this"
        case .new(let maker): "made by \(maker.map { "\($0)" } ?? "a listener") now"
        case .newForSender: "for this sender alone"
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
        case .state(let state): QuizText.ssWord(state)
        }
    }

    /// What `ss` prints, in its own words (iproute2, misc/ss.c).
    private static func ssWord(_ state: SocketState) -> String {
        switch state {
        case .listen: "LISTEN"
        case .synSent: "SYN-SENT"
        case .established: "ESTAB"
        case .finWait1: "FIN-WAIT-1"
        case .finWait2: "FIN-WAIT-2"
        case .closeWait: "CLOSE-WAIT"
        case .closing: "CLOSING"
        case .lastAck: "LAST-ACK"
        case .timeWait: "TIME-WAIT"
        case .closed, .bound: "UNCONN"
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
