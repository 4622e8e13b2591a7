import Demux
import Testing

/// The IP layer puts a datagram together before ports are looked at: who gets it shows at the fragment that completes it.
@Suite struct FragmentTests {
    @Test func `The fragment that completes a datagram is delivered`() throws {
        try expectFromFile(
            """
            A:5775 > B:53  UDP 8 B                             => D2 datagram <- D1
            B:53 > A:5775  UDP 8 B                             => D1 datagram <- D2
            A:5775 > B:53  UDP 24 B id 7 fragment at 0 more    => - fragment <- -
            B:53 > A:5775  UDP 8 B                             => D1 datagram <- D2
            A > B  protocol 17 16 B id 7 fragment at 32        => D2 datagram <- D1
            """)
    }

    @Test func `To a port not yet known it is held as any datagram`() throws {
        try expectFromFile(
            """
            A:5775 > B:53  UDP 24 B id 7 fragment at 0 more    => - fragment <- -
            A > B  protocol 17 16 B id 7 fragment at 32        => - closed-port <- D1
            A:1 > C:1  UDP 8 B                                 => D3? datagram <- D2
            B > A  ICMP port unreachable quoting 1             => D1 icmp-error <- - answers 2
            """)
    }

    @Test func `A fragment is an answer once it is whole, and while others are held`() throws {
        try expectFromFile(
            """
            A:5775 > B:53  UDP 8 B                             => D2 datagram <- D1
            B:53 > A:5775  UDP 24 B id 7 fragment at 0 more    => - fragment <- -
            B > A  protocol 17 16 B id 7 fragment at 32        => D1 datagram <- D2
            """)
    }

    @Test func `A segment in fragments goes its connection's way`() throws {
        try expectFromFile(
            """
            A:9157 > B:80  SYN seq 100                                    => L1 listener <- C1
            B:80 > A:9157  SYN ACK seq 300 ack 101                        => C1 four-tuple <- L1 answers 1
            A:9157 > B:80  ACK seq 101 ack 301                            => C2 four-tuple <- C1
            A:9157 > B:80  PSH ACK seq 101 ack 301 20 B id 9 fragment at 0 more  => - fragment <- -
            A > B  protocol 6 16 B id 9 fragment at 40                    => C2 four-tuple <- C1
            B:80 > A:9157  ACK seq 301 ack 137                            => C1 four-tuple <- C2
            """)
    }

    /// Streams are numbered by first frames, as Wireshark does: also where the datagram never becomes whole.
    @Test func `A first fragment has its conversation's number`() throws {
        let replay = try expectLive(
            """
            A:1 > B:53  UDP 24 B id 7 fragment at 0 more              => - fragment <- -
            A:2 > B:53  UDP 8 B
            A:1 > B:53  UDP 8 B
            A:3 > B:80  SYN seq 100 id 8 fragment at 0 more           => - fragment <- -
            A:4 > B:80  SYN seq 100
            A:3 > B:80  SYN seq 100
            A:5 > B:80  ACK seq 1 ack 1 id 9 fragment at 0 more
            A:5 > B:80  RST seq 1
            A > B  protocol 17 8 B id 7 fragment at 64 more           => - fragment <- -
            """)
        #expect(replay.deliveries.map(\.stream) == [0, 1, 0, 0, 1, 0, 2, 2, Delivery.noStream])
        #expect(replay.deliveries.map { $0.slot >= 0 }.last == false)
    }

    /// The datagram counts as none; its first fragment does, also where it comes last.
    @Test func `A first fragment that completes a datagram has a number`() throws {
        let replay = try expectFromFile(
            """
            A:1 > B:53  UDP 8 B                                       => D2? datagram <- D1
            A > B  protocol 17 16 B id 7 fragment at 32               => - fragment <- -
            A:3 > B:53  UDP 24 B id 7 fragment at 0 more              => D2? datagram <- D3
            """)
        #expect(replay.streams == [0, nil, 1])
    }

    @Test func `What a first fragment quotes, or carries, is numbered as well`() throws {
        let replay = try expectLive(
            """
            B > A  ICMP time exceeded quoting [A:1 > B:53 UDP 4 B] id 7 fragment at 0 more
            A:2 > B:53  UDP 8 B
            """)
        #expect(replay.deliveries.map(\.stream) == [0, 1])
    }
}
