import Testing

/// Relative sequence numbers (RFC 9293 §3.4 counts modulo 2³²), and stream numbers.
@Suite struct SequenceTests {
    private func relative(_ script: String) throws -> [[UInt32]] {
        try expectLive(script).deliveries.map { [$0.relativeSequence, $0.relativeAcknowledgment] }
    }

    @Test func `A SYN is number 0, the first byte number 1`() throws {
        let numbers = try relative(
            """
            A:9157 > B:80  SYN seq 5000
            B:80 > A:9157  SYN ACK seq 9000 ack 5001
            A:9157 > B:80  ACK seq 5001 ack 9001
            A:9157 > B:80  PSH ACK seq 5001 ack 9001 14 B
            B:80 > A:9157  PSH ACK seq 9001 ack 5015 17 B
            A:9157 > B:80  FIN ACK seq 5015 ack 9018
            B:80 > A:9157  ACK seq 9018 ack 5016
            """)
        #expect(numbers == [[0, 0], [0, 1], [1, 1], [1, 1], [1, 15], [15, 18], [18, 16]])
    }

    @Test func `Across the wrap they go on`() throws {
        let numbers = try relative(
            """
            A:9157 > B:80  SYN seq 4294967290
            B:80 > A:9157  SYN ACK seq 4294967295 ack 4294967291
            A:9157 > B:80  ACK seq 4294967291 ack 0
            A:9157 > B:80  PSH ACK seq 4294967291 ack 0 10 B
            A:9157 > B:80  PSH ACK seq 5 ack 0 10 B
            B:80 > A:9157  ACK seq 0 ack 15
            """)
        #expect(numbers == [[0, 0], [0, 1], [1, 1], [1, 1], [11, 1], [1, 21]])
    }

    @Test func `Begun in the middle the first byte is number 1, in both directions`() throws {
        let numbers = try relative(
            """
            A:9157 > B:80  PSH ACK seq 5000 ack 9000 10 B
            B:80 > A:9157  PSH ACK seq 9000 ack 5010 20 B
            A:9157 > B:80  ACK seq 5010 ack 9020
            """)
        #expect(numbers == [[1, 1], [1, 11], [11, 21]])
    }

    @Test func `Begun in the middle just before the wrap`() throws {
        let numbers = try relative(
            """
            A:9157 > B:80  PSH ACK seq 4294967295 ack 4294967290 10 B
            B:80 > A:9157  PSH ACK seq 4294967290 ack 9 20 B
            A:9157 > B:80  ACK seq 9 ack 14
            A:9157 > B:80  PSH ACK seq 0 ack 14 9 B
            """)
        #expect(numbers == [[1, 1], [1, 11], [11, 21], [2, 21]])
    }

    @Test func `A RST in answer to a SYN is number 1, as its acknowledgment`() throws {
        let numbers = try relative(
            """
            A:9157 > B:80  SYN seq 5000
            B:80 > A:9157  RST ACK seq 0 ack 5001
            """)
        #expect(numbers == [[0, 0], [1, 1]])
    }

    @Test func `A FIN's end is found across the wrap`() throws {
        let replay = try expectLive(
            """
            A:9157 > B:80  PSH ACK seq 4294967290 ack 1 5 B
            A:9157 > B:80  FIN ACK seq 4294967295 ack 1
            B:80 > A:9157  FIN ACK seq 1 ack 0
            A:9157 > B:80  ACK seq 0 ack 2
            """)
        #expect(replay.states == ["C1": "TIME_WAIT", "C2": "closed"])
    }

    @Test func `Streams count per protocol, in the order of their first frames`() throws {
        let replay = try expectLive(
            """
            A:1 > B:80  SYN seq 100
            A:2 > B:53  UDP 5 B
            A:3 > B:80  SYN seq 100
            A:4 > B:53  UDP 5 B
            B:80 > A:3  SYN ACK seq 300 ack 101
            B:80 > A:1  RST ACK seq 0 ack 101
            // Refused, and tried again: a new conversation.
            A:1 > B:80  SYN seq 7000
            B:53 > A:2  UDP 5 B
            C > A  ICMP port unreachable quoting 4
            """)
        #expect(replay.deliveries.map(\.stream) == [0, 0, 1, 1, 1, 0, 2, 0, 1])
        #expect(replay.deliveries.map(\.conversationID) == [1, 2, 3, 4, 3, 1, 5, 2, 4])
    }

    @Test func `Both directions of a conversation have its slot, and different directions`() throws {
        let replay = try expectLive(
            """
            A:1 > B:80  SYN seq 100
            B:80 > A:1  SYN ACK seq 300 ack 101
            B:2 > A:80  SYN seq 100
            A:80 > B:2  SYN ACK seq 300 ack 101
            """)
        let slots = replay.deliveries.map(\.slot)
        #expect(slots[0] == slots[1] && slots[2] == slots[3] && slots[0] != slots[2])
        let directions = replay.deliveries.map(\.direction)
        #expect(directions[0] != directions[1] && directions[2] != directions[3])
    }
}
