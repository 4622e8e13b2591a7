import Testing

/// Which of two addresses, two ports and a protocol tell sockets apart: all of them.
@Suite struct AddressTests {
    /// The figure of the book: A:9157, B:9157 and B:5775 to C:80. Three sockets on one port of C.
    @Test func `The same source port on two hosts is two connections`() throws {
        let replay = try expectBoth(
            """
            A:9157 > C:80  SYN seq 100                  => L1~ listener <- C1
            C:80 > A:9157  SYN ACK seq 300 ack 101      => C1 four-tuple <- L1 answers 1
            A:9157 > C:80  ACK seq 101 ack 301          => C2 four-tuple <- C1
            B:9157 > C:80  SYN seq 100                  => L1~ listener <- C3
            C:80 > B:9157  SYN ACK seq 300 ack 101      => C3 four-tuple <- L1 answers 4
            B:9157 > C:80  ACK seq 101 ack 301          => C4 four-tuple <- C3
            B:5775 > C:80  SYN seq 100                  => L1~ listener <- C5
            C:80 > B:5775  SYN ACK seq 300 ack 101      => C5 four-tuple <- L1 answers 7
            B:5775 > C:80  ACK seq 101 ack 301          => C6 four-tuple <- C5
            A:9157 > C:80  PSH ACK seq 101 ack 301 5 B  => C2 four-tuple <- C1
            B:9157 > C:80  PSH ACK seq 101 ack 301 5 B  => C4 four-tuple <- C3
            B:5775 > C:80  PSH ACK seq 101 ack 301 5 B  => C6 four-tuple <- C5
            """)
        #expect(["C2", "C4", "C6"].map { replay.socket($0)?.local.description } == Array(repeating: "10.0.0.3:80", count: 3))
        #expect(["C2", "C4", "C6"].map { replay.socket($0)?.madeBy?.description } == ["L1", "L1", "L1"])
    }

    @Test func `Two listeners on one host`() throws {
        try expectBoth(
            """
            A:9157 > C:80  SYN seq 100                  => L1~ listener <- C1
            C:80 > A:9157  SYN ACK seq 300 ack 101      => C1 four-tuple <- L1 answers 1
            A:9157 > C:80  ACK seq 101 ack 301          => C2 four-tuple <- C1
            A:5775 > C:21  SYN seq 100                  => L2~ listener <- C3
            C:21 > A:5775  SYN ACK seq 300 ack 101      => C3 four-tuple <- L2 answers 4
            A:5775 > C:21  ACK seq 101 ack 301          => C4 four-tuple <- C3
            """)
    }

    @Test func `The same client port to two servers`() throws {
        try expectBoth(
            """
            A:9157 > B:80  SYN seq 100                  => L1~ listener <- C1
            B:80 > A:9157  SYN ACK seq 300 ack 101      => C1 four-tuple <- L1 answers 1
            A:9157 > C:80  SYN seq 100                  => L2~ listener <- C2
            C:80 > A:9157  SYN ACK seq 300 ack 101      => C2 four-tuple <- L2 answers 3
            A:9157 > B:80  ACK seq 101 ack 301          => C3 four-tuple <- C1
            A:9157 > C:80  ACK seq 101 ack 301          => C4 four-tuple <- C2
            """)
    }

    /// One host has two addresses: bound addresses as a capture shows them are what was written to.
    @Test func `The same port on two addresses is two listeners, as far as a capture shows`() throws {
        try expectBoth(
            """
            A:9157 > 127.0.0.1:80  SYN seq 100              => L1~ listener <- C1
            127.0.0.1:80 > A:9157  SYN ACK seq 300 ack 101  => C1 four-tuple <- L1 answers 1
            A:9157 > 127.0.0.2:80  SYN seq 100              => L2~ listener <- C2
            127.0.0.2:80 > A:9157  SYN ACK seq 300 ack 101  => C2 four-tuple <- L2 answers 3
            """)
    }

    @Test func `A port is a client's here and a server's there`() throws {
        try expectBoth(
            """
            A:80 > B:80  SYN seq 100                    => L1~ listener <- C1
            B:80 > A:80  SYN ACK seq 300 ack 101        => C1 four-tuple <- L1 answers 1
            A:80 > B:80  ACK seq 101 ack 301            => C2 four-tuple <- C1
            // A:80 is a connected socket's; a listener there is another.
            C:9157 > A:80  SYN seq 100                  => L2~ listener <- C3
            A:80 > C:9157  SYN ACK seq 300 ack 101      => C3 four-tuple <- L2 answers 4
            """)
    }

    @Test func `IPv6 is demultiplexed like IPv4`() throws {
        try expectBoth(
            """
            A6:9157 > C6:80  SYN seq 100                    => L1~ listener <- C1
            C6:80 > A6:9157  SYN ACK seq 300 ack 101        => C1 four-tuple <- L1 answers 1
            A6:9157 > C6:80  ACK seq 101 ack 301            => C2 four-tuple <- C1
            B6:9157 > C6:80  SYN seq 100                    => L1~ listener <- C3
            C6:80 > B6:9157  SYN ACK seq 300 ack 101        => C3 four-tuple <- L1 answers 4
            B6:9157 > C6:80  ACK seq 101 ack 301            => C4 four-tuple <- C3
            A6:9157 > C6:80  PSH ACK seq 101 ack 301 14 B   => C2 four-tuple <- C1
            C6:80 > A6:9157  RST ACK seq 301 ack 115        => C1 four-tuple <- C2
            A6:5775 > C6:53  UDP 6 B                        => D2~ datagram <- D1
            C6:53 > A6:5775  UDP 6 B                        => D1 datagram <- D2
            """)
    }

