import Testing

/// ICMP errors about TCP segments: to the socket that sent the segment (RFC 1122 §4.2.3.9).
@Suite struct TCPErrorTests {
    @Test func `From a file a SYN that is answered by ICMP reaches nobody`() throws {
        try expectFromFile(
            """
            A:9157 > C:80  SYN seq 100                      => - closed-port <- C1
            C > A  ICMP port unreachable quoting 1          => C1 icmp-error <- - answers 1
            """)
        try expectFromFile(
            """
            A6:9157 > C6:80  SYN seq 100                    => - closed-port <- C1
            C6 > A6  ICMP port unreachable quoting 1        => C1 icmp-error <- - answers 1
            """)
    }

    /// RFC 1122 §3.2.2.1: host unreachable says that the SYN did not arrive, and nothing of a listener.
    @Test func `From a file a SYN that did not arrive stays presumed`() throws {
        try expectFromFile(
            """
            A:9157 > C:80  SYN seq 100                      => L1? listener <- C1
            B > A  ICMP host unreachable quoting 1          => C1 icmp-error <- - answers 1
            """)
    }

    /// RFC 792: a gateway that sends a redirect forwards the packet all the same.
    @Test func `A redirect says nothing of who gets the SYN`() throws {
        try expectFromFile(
            """
            A:9157 > C:80  SYN seq 100                      => L1 listener <- C1
            B > A  ICMP redirect quoting 1                  => C1 icmp-error <- - answers 1
            C:80 > A:9157  SYN ACK seq 300 ack 101          => C1 four-tuple <- L1 answers 1
            """)
    }

    @Test func `Live the listener is presumed, and the error corrects`() throws {
        let replay = try expectLive(
            """
            A:9157 > C:80  SYN seq 100                      => L1? listener <- C1
            C > A  ICMP port unreachable quoting 1          => C1 icmp-error <- - answers 1 corrects 1
            """)
        #expect(replay.states == ["C1": "SYN_SENT"])
    }

    @Test func `The SYN is sent again, and this time somebody is there`() throws {
        try expectFromFile(
            """
            A:9157 > C:80  SYN seq 100                      => L1? listener <- C1
            B > A  ICMP host unreachable quoting 1          => C1 icmp-error <- - answers 1
            A:9157 > C:80  SYN seq 100                      => L1 listener <- C1
            C:80 > A:9157  SYN ACK seq 300 ack 101          => C1 four-tuple <- L1 answers 3
            """)
        try expectLive(
            """
            A:9157 > C:80  SYN seq 100                      => L1? listener <- C1
            B > A  ICMP host unreachable quoting 1          => C1 icmp-error <- - answers 1
            A:9157 > C:80  SYN seq 100                      => L1? listener <- C1
            C:80 > A:9157  SYN ACK seq 300 ack 101          => C1 four-tuple <- L1 answers 3
            """)
    }

    /// A router on the way may drop one segment of a connection that goes on (RFC 1122 §4.2.3.9: a soft error).
    @Test func `An error in an established connection reaches the sender and ends nothing`() throws {
        let replay = try expectBoth(
            ConnectionTests.handshake + """
                B:80 > A:9157  PSH ACK seq 301 ack 101 5 B  => C1 four-tuple <- C2
                D > B  ICMP time exceeded quoting 4         => C2 icmp-error <- -
                B:80 > A:9157  PSH ACK seq 301 ack 101 5 B  => C1 four-tuple <- C2
                """)
        #expect(replay.states == ["C1": "ESTABLISHED", "C2": "ESTABLISHED", "L1": "LISTEN"])
    }
}
