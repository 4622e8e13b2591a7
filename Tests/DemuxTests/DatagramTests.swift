import Testing

/// UDP (RFC 768): the destination address and port alone decide, whoever sends.
@Suite struct DatagramTests {
    @Test func `Two clients reach one datagram socket, and each answer its client's`() throws {
        let replay = try expectBoth(
            """
            A:9157 > C:6428  UDP 6 B                    => D2~ datagram <- D1
            C:6428 > A:9157  UDP 6 B                    => D1 datagram <- D2
            B:5775 > C:6428  UDP 6 B                    => D2 datagram <- D3
            C:6428 > B:5775  UDP 6 B                    => D3 datagram <- D2
            A:9157 > C:6428  UDP 6 B                    => D2 datagram <- D1
            """)
        #expect(replay.socket("D2")?.remote == nil)
        #expect(replay.states == ["D1": "bound", "D2": "bound", "D3": "bound"])
        #expect(replay.deliveries.map(\.stream) == [0, 0, 1, 1, 0])
        let server = try #require(replay.socket("D2"))
        #expect((server.received.segments, server.received.bytes) == (3, 18))
        #expect((server.sent.segments, server.sent.bytes) == (2, 12))
    }

    @Test func `A datagram socket that writes to whomever is bound all the same`() throws {
        try expectBoth(
            """
            // C:6428 answers nobody: it writes to D, and so shows that it is there.
            A:9157 > C:6428  UDP 6 B                    => D2~ datagram <- D1
            C:6428 > D:514  UDP 6 B                     => D3? datagram <- D2
            """)
    }

    /// RFC 3828 §3: the ports of UDP-Lite are its own, as those of TCP are.
    @Test func `UDP and UDP-Lite on one port are two sockets`() throws {
        let replay = try expectBoth(
            """
            A:9157 > C:6428  UDP 6 B                    => D2~ datagram <- D1
            C:6428 > A:9157  UDP 6 B                    => D1 datagram <- D2
            A:9157 > C:6428  UDP-Lite 6 B               => D4~ datagram <- D3
            C:6428 > A:9157  UDP-Lite 6 B               => D3 datagram <- D4
            """)
        #expect(replay.socket("D2")?.transport == .udp && replay.socket("D4")?.transport == .udpLite)
        #expect(replay.socket("D2")?.received.segments == 1)
    }

    @Test func `An ICMP error about UDP-Lite is no answer to UDP`() throws {
        try expectFromFile(
            """
            A:9157 > C:6428  UDP 6 B                    => D2? datagram <- D1
            A:9157 > C:6428  UDP-Lite 6 B               => - closed-port <- D3
            C > A  ICMP port unreachable quoting 2      => D3 icmp-error <- - answers 2
            """)
    }

    @Test func `Nobody answers: presumed`() throws {
        let replay = try expectBoth("A:9157 > C:6428  UDP 6 B => D2? datagram <- D1")
        #expect(replay.socket("D2")?.evidence == .presumed)
    }

    @Test func `A datagram to a socket that is known already waits for nothing`() throws {
        try expectFromFile(
            """
            C:6428 > B:5775  UDP 6 B                    => D2? datagram <- D1
            A:9157 > C:6428  UDP 6 B                    => D1 datagram <- D3
            """)
    }

    // MARK: Port unreachable (RFC 1122 §4.1.3.1)

    @Test func `From a file the datagram to a closed port is shown as reaching nobody`() throws {
        try expectFromFile(
            """
            A:9157 > C:6428  UDP 6 B                    => - closed-port <- D1
            C > A  ICMP port unreachable quoting 1      => D1 icmp-error <- - answers 1
            """)
    }

    @Test func `Live the socket is presumed, and the error says that it was not there`() throws {
        let replay = try expectLive(
            """
            A:9157 > C:6428  UDP 6 B                    => D2? datagram <- D1
            C > A  ICMP port unreachable quoting 1      => D1 icmp-error <- - answers 1 corrects 1
            """)
        #expect(replay.events.last == ["-D2 disproved(frame: 2)"])
        #expect(replay.states == ["D1": "bound"])
    }

    @Test func `The same over IPv6`() throws {
        try expectFromFile(
            """
            A6:9157 > C6:6428  UDP 6 B                  => - closed-port <- D1
            C6 > A6  ICMP port unreachable quoting 1    => D1 icmp-error <- - answers 1
            """)
        try expectLive(
            """
            A6:9157 > C6:6428  UDP 6 B                  => D2? datagram <- D1
            C6 > A6  ICMP port unreachable quoting 1    => D1 icmp-error <- - answers 1 corrects 1
            """)
    }

    @Test func `Several datagrams, and errors that answer them in order`() throws {
        try expectFromFile(
            """
            A:9157 > C:6428  UDP 6 B                    => - closed-port <- D1
            A:9157 > C:6428  UDP 7 B                    => - closed-port <- D1
            A:9157 > C:6428  UDP 8 B                    => - closed-port <- D1
            C > A  ICMP port unreachable quoting 1      => D1 icmp-error <- - answers 1
            C > A  ICMP port unreachable quoting 2      => D1 icmp-error <- - answers 2
            C > A  ICMP port unreachable quoting 3      => D1 icmp-error <- - answers 3
            """)
    }

