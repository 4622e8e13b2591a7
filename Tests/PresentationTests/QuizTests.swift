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

    // MARK: Which call returns

    private let server = Endpoint(IPAddress("127.0.0.1")!, 1234)
    private let client = Endpoint(IPAddress("127.0.0.1")!, 9157)
    private let l1 = SocketName(.listener, 1)
    private let c1 = SocketName(.connected, 1)
    private let c2 = SocketName(.connected, 2)

    private func call(_ who: Int, _ phase: CallMoment.Phase, _ name: String, _ socket: SocketName?, fails: Bool = false) -> Moment {
        .call(CallMoment(
            participant: who, phase: phase, name: name, arguments: name == "connect" ? "3, \(server)" : "3", result: phase == .entered ? nil : "0",
            isFailure: fails, socket: socket))
    }

    private func segment(_ number: UInt64, _ flags: TCPFlags, toServer: Bool, to: SocketName?, bytes: Int = 0, opens: Bool = false) -> Moment {
        var frame = FrameMoment()
        frame.number = number
        frame.transport = .tcp
        frame.flags = flags
        frame.payloadLength = bytes
        frame.from = toServer ? client : server
        frame.to = toServer ? server : client
        frame.rule = .fourTuple
        func socket(_ name: SocketName, atServer: Bool) -> SocketMoment {
            var socket = SocketMoment(name: name, local: atServer ? server : client, remote: name.kind == .listener ? nil : atServer ? client : server)
            socket.isServer = atServer
            if name == c2 { socket.madeBy = l1 }
            return socket
        }
        frame.sender = socket(toServer ? c1 : c2, atServer: !toServer)
        frame.receiver = to.map { socket($0, atServer: toServer) }
        if opens, let receiver = frame.receiver { frame.opened = [receiver] }
        if let receiver = frame.receiver { frame.candidates = [CandidateMoment(socket: receiver, acceptsSource: true, acceptsDestination: true, wins: true, why: nil)] }
        return .frame(frame)
    }

    private func answer(_ moments: [Moment]) -> (frame: UInt64, call: String?)? {
        var timeline = Timeline(title: "made up")
        for moment in moments { timeline.append(moment) }
        guard let question = Quiz(timeline).questions.first(where: { $0.kind == .callReturns }),
            case .frame(let frame) = timeline.moments[question.moment]
        else { return nil }
        if case .call(let call) = question.choices[question.right] { return (frame.number, call.name) }
        return (frame.number, nil)
    }

    private var handshake: [Moment] {
        [
            call(0, .entered, "accept", l1), call(1, .entered, "connect", c1), segment(1, .syn, toServer: true, to: l1),
            segment(2, [.syn, .ack], toServer: false, to: c1), segment(3, .ack, toServer: true, to: c2, opens: true),
        ]
    }

    @Test func `connect returns with the SYN ACK, though its return is told behind the ACK`() throws {
        let found = try #require(answer(handshake + [call(1, .returned, "connect", c1), call(0, .returned, "accept", c2)]))
        #expect(found.frame == 2 && found.call == "connect")
        // One that fails for another reason did not get what it waited for.
        #expect(answer(Array(handshake.prefix(4)) + [call(1, .returned, "connect", c1, fails: true)]) == nil)
    }

    @Test func `a return belongs to the last frame of its step, and to who gets that`() throws {
        let open = handshake + [call(1, .returned, "connect", c1), call(0, .returned, "accept", c2)]
        let rest = [
            call(0, .entered, "recv", c2), call(1, .whole, "send", c1), segment(4, [.psh, .ack], toServer: true, to: c2, bytes: 5),
            segment(5, .ack, toServer: false, to: c1),
        ]
        // Without the SYN ACK, of which it would be asked first.
        let data = open.filter { if case .frame = $0 { false } else { true } }
            // Of the first data it is rather asked who gets them.
            + [segment(3, [.psh, .ack], toServer: true, to: c2, bytes: 5)] + rest
        let found = try #require(answer(data + [call(0, .returned, "recv", c2)]))
        #expect(found.frame == 4 && found.call == "recv")
        // Told after another call it may have returned long ago: nothing is certain.
        #expect(answer(data + [call(1, .whole, "send", c1), call(0, .returned, "recv", c2)]) == nil)
        // What is told in the same step, but waits for another socket.
        #expect(answer(data + [call(2, .entered, "recv", l1), call(2, .returned, "recv", l1)]) == nil)
    }

    @Test func `a connect that is refused has no socket that could be named`() throws {
        let refused = [call(1, .entered, "connect", nil), segment(2, [.rst, .ack], toServer: false, to: c1), call(1, .returned, "connect", nil, fails: true)]
        let found = try #require(answer(refused))
        #expect(found.frame == 2 && found.call == "connect")
    }

    @Test func `it is rather asked where several wait`() throws {
        let first = [call(1, .entered, "connect", c1), segment(1, [.syn, .ack], toServer: false, to: c1), call(1, .returned, "connect", c1)]
        let later = [
            call(0, .entered, "accept", l1), call(1, .entered, "recv", c1), call(2, .whole, "send", c2), segment(2, [.psh, .ack], toServer: false, to: c1, bytes: 3),
            segment(3, [.psh, .ack], toServer: false, to: c1, bytes: 3), call(1, .returned, "recv", c1),
        ]
        let found = try #require(answer(first + later))
        #expect(found.frame == 3 && found.call == "recv")
        #expect(try #require(answer(first)).frame == 1)
    }

    @Test func `that nothing returns is asked only where it is sure`() throws {
        let waits = [call(0, .entered, "accept", l1), call(1, .whole, "send", c1)]
        let found = try #require(answer(waits + [segment(4, [.psh, .ack], toServer: false, to: c1, bytes: 5), call(1, .whole, "close", c1)]))
        #expect(found.frame == 4 && found.call == nil)
        // Another frame of the same step may bring what it waits for.
        #expect(answer(waits + [segment(4, [.psh, .ack], toServer: false, to: c1, bytes: 5), segment(5, [.psh, .ack], toServer: false, to: c1, bytes: 5)])?.frame != 4)
        #expect(answer(waits + [segment(4, .ack, toServer: false, to: c1)]) == nil)
    }

    @Test func `who was killed waits for nothing`() {
        let moments = [
            call(0, .entered, "accept", l1), .died(participant: 0, signal: 9), call(1, .whole, "send", c1),
            segment(4, [.psh, .ack], toServer: false, to: c1, bytes: 5),
        ]
        #expect(answer(moments) == nil)
    }

    // MARK: Choices

    @Test func `the socket that sends it is called so whether or not anybody gets it`() throws {
        for receiver in [l1, nil] {
            var timeline = Timeline(title: "made up")
            timeline.append(call(1, .entered, "connect", c1))
            guard case .frame(var frame) = segment(1, .syn, toServer: true, to: receiver) else { return }
            if receiver == nil { frame.rule = .closedPort }
            frame.opened = [frame.sender!] + (frame.receiver.map { [$0] } ?? [])
            timeline.append(.frame(frame))
            let question = try #require(Quiz(timeline).questions.first { $0.kind.asksForSocket })
            #expect(question.choices.contains { if case .socket(let socket) = $0 { socket.role == .sender } else { false } })
        }
    }

    @Test func `a listener on the same port at another address is the nearest miss`() throws {
        guard case .frame(var frame) = segment(1, .syn, toServer: true, to: nil) else { return }
        frame.rule = .closedPort
        let other = SocketMoment(name: l1, local: Endpoint(IPAddress("127.0.0.2")!, 1234), remote: nil)
        // Far ones first.
        frame.candidates = (2...9).map {
            CandidateMoment(
                socket: SocketMoment(name: SocketName(.connected, $0), local: Endpoint(IPAddress("127.0.0.3")!, 1234), remote: client),
                acceptsSource: true, acceptsDestination: false, wins: false, why: nil)
        } + [CandidateMoment(socket: other, acceptsSource: true, acceptsDestination: false, wins: false, why: .otherAddress)]
        var timeline = Timeline(title: "made up")
        timeline.append(.frame(frame))
        let question = try #require(Quiz(timeline).questions.first { $0.kind == .nobody })
        #expect(question.choices.contains { if case .socket(let socket) = $0 { socket.name == l1 } else { false } })
    }

    @Test func `no letter is right more often than others`() throws {
        var counts: [Int: Int] = [:]
        for name in Stories.names {
            for question in Quiz(try Stories.of(name).timeline).questions { counts[question.right, default: 0] += 1 }
        }
        let all = counts.values.reduce(0, +)
        #expect(counts.values.allSatisfy { $0 * 100 <= all * 40 }, "\(counts)")
        // A scene's title does the same for scenes whose frames have the same numbers.
        func rights(_ title: String) throws -> [Int] {
            var timeline = Timeline(title: title)
            timeline.participants = [Timeline.Participant(name: "server", process: "echod", processID: 1, host: 0)]
            for moment in try Stories.of("echo").timeline.moments { timeline.append(moment) }
            return Quiz(timeline).questions.map(\.right)
        }
        #expect(try Set(["echo", "stream", "queue", "both"].map(rights)).count > 2)
    }

    @Test func `an empty timeline has none`() {
        #expect(Quiz(Timeline()).questions.isEmpty)
    }
}
