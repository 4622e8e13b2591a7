import Demux
import FrameScript
import HostSockets
import Testing
import Wire

@testable import Inspection

/// Live deliveries by the kernel's word, with a kernel that answers from memory.
@Suite struct AttributionTests {
    @Test func `A wildcard listener is one socket, whichever address a SYN names`() throws {
        let facts = try machine([
            try tcpSocket("0.0.0.0:80", cookie: 1), try tcpSocket("10.0.0.2:80", "10.0.0.1:9157", cookie: 2),
            try tcpSocket("10.0.0.4:80", "10.0.0.1:5775", cookie: 3),
        ])
        facts.holders[1] = .found([SocketOwner(processID: 700, name: "webd", descriptor: 3)])
        let replay = try AttributedReplay.expect(
            """
            A:9157 > B:80  SYN seq 100              => L1! listener-wildcard <- C1
            B:80 > A:9157  SYN ACK seq 300 ack 101  => C1 four-tuple <- L1!
            A:9157 > B:80  ACK seq 101 ack 301      => C2! four-tuple <- C1
            A:5775 > D:80  SYN seq 100              => L1! listener-wildcard <- C3
            D:80 > A:5775  SYN ACK seq 300 ack 101  => C3 four-tuple <- L1!
            A:5775 > D:80  ACK seq 101 ack 301      => C4! four-tuple <- C3
            """, facts)
        #expect((replay.lines[2]["receiver"] as? [String: Any])?["made_by"] as? String == "L1")
        let owners = (replay.lines[0]["receiver"] as? [String: Any])?["owners"] as? [[String: Any]]
        #expect(owners?.first?["name"] as? String == "webd")
        #expect(replay.report.agreed == 2 && replay.report.disagreed == 0)
        #expect(replay.report.kernel == 4 && replay.report.capture == 2)
        #expect(replay.report.elsewhere == 2)
    }

    @Test func `Nobody listens, and nobody is bound`() throws {
        try AttributedReplay.expect(
            """
            A:9157 > B:80  SYN seq 100              => -! closed-port <- C1
            B:80 > A:9157  RST ACK seq 0 ack 101    => C1 four-tuple <- -
            A:9157 > B:53  UDP 5 B                  => -! closed-port <- D1
            """, try machine([]))
    }

    @Test func `A SYN is asked with source port 0, a datagram with its own`() throws {
        let facts = try machine([try tcpSocket("10.0.0.2:80", cookie: 1), try datagramSocket("10.0.0.2:53", cookie: 2)])
        try AttributedReplay.expect(
            """
            A:9157 > B:80  SYN seq 100  => L1! listener-address <- C1
            A:9157 > B:53  UDP 5 B      => D2! datagram-address <- D1
            """, facts)
        #expect(Set(facts.asked.map(\.source.port)) == [0, 9157])
        #expect(facts.asked.first?.source.port == 0)
    }

    @Test func `A connected datagram socket beside an unconnected one`() throws {
        let facts = try machine([
            try datagramSocket("10.0.0.2:53", cookie: 1), try datagramSocket("10.0.0.2:53", "10.0.0.1:9157", cookie: 2),
        ])
        let replay = try AttributedReplay.expect(
            """
            A:9157 > B:53  UDP 5 B  => D2! datagram-connected <- D1
            A:5775 > B:53  UDP 5 B  => D4! datagram-address <- D3
            A:9157 > B:53  UDP 5 B  => D2! datagram-connected <- D1
            B:53 > A:9157  UDP 5 B  => D1 datagram <- D2!
            B:53 > A:5775  UDP 5 B  => D3 datagram <- D4!
            """, facts)
        #expect((replay.lines[0]["receiver"] as? [String: Any])?["remote"] as? String == "10.0.0.1:9157")
    }

    @Test func `Another datagram socket connects and takes over`() throws {
        let facts = try machine([try datagramSocket("10.0.0.2:53", cookie: 1)])
        let connected = try datagramSocket("10.0.0.2:53", "10.0.0.1:9157", cookie: 2)
        try AttributedReplay.expect(
            """
            A:9157 > B:53         UDP 5 B  => D2! datagram-address <- D1
            A:9157 > B:53         UDP 5 B  => D2! datagram-address <- D1
            @0.1 A:9157 > B:53    UDP 5 B  => D3! datagram-connected <- D1
            """, facts, delay: 10_000_000, between: [3: { facts.sockets.append(connected) }])
        // Not for each packet: what is known is believed for a while.
        #expect(facts.asked.filter { $0.source.port == 9157 }.count == 2)
    }

