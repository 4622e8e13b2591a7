import Demux
import Testing
import Wire

@testable import HostSockets

/// What the kernel says of one socket.
@Suite struct DiagMessageTests {
    private func socket(_ message: [UInt8], _ transport: IPProtocol? = .tcp) throws(NetlinkError) -> HostSocket? {
        let body = Array(message.dropFirst(16))
        return try DiagMessage.socket(body.span, transport: transport)
    }

    @Test func `a listener on both versions`() throws {
        let socket = try #require(try socket(Recorded.dualStackListener))
        #expect(socket.family == .six && socket.state == .listen && !socket.isIPv6Only)
        #expect(socket.local == Endpoint("[::]:1000"))
        #expect(socket.remote == nil)
        #expect(socket.cookie == 0x1001 && socket.inode == 528_850)
        #expect(socket.receiveQueue == 1 && socket.sendQueue == 3)
    }

    @Test func `v4-mapped addresses are IPv4's, and the socket stays IPv6`() throws {
        let socket = try #require(try socket(Recorded.queued))
        #expect(socket.family == .six)
        #expect(socket.local == Endpoint("127.0.0.1:1000"))
        #expect(socket.remote == Endpoint("127.0.0.1:56570"))
        #expect(socket.inode == 0)
    }

    @Test func `a notice says its transport, and keeps the other end though its state is CLOSE`() throws {
        let socket = try #require(try socket(Recorded.destroyed, nil))
        #expect(socket.transport == .tcp && socket.state == .closed && socket.cookie == 0x1005)
        #expect(socket.remote == Endpoint("127.0.0.1:1000"))
    }

    @Test func `drops, device and v6only`() throws {
        let second = Array(Recorded.datagrams[0][172...])
        let socket = try #require(try socket(second, .udp))
        #expect(socket.drops == 8 && socket.device == 1 && socket.isIPv6Only)
        #expect(socket.local == Endpoint("[::1]:53") && socket.remote == nil)
        #expect(socket.receiveQueue == 1280)
    }

    @Test func `every shorter message is refused, or has fewer attributes`() throws {
        let fixed = 16 + 72
        for length in 16..<Recorded.dualStackListener.count {
            let cut = Array(Recorded.dualStackListener.prefix(length))
            if length < fixed {
                #expect(throws: NetlinkError.malformed("a socket of \(length - 16) bytes, of 72")) { try socket(cut) }
            } else {
                // An attribute that claims more than there is, or none: never a value from beyond the end.
                _ = try? socket(cut)
            }
        }
    }

    @Test func `an attribute that lies about its length is refused`() {
        for length in [0, 3, 9, 0xffff] as [UInt16] {
            var lying = Array(Recorded.dualStackListener.prefix(16 + 72 + 8))
            lying[88] = UInt8(truncatingIfNeeded: length)
            lying[89] = UInt8(length >> 8)
            #expect(throws: NetlinkError.malformed("an attribute of \(length) bytes where there are 8")) { try socket(lying) }
        }
    }

    @Test func `a family or state that nobody knows is no socket`() throws {
        var strange = Recorded.dualStackListener
        strange[16] = 1
        #expect(try socket(strange) == nil)
        strange = Recorded.dualStackListener
        strange[17] = 13
        #expect(try socket(strange) == nil)
        #expect(try socket(Recorded.dualStackListener, nil) == nil, "no INET_DIAG_PROTOCOL")
    }

    @Test func `any bytes at all end without a trap`() {
        var generator = Bytes(seed: 4)
        for _ in 0..<20_000 {
            var message = Recorded.datagrams[0]
            for _ in 0..<generator.below(6) { message[generator.below(message.count)] = UInt8(generator.below(256)) }
            message.removeLast(generator.below(message.count))
            var exchange = NetlinkExchange(sequence: Recorded.sequence, port: Recorded.port)
            try? exchange.take(message.span) { (_, payload) throws(NetlinkError) in
                _ = try DiagMessage.socket(payload, transport: .udp)
                _ = try RouteMessage.route(payload)
            }
        }
    }
}

/// A generator of its own: the same bytes in every run.
struct Bytes {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
