import Testing

/// Captures that do not begin at the beginning, or see one direction alone: what they do not show is presumed.
@Suite struct BeginningTests {
    @Test func `In the middle both ends are presumed, each until it sends`() throws {
        let replay = try expectBoth(
            """
            A:9157 > B:80  PSH ACK seq 5000 ack 7000 5 B    => C2? four-tuple <- C1
            A:9157 > B:80  PSH ACK seq 5005 ack 7000 5 B    => C2? four-tuple <- C1
            B:80 > A:9157  ACK seq 7000 ack 5010            => C1 four-tuple <- C2
            A:9157 > B:80  PSH ACK seq 5010 ack 7000 5 B    => C2 four-tuple <- C1
            """)
        #expect(replay.events[0] == ["+C1 presumed", "+C2 presumed"])
        #expect(replay.socket("C2")?.madeBy == nil)
        #expect(replay.socket("C2")?.peer?.description == "C1")
    }

    @Test func `In the middle, and the server sends first`() throws {
        try expectBoth(
            """
            B:80 > A:9157  PSH ACK seq 7000 ack 5000 5 B    => C2? four-tuple <- C1
            A:9157 > B:80  ACK seq 5000 ack 7005            => C1 four-tuple <- C2
            B:80 > A:9157  PSH ACK seq 7005 ack 5000 5 B    => C2 four-tuple <- C1
            """)
    }

    @Test func `Between SYN and SYN ACK: the answer shows the listener, and presumes who is answered`() throws {
        let replay = try expectBoth(
            """
            B:80 > A:9157  SYN ACK seq 300 ack 101          => C1? four-tuple <- L1
            A:9157 > B:80  ACK seq 101 ack 301              => C2 four-tuple <- C1
            B:80 > A:9157  PSH ACK seq 301 ack 101 5 B      => C1 four-tuple <- C2
            """)
        #expect(replay.socket("C2")?.madeBy?.description == "L1")
        #expect(replay.deliveries.map(\.relativeSequence) == [0, 1, 1])
        #expect(replay.deliveries.map(\.relativeAcknowledgment) == [1, 1, 1])
    }

    /// What the SYN ACK acknowledges tells the SYN's own number.
    @Test func `Between SYN and SYN ACK: the SYN sent again begins nothing`() throws {
        let replay = try expectBoth(
            """
            B:80 > A:9157  SYN ACK seq 300 ack 101          => C1? four-tuple <- L1
            A:9157 > B:80  SYN seq 100                      => L1 listener <- C1
            B:80 > A:9157  SYN ACK seq 300 ack 101          => C1 four-tuple <- L1 answers 2
            A:9157 > B:80  ACK seq 101 ack 301              => C2 four-tuple <- C1
            """)
        #expect(replay.deliveries.map(\.stream) == [0, 0, 0, 0])
    }

    @Test func `Between SYN ACK and ACK: the listener is not known`() throws {
        let replay = try expectBoth(
            """
            A:9157 > B:80  ACK seq 101 ack 301              => C2? four-tuple <- C1
            B:80 > A:9157  PSH ACK seq 301 ack 101 5 B      => C1 four-tuple <- C2
            """)
        #expect(replay.states == ["C1": "ESTABLISHED", "C2": "ESTABLISHED"])
    }

    @Test func `The client's direction alone`() throws {
        try expectBoth(
            """
            A:9157 > B:80  SYN seq 100                      => L1? listener <- C1
            A:9157 > B:80  ACK seq 101 ack 301              => C2? four-tuple <- C1
            A:9157 > B:80  PSH ACK seq 101 ack 301 5 B      => C2? four-tuple <- C1
            A:9157 > B:80  FIN ACK seq 106 ack 301          => C2? four-tuple <- C1
            """)
    }

    @Test func `The server's direction alone`() throws {
        try expectBoth(
            """
            B:80 > A:9157  SYN ACK seq 300 ack 101          => C1? four-tuple <- L1
            B:80 > A:9157  PSH ACK seq 301 ack 106 5 B      => C1? four-tuple <- C2
            B:80 > A:9157  FIN ACK seq 306 ack 106          => C1? four-tuple <- C2
            """)
    }

    @Test func `The end alone`() throws {
        let replay = try expectBoth(
            """
            A:9157 > B:80  FIN ACK seq 106 ack 301          => C2? four-tuple <- C1
            B:80 > A:9157  FIN ACK seq 301 ack 107          => C1 four-tuple <- C2
            A:9157 > B:80  ACK seq 107 ack 302              => C2 four-tuple <- C1
            """)
        #expect(replay.states == ["C1": "TIME_WAIT", "C2": "closed"])
    }

    @Test func `A lost SYN ACK: what the server sends shows its socket`() throws {
        try expectLive(
            """
            A:9157 > B:80  SYN seq 100                      => L1? listener <- C1
            B:80 > A:9157  PSH ACK seq 301 ack 101 5 B      => C1 four-tuple <- C2
            A:9157 > B:80  ACK seq 101 ack 306              => C2 four-tuple <- C1
            """)
    }

    @Test func `A segment without its flags is delivered by its four-tuple`() throws {
        let replay = try expectBoth(
            """
            A:9157 > B:80  PSH ACK seq 5000 ack 7000 5 B cut 8  => C2? four-tuple <- C1
            B:80 > A:9157  ACK seq 7000 ack 5005 cut 8          => C1 four-tuple <- C2
            A:9157 > B:80  FIN ACK seq 5005 ack 7000 cut 12     => C2 four-tuple <- C1
            """)
        #expect(replay.states == ["C1": "ESTABLISHED", "C2": "ESTABLISHED"], "nobody saw a FIN")
        #expect(replay.deliveries.map(\.relativeSequence) == [0, 0, 0])
    }

    @Test func `A segment without its flags changes nothing in a known connection`() throws {
        let replay = try expectBoth(
            ConnectionTests.handshake + """
                A:9157 > B:80  RST seq 101 cut 8            => C2 four-tuple <- C1
                B:80 > A:9157  PSH ACK seq 301 ack 101 5 B  => C1 four-tuple <- C2
                """)
        #expect(replay.states == ["C1": "ESTABLISHED", "C2": "ESTABLISHED", "L1": "LISTEN"])
    }
}