    @Test func `A connection waits in the accept queue, and is accepted`() throws {
        let facts = try machine([
            try tcpSocket("10.0.0.2:80", cookie: 1), try tcpSocket("10.0.0.2:80", "10.0.0.1:9157", cookie: 2, inode: 0),
        ])
        let owner = SocketOwner(processID: 700, name: "webd", descriptor: 4)
        let replay = try AttributedReplay.expect(
            """
            A:9157 > B:80        SYN seq 100                  => L1! listener-address <- C1
            B:80 > A:9157        SYN ACK seq 300 ack 101      => C1 four-tuple <- L1!
            A:9157 > B:80        ACK seq 101 ack 301          => C2! four-tuple <- C1
            @0.5 A:9157 > B:80   PSH ACK seq 101 ack 301 5 B  => C2! four-tuple <- C1
            """, facts,
            between: [
                4: {
                    facts.sockets[1].inode = 9
                    facts.holders[9] = .found([owner])
                }
            ])
        func owners(_ line: Int) -> Int? { ((replay.lines[line]["receiver"] as? [String: Any])?["owners"] as? [Any])?.count }
        #expect(owners(2) == 0 && owners(3) == 1)
    }

    @Test func `A socket that is gone by then, told by the notice of its end`() throws {
        let facts = try machine([])
        let child = try tcpSocket("10.0.0.2:80", "10.0.0.1:9157", state: .closed, cookie: 2, inode: 0)
        try AttributedReplay.expect(
            """
            A:9157 > B:80  PSH ACK seq 101 ack 301 5 B  => C2! four-tuple <- C1
            A:5775 > B:80  PSH ACK seq 101 ack 301 5 B  => C4? four-tuple <- C3
            """, facts, between: [1: { facts.destroyed = [child] }])
    }

    @Test func `A datagram socket ends before a later datagram`() throws {
        let bound = try datagramSocket("10.0.0.2:53", cookie: 1)
        let facts = try machine([bound])
        try AttributedReplay.expect(
            """
            A:9157 > B:53         UDP 5 B  => D2! datagram-address <- D1
            @0.1 A:5775 > C:53    UDP 5 B  => D4? datagram <- D3
            @0.2 A:9157 > B:53    UDP 5 B  => -! closed-port <- D1
            """, facts,
            between: [
                2: {
                    facts.sockets = []
                    facts.destroyed = [bound]
                }
            ])
    }

    @Test func `Which member of a group gets a SYN, only its four-tuple says`() throws {
        let facts = try machine([try tcpSocket("10.0.0.2:80", cookie: 1), try tcpSocket("10.0.0.2:80", cookie: 2)])
        let replay = try AttributedReplay.expect("A:9157 > B:80  SYN seq 100  => -! reuse-port-group <- C1", facts)
        #expect((replay.lines[0]["receivers"] as? [Any])?.count == 2)
    }

    @Test func `A port that changes hands before the kernel is asked`() throws {
        let old = try tcpSocket("10.0.0.2:80", cookie: 1)
        let facts = try machine([old])
        let new = try tcpSocket("10.0.0.2:80", cookie: 2)
        // The old one had the first SYN, and has ended when it is asked for; of the last one it is known who was there.
        try AttributedReplay.expect(
            """
            @0.1 A:9157 > B:80  SYN seq 100  => L1? listener-address <- C1
            @0.2 A:5775 > B:80  SYN seq 100  => L2! listener-address <- C2
            """, facts, delay: 10_000_000,
            between: [
                1: {
                    facts.sockets = [new]
                    facts.destroyed = [old]
                }
            ])
    }

