import Testing

/// What a RST says, and what it does not (RFC 9293 §3.5.2, §3.5.3, §3.10.7).
@Suite struct ResetTests {
    @Test func `From a file the SYN of a refused connection is shown as reaching nobody`() throws {
        try expectFromFile(
            """
            A:9157 > B:80  SYN seq 100                  => - closed-port <- C1
            B:80 > A:9157  RST ACK seq 0 ack 101        => C1 four-tuple <- - answers 1
            """)
    }

    @Test func `Live the listener is presumed, and the RST says that it was not there`() throws {
        let replay = try expectLive(
            """
            A:9157 > B:80  SYN seq 100                  => L1? listener <- C1
            B:80 > A:9157  RST ACK seq 0 ack 101        => C1 four-tuple <- - answers 1 corrects 1
            """)
        #expect(replay.events.last == ["-L1 disproved(frame: 2)", "-C1 refused(frame: 2)"])
        #expect(replay.states == ["C1": "closed"], "a socket that never was is not listed")
    }

    /// RFC 9293 §3.10.7.1: the RST acknowledges all of the segment, its data, too.
    @Test func `A RST that acknowledges a SYN with data refuses it`() throws {
        try expectFromFile(
            """
            A:9157 > B:80  SYN seq 100 10 B             => - closed-port <- C1
            B:80 > A:9157  RST ACK seq 0 ack 111        => C1 four-tuple <- - answers 1
            """)
    }

    /// RFC 9293 §3.10.7.3: "If the ACK was acceptable, then signal to the user 'error: connection reset' … Otherwise
    /// (no ACK), drop the segment and return."
    @Test(arguments: ["RST seq 0", "RST ACK seq 0 ack 100", "RST ACK seq 0 ack 102", "RST ACK seq 0 ack 2147483700"])
    func `A RST that does not acknowledge the SYN does not refuse it`(_ reset: String) throws {
        try expectBoth(
            """
            A:9157 > B:80  SYN seq 100                  => L1~ listener <- C1
            B:80 > A:9157  \(reset)                     => C1 four-tuple <- -
            B:80 > A:9157  SYN ACK seq 300 ack 101      => C1 four-tuple <- L1 answers 1
            A:9157 > B:80  ACK seq 101 ack 301          => C2 four-tuple <- C1
            """)
    }

    @Test func `A SYN sent again before it is refused reached nobody either`() throws {
        try expectFromFile(
            """
            A:9157 > B:80  SYN seq 100                  => - closed-port <- C1
            A:9157 > B:80  SYN seq 100                  => - closed-port <- C1
            B:80 > A:9157  RST ACK seq 0 ack 101        => C1 four-tuple <- - answers 2
            """)
        try expectFromFile(
            """
            // The first was held for a second in vain.
            @0 A:9157 > B:80  SYN seq 100               => L1? listener <- C1
            @1 A:9157 > B:80  SYN seq 100               => - closed-port <- C1
            B:80 > A:9157  RST ACK seq 0 ack 101        => C1 four-tuple <- - answers 2
            """)
    }

    @Test func `A listener known from before has closed: from a file the SYN reaches nobody, live the RST corrects`() throws {
        let before = """
            A:9157 > B:80  SYN seq 100                  => L1~ listener <- C1
            B:80 > A:9157  SYN ACK seq 300 ack 101      => C1 four-tuple <- L1 answers 1
            A:9157 > B:80  ACK seq 101 ack 301          => C2 four-tuple <- C1

            """
        try expectFromFile(
            before + """
                A:5775 > B:80  SYN seq 100                  => - closed-port <- C3
                B:80 > A:5775  RST ACK seq 0 ack 101        => C3 four-tuple <- - answers 4
                // The old connection goes on without its listener.
                A:9157 > B:80  PSH ACK seq 101 ack 301 5 B  => C2 four-tuple <- C1
                """)
        let live = try expectLive(
            before + """
                A:5775 > B:80  SYN seq 100                  => L1? listener <- C3
                B:80 > A:5775  RST ACK seq 0 ack 101        => C3 four-tuple <- - answers 4 corrects 4
                A:9157 > B:80  PSH ACK seq 101 ack 301 5 B  => C2 four-tuple <- C1
                """)
        #expect(live.states["L1"] == "closed")
        #expect(live.socket("L1")?.ending == .gone(frame: 5))
    }

    @Test func `A listener that closes and comes back is another socket`() throws {
        try expectFromFile(
            """
            A:1 > B:80  SYN seq 100                     => L1 listener <- C1
            B:80 > A:1  SYN ACK seq 300 ack 101         => C1 four-tuple <- L1 answers 1
            A:2 > B:80  SYN seq 100                     => - closed-port <- C2
            B:80 > A:2  RST ACK seq 0 ack 101           => C2 four-tuple <- - answers 3
            A:3 > B:80  SYN seq 100                     => L2 listener <- C3
            B:80 > A:3  SYN ACK seq 300 ack 101         => C3 four-tuple <- L2 answers 5
            """)
    }