    @Test func `Several datagrams, and errors that answer them out of order`() throws {
        try expectFromFile(
            """
            A:9157 > C:6428  UDP 6 B                    => - closed-port <- D1
            A:9157 > C:6428  UDP 7 B                    => - closed-port <- D1
            C > A  ICMP port unreachable quoting 2      => D1 icmp-error <- - answers 2
            C > A  ICMP port unreachable quoting 1      => D1 icmp-error <- - answers 1
            """)
    }

    @Test func `Live each error corrects the datagram that it answers`() throws {
        try expectLive(
            """
            A:9157 > C:6428  UDP 6 B                    => D2? datagram <- D1
            A:9157 > C:6428  UDP 7 B                    => D2? datagram <- D1
            C > A  ICMP port unreachable quoting 1      => D1 icmp-error <- - answers 1 corrects 1
            C > A  ICMP port unreachable quoting 2      => D1 icmp-error <- - answers 2 corrects 2
            """)
    }

    /// Linux numbers datagrams that may not be fragmented 0, so that equal ones are equal to the last bit.
    @Test func `Equal datagrams are answered in order`() throws {
        try expectFromFile(
            """
            A:9157 > C:6428  UDP 6 B id 0               => - closed-port <- D1
            A:9157 > C:6428  UDP 6 B id 0               => - closed-port <- D1
            C > A  ICMP port unreachable quoting 1      => D1 icmp-error <- - answers 1
            C > A  ICMP port unreachable quoting 2      => D1 icmp-error <- - answers 2
            """)
    }

    /// The sender's side sees datagrams before the card has put the checksum in; what comes back quoted has it.
    @Test func `A quote's checksum may differ from the one that was captured`() throws {
        try expectLive(
            """
            A:9157 > C:6428  UDP 6 B offloaded          => D2? datagram <- D1
            A:9157 > C:6428  UDP 6 B offloaded          => D2? datagram <- D1
            C > A  ICMP port unreachable quoting [A:9157 > C:6428 UDP 6 B id 2]  => D1 icmp-error <- - answers 2 corrects 2
            C > A  ICMP port unreachable quoting [A:9157 > C:6428 UDP 6 B id 1]  => D1 icmp-error <- - answers 1 corrects 1
            """)
    }

    /// It may be closed, or connected to somebody else; what it sends shows it again.
    @Test func `A socket that was there before is in doubt`() throws {
        let replay = try expectBoth(
            """
            A:9157 > C:6428  UDP 6 B                    => D2~ datagram <- D1
            C:6428 > A:9157  UDP 6 B                    => D1 datagram <- D2
            A:9157 > C:6428  UDP 7 B                    => D2 datagram <- D1
            C > A  ICMP port unreachable quoting 3      => D1 icmp-error <- - answers 3 corrects 3
            A:9157 > C:6428  UDP 8 B                    => D2? datagram <- D1
            C:6428 > A:9157  UDP 6 B                    => D1 datagram <- D2
            A:9157 > C:6428  UDP 9 B                    => D2 datagram <- D1
            """)
        #expect(replay.socket("D2")?.isEnded == false)
    }

    /// RFC 1122 §3.2.2.1: host unreachable says that this datagram did not arrive, and nothing of a socket.
    @Test func `An error that is no port unreachable ends no socket`() throws {
        let replay = try expectLive(
            """
            A:9157 > C:6428  UDP 6 B                    => D2? datagram <- D1
            B > A  ICMP host unreachable quoting 1      => D1 icmp-error <- - answers 1
            A:9157 > C:6428  UDP 7 B                    => D2? datagram <- D1
            B > A  ICMP time exceeded quoting 3         => D1 icmp-error <- - answers 3
            """)
        #expect(replay.states == ["D1": "bound", "D2": "bound"])
    }

    @Test func `An error about something that was not captured`() throws {
        try expectBoth(
            """
            C > A  ICMP port unreachable quoting [A:9157 > C:6428 UDP 6 B]  => -? icmp-error <- -
            C > A  ICMP port unreachable quoting [A:9157 > C:80 SYN seq 1]  => -? icmp-error <- -
            // A port is known by then, and it has not sent what is quoted.
            A:9157 > B:53  UDP 6 B                                          => D2~ datagram <- D1
            B:53 > A:9157  UDP 6 B                                          => D1 datagram <- D2
            C > A  ICMP port unreachable quoting [A:9157 > C:6428 UDP 6 B]  => D1 icmp-error <- -
            """)
    }

    @Test func `An error about a packet without ports is for no socket`() throws {
        try expectBoth("C > A  ICMP host unreachable quoting [A > C protocol 47 20 B] => - no-ports <- -")
    }

    // MARK: Group delivery

    @Test func `Multicast and broadcast go to every bound socket, and are never held`() throws {
        try expectBoth(
            """
            A:5353 > 224.0.0.251:5353  UDP 6 B              => D2? group-delivery <- D1
            B:5353 > 224.0.0.251:5353  UDP 6 B              => D2? group-delivery <- D3
            A:68 > 255.255.255.255:67  UDP 6 B              => D5? group-delivery <- D4
            A:138 > 10.0.0.255:138  UDP 6 B broadcast       => D7? group-delivery <- D6
            A6:5353 > [ff02::fb]:5353  UDP 6 B              => D9? group-delivery <- D8
            """)
    }

    @Test func `A group's datagram is not held behind a question of its own`() throws {
        // Were it held, the last frame would show the socket and the first would be certain.
        try expectFromFile(
            """
            A:5353 > 224.0.0.251:5353  UDP 6 B              => D2? group-delivery <- D1
            224.0.0.251:5353 > A:5353  UDP 6 B              => D1 datagram <- D2
            """)
    }
}
