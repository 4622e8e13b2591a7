import Demux
import Foundation
import Presentation
import Render
import Testing
import Timeline
import Wire

@Suite struct QuizViewTests {
    private let size = ScreenSize(rows: 30, columns: 100)

    /// A quiz that is under way.
    private final class Asked {
        var view: QuizView
        let text: QuizText
        var now = 1_000

        init(_ storybook: Storybook, seed: UInt64? = nil, hasUnicode: Bool = true, columns: Int = 100) {
            view = QuizView(Quiz(storybook.timeline, seed: seed), hasUnicode: hasUnicode, hasColor: false, now: now)
            text = QuizText(storybook, hasUnicode: hasUnicode, columns: columns)
        }

        @discardableResult func press(_ keys: Key..., after milliseconds: Int = 0) -> Bool {
            now += milliseconds
            return keys.map { view.take($0, now: now) }.last ?? true
        }

        func type(_ text: String) {
            for character in text { press(.character(character)) }
        }

        func answer(rightly: Bool) {
            guard let question = view.question else { return }
            type(String(QuizQuestion.letter(rightly ? question.right : (question.right + 1) % question.choices.count)))
        }

        func lines(_ rows: Int = 30) -> [String] { view.lines(text, ScreenSize(rows: rows, columns: text.columns)) }
    }

    /// Names of sockets in a text: a letter and a number, as a word.
    private func names(_ text: String) -> Set<String> {
        Set(text.split { !$0.isLetter && !$0.isNumber }.map(String.init).filter { $0.wholeMatch(of: /[LCD][0-9]+/) != nil })
    }

    @Test(arguments: Stories.names)
    func `nothing on the screen gives the answer away`(_ name: String) throws {
        for seed in [nil, 3] as [UInt64?] {
            let storybook = try Stories.of(name)
            let asked = Asked(storybook, seed: seed)
            while let question = asked.view.question {
                for hasHint in [false, true] {
                    if hasHint { asked.press(.character("h")) }
                    let screen = asked.lines().joined(separator: "\n")
                    guard case .frame(let frame) = storybook.timeline.moments[question.moment] else { continue }
                    for socket in frame.opened { #expect(!names(screen).contains("\(socket.name)"), "\(name), frame \(frame.number)") }
                    for rule in Rule.allCases where ![.listener, .datagram].contains(rule) { #expect(!screen.contains(rule.word)) }
                    #expect(!screen.contains("      + ") && !screen.contains("◀") && !screen.contains("is right"))
                    #expect(!screen.contains("\u{1b}"))
                    #expect(screen.components(separatedBy: "⇒").count - 1 == (question.kind.asksForSocket ? 1 : 0))
                    #expect(!question.kind.asksForSocket || screen.contains("⇒ ?"))
                }
                asked.press(.enter, .character(" "))
            }
        }
    }

    @Test func `an answer is told with the rows that decide`() throws {
        let asked = Asked(try Stories.of("multiplex"))
        while let question = asked.view.question, question.kind != .twin { asked.press(.enter, .character(" ")) }
        let question = try #require(asked.view.question)
        let listener = try #require(
            question.choices.firstIndex { if case .socket(let socket) = $0 { socket.kind == .listener } else { false } })
        asked.type(String(QuizQuestion.letter(listener)))
        let screen = asked.lines()
        #expect(screen.contains { $0.contains("is right: C2. Both ends equal.") })
        #expect(screen.contains { $0.contains("L1: fits too, but connected ones go first.") })
        #expect(screen.contains { $0.hasPrefix("    ▸ listener") && $0.contains("L1") })
        #expect(screen.contains { $0.contains("C2 ◀ = =") })
        #expect(screen.contains { $0.contains("⇒ C2   four-tuple") })
    }

    @Test func `the score, the time, and what is skipped`() throws {
        let asked = Asked(try Stories.of("echo"))
        asked.now += 2_500
        asked.answer(rightly: true)
        #expect(asked.view.given.last?.milliseconds == 2_500)
        #expect(asked.lines()[0].hasSuffix("score 1 of 1"))
        asked.press(.character(" "), after: 10_000)
        asked.answer(rightly: false)
        // Reading what was said is no time of thinking.
        #expect(asked.view.given.last?.milliseconds == 0)
        asked.press(.character(" "))
        asked.press(.enter)
        #expect(asked.lines()[0].hasSuffix("score 1 of 2, 1 skipped"))
        while asked.view.question != nil { asked.press(.enter, .character(" ")) }
        #expect(asked.lines().contains { $0.contains("skipped; right is") })
        #expect(asked.lines().contains { $0.contains(": right") })
        #expect(!asked.press(.character(" ")))
    }

    @Test(arguments: ["4 19 6 41 2\r", "4\r19\r6\r41\r2\r", " 4 19  6 41 2 "])
    func `a show of hands, before and after`(_ typed: String) throws {
        let asked = Asked(try Stories.of("echo"))
        for _ in 0..<3 { asked.press(.enter, .character(" ")) }
        let question = try #require(asked.view.question)
        #expect(question.choices.count == 5)
        let listener = try #require(
            question.choices.firstIndex { if case .socket(let socket) = $0 { socket.kind == .listener } else { false } })
        let after = question.choices.indices.map { $0 == listener ? 60 : $0 == question.right ? 9 : 2 }
        func vote(_ typed: String) {
            asked.press(.character("v"))
            for character in typed { asked.press(character == "\r" ? .enter : .character(character)) }
        }
        vote(typed)
        #expect(asked.view.hands == [[4, 19, 6, 41, 2]])
        #expect(asked.lines().contains { $0.hasPrefix(" hands   a ") && $0.hasSuffix(" 72 votes") })
        vote("1 58 2 9 2 ")
        vote(after.map { "\($0) " }.joined())
        #expect(asked.view.hands == [[4, 19, 6, 41, 2], after])
        #expect(asked.lines().contains { $0.hasPrefix(" before  a ") })
        #expect(asked.lines().contains { $0.hasPrefix(" after   a ") })
        asked.answer(rightly: true)
        #expect(asked.lines().contains { $0.contains("60 said \(QuizQuestion.letter(listener)), L1: fits too, but connected ones go first.") })
        #expect(asked.view.given.last?.hands.count == 2)
        asked.press(.character(" "))
        #expect(asked.view.hands.isEmpty)
    }

