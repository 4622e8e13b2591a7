import Demux
import FrameScript
import Hostile
import Testing
import Timeline
import Wire

@testable import Render

/// The sequence chart: who stands where, what an arrow says, what stands beside it.
@Suite struct LadderTests {
    private typealias Maker = TimelineMaker

    /// The cells that a line takes on a terminal.
    private func cells(_ line: String) -> Int { line.unicodeScalars.reduce(0) { $0 + $1.cells } }

    // MARK: Pictures

    @Test func `calls, frames and sentences of two processes`() {
        #expect(TimelineMaker.echo().chart(100) == LadderPictures.echo)
        #expect(TimelineMaker.echo().chart(80, hasUnicode: false) == LadderPictures.echoNarrow)
    }

    @Test func `three hosts, a fork, nobody, ICMP`() {
        #expect(TimelineMaker.threeHosts().chart(100) == LadderPictures.threeHosts)
        #expect(TimelineMaker.threeHosts().chart(160) == LadderPictures.threeHostsWide)
    }

    @Test func `a group's datagram arrives at each of its members`() {
        var maker = TimelineMaker()
        let sender = Maker.socket("D1", "10.0.0.1:5353")
        let members = [Maker.socket("D2", "10.0.0.2:5353", serves: true), Maker.socket("D3", "10.0.0.3:5353", serves: true)]
        maker.frame("UDP 66 B", from: sender, to: members[0], rule: .groupDelivery, destination: "224.0.0.251:5353") {
            $0.opened = [sender] + members
            $0.receivers = members.map(\.name)
        }
        #expect(
            maker.chart(80) == """
                  10.0.0.1                    10.0.0.2                   10.0.0.3
                  D1 :5353                    D2 :5353                   D3 :5353
               1  │──── UDP 66 B ───────────▶ ●                          ●
            """)
    }

    @Test func `members that have no column are counted`() {
        var maker = TimelineMaker()
        let sender = Maker.socket("D1", "10.0.0.1:5353")
        let members = (2...9).map { Maker.socket("D\($0)", "10.0.0.\($0):5353", serves: true) }
        maker.frame("UDP 66 B", from: sender, to: members[0], rule: .groupDelivery, destination: "224.0.0.251:5353") {
            $0.opened = [sender] + members
            $0.receivers = members.map(\.name)
        }
        #expect(maker.chart(100).contains("and 5 more get it") || maker.chart(100).contains("+5"))
    }

    @Test func `what is presumed is dashed, and what disproves it says so`() {
        var maker = TimelineMaker()
        let client = Maker.socket("C1", "127.0.0.1:5775", "127.0.0.1:6428")
        let listener = Maker.socket("L1", "127.0.0.1:6428", serves: true)
        maker.frame("SYN", from: client, to: listener, rule: .listener) { $0.evidence = .presumed }
        maker.frame("RST ACK", to: client, source: "127.0.0.1:6428", destination: "127.0.0.1:5775") {
            $0.corrects = 1
            $0.ended = [(listener.name, .disproved(frame: 2)), (client.name, .refused(frame: 2))]
        }
        #expect(
            maker.chart(80) == """
                  127.0.0.1 ──────────────────────────────────────────────
                  C1 :5775                    L1 :6428                   kernel
               1  │╌╌╌╌ SYN ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌▶ ●?                         ·
               2  × ◀─────────────────────────┼───────────── RST ACK ────·
                                              × was never there          ·
            """)
    }

    @Test func `one of a group that shares the port, a full queue, a connection that waits`() {
        var maker = TimelineMaker()
        let client = Maker.socket("C1", "127.0.0.1:5775", "127.0.0.1:80")
        let listener = Maker.socket("L1", "127.0.0.1:80", serves: true)
        var child = Maker.socket("C2", "127.0.0.1:80", "127.0.0.1:5775", serves: true, madeBy: "L1", waiting: 1)
        child.state = .established
        maker.frame("SYN", from: client, to: listener, rule: .reusePortGroup) { $0.receivers = ["L1", "L2", "L3"].map(Maker.name) }
        maker.frame("SYN", from: client, to: listener, rule: .listener) { $0.isQueueFull = true }
        maker.frame("ACK", from: client, to: child) { $0.opened = [child] }
        let chart = maker.chart(160)
        #expect(chart.contains("● one of L1, L2, L3"))
        #expect(chart.contains("✗ dropped: the accept queue is full"))
        #expect(chart.contains("● new, made by L1"))
    }

    // MARK: What holds of all

    @Test(arguments: [true, false])
    func `no line is wider than the terminal, or has what it would obey`(_ hasUnicode: Bool) {
        for maker in [TimelineMaker.echo(), TimelineMaker.threeHosts(), hostile()] {
            for width in [40, 41, 60, 79, 80, 91, 92, 100, 119, 120, 159, 160, 200, 400] {
                for line in maker.lines(width, hasUnicode: hasUnicode) {
                    #expect(cells(line) <= width, "\(width): \(line)")
                    #expect(!line.hasSuffix(" "))
                    var rules = TextLines.Rules()
                    rules.isASCII = !hasUnicode
                    #expect(TextLines.mistake(Array((line + "\n").utf8), rules) == nil)
                }
            }
        }
    }

    @Test func `colours change nothing but the colour`() {
        for maker in [TimelineMaker.echo(), TimelineMaker.threeHosts(), hostile()] {
            let plain = maker.lines(100)
            let colored = maker.lines(100, hasColor: true)
            let stripped = colored.map { $0.replacing(/\u{1b}\[[0-9;]*m/, with: "") }
            #expect(stripped == plain)
            #expect(colored.contains { $0.contains("\u{1b}[36m") })
        }
    }

    @Test func `red is for nobody alone`() {
        #expect(!TimelineMaker.echo().lines(hasColor: true).joined().contains("\u{1b}[31m"))
        #expect(TimelineMaker.threeHosts().lines(hasColor: true).joined().contains("\u{1b}[31m"))
    }

    /// Names, arguments and words as somebody would write them who means no good.
    private func hostile() -> TimelineMaker {
        let evil = "\u{1b}[2J\r\n\u{202e}一二三四五六七八九十e\u{301}😀\u{7f}\u{9b}31m"
        var timeline = Timeline(title: evil)
        timeline.hosts = [Timeline.Host(name: evil, address: .ipv4Loopback)]
        timeline.participants = [Timeline.Participant(name: evil, process: evil, processID: 1, host: 0)]
        var maker = TimelineMaker(timeline)
        let owner = [SocketOwner(processID: 1, name: evil, descriptor: 3)]
        let client = Maker.socket("C1", "127.0.0.1:5775", "127.0.0.1:80", holders: owner)
        let server = Maker.socket("C2", "127.0.0.1:80", "127.0.0.1:5775", serves: true, holders: owner)
        maker.timeline.append(.heading(evil))
        maker.call(0, evil, evil, evil, remark: evil)
        maker.call(7, evil, evil, nil, phase: .entered)
        maker.frame(evil, from: client, to: server)
        maker.call(0, "send", "3, \"\(evil)\"", "\(evil)", socket: "C1", remark: evil + " " + evil)
        maker.frame("PSH ACK", from: client, to: server)
        maker.timeline.append(.printed(participant: 0, evil))
        maker.timeline.append(.said(evil))
        maker.timeline.append(.shown(source: evil, [evil, String(repeating: evil, count: 50)]))
        return maker
    }

    // MARK: Folding

    /// Connections that all go on at once, their frames in a random order.
    private func crowd(_ count: Int, frames: Int, seed: UInt64) -> TimelineMaker {
        var random = SeededGenerator(seed: seed)
        var maker = TimelineMaker()
        let listener = Maker.socket("L1", "10.0.0.3:80", serves: true)
        for _ in 0..<frames {
            let number = UInt32.random(in: 1...UInt32(count), using: &random)
            let port = 1_024 + Int(number)
            let client = Maker.socket("C\(2 * number)", "10.0.0.\(number % 2 + 1):\(port)", "10.0.0.3:80")
            let server = Maker.socket("C\(2 * number + 1)", "10.0.0.3:80", "10.0.0.\(number % 2 + 1):\(port)", serves: true, madeBy: "L1")
            switch Int.random(in: 0..<3, using: &random) {
            case 0: maker.frame("SYN", from: client, to: listener, rule: .listener, conversation: UInt64(number))
            case 1: maker.frame("PSH ACK 1448 B", from: client, to: server, conversation: UInt64(number))
            default: maker.frame("ACK", from: server, to: client, conversation: UInt64(number))
            }
        }
        return maker
    }

    @Test(arguments: [40, 80, 100, 160])
    func `each frame has its line, in order, whatever folds`(_ width: Int) {
        let maker = crowd(300, frames: 2_000, seed: 7)
        let lines = maker.lines(width)
        let numbers = lines.compactMap { $0.firstMatch(of: /^ *(\d+) {2}/).flatMap { Int($0.1) } }
        #expect(numbers == Array(1...2_000))
        for line in lines where width >= 80 && line.prefix(4).last?.isNumber ?? false {
            // An arrow has a tip and a place where it arrives.
            #expect(line.contains("▶ ●") || line.contains("● ◀"), "\(line)")
        }
        for line in lines { #expect(cells(line) <= width) }
    }

    @Test func `a wide terminal folds less`() {
        func heads(_ width: Int) -> Int { crowd(8, frames: 400, seed: 1).lines(width).count { $0.contains(" C2 :") } }
        #expect(heads(400) < heads(160))
        #expect(heads(160) <= heads(80))
    }

    @Test func `the time grows with the number of frames, not with its square`() {
        let clock = ContinuousClock()
        let few = crowd(400, frames: 1_000, seed: 3)
        let many = crowd(4_000, frames: 10_000, seed: 3)
        let short = clock.measure { _ = few.lines(100) }
        let long = clock.measure { _ = many.lines(100) }
        // The square would take a hundred times as long; other tests run beside this one.
        #expect(long < short * 40)
    }

    @Test func `what there was no room for is counted`() {
        var maker = TimelineMaker(Timeline(limit: 2))
        let (one, other) = (Maker.socket("D1", "10.0.0.1:1"), Maker.socket("D2", "10.0.0.2:2"))
        for _ in 0..<5 { maker.frame("UDP 1 B", from: one, to: other, rule: .datagram) }
        #expect(maker.lines().last == "3 more frames and calls are not drawn: the chart ends after 2")
    }

    @Test func `a timeline without anything is an empty chart`() {
        #expect(TimelineMaker().lines() == [])
        var maker = TimelineMaker()
        maker.timeline.append(.said("Nothing happened."))
        #expect(maker.lines() == ["      Nothing happened."])
    }

    @Test func `the names are told again on a long chart`() {
        var maker = TimelineMaker()
        let (one, other) = (Maker.socket("D1", "10.0.0.1:1"), Maker.socket("D2", "10.0.0.2:2"))
        for _ in 0..<120 { maker.frame("UDP 1 B", from: one, to: other, rule: .datagram) }
        #expect(maker.lines().count { $0.contains("D1 :1") } == 3)
        #expect(maker.lines().count { $0.contains("10.0.0.1") } == 1)
    }
}
