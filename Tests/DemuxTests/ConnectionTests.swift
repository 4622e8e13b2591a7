import Testing

/// A TCP connection's life (RFC 9293 §3.5, §3.6), frame by frame.
@Suite struct ConnectionTests {
    static let handshake = """
        A:9157 > B:80  SYN seq 100                  => L1~ listener <- C1
        B:80 > A:9157  SYN ACK seq 300 ack 101      => C1 four-tuple <- L1 answers 1
        A:9157 > B:80  ACK seq 101 ack 301          => C2 four-tuple <- C1

        """

    @Test func `The third segment of the handshake goes to the socket that it completes`() throws {
        let replay = try expectBoth(ConnectionTests.handshake)
        #expect(replay.events == [["+C1 activeOpen", "+L1 passiveOpen"], [], ["+C2 handshake"]])
        #expect(replay.states == ["C1": "ESTABLISHED", "C2": "ESTABLISHED", "L1": "LISTEN"])
        #expect(replay.socket("C2")?.madeBy?.description == "L1")
        #expect(replay.socket("C2")?.peer?.description == "C1")
        #expect(replay.socket("C1")?.peer?.description == "C2")
        #expect(replay.socket("L1")?.remote == nil)
    }

    @Test func `Data goes by four-tuple, and a listener never gets a byte`() throws {
        let replay = try expectBoth(
            ConnectionTests.handshake + """
                A:9157 > B:80  PSH ACK seq 101 ack 301 14 B  => C2 four-tuple <- C1
                B:80 > A:9157  ACK seq 301 ack 115           => C1 four-tuple <- C2
                B:80 > A:9157  PSH ACK seq 301 ack 115 17 B  => C1 four-tuple <- C2
                """)
        let listener = try #require(replay.socket("L1"))
        #expect((listener.received.segments, listener.received.bytes) == (1, 0))
        #expect((listener.sent.segments, listener.sent.bytes) == (1, 0))
        let server = try #require(replay.socket("C2"))
        #expect((server.received.segments, server.received.bytes) == (2, 14))
        #expect((server.sent.segments, server.sent.bytes) == (2, 17))
        let client = try #require(replay.socket("C1"))
        #expect((client.received.segments, client.received.bytes) == (3, 17))
        #expect((client.sent.segments, client.sent.bytes) == (3, 14))
    }

    @Test func `The third segment may carry data already`() throws {
        try expectBoth(
            """
            A:9157 > B:80  SYN seq 100                      => L1~ listener <- C1
            B:80 > A:9157  SYN ACK seq 300 ack 101          => C1 four-tuple <- L1 answers 1
            A:9157 > B:80  PSH ACK seq 101 ack 301 14 B     => C2 four-tuple <- C1
            """)
    }

    @Test func `What the server sends before the third segment was captured comes from its connected socket`() throws {
        let replay = try expectBoth(
            """
            A:9157 > B:80  SYN seq 100                      => L1~ listener <- C1
            B:80 > A:9157  SYN ACK seq 300 ack 101          => C1 four-tuple <- L1 answers 1
            B:80 > A:9157  PSH ACK seq 301 ack 101 5 B      => C1 four-tuple <- C2
            A:9157 > B:80  ACK seq 101 ack 306              => C2 four-tuple <- C1
            """)
        #expect(replay.socket("C2")?.madeBy?.description == "L1")
    }

    /// RFC 7413 §3: a SYN may carry data, and its acknowledgment covers them; RFC 9293 §3.10.7.3 takes any
    /// acknowledgment after the initial sequence number and up to what was sent.
    @Test func `A SYN ACK that acknowledges a SYN's data answers the SYN`() throws {
        try expectBoth(
            """
            A:9157 > B:80  SYN seq 100 10 B                 => L1~ listener <- C1
            B:80 > A:9157  SYN ACK seq 300 ack 111          => C1 four-tuple <- L1 answers 1
            A:9157 > B:80  ACK seq 111 ack 301              => C2 four-tuple <- C1
            """)
    }

    // MARK: Sent again