    /// The listener that two SYNs were presumed for is gone with the first RST; the second corrects its own SYN.
    @Test func `Each RST corrects the SYN that it answers`() throws {
        try expectLive(
            """
            A:1 > B:80  SYN seq 100                     => L1? listener <- C1
            A:2 > B:80  SYN seq 500                     => L1? listener <- C2
            B:80 > A:1  RST ACK seq 0 ack 101           => C1 four-tuple <- - answers 1 corrects 1
            B:80 > A:2  RST ACK seq 0 ack 501           => C2 four-tuple <- - answers 2 corrects 2
            """)
    }

    /// A SYN sent again is presumed anew: the listener that its first copy was presumed for is disproved.
    @Test func `A listener that was disproved gets nothing more`() throws {
        try expectLive(
            """
            A:1 > B:80  SYN seq 100                     => L1? listener <- C1
            A:2 > B:80  SYN seq 500                     => L1? listener <- C2
            B:80 > A:1  RST ACK seq 0 ack 101           => C1 four-tuple <- - answers 1 corrects 1
            A:2 > B:80  SYN seq 500                     => L2? listener <- C2
            """)
    }

    // MARK: In a connection

    @Test(arguments: [
        ("A:9157 > B:80  RST ACK seq 101 ack 301", "C2 four-tuple <- C1"),
        ("B:80 > A:9157  RST ACK seq 301 ack 101", "C1 four-tuple <- C2"),
        ("A:9157 > B:80  RST seq 101", "C2 four-tuple <- C1"),
        ("B:80 > A:9157  RST seq 301", "C1 four-tuple <- C2"),
    ])
    func `A RST ends both sockets, whoever sends it`(_ reset: String, _ outcome: String) throws {
        let replay = try expectBoth(ConnectionTests.handshake + "\(reset) => \(outcome)")
        #expect(replay.states == ["C1": "closed", "C2": "closed", "L1": "LISTEN"])
        #expect(replay.socket("C1")?.ending == .reset(frame: 4))
        #expect(replay.socket("C2")?.ending == .reset(frame: 4))
    }

    /// RFC 9293 §3.10.7.4 with RFC 5961 §3.2: outside the window it is dropped. The look-up knows no sequence numbers.
    @Test func `A RST with a sequence number from nowhere reaches the socket and ends nothing`() throws {
        let replay = try expectBoth(
            ConnectionTests.handshake + """
                B:80 > A:9157  RST seq 1000000301           => C1 four-tuple <- C2
                // Twice is no better than once.
                B:80 > A:9157  RST seq 1000000301           => C1 four-tuple <- C2
                A:9157 > B:80  RST seq 3000000101           => C2 four-tuple <- C1
                A:9157 > B:80  RST seq 3000000101           => C2 four-tuple <- C1
                B:80 > A:9157  PSH ACK seq 301 ack 101 5 B  => C1 four-tuple <- C2
                """)
        #expect(replay.states == ["C1": "ESTABLISHED", "C2": "ESTABLISHED", "L1": "LISTEN"])
        #expect(replay.deliveries.last?.relativeSequence == 1)
    }

    @Test func `A client that gives up before it is answered resets what the listener keeps of it`() throws {
        let replay = try expectBoth(
            """
            A:9157 > B:80  SYN seq 100                  => L1~ listener <- C1
            B:80 > A:9157  SYN ACK seq 300 ack 101      => C1 four-tuple <- L1 answers 1
            A:9157 > B:80  RST seq 101                  => L1 listener <- C1
            """)
        #expect(replay.states == ["C1": "closed", "L1": "LISTEN"])
    }

    @Test func `A listener that is closed while a connection waits resets it`() throws {
        try expectBoth(
            """
            A:9157 > B:80  SYN seq 100                  => L1~ listener <- C1
            B:80 > A:9157  SYN ACK seq 300 ack 101      => C1 four-tuple <- L1 answers 1
            B:80 > A:9157  RST ACK seq 301 ack 101      => C1 four-tuple <- -
            """)
    }

    @Test func `A RST of which nothing is known is for a socket that ends with it`() throws {
        let replay = try expectBoth(
            """
            B:80 > A:9157  RST ACK seq 300 ack 101      => C1? four-tuple <- -
            B:80 > A:9157  RST ACK seq 300 ack 101      => - closed-port <- -
            """)
        #expect(replay.states == ["C1": "closed"])
    }
}
