import Demux
import FrameScript
import Testing
import Wire

/// What `--explain` shows: the sockets that a packet was held against, in the order of the rule.
@Suite struct CandidateTests {
    /// The candidates of a script's last frame, a line each: name, source and destination accepted or not, why not.
    private func candidates(
        _ text: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> (lines: [String], others: Int) {
        let script = try FrameScript(text)
        let replay = Replay.live(script, sourceLocation: sourceLocation)
        let frame = try #require(script.frames.last)
        var packet = Packet()
        packet.decode(frame.bytes.span, linkType: .ethernet, originalLength: frame.originalLength)
        let found = replay.table.candidates(packet, try #require(replay.deliveries.last))
        let lines = found.shown.map { candidate in
            "\(candidate.socket.name) \(candidate.acceptsSource ? "=" : "≠") \(candidate.acceptsDestination ? "=" : "≠") "
                + (candidate.wins ? "wins" : candidate.why?.rawValue ?? "for no reason")
        }
        return (lines, found.others)
    }

    private static let figure = """
        A:9157 > C:80  SYN seq 100
        C:80 > A:9157  SYN ACK seq 300 ack 101
        A:9157 > C:80  ACK seq 101 ack 301
        B:9157 > C:80  SYN seq 100
        C:80 > B:9157  SYN ACK seq 300 ack 101
        B:9157 > C:80  ACK seq 101 ack 301
        B:5775 > C:80  SYN seq 100
        C:80 > B:5775  SYN ACK seq 300 ack 101
        B:5775 > C:80  ACK seq 101 ack 301

        """

    @Test func `Connected sockets go first, the winner behind those that it beat, then the listener`() throws {
        let (lines, others) = try candidates(
            CandidateTests.figure + "B:9157 > C:80  PSH ACK seq 101 ack 301 5 B")
        #expect(lines == ["C2 ≠ = other-peer", "C6 ≠ = other-peer", "C4 = = wins", "L1 = = connected-first"])
        #expect(others == 0)
    }

    @Test func `A SYN fits no connected socket, so the listener gets it`() throws {
        let (lines, _) = try candidates(CandidateTests.figure + "A:5775 > C:80  SYN seq 100")
        #expect(lines == ["C2 ≠ = other-peer", "C4 ≠ = other-peer", "C6 ≠ = other-peer", "L1 = = wins"])
    }

    /// On one host the client's socket stands in the same table.
    @Test func `The other end on the same host is held against the packet, too`() throws {
        let (lines, _) = try candidates(
            """
            A:9157 > A:1234  SYN seq 100
            A:1234 > A:9157  SYN ACK seq 300 ack 101
            A:9157 > A:1234  ACK seq 101 ack 301
            """)
        #expect(lines == ["C1 ≠ ≠ other-port", "C2 = = wins", "L1 = = connected-first"])
    }

    @Test func `Nobody wins`() throws {
        let (lines, others) = try candidates(
            """
            A:1 > C:80  SYN seq 100
            C:80 > A:1  SYN ACK seq 300 ack 101
            A:1 > C:81  SYN seq 100
            C:81 > A:1  RST ACK seq 0 ack 101
            C:81 > A:1  RST ACK seq 0 ack 101
            """)
        // C1 is on A, and at another's disposal: it has the port, and another peer.
        #expect(lines == ["C1 ≠ = other-peer"])
        #expect(others == 0)
    }

    @Test func `A datagram is held against datagram sockets of its host alone`() throws {
        let (lines, _) = try candidates(
            """
            A:9157 > C:6428  UDP 5 B
            A:9157 > C:53  UDP 5 B
            A:9157 > D:6428  UDP 5 B
            A:9157 > C:80  SYN seq 100
            B:5775 > C:6428  UDP 5 B
            """)
        #expect(lines == ["D3 = ≠ other-port", "D2 = = wins"])
    }

    @Test func `An ended socket is no candidate`() throws {
        let (lines, _) = try candidates(
            """
            A:1 > C:80  SYN seq 100
            C:80 > A:1  SYN ACK seq 300 ack 101
            A:1 > C:80  ACK seq 101 ack 301
            A:1 > C:80  RST seq 101
            A:2 > C:80  SYN seq 100
            """)
        #expect(lines == ["L1 = = wins"])
    }

    @Test func `TIME_WAIT is, where it takes the stray`() throws {
        let (lines, _) = try candidates(ConnectionTests.closed + "B:80 > A:9157  FIN ACK seq 301 ack 102")
        #expect(lines == ["C1 = = wins"])
    }

    @Test(arguments: [5, 70, 300])
    func `Of many that lose the four nearest are told, the others counted`(_ count: Int) throws {
        let many = (1...count).map { "A:\($0) > C:80  ACK seq 101 ack 301\n" }.joined()
        let (lines, others) = try candidates(many + "A:9157 > C:80  ACK seq 101 ack 301")
        #expect(lines.count == 5)
        #expect(others == count - 4)
        #expect(lines.last == "C\(2 * count + 2) = = wins")
        #expect(lines.dropLast().allSatisfy { $0.hasSuffix("≠ = other-peer") })
    }

    @Test func `What has its peer's address or port in common is nearer than what has neither`() throws {
        let strangers = (1...6).map { "D:\($0) > C:80  ACK seq 101 ack 301\n" }.joined()
        let (lines, others) = try candidates(
            strangers + """
                A:5775 > C:80  ACK seq 101 ack 301
                B:9157 > C:80  ACK seq 101 ack 301
                A:9157 > C:80  ACK seq 101 ack 301
                """)
        // C14 and C16: those of A:5775 and of B:9157.
        #expect(lines.map { String($0.prefix { $0 != " " }) } == ["C2", "C4", "C14", "C16", "C18"])
        #expect(others == 4)
    }

    @Test func `What has no ports has no candidates`() throws {
        let (lines, others) = try candidates(CandidateTests.figure + "A > C  protocol 47 20 B")
        #expect(lines.isEmpty && others == 0)
    }
}