    @Test func `counting can be corrected and left`() throws {
        let asked = Asked(try Stories.of("echo"))
        asked.press(.character("v"))
        asked.type("12")
        asked.press(.backspace)
        asked.type("3 4")
        asked.press(.backspace, .backspace, .backspace)
        #expect(asked.view.phase == .counting([], typed: "1"))
        asked.type("a99999")
        #expect(asked.view.phase == .counting([], typed: "1999"))
        asked.press(.escape)
        #expect(asked.view.phase == .asking)
        #expect(asked.view.hands.isEmpty)
    }

    @Test func `every screen fits, in either alphabet`() throws {
        for (columns, rows) in [(20, 3), (80, 24), (100, 30), (160, 45)] {
            for hasUnicode in [true, false] {
                for name in ["multiplex", "refused", "udp-echo", "udp-unreachable"] {
                    let asked = Asked(try Stories.of(name, hasUnicode: hasUnicode), hasUnicode: hasUnicode, columns: columns)
                    func check() {
                        let lines = asked.lines(rows)
                        #expect(lines.count == rows)
                        #expect(lines.allSatisfy { ScreenText.columns($0) <= columns })
                        #expect(hasUnicode || lines.allSatisfy { $0.unicodeScalars.allSatisfy(\.isASCII) })
                    }
                    while asked.view.question != nil {
                        check()
                        asked.press(.character("h"), .character("v"))
                        check()
                        asked.type("1 2 3 4 5 6 ")
                        asked.press(.escape)
                        asked.answer(rightly: false)
                        check()
                        asked.press(.character(" "))
                    }
                    check()
                }
            }
        }
    }

    @Test func `a low screen keeps what is right and what was answered`() throws {
        for name in ["multiplex", "echo", "farm"] {
            let asked = Asked(try Stories.of(name, columns: 80), columns: 80)
            while let question = asked.view.question {
                asked.answer(rightly: false)
                let lines = asked.lines(12)
                if question.kind.asksForSocket, case .socket = question.choices[question.right] {
                    #expect(lines.contains { $0.hasPrefix("   \(QuizQuestion.letter(question.right))  ") && $0.hasSuffix("◀") }, "\(name)")
                }
                #expect(lines.contains { $0.hasPrefix(" ▸ ") }, "\(name)")
                #expect(lines.contains { $0.contains(" is right: ") })
                asked.press(.character(" "))
            }
        }
    }

