import Testing

/// From a file a question is held, with what follows, until it is answered: at most 32 frames or 1 s of capture time.
@Suite struct HoldingTests {
    /// Frames that have nothing to do with the question, and ask none.
    private static func others(_ count: Int) -> String {
        String(repeating: "D > A  ICMP echo => - no-ports <- -\n", count: count)
    }

    @Test(arguments: [0, 1, 30, 31])
    func `An answer within 32 frames is waited for`(_ count: Int) throws {
        try expectFromFile(
            "A:9157 > B:80  SYN seq 100 => - closed-port <- C1\n" + HoldingTests.others(count)
                + "B:80 > A:9157  RST ACK seq 0 ack 101 => C1 four-tuple <- - answers 1")
    }

    @Test func `After 32 frames a listener is presumed, and a later answer corrects`() throws {
        try expectFromFile(
            "A:9157 > B:80  SYN seq 100 => L1? listener <- C1\n" + HoldingTests.others(32)
                + "B:80 > A:9157  RST ACK seq 0 ack 101 => C1 four-tuple <- - answers 1 corrects 1")
    }

    @Test func `After one second a listener is presumed`() throws {
        try expectFromFile(
            """
            @0 A:9157 > B:80  SYN seq 100               => L1? listener <- C1
            @1 D > A  ICMP echo                         => - no-ports <- -
            B:80 > A:9157  RST ACK seq 0 ack 101        => C1 four-tuple <- - answers 1 corrects 1
            """)
        try expectFromFile(
            """
            @0 A:9157 > B:80  SYN seq 100               => - closed-port <- C1
            @0.999 D > A  ICMP echo                     => - no-ports <- -
            B:80 > A:9157  RST ACK seq 0 ack 101        => C1 four-tuple <- - answers 1
            """)
    }

    @Test func `At the end of the file a listener is presumed`() throws {
        try expectFromFile("A:9157 > B:80  SYN seq 100 => L1? listener <- C1")
    }

    @Test func `A datagram is held in the same way`() throws {
        try expectFromFile(
            "A:9157 > C:6428  UDP 6 B => D2 datagram <- D1\n" + HoldingTests.others(31)
                + "C:6428 > A:9157  UDP 6 B => D1 datagram <- D2")
        try expectFromFile(
            "A:9157 > C:6428  UDP 6 B => D2? datagram <- D1\n" + HoldingTests.others(32)
                + "C:6428 > A:9157  UDP 6 B => D1 datagram <- D2")
    }

    @Test func `Several questions at once are answered each by its own`() throws {
        try expectFromFile(
            """
            A:1 > B:80  SYN seq 100                     => L1 listener <- C1
            A:2 > B:81  SYN seq 200                     => - closed-port <- C2
            A:3 > B:82  SYN seq 300                     => L2? listener <- C3
            A:4 > B:53  UDP 5 B                         => D2 datagram <- D1
            A:5 > B:54  UDP 5 B                         => - closed-port <- D3
            B:80 > A:1  SYN ACK seq 300 ack 101         => C1 four-tuple <- L1 answers 1
            B:81 > A:2  RST ACK seq 0 ack 201           => C2 four-tuple <- - answers 2
            B:53 > A:4  UDP 5 B                         => D1 datagram <- D2
            B > A  ICMP port unreachable quoting 5      => D3 icmp-error <- - answers 5
            """)
    }

    @Test func `Frames come out in the order in which they went in`() throws {
        // Frame 1 is answered last, and everything waits for it.
        try expectFromFile(
            """
            A:1 > B:80  SYN seq 100                     => - closed-port <- C1
            A:2 > B:81  SYN seq 200                     => - closed-port <- C2
            B:81 > A:2  RST ACK seq 0 ack 201           => C2 four-tuple <- - answers 2
            A:2 > B:81  SYN seq 900                     => L1 listener <- C3
            B:81 > A:2  SYN ACK seq 500 ack 901         => C3 four-tuple <- L1 answers 4
            A:2 > B:81  ACK seq 901 ack 501             => C4 four-tuple <- C3
            B:80 > A:1  RST ACK seq 0 ack 101           => C1 four-tuple <- - answers 1
            """)
    }
}
