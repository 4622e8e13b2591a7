import Demux
import Testing
import Timeline
import Wire

@testable import Render

/// The sequence chart: who stands where, what an arrow says, what stands beside it.
@Suite struct LadderTests {
    @Test func `look`() {
        for width in [80, 100, 160] { print(TimelineMaker.echo().chart(width)) }
        print(TimelineMaker.echo().chart(100, hasUnicode: false))
    }
}

extension LadderTests {
    static let three: TimelineMaker = {
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
        func owner(_ pids: Int32...) -> [SocketOwner] { pids.map { SocketOwner(processID: $0, name: $0 < 710 ? "webd" : "web", descriptor: 3) } }
        typealias M = TimelineMaker
        let l1 = M.socket("L1", "0.0.0.0:80", serves: true, holders: owner(700))
        let c1 = M.socket("C1", "10.0.0.1:9157", "10.0.0.3:80", peer: "C2", holders: owner(710))
        let c2 = M.socket("C2", "10.0.0.3:80", "10.0.0.1:9157", serves: true, madeBy: "L1", peer: "C1", holders: owner(700, 701))
        let c3 = M.socket("C3", "10.0.0.2:9157", "10.0.0.3:80", peer: "C4", holders: owner(720))
        let c4 = M.socket("C4", "10.0.0.3:80", "10.0.0.2:9157", serves: true, madeBy: "L1", peer: "C3", holders: owner(702))
        let d1 = M.socket("D1", "10.0.0.1:5775", holders: owner(710))
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
        maker.frame("", rule: .noPorts, conversation: 0)
        maker.timeline.append(.printed(participant: 0, "一二三 wide, \u{1b}[31mred\u{202e}"))
        return maker
    }()

    @Test func `look at three`() {
        for width in [80, 100, 160] { print(LadderTests.three.chart(width)) }
        print(LadderTests.three.chart(100, hasUnicode: false))
    }
}