    @Test func `Addresses that differ in their first half alone are different hosts`() throws {
        try expectBoth(
            """
            [fd00:1::1]:9157 > [fd00:1::2]:80  SYN seq 100              => L1~ listener <- C1
            [fd00:1::2]:80 > [fd00:1::1]:9157  SYN ACK seq 300 ack 101  => C1 four-tuple <- L1 answers 1
            [fd00:2::1]:9157 > [fd00:1::2]:80  SYN seq 100              => L1~ listener <- C2
            [fd00:1::2]:80 > [fd00:2::1]:9157  SYN ACK seq 300 ack 101  => C2 four-tuple <- L1 answers 3
            [fd00:1::1]:9157 > [fd00:1::2]:80  ACK seq 101 ack 301      => C3 four-tuple <- C1
            [fd00:2::1]:9157 > [fd00:1::2]:80  ACK seq 101 ack 301      => C4 four-tuple <- C2
            """)
    }

    /// ::a00:1 has the same low bits as 10.0.0.1, and ::ffff:10.0.0.1 stands for it: on the wire all are different.
    @Test func `IPv4 and IPv6 addresses with the same low bits are different`() throws {
        let replay = try expectBoth(
            """
            10.0.0.1:9157 > 10.0.0.3:80  SYN seq 100                    => L1~ listener <- C1
            10.0.0.3:80 > 10.0.0.1:9157  SYN ACK seq 300 ack 101        => C1 four-tuple <- L1 answers 1
            [::a00:1]:9157 > [::a00:3]:80  SYN seq 100                  => L2~ listener <- C2
            [::a00:3]:80 > [::a00:1]:9157  SYN ACK seq 300 ack 101      => C2 four-tuple <- L2 answers 3
            10.0.0.1:9157 > 10.0.0.3:80  ACK seq 101 ack 301            => C3 four-tuple <- C1
            [::a00:1]:9157 > [::a00:3]:80  ACK seq 101 ack 301          => C4 four-tuple <- C2
            [::ffff:10.0.0.1]:9157 > [::ffff:10.0.0.3]:80  SYN seq 100  => L3? listener <- C5
            10.0.0.1:53 > 10.0.0.3:53  UDP 5 B                          => D2~ datagram <- D1
            10.0.0.3:53 > 10.0.0.1:53  UDP 5 B                          => D1 datagram <- D2
            [::a00:1]:53 > [::a00:3]:53  UDP 5 B                        => D4? datagram <- D3
            """)
        #expect(replay.deliveries.map(\.stream) == [0, 0, 1, 1, 0, 1, 2, 0, 0, 1])
    }

    /// The first thing looked at is the IP protocol number.
    @Test func `TCP and UDP on one port number have nothing to do with each other`() throws {
        let replay = try expectBoth(
            """
            A:9157 > C:1234  SYN seq 100                    => L1~ listener <- C1
            C:1234 > A:9157  SYN ACK seq 300 ack 101        => C1 four-tuple <- L1 answers 1
            A:9157 > C:1234  ACK seq 101 ack 301            => C2 four-tuple <- C1
            A:9157 > C:1234  UDP 6 B                        => D2~ datagram <- D1
            C:1234 > A:9157  UDP 6 B                        => D1 datagram <- D2
            A:9157 > C:1234  PSH ACK seq 101 ack 301 6 B    => C2 four-tuple <- C1
            """)
        #expect(replay.deliveries.map(\.stream) == [0, 0, 0, 0, 0, 0], "stream numbers count per protocol")
        #expect(Set(replay.deliveries.map(\.conversationID)) == [1, 2])
    }

    // MARK: Packets without ports

    @Test func `A fragment has no ports to go by, and waits at the IP layer`() throws {
        try expectBoth(
            """
            A:9157 > C:53  UDP 100 B fragment at 0 more     => - fragment <- -
            A > C  protocol 17 100 B fragment at 1480       => - fragment <- -
            A:9157 > C:80  ACK seq 1 ack 1 100 B fragment at 0 more => - fragment <- -
            A6:9157 > C6:53  UDP 96 B fragment at 0 more    => - fragment <- -
            A6 > C6  protocol 17 96 B fragment at 104       => - fragment <- -
            A > C  ICMP echo fragment at 0 more             => - fragment <- -
            """)
    }

    @Test func `Other protocols have no ports`() throws {
        let replay = try expectBoth(
            """
            A > C  protocol 47 20 B                         => - no-ports <- -
            A > C  protocol 132 20 B                        => - no-ports <- -
            A6 > C6  protocol 89 20 B                       => - no-ports <- -
            A > C  ICMP echo                                => - no-ports <- -
            A6 > C6  ICMP echo                              => - no-ports <- -
            """)
        #expect(replay.states == [:])
        #expect(replay.deliveries.allSatisfy { $0.slot == -1 })
    }
}
