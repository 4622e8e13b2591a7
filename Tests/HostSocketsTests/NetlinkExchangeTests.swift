import Demux
import Glibc
import Platform
import Testing
import Wire

@testable import HostSockets

/// What is made of an answer's messages.
@Suite struct NetlinkExchangeTests {
    private func play(_ receives: [[UInt8]]) throws(NetlinkError) -> (outcome: NetlinkSocket.Outcome?, types: [UInt16]) {
        var exchange = NetlinkExchange(sequence: Recorded.sequence, port: Recorded.port)
        var types: [UInt16] = []
        for bytes in receives {
            try exchange.take(bytes.span) { (type, _) throws(NetlinkError) in types.append(type) }
        }
        return (exchange.outcome, types)
    }

    @Test func `one message without NLM_F_MULTI is a whole answer`() throws {
        let (outcome, types) = try play([Recorded.dualStackListener])
        #expect(outcome == .complete && types == [20])
    }

    @Test func `a dump ends with NLMSG_DONE and not before`() throws {
        let (open, types) = try play([Recorded.datagrams[0]])
        #expect(open == nil && types == [20, 20])
        #expect(try play(Recorded.datagrams).outcome == .complete)
    }

    @Test func `an errno is told`() throws {
        #expect(try play([Recorded.nobody]).outcome == .refused(ENOENT))
    }

    @Test func `an interrupted dump is told, though its end does not say so`() throws {
        var first = Recorded.datagrams[0]
        first[6] |= 0x10  // NLM_F_DUMP_INTR
        #expect(try play([first, Recorded.datagrams[1]]).outcome == .interrupted)
    }

    @Test func `answers to another question and to another port are passed over`() throws {
        var late = Recorded.queued
        late[8] = 6
        var strange = Recorded.queued
        strange[12] = 1
        let (outcome, types) = try play([late, strange, Recorded.nobody])
        #expect(outcome == .refused(ENOENT) && types.isEmpty)
    }

    @Test func `NLMSG_OVERRUN and an end with an error`() throws {
        var overrun = Recorded.datagrams[1]
        overrun[4] = 4
        #expect(throws: NetlinkError.overrun) { try play([overrun]) }
        var failed = Recorded.datagrams[1]
        failed.replaceSubrange(16..<20, with: [0xf4, 0xff, 0xff, 0xff])
        #expect(try play([failed]).outcome == .refused(ENOMEM))
        failed.replaceSubrange(16..<20, with: [1, 0, 0, 0])
        #expect(throws: NetlinkError.malformed("an end with 1")) { try play([failed]) }
        failed.replaceSubrange(16..<20, with: [0, 0, 0, 0x80])
        #expect(throws: Never.self) { try play([failed]) }
    }

    @Test func `a length beyond the end, or none, is refused`() {
        for length in [0, 15, 173, 0x8000_0000, 0xffff_fff0] as [UInt32] {
            var lying = Recorded.dualStackListener
            for byte in 0..<4 { lying[byte] = UInt8(truncatingIfNeeded: length >> (UInt32(byte) * 8)) }
            #expect(throws: NetlinkError.malformed("a message of \(length) bytes where there are 172")) { try play([lying]) }
        }
        #expect(throws: NetlinkError.malformed("1 bytes are no message")) { try play([Recorded.datagrams[0] + [0]]) }
        #expect(throws: NetlinkError.malformed("an error without a number")) {
            try play([[16, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 0x42, 0x5e, 0, 0]])
        }
    }

    @Test func `a route`() throws {
        let body = Array(Recorded.localRoute.dropFirst(16))
        let route = try RouteMessage.route(body.span)
        #expect(route == RouteMessage.Route(type: 2, device: 1))
        #expect(throws: NetlinkError.malformed("a route of 11 bytes, of 12")) {
            let cut = Array(Recorded.localRoute[16..<27])
            _ = try RouteMessage.route(cut.span)
        }
    }

    /// Where the addresses and ports of a question stand: for TCP the local end first, for UDP the remote one.
    @Test(arguments: [IPProtocol.tcp, .udp])
    func `a question as the kernel wants it`(_ transport: IPProtocol) throws {
        let question = LookupQuestion(
            transport: transport, source: try #require(Endpoint("10.0.0.1:9157")),
            destination: try #require(Endpoint("10.0.0.2:80")), device: 5)
        let source = "23c5", destination = "0050", sourceAddress = "0a000001", destinationAddress = "0a000002"
        let isTCP = transport == .tcp
        let expected = Recorded.hex(
            // length 72, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, no sequence yet, port 0: the kernel
            "48000000 1400 0100 00000000 00000000",
            // AF_INET, the transport, INET_DIAG_SKMEMINFO, padding; every state
            "02", isTCP ? "06" : "11", "40 00 fe1f0000",
            // ports, in network byte order
            isTCP ? destination + source : source + destination,
            // addresses
            (isTCP ? destinationAddress : sourceAddress) + "000000000000000000000000",
            (isTCP ? sourceAddress : destinationAddress) + "000000000000000000000000",
            // interface; INET_DIAG_NOCOOKIE
            "05000000 ffffffff ffffffff")
        #expect(DiagRequest.exact(question).bytes == expected)
    }
}