    @Test func `A SYN sent again is the same SYN`() throws {
        let replay = try expectFromFile(
            """
            A:9157 > B:80  SYN seq 100                  => L1 listener <- C1
            A:9157 > B:80  SYN seq 100                  => L1 listener <- C1
            B:80 > A:9157  SYN ACK seq 300 ack 101      => C1 four-tuple <- L1 answers 2
            A:9157 > B:80  ACK seq 101 ack 301          => C2 four-tuple <- C1
            """)
        #expect(replay.outcomes.count == 4)
        let live = try expectLive(
            """
            A:9157 > B:80  SYN seq 100                  => L1? listener <- C1
            A:9157 > B:80  SYN seq 100                  => L1? listener <- C1
            B:80 > A:9157  SYN ACK seq 300 ack 101      => C1 four-tuple <- L1 answers 2
            A:9157 > B:80  ACK seq 101 ack 301          => C2 four-tuple <- C1
            """)
        #expect(live.deliveries.map(\.stream) == [0, 0, 0, 0])
        #expect(live.states.keys.sorted() == ["C1", "C2", "L1"])
    }

    @Test func `A SYN whose first copy was lost is answered later`() throws {
        try expectFromFile(
            """
            @0 A:9157 > B:80  SYN seq 100               => L1? listener <- C1
            @1 A:9157 > B:80  SYN seq 100               => L1 listener <- C1
            B:80 > A:9157  SYN ACK seq 300 ack 101      => C1 four-tuple <- L1 answers 2
            """)
    }

    @Test func `A SYN ACK sent again comes from the listener, even after the third segment was seen`() throws {
        try expectBoth(
            """
            A:9157 > B:80  SYN seq 100                  => L1~ listener <- C1
            B:80 > A:9157  SYN ACK seq 300 ack 101      => C1 four-tuple <- L1 answers 1
            B:80 > A:9157  SYN ACK seq 300 ack 101      => C1 four-tuple <- L1 answers 1
            A:9157 > B:80  ACK seq 101 ack 301          => C2 four-tuple <- C1
            // The third segment did not arrive: what repeats the SYN ACK is still the listener.
            B:80 > A:9157  SYN ACK seq 300 ack 101      => C1 four-tuple <- L1 answers 1
            A:9157 > B:80  ACK seq 101 ack 301          => C2 four-tuple <- C1
            """)
    }

    /// A server that keeps no state before the third segment (SYN cookies) may choose another number each time.
    @Test func `A SYN ACK with another number that acknowledges the same SYN belongs to the same conversation`() throws {
        let replay = try expectBoth(
            """
            A:9157 > B:80  SYN seq 100                  => L1~ listener <- C1
            B:80 > A:9157  SYN ACK seq 300 ack 101      => C1 four-tuple <- L1 answers 1
            B:80 > A:9157  SYN ACK seq 700 ack 101      => C1 four-tuple <- L1 answers 1
            A:9157 > B:80  ACK seq 101 ack 701          => C2 four-tuple <- C1
            """)
        #expect(replay.deliveries.map(\.stream) == [0, 0, 0, 0])
    }

    /// RFC 9293 §3.10.7.4: a SYN in a synchronized state is for the connection, which answers with an ACK.
    @Test func `A late copy of the SYN finds the connected socket`() throws {
        try expectBoth(
            ConnectionTests.handshake + """
                A:9157 > B:80  SYN seq 100                  => C2 four-tuple <- C1
                B:80 > A:9157  ACK seq 301 ack 101          => C1 four-tuple <- C2
                """)
    }

    /// RFC 9293 §3.10.7.3: an ACK that acknowledges nothing sent is answered with RST and changes nothing.
    @Test func `A SYN ACK that does not acknowledge the SYN does not answer it`() throws {
        try expectLive(
            """
            A:9157 > B:80  SYN seq 100                  => L1? listener <- C1
            B:80 > A:9157  SYN ACK seq 900 ack 55       => C1 four-tuple <- L1
            A:9157 > B:80  RST seq 55                   => L1 listener <- C1
            """)
        try expectFromFile(
            """
            A:9157 > B:80  SYN seq 100                  => L1 listener <- C1
            B:80 > A:9157  SYN ACK seq 900 ack 55       => C1 four-tuple <- L1
            B:80 > A:9157  SYN ACK seq 300 ack 101      => C1 four-tuple <- L1 answers 1
            """)
    }

    // MARK: The end

    @Test func `Who closes first waits in TIME_WAIT, the other is closed`() throws {
        let replay = try expectBoth(
            ConnectionTests.handshake + """
                A:9157 > B:80  FIN ACK seq 101 ack 301      => C2 four-tuple <- C1
                B:80 > A:9157  FIN ACK seq 301 ack 102      => C1 four-tuple <- C2
                A:9157 > B:80  ACK seq 102 ack 302          => C2 four-tuple <- C1
                """)
        #expect(replay.events.last == ["-C2 closed", "-C1 timeWait"])
        #expect(replay.states == ["C1": "TIME_WAIT", "C2": "closed", "L1": "LISTEN"])
    }