    @Test func `A listener has left the tables, and the notice of its end is not here yet`() throws {
        let listener = try tcpSocket("0.0.0.0:80", cookie: 1)
        let facts = try machine([listener])
        let question = LookupQuestion(
            transport: .tcp, source: try #require(Endpoint("10.0.0.1:9157")), destination: try #require(Endpoint("10.0.0.2:80")))
        var bounds = BoundSockets()
        facts.now = 100
        try bounds.refresh(facts, isFresh: true)
        facts.sockets = []
        facts.now = 300
        try bounds.refresh(facts, isFresh: true)
        // A frame from before the second reading may have been its.
        #expect(bounds.fitting(question, at: 200) == [listener] && bounds.hasVanished(question, at: 200))
        #expect(bounds.fitting(question, at: 301).isEmpty && !bounds.hasVanished(question, at: 301))
    }

    @Test func `A segment that ends what was left in TIME_WAIT did not reach nobody`() throws {
        let facts = try machine([try tcpSocket("10.0.0.2:80", "10.0.0.1:9157", cookie: 2)])
        let child = facts.sockets[0]
        try AttributedReplay.expect(
            """
            A:9157 > B:80        PSH ACK seq 101 ack 301 5 B  => C2! four-tuple <- C1
            @0.5 A:9157 > B:80   RST seq 106                  => C2 four-tuple <- C1
            """, facts,
            between: [
                2: {
                    facts.sockets = []
                    facts.destroyed = [child]
                    facts.now -= 100_000_000
                }
            ])
    }

    @Test func `Datagram sockets that share a port by SO_REUSEADDR are no group`() throws {
        let facts = try machine([try datagramSocket("10.0.0.2:53", cookie: 1), try datagramSocket("10.0.0.2:53", cookie: 2)])
        try AttributedReplay.expect("A:9157 > B:53  UDP 5 B  => D2! datagram-address <- D1", facts)
    }

    @Test func `Nobody here has joined the group`() throws {
        let facts = try machine([try datagramSocket("0.0.0.0:5353", cookie: 1)])
        facts.hasJoined = false
        try AttributedReplay.expect("A:9157 > 224.0.0.251:5353  UDP 5 B  => -! closed-port <- D1", facts)
    }

    @Test func `Multicast goes to every socket on the port`() throws {
        let facts = try machine([try datagramSocket("0.0.0.0:5353", cookie: 1), try datagramSocket("0.0.0.0:5353", cookie: 2)])
        let replay = try AttributedReplay.expect("A:9157 > 224.0.0.251:5353  UDP 5 B  => D2? group-delivery <- D1", facts)
        #expect((replay.lines[0]["receivers"] as? [Any])?.count == 2)
    }

    @Test func `An ICMP error is not told to an unconnected socket`() throws {
        let facts = try machine([try datagramSocket("10.0.0.2:9157", cookie: 1)])
        let replay = try AttributedReplay.expect(
            """
            B:9157 > A:53  UDP 5 B                            => D2? datagram <- D1!
            A > B  ICMP port unreachable quoting 1            => D1! icmp-error <- -
            """, facts)
        #expect(replay.lines[1]["untold"] as? Bool == true)
        facts.sockets = [try datagramSocket("10.0.0.2:9157", "10.0.0.1:53", cookie: 2)]
        let told = try AttributedReplay.expect(
            """
            B:9157 > A:53  UDP 5 B                            => D2? datagram <- D1!
            A > B  ICMP port unreachable quoting 1            => D1! icmp-error <- -
            """, facts)
        #expect(told.lines[1]["untold"] == nil)
    }

    @Test func `A stranger's datagram to a connected socket is answered by the ICMP error, and the socket stays`() throws {
        let facts = try machine([try datagramSocket("10.0.0.2:9157", "10.0.0.1:53", cookie: 1)])
        let replay = try AttributedReplay.expect(
            """
            B:9157 > A:53  UDP 5 B                            => D2? datagram <- D1!
            D:5775 > B:9157  UDP 5 B                          => -! closed-port <- D3
            B > D  ICMP port unreachable quoting 2            => D3 icmp-error <- -
            A:53 > B:9157  UDP 5 B                            => D1! datagram-connected <- D2
            """, facts)
        #expect(replay.lines[2]["corrects"] == nil && replay.lines[2]["reply_to"] as? Int == 2)
    }

    @Test func `Where the rule and the kernel disagree, the kernel is right and it is told`() throws {
        let facts = try machine([try tcpSocket("10.0.0.2:80", cookie: 1), try tcpSocket("0.0.0.0:80", cookie: 2)])
        let question = LookupQuestion(
            transport: .tcp, source: try #require(Endpoint("10.0.0.1:0")), destination: try #require(Endpoint("10.0.0.2:80")), device: 1)
        facts.answers[question] = facts.sockets[1]
        let replay = try AttributedReplay.expect("A:9157 > B:80  SYN seq 100  => L1! listener-wildcard <- C1", facts)
        #expect(replay.report.disagreed == 1)
        #expect(replay.report.disagreements.first?.contains("the kernel says the socket of cookie 2") == true)
    }

    @Test func `A kernel that does not answer leaves what the capture shows`() throws {
        let facts = try machine([try tcpSocket("10.0.0.2:80", cookie: 1)])
        facts.failure = .timedOut
        let replay = try AttributedReplay.expect("A:9157 > B:80  SYN seq 100  => L1? listener <- C1", facts)
        #expect(replay.report.notices.count == 1)
    }
}
