import Demux
import Timeline
import Wire

@testable import Render

/// Makes timelines by hand, as a scene or a capture would give them.
struct TimelineMaker {
    var timeline: Timeline
    private var frames: UInt64 = 0

    init(_ timeline: Timeline = Timeline()) { self.timeline = timeline }

    /// `C1` as a name.
    static func name(_ text: String) -> SocketName {
        let kinds: [Character: SocketKind] = ["L": .listener, "C": .connected, "D": .datagram]
        return SocketName(kinds[text.first!]!, UInt32(text.dropFirst())!)
    }

    /// A socket: its name, what it is bound to and connected to, who holds it, by what listener it was made.
    static func socket(
        _ name: String, _ local: String, _ remote: String? = nil, serves: Bool = false, madeBy: String? = nil, peer: String? = nil,
        holders: [SocketOwner] = [], cookie: UInt64? = nil, waiting: UInt32? = nil
    ) -> SocketMoment {
        var socket = SocketMoment(name: self.name(name), local: Endpoint(local)!, remote: remote.map { Endpoint($0)! })
        socket.isServer = serves
        socket.madeBy = madeBy.map(self.name)
        socket.peer = peer.map(self.name)
        socket.holders = holders
        socket.cookie = cookie
        socket.waiting = waiting
        return socket
    }

    /// A frame; its addresses and ports are the sockets', where they are not given.
    mutating func frame(
        _ segment: String, from sender: SocketMoment? = nil, to receiver: SocketMoment? = nil, rule: Rule = .fourTuple,
        conversation: UInt64 = 1, source: String? = nil, destination: String? = nil, _ change: (inout FrameMoment) -> Void = { _ in }
    ) {
        frames += 1
        var frame = FrameMoment()
        frame.number = frames
        frame.segment = segment
        frame.sender = sender
        frame.receiver = receiver
        frame.rule = rule
        frame.conversationID = conversation
        frame.from = source.map { Endpoint($0)! } ?? sender?.local
        frame.to = destination.map { Endpoint($0)! } ?? sender?.remote ?? receiver?.local
        frame.fromAddress = frame.from?.address
        frame.toAddress = frame.to?.address
        change(&frame)
        timeline.append(.frame(frame))
    }

    mutating func call(
        _ participant: Int, _ name: String, _ arguments: String, _ result: String? = nil, socket: String? = nil, cookie: UInt64? = nil,
        phase: CallMoment.Phase = .whole, remark: String? = nil
    ) {
        timeline.append(
            .call(
                CallMoment(
                    participant: participant, phase: phase, name: name, arguments: arguments, result: result,
                    socket: socket.map(TimelineMaker.name), cookie: cookie, remark: remark)))
    }