    @Test func `The server may be the one that closes first`() throws {
        let replay = try expectBoth(
            ConnectionTests.handshake + """
                B:80 > A:9157  FIN ACK seq 301 ack 101      => C1 four-tuple <- C2
                A:9157 > B:80  ACK seq 101 ack 302          => C2 four-tuple <- C1
                A:9157 > B:80  FIN ACK seq 101 ack 302      => C2 four-tuple <- C1
                B:80 > A:9157  ACK seq 302 ack 102          => C1 four-tuple <- C2
                """)
        #expect(replay.events.last == ["-C1 closed", "-C2 timeWait"])
    }

    /// RFC 9293 §3.6, figure 13: each sends its FIN before it has the other's.
    @Test func `Who close at the same time both wait in TIME_WAIT`() throws {
        let replay = try expectBoth(
            ConnectionTests.handshake + """
                A:9157 > B:80  FIN ACK seq 101 ack 301      => C2 four-tuple <- C1
                B:80 > A:9157  FIN ACK seq 301 ack 101      => C1 four-tuple <- C2
                A:9157 > B:80  ACK seq 102 ack 302          => C2 four-tuple <- C1
                B:80 > A:9157  ACK seq 302 ack 102          => C1 four-tuple <- C2
                """)
        #expect(replay.states == ["C1": "TIME_WAIT", "C2": "TIME_WAIT", "L1": "LISTEN"])
    }

    /// RFC 9293 §3.6, case 1: FIN says "I have no more to send", and nothing about the other direction.
    @Test(arguments: [
        (1, ["C1": "FIN_WAIT1", "C2": "CLOSE_WAIT", "L1": "LISTEN"]),
        (2, ["C1": "FIN_WAIT2", "C2": "CLOSE_WAIT", "L1": "LISTEN"]),
        (4, ["C1": "FIN_WAIT2", "C2": "CLOSE_WAIT", "L1": "LISTEN"]),
        (5, ["C1": "TIME_WAIT", "C2": "LAST_ACK", "L1": "LISTEN"]),
        (6, ["C1": "TIME_WAIT", "C2": "closed", "L1": "LISTEN"]),
    ])
    func `A half-closed connection still carries data the other way`(_ count: Int, _ states: [String: String]) throws {
        let rest = """
            A:9157 > B:80  FIN ACK seq 101 ack 301          => C2 four-tuple <- C1
            B:80 > A:9157  ACK seq 301 ack 102              => C1 four-tuple <- C2
            B:80 > A:9157  PSH ACK seq 301 ack 102 11 B     => C1 four-tuple <- C2
            A:9157 > B:80  ACK seq 102 ack 312              => C2 four-tuple <- C1
            B:80 > A:9157  FIN ACK seq 312 ack 102          => C1 four-tuple <- C2
            A:9157 > B:80  ACK seq 102 ack 313              => C2 four-tuple <- C1
            """
        let first = rest.split(separator: "\n").prefix(count).joined(separator: "\n")
        let replay = try expectBoth(ConnectionTests.handshake + first)
        #expect(replay.states == states)
    }

    // MARK: Strays

    static let closed = handshake + """
        A:9157 > B:80  FIN ACK seq 101 ack 301      => C2 four-tuple <- C1
        B:80 > A:9157  FIN ACK seq 301 ack 102      => C1 four-tuple <- C2
        A:9157 > B:80  ACK seq 102 ack 302          => C2 four-tuple <- C1

        """

    /// RFC 9293 §3.10.7.4, TIME-WAIT: the FIN sent again is acknowledged again.
    @Test func `TIME_WAIT takes what strays`() throws {
        try expectBoth(
            ConnectionTests.closed + """
                B:80 > A:9157  FIN ACK seq 301 ack 102      => C1 time-wait <- C2
                """)
    }

    /// The passive end's socket is gone: the look-up goes on to the listener, which answers with RST.
    @Test func `A stray to the closed end finds the listener that is still there`() throws {
        let replay = try expectBoth(
            ConnectionTests.closed + """
                A:9157 > B:80  ACK seq 102 ack 302          => L1 listener <- C1
                A:9157 > B:80  PSH ACK seq 102 ack 302 9 B  => L1 listener <- C1
                """)
        #expect(replay.socket("L1")?.received.bytes == 0, "it takes none of it")
    }

