import Demux
import Presentation
import Render
import Testing
import Timeline
import Wire

@Suite struct QuizTests {
    private func frame(_ storybook: Storybook, _ question: QuizQuestion) throws -> FrameMoment {
        guard case .frame(let frame) = storybook.timeline.moments[question.moment] else { throw Failure.noFrame }
        return frame
    }

    private enum Failure: Error { case noFrame }

    @Test(arguments: Stories.names)
    func `the right answer is who gets the frame, and nobody is always a choice`(_ name: String) throws {
        let storybook = try Stories.of(name)
        let quiz = Quiz(storybook.timeline)
        #expect(!quiz.questions.isEmpty)
        #expect(quiz.questions.count <= Quiz.mostQuestions)
        for question in quiz.questions where question.kind.asksForSocket {
            let frame = try frame(storybook, question)
            #expect((3...5).contains(question.choices.count))
            if let receiver = frame.receiver {
                guard case .socket(let socket) = question.choices[question.right] else {
                    Issue.record("\(name), frame \(frame.number)")
                    continue
                }
                #expect(socket.name == receiver.name)
            } else if case .nobody = question.choices[question.right] {
            } else {
                Issue.record("\(name), frame \(frame.number)")
            }
            #expect(question.choices.filter { if case .nobody = $0 { true } else { false } }.count == 1)
            #expect(frame.evidence != .presumed)
            #expect(!frame.isPureAcknowledgment)
        }
    }

    @Test(arguments: ["echo", "multiplex", "refused", "farm", "once", "visitor", "web", "ipv6-echo", "finger"])
    func `six to eight a scene, where the answer is new`(_ name: String) throws {
        let quiz = Quiz(try Stories.of(name).timeline)
        #expect((6...8).contains(quiz.questions.count))
        #expect(zip(quiz.questions, quiz.questions.dropFirst()).allSatisfy { $0.moment < $1.moment })
        let kinds = quiz.questions.map(\.kind)
        for kind in [QuizQuestion.Kind.firstSYN, .synAck, .thirdACK, .firstData] {
            // In the figure the first data are those of a twin.
            #expect(kinds.contains(kind) || kind == .firstData && kinds.contains(.twin), "\(kind)")
        }
    }

    @Test func `the twin of the figure has the nearest misses`() throws {
        let storybook = try Stories.of("multiplex")
        let question = try #require(Quiz(storybook.timeline).questions.first { $0.kind == .twin })
        let names = question.choices.compactMap { choice -> String? in
            if case .socket(let socket) = choice { socket.name?.description } else { nil }
        }
        // The twin's own, the other host's same port, the listener.
        #expect(Set(names).isSuperset(of: ["C6", "C2", "L1"]))
        #expect(try frame(storybook, question).receiver?.name == SocketName(.connected, 2))
    }

    @Test func `UDP from a second client, and from nobody`() throws {
        let second = try #require(Quiz(try Stories.of("udp-echo").timeline).questions.first { $0.kind == .secondClient })
        #expect(second.choices.contains { if case .socket(let socket) = $0 { socket.role == .newForSender } else { false } })
        let nobody = try #require(Quiz(try Stories.of("udp-unreachable").timeline).questions.first)
        #expect(nobody.kind == .nobody)
        #expect(nobody.choices[nobody.right] == .nobody(.portUnreachable))
        // Without what comes back nobody could know.
        #expect(nobody.reply != nil)
    }

    @Test func `the order is the same each time, and another for each seed`() throws {
        let timeline = try Stories.of("multiplex").timeline
        func orders(_ seed: UInt64?) -> [[QuizChoice]] { Quiz(timeline, seed: seed).questions.map(\.choices) }
        #expect(orders(nil) == orders(nil))
        #expect(orders(7) == orders(7))
        #expect(orders(7) != orders(8))
        #expect(orders(nil) != orders(0))
        #expect(Set(Quiz(timeline).questions.map(\.right)).count > 2)
        for seed in 0..<20 as Range<UInt64> {
            for (one, other) in zip(Quiz(timeline).questions, Quiz(timeline, seed: seed).questions) {
                #expect(one.choices[one.right] == other.choices[other.right])
            }
        }
    }

    @Test func `with calls a fifth is of another kind`() throws {
        let storybook = try Stories.scene()
        let questions = Quiz(storybook.timeline).questions
        #expect((6...8).contains(questions.count))
        #expect((1...2).contains(questions.filter { !$0.kind.asksForSocket }.count))
        let calls = try #require(questions.first { $0.kind == .callReturns })
        // With the SYN ACK connect returns, whether or not anybody accepts.
        guard case .call(let call) = calls.choices[calls.right] else {
            Issue.record("no call returns")
            return
        }
        #expect(call.name == "connect")
        #expect(calls.choices.count == 3)
        // A listener that a call has shown is called by its name, and nothing that comes back is needed.
        let syn = try #require(questions.first { $0.kind == .firstSYN })
        #expect(syn.reply == nil)
        guard case .socket(let socket) = syn.choices[syn.right] else {
            Issue.record("nobody gets the SYN")
            return
        }
        #expect(socket.role == .known)
    }

    @Test func `a hostile timeline has few questions, and is soon done with`() {
        var timeline = Timeline()
        var state: UInt64 = 1
        func random(_ below: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % below
        }
        for number in 1...50_000 as ClosedRange<UInt64> {
            var frame = FrameMoment()
            frame.number = number
            frame.transport = random(4) == 0 ? .udp : .tcp
            frame.flags = TCPFlags(rawValue: UInt16(random(64)))
            frame.from = Endpoint(IPAddress("10.0.0.\(random(250))")!, UInt16(random(65_536)))
            frame.to = Endpoint(IPAddress("10.0.0.250")!, UInt16(random(3)))
            frame.payloadLength = Int(random(3))
            frame.rule = [Rule.fourTuple, .listener, .datagram, .closedPort, .timeWait, .noPorts, .icmpError][Int(random(7))]
            let kind = [SocketKind.connected, .listener, .datagram][Int(random(3))]
            if frame.rule != .closedPort, random(8) != 0 {
                frame.receiver = SocketMoment(name: SocketName(kind, UInt32(random(1_000))), local: frame.to!, remote: frame.from)
                frame.receiver?.isServer = random(2) == 0
                if random(3) == 0 { frame.opened = [frame.receiver!] }
            }
            if random(2) == 0 { frame.sender = SocketMoment(name: SocketName(.connected, UInt32(random(1_000))), local: frame.from!, remote: frame.to) }
            timeline.append(.frame(frame))
        }
        let questions = Quiz(timeline).questions
        #expect((1...Quiz.mostQuestions).contains(questions.count))
        #expect(Set(questions.map(\.kind)).count >= 4)
    }

    @Test func `an empty timeline has none`() {
        #expect(Quiz(Timeline()).questions.isEmpty)
    }
}