    func lines(_ width: Int = 100, hasUnicode: Bool = true, hasColor: Bool = false) -> [String] {
        var options = TextOptions()
        options.columns = width
        options.hasUnicode = hasUnicode
        options.hasColor = hasColor
        var out = OutputBuffer()
        LadderRenderer(options: options).render(timeline, into: &out)
        return out.takeText().split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    /// The same as one text.
    func chart(_ width: Int = 100, hasUnicode: Bool = true) -> String {
        lines(width, hasUnicode: hasUnicode).joined(separator: "\n")
    }
}

/// An echo of one line between two processes of one host, with their calls.
extension TimelineMaker {
    static func echo() -> TimelineMaker {
        var timeline = Timeline(title: "echo: one line, there and back")
        timeline.hosts = [Timeline.Host(name: "", address: .ipv4Loopback)]
        timeline.participants = [
            Timeline.Participant(name: "server", process: "echod[4711]", processID: 4711, host: 0),
            Timeline.Participant(name: "client", process: "echo[4718]", processID: 4718, host: 0),
        ]
        var maker = TimelineMaker(timeline)
        let (server, client) = ("127.0.0.1:1234", "127.0.0.1:9157")
        let echod = [SocketOwner(processID: 4711, name: "echod", descriptor: 3)]
        let echo = [SocketOwner(processID: 4718, name: "echo", descriptor: 3)]
        let l1 = socket("L1", server, serves: true, holders: echod, cookie: 1)
        let c1 = socket("C1", client, server, peer: "C2", holders: echo, cookie: 2)
        let c2 = socket("C2", server, client, serves: true, madeBy: "L1", peer: "C1", holders: echod, cookie: 3)
        var waits = socket("C2", server, client, serves: true, madeBy: "L1", peer: "C1", cookie: 3, waiting: 1)
        waits.state = .established
        maker.timeline.append(.heading("A name for the door"))
        maker.call(0, "socket", "AF_INET, SOCK_STREAM, 0", "3", cookie: 1)
        maker.call(0, "bind", "3, 127.0.0.1:1234", "0", cookie: 1, remark: "A name for the door; nobody can come in yet.")
        maker.call(0, "listen", "3, 6", "0", cookie: 1)
        maker.call(0, "accept", "3", socket: "L1", phase: .entered)
        maker.timeline.append(.said("The client has no port yet: the kernel picks one when it connects."))
        maker.call(1, "socket", "AF_INET, SOCK_STREAM, 0", "3", cookie: 2)
        maker.call(1, "connect", "3, 127.0.0.1:1234", socket: "C1", phase: .entered)
        maker.frame("SYN", from: c1, to: l1, rule: .listener) { $0.opened = [c1, l1]; $0.flags = .syn; $0.evidence = .kernel }
        maker.frame("SYN ACK", from: l1, to: c1, source: server, destination: client) { $0.flags = [.syn, .ack]; $0.evidence = .kernel }
        maker.frame("ACK", from: c1, to: waits) { $0.opened = [waits]; $0.flags = .ack; $0.evidence = .kernel }
        maker.call(1, "connect", "3", "0", socket: "C1", phase: .returned)
        maker.call(0, "accept", "3", "4 from 127.0.0.1:9157", socket: "L1", phase: .returned)
        maker.call(1, "send", "3, \"Here we go...\\n\"", "14", socket: "C1")
        maker.frame("PSH ACK 14 B", from: c1, to: c2) { $0.payloadLength = 14; $0.flags = [.psh, .ack]; $0.evidence = .kernel }
        maker.call(0, "recv", "4, 1024", "14", socket: "C2")
        maker.frame("ACK", from: c2, to: c1) { $0.flags = .ack; $0.evidence = .kernel }
        maker.call(0, "send", "4, \"1: Here we go...\\n\"", "17", socket: "C2")
        maker.frame("PSH ACK 17 B", from: c2, to: c1) { $0.payloadLength = 17; $0.flags = [.psh, .ack] }
        maker.call(1, "recv", "3, 1024", "17", socket: "C1")
        maker.timeline.append(.printed(participant: 1, "1: Here we go..."))
        maker.call(1, "close", "3", "0", socket: "C1")
        maker.frame("FIN ACK", from: c1, to: c2) { $0.flags = [.fin, .ack] }
        maker.call(0, "recv", "4, 1024", "0", socket: "C2", remark: "0: end of file. No special byte says so.")
        maker.call(0, "close", "4", "0", socket: "C2")
        maker.frame("FIN ACK", from: c2, to: c1) { $0.flags = [.fin, .ack] }
        maker.frame("ACK", from: c1, to: c2) {
            $0.flags = .ack
            $0.ended = [(name("C2"), .closed), (name("C1"), .timeWait)]
        }
        maker.timeline.append(.shown(source: "ss -tan", ["LISTEN 0 6 127.0.0.1:1234 0.0.0.0:*", "TIME-WAIT 0 0 127.0.0.1:9157 127.0.0.1:1234"]))
        return maker
    }
}

/// Three hosts, of which two ask the third; a process that forks; a port that nobody has.
extension TimelineMaker {
    static func threeHosts() -> TimelineMaker {
        var timeline = Timeline()
        timeline.hosts = [
            Timeline.Host(name: "A", address: IPAddress("10.0.0.1")!), Timeline.Host(name: "B", address: IPAddress("10.0.0.2")!),
            Timeline.Host(name: "C", address: IPAddress("10.0.0.3")!),
        ]
        timeline.participants = [
            Timeline.Participant(name: "server", process: "webd[700]", processID: 700, host: 2),
            Timeline.Participant(name: "client 1", process: "web[710]", processID: 710, host: 0),
            Timeline.Participant(name: "client 2", process: "web[720]", processID: 720, host: 1),
        ]
        var maker = TimelineMaker(timeline)
        func owner(_ processes: Int32...) -> [SocketOwner] {
            processes.map { SocketOwner(processID: $0, name: $0 < 710 ? "webd" : "web", descriptor: 3) }
        }
        let l1 = socket("L1", "0.0.0.0:80", serves: true, holders: owner(700))
        let c1 = socket("C1", "10.0.0.1:9157", "10.0.0.3:80", peer: "C2", holders: owner(710))
        let c2 = socket("C2", "10.0.0.3:80", "10.0.0.1:9157", serves: true, madeBy: "L1", peer: "C1", holders: owner(700, 701))
        let c3 = socket("C3", "10.0.0.2:9157", "10.0.0.3:80", peer: "C4", holders: owner(720))
        let c4 = socket("C4", "10.0.0.3:80", "10.0.0.2:9157", serves: true, madeBy: "L1", peer: "C3", holders: owner(702))
        let d1 = socket("D1", "10.0.0.1:5775", holders: owner(710))
        maker.call(0, "accept", "3", socket: "L1", phase: .entered)
        maker.call(1, "connect", "3, 10.0.0.3:80", socket: "C1", phase: .entered)
        maker.frame("SYN", from: c1, to: l1, rule: .listener) { $0.opened = [c1, l1] }
        maker.frame("SYN ACK", from: l1, to: c1, source: "10.0.0.3:80", destination: "10.0.0.1:9157")
        maker.frame("ACK", from: c1, to: c2) { $0.opened = [c2] }
        maker.call(0, "accept", "3", "4 from 10.0.0.1:9157", socket: "L1", phase: .returned)
        maker.call(0, "fork", "", "701", remark: "Both have C2 now.")
        maker.call(2, "connect", "3, 10.0.0.3:80", socket: "C3", phase: .entered)
        maker.frame("SYN", from: c3, to: l1, rule: .listener, conversation: 2) { $0.opened = [c3] }
        maker.frame("SYN ACK", from: l1, to: c3, conversation: 2, source: "10.0.0.3:80", destination: "10.0.0.2:9157")
        maker.frame("ACK", from: c3, to: c4, conversation: 2) { $0.opened = [c4] }
        maker.call(2, "send", "3, \"GET / HTTP/1.0\\r\\n\"", "16", socket: "C3")
        maker.frame("PSH ACK 16 B", from: c3, to: c4, conversation: 2)
        maker.call(1, "sendto", "4, 6 B, 10.0.0.3:6428", "6", socket: "D1")
        maker.frame("UDP 6 B", from: d1, rule: .closedPort, conversation: 3, destination: "10.0.0.3:6428") { $0.opened = [d1] }
        maker.frame("ICMP port unreachable", to: d1, rule: .icmpError, conversation: 3, source: "10.0.0.3:0") { $0.replyTo = 8 }
        maker.frame("ICMP echo request", rule: .noPorts, conversation: 0, source: "10.0.0.1:0", destination: "10.0.0.3:0")
        maker.frame("ARP who has 10.0.0.3, tell 10.0.0.1", rule: .noPorts, conversation: 0)
        maker.timeline.append(.printed(participant: 0, "one request"))
        return maker
    }
}