    @Test func `A stray to where nobody is any more reaches nobody`() throws {
        try expectBoth(
            """
            // The connection was there before the capture began, so that no listener is known.
            A:9157 > B:80  ACK seq 101 ack 301          => C2? four-tuple <- C1
            // A RST without ACK is what a host without a socket sends (RFC 9293 §3.5.2), so it shows none.
            B:80 > A:9157  RST seq 301                  => C1 four-tuple <- -
            A:9157 > B:80  PSH ACK seq 101 ack 301 5 B  => - closed-port <- C1
            // It is the kernel that answers, no socket.
            B:80 > A:9157  RST seq 301                  => - closed-port <- -
            """)
    }

    @Test func `A SYN ACK sent again after the end begins nothing`() throws {
        let replay = try expectBoth(
            ConnectionTests.handshake + """
                A:9157 > B:80  RST seq 101                  => C2 four-tuple <- C1
                B:80 > A:9157  SYN ACK seq 300 ack 101      => - closed-port <- L1
                """)
        #expect(replay.deliveries.last?.stream == 0)
        #expect(replay.events.last == [])
    }

    // MARK: The same four-tuple again

    @Test func `After TIME_WAIT a SYN with another number makes new sockets`() throws {
        let replay = try expectBoth(
            ConnectionTests.closed + """
                A:9157 > B:80  SYN seq 5000                 => L1~ listener <- C3
                B:80 > A:9157  SYN ACK seq 7000 ack 5001    => C3 four-tuple <- L1 answers 7
                A:9157 > B:80  ACK seq 5001 ack 7001        => C4 four-tuple <- C3
                """)
        #expect(replay.deliveries.map(\.stream) == [0, 0, 0, 0, 0, 0, 1, 1, 1])
    }

    @Test func `After a RST a SYN with another number makes new sockets`() throws {
        let replay = try expectBoth(
            ConnectionTests.handshake + """
                B:80 > A:9157  RST seq 301                  => C1 four-tuple <- C2
                A:9157 > B:80  SYN seq 5000                 => L1~ listener <- C3
                B:80 > A:9157  SYN ACK seq 7000 ack 5001    => C3 four-tuple <- L1 answers 5
                A:9157 > B:80  ACK seq 5001 ack 7001        => C4 four-tuple <- C3
                """)
        #expect(replay.deliveries.map(\.stream) == [0, 0, 0, 0, 1, 1, 1])
    }

    /// The end of the old connection was not captured: that the SYN is answered as a new one shows it.
    @Test func `A SYN with another number replaces a connection that was still established`() throws {
        let replay = try expectFromFile(
            ConnectionTests.handshake + """
                A:9157 > B:80  SYN seq 5000                 => L1 listener <- C3
                B:80 > A:9157  SYN ACK seq 7000 ack 5001    => C3 four-tuple <- L1 answers 4
                A:9157 > B:80  ACK seq 5001 ack 7001        => C4 four-tuple <- C3
                """)
        #expect(replay.outcomes.count == 6)
        let live = try expectLive(
            ConnectionTests.handshake + """
                A:9157 > B:80  SYN seq 5000                 => C2? four-tuple <- -
                B:80 > A:9157  SYN ACK seq 7000 ack 5001    => C3? four-tuple <- L1
                A:9157 > B:80  ACK seq 5001 ack 7001        => C4 four-tuple <- C3
                """)
        #expect(live.events[4].contains { $0.hasPrefix("-C1 replaced") })
        #expect(live.events[4].contains { $0.hasPrefix("-C2 replaced") })
    }

    /// RFC 9293 §3.5.1, figure 9: the client's host was restarted. Its SYN finds the old connection's socket, which
    /// answers with an ACK of its own and ends with the RST; the SYN sent again meets the listener.
    @Test func `A SYN to a connection that is still there finds its socket`() throws {
        let replay = try expectBoth(
            ConnectionTests.handshake + """
                A:9157 > B:80  SYN seq 5000                 => C2? four-tuple <- -
                B:80 > A:9157  ACK seq 301 ack 101          => C1 four-tuple <- C2
                A:9157 > B:80  RST seq 101                  => C2 four-tuple <- C1
                A:9157 > B:80  SYN seq 5000                 => L1~ listener <- C3
                B:80 > A:9157  SYN ACK seq 7000 ack 5001    => C3 four-tuple <- L1 answers 7
                """)
        #expect(replay.states["C2"] == "closed")
    }

    @Test func `The same sequence number is the same conversation`() throws {
        let replay = try expectBoth(
            ConnectionTests.closed + """
                A:9157 > B:80  SYN seq 100                  => L1~ listener <- C3
                B:80 > A:9157  SYN ACK seq 300 ack 101      => C3 four-tuple <- L1 answers 7
                """)
        #expect(Set(replay.deliveries.map(\.stream)) == [0])
    }
}
