import Demux
import Testing

/// Streams are numbered as Wireshark numbers them, whatever becomes of the sockets.
@Suite struct StreamNumberTests {
    private func streams(_ script: String) throws -> [UInt32] { try expectLive(script).deliveries.map(\.stream) }

    private let none = Delivery.noStream

    @Test func `In the order of first frames, each protocol for itself`() throws {
        let streams = try streams(
            """
            A:1 > B:80  SYN seq 100
            A:1 > B:80  UDP 8 B
            A:2 > B:80  SYN seq 100
            B:80 > A:1  SYN ACK seq 300 ack 101
            A:2 > B:80  UDP 8 B
            A > B  ICMP echo
            """)
        #expect(streams == [0, 0, 1, 0, 1, none])
    }

    @Test func `A SYN with another number begins a new one, and one sent again does not`() throws {
        let streams = try streams(
            """
            A:1 > B:80  SYN seq 100
            A:1 > B:80  SYN seq 100
            A:1 > B:80  ACK seq 101 ack 301
            A:1 > B:80  SYN seq 900
            B:80 > A:1  SYN ACK seq 300 ack 901
            A:1 > B:80  ACK seq 901 ack 301
            """)
        #expect(streams == [0, 0, 0, 1, 1, 1])
    }

    @Test func `A SYN ACK with another number begins none`() throws {
        let streams = try streams(
            """
            A:1 > B:80  SYN seq 100
            B:80 > A:1  SYN ACK seq 300 ack 101
            B:80 > A:1  SYN ACK seq 700 ack 101
            A:1 > B:80  RST seq 101
            B:80 > A:1  SYN ACK seq 800 ack 101
            """)
        #expect(streams == [0, 0, 0, 0, 0])
    }

    /// What was acknowledged from there tells where that direction begins.
    @Test func `A SYN in the middle is new unless its number is that of the first byte`() throws {
        let middle = "A:1 > B:80  PSH ACK seq 501 ack 301 4 B\n"
        #expect(try streams(middle + "A:1 > B:80  SYN seq 500") == [0, 0])
        #expect(try streams(middle + "A:1 > B:80  SYN seq 501") == [0, 1])
        #expect(try streams(middle + "B:80 > A:1  SYN seq 300") == [0, 0])
        #expect(try streams(middle + "B:80 > A:1  SYN seq 301") == [0, 1])
    }

    @Test func `What an ICMP error quotes counts, and has its number`() throws {
        let streams = try streams(
            """
            B6 > A6  ICMP time exceeded quoting [A6:1 > B6:80 SYN seq 100]
            B > A  ICMP time exceeded quoting [A:1 > B:53 UDP 4 B]
            A6:2 > B6:80  SYN seq 100
            A6:1 > B6:80  SYN seq 100
            A:2 > B:53  UDP 4 B
            A:1 > B:53  UDP 4 B
            B6 > A6  ICMP time exceeded quoting [A6:1 > B6:80 SYN seq 200]
            B > A  ICMP time exceeded quoting [A:9 > B:80 SYN seq 200]
            """)
        // An IPv4 quote has eight bytes of the segment: too few.
        #expect(streams == [0, 0, 1, 0, 1, 0, 2, none])
    }

    /// The sockets are two, the conversation is one.
    @Test func `UDP and UDP-Lite between the same ends have one number`() throws {
        let streams = try streams(
            """
            A:1 > B:53  UDP 8 B
            A:2 > B:53  UDP-Lite 8 B
            B:53 > A:1  UDP-Lite 8 B
            A:2 > B:53  UDP 8 B
            A:3 > B:53  UDP 8 B
            """)
        #expect(streams == [0, 1, 0, 1, 2])
    }

    @Test func `A header without window, or without checksum, has none`() throws {
        let streams = try streams(
            """
            A:1 > B:80  ACK seq 100 ack 1 cut 15
            A:1 > B:80  ACK seq 100 ack 1 cut 16
            A:1 > B:80  ACK seq 100 ack 1 cut 14
            A:1 > B:53  UDP 4 B cut 7
            A:1 > B:53  UDP 4 B cut 8
            """)
        #expect(streams == [none, 0, none, none, 0])
    }
}