    @Test func `on a narrow terminal the choices keep their columns and who made them`() throws {
        let storybook = try Stories.of("echo", columns: 80)
        let text = QuizText(storybook, hasUnicode: true, columns: 80)
        for question in Quiz(storybook.timeline).questions where question.kind == .firstSYN {
            let rows = text.choiceLines(question).dropFirst().dropLast()
            #expect(rows.allSatisfy { $0.count <= 80 })
            #expect(rows.contains { $0.hasSuffix("   made by a listener now") })
            // Where the destination ends the last column begins, in each row alike.
            let starts = rows.compactMap { row in row.firstRange(of: #/[0-9] +[a-z][a-z ]+$/#).map { row[..<$0.upperBound].count - row[$0].drop { $0 != " " }.drop { $0 == " " }.count } }
            #expect(starts.count == 3 && Set(starts).count == 1, "\(rows)")
        }
    }

    // MARK: On paper

    /// A scene of which all is known: two datagram sockets, one of them connected.
    private func datagrams(evidence: Evidence = .kernel, hasPeer: Bool) -> Storybook {
        let storybook = Storybook(Timeline(title: "datagrams: who is told, and who gets nothing"), keepsSockets: false)
        storybook.timeline.participants = [Timeline.Participant(name: "client", process: "time[9]", processID: 9, host: 0)]
        let (server, client, stranger) = (Endpoint(IPAddress("127.0.0.1")!, 1234), Endpoint(IPAddress("127.0.0.1")!, 9157), Endpoint(IPAddress("127.0.0.1")!, 5775))
        storybook.add(Telling(.said("A sentence."), text: "      ▸ A sentence which is so long that it\n        goes on.\n"))
        storybook.add(Telling(.shown(source: "ss -uan", ["a", "b", "c"]), text: "      ss -uan\n        a\n        b\n        c\n"))
        let call = CallMoment(
            participant: 0, phase: .whole, name: "sendto", arguments: "3, 5", result: "5", remark: "nobody gets it")
        storybook.add(Telling(.call(call), text: "      client    \(call.text())       nobody gets\n              it\n"))
        var frame = FrameMoment()
        frame.number = 1
        frame.transport = .udp
        frame.from = stranger
        frame.to = client
        frame.evidence = evidence
        let connected = SocketMoment(name: SocketName(.datagram, 1), local: client, remote: server)
        let open = SocketMoment(name: SocketName(.datagram, 2), local: client, remote: nil)
        frame.candidates = [CandidateMoment(socket: connected, acceptsSource: false, acceptsDestination: true, wins: false, why: .otherPeer)]
        frame.rule = .closedPort
        if hasPeer {
            frame.candidates.append(CandidateMoment(socket: open, acceptsSource: true, acceptsDestination: true, wins: true, why: nil))
            frame.rule = .datagramAddress
            frame.receiver = open
            frame.receiver?.isServer = true
        }
        let lookup = hasPeer ? "      datagram  any             → 127.0.0.1:9157    D2 ◀ = =  its port; not connected: it takes any sender\n" : ""
        storybook.add(Telling(.frame(frame), text: "", lookup: lookup))
        return storybook
    }

    private func sheet(_ storybook: Storybook) -> String {
        QuizSheet(Quiz(storybook.timeline), QuizText(storybook, hasUnicode: true, columns: 100)).worksheet
    }

    @Test func `a connected datagram socket has the port, and others do not ask who from`() {
        let nobody = sheet(datagrams(hasPeer: false))
        #expect(nobody.contains("is right: nobody. D1 has the port, but is connected to 127.0.0.1:1234: no socket accepts it, and the kernel"))
        #expect(!nobody.contains("No socket is bound"))
        let other = sheet(datagrams(hasPeer: true))
        #expect(other.contains("is right: D2. Its port; not connected: it takes any sender."))
        #expect(!other.contains("never who from"))
    }

    @Test func `a worksheet says nothing beforehand, and cuts nothing in two`() {
        let sheet = sheet(datagrams(hasPeer: true))
        #expect(sheet.hasPrefix("datagrams\n\nQuestion 1\n"))
        #expect(sheet.contains("      client    sendto(3, 5) = 5\n   1 "))
        #expect(!sheet.contains("nobody gets") && !sheet.contains("\n              it"))
        // With the table there is no room for the whole sentence.
        #expect(sheet.contains("      ss -uan\n        a\n") && !sheet.contains("goes on."))
        // As the story has it.
        #expect(sheet.contains("⇒ D2✓  datagram\n"))
    }

    @Test func `ss's own words, and whose they are`() throws {
        let sheet = sheet(try Stories.of("echo"))
        #expect(sheet.contains("What does ss show for C2, 127.0.0.1:1234 with 127.0.0.1:40408, now?"))
        for word in ["ESTAB", "CLOSE-WAIT", "FIN-WAIT-2", "TIME-WAIT"] { #expect(sheet.contains("  \(word)\n")) }
    }

    @Test func `a function keeps its small letter`() throws {
        let sheet = sheet(try Stories.scene())
        #expect(sheet.contains("is right: client: connect(3, 127.0.0.1:1234). It waited for the SYN ACK: then connect(3) = 0."))
        #expect(!sheet.contains("Connect("))
    }

    @Test func `an object a question, with the answer and without`() throws {
        let storybook = try Stories.of("echo")
        let quiz = Quiz(storybook.timeline, seed: 9)
        let sheet = QuizSheet(quiz, QuizText(storybook, hasUnicode: true, columns: 100))
        func object(_ text: String) throws -> [String: Any] {
            #expect(text.hasSuffix("}\n"))
            return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        }
        for (place, question) in quiz.questions.enumerated() {
            let open = try object(sheet.json(place, nil))
            #expect(open["right"] as? String == String(QuizQuestion.letter(question.right)))
            #expect((open["choices"] as? [Any])?.count == question.choices.count)
            #expect(open["answer"] is NSNull && open["milliseconds"] is NSNull)
            #expect(open["seed"] as? String == "9")
            let answered = try object(sheet.json(place, QuizSheet.Given(choice: question.right, milliseconds: 1_234, hands: [[1, 2], [3, 4]])))
            #expect(answered["correct"] as? Bool == true)
            #expect(answered["milliseconds"] as? Int == 1_234)
            #expect((answered["hands"] as? [[Int]])?.last == [3, 4])
        }
    }
}
