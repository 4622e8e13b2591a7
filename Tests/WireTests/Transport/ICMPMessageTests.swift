import Testing
import Wire

@Suite struct `ICMP messages` {
    private static let target = client6
    typealias Row = (version: IPAddress.Version, message: [UInt8], said: ICMPMessage, brief: String)
    private static func row(_ version: IPAddress.Version, _ type: UInt8, _ code: UInt8, _ rest: [UInt8], _ said: ICMPMessage, _ brief: String) -> Row {
        (version, [type, code, 0, 0] + rest, said, brief)
    }
    static let rows: [Row] = [
        row(.four, 8, 0, [0, 7, 0, 1], .echo(identifier: 7, sequence: 1), "id 7 seq 1"),
        row(.four, 15, 0, [0, 7, 0, 1], .echo(identifier: 7, sequence: 1), "id 7 seq 1"),
        row(.four, 3, 3, [0, 0, 0, 0], .unused(0), ""),
        row(.four, 3, 4, [0, 0, 5, 0xdc], .tooBig(mtu: 1500), "mtu 1500"),
        row(.four, 5, 1, [192, 0, 2, 1], .redirect4(gateway: IPAddress(ipv4: client4)), "to 192.0.2.1"),
        row(.four, 9, 0, [2, 2, 7, 8], .routerAdvertisement4(count: 2, entryWords: 2, lifetime: 1800), ""),
        row(.four, 12, 0, [20, 0, 0, 0], .parameterProblem(pointer: 20), "at 20"),
        row(.four, 13, 0, [0, 7, 0, 1] + be32(5) + be32(6) + be32(7), .timestamps(identifier: 7, sequence: 1, originate: 5, receive: 6, transmit: 7), "id 7 seq 1"),
        row(.four, 18, 0, [0, 7, 0, 1, 255, 255, 255, 0], .addressMask(identifier: 7, sequence: 1, mask: IPAddress(ipv4: 0xffff_ff00)), "id 7 seq 1 mask 255.255.255.0"),
        row(.four, 42, 0, [0, 7, 9, 0], .extendedEcho(identifier: 7, sequence: 9), "id 7 seq 9"),
        row(.four, 10, 0, [0, 0, 0, 0], .none, ""),
        row(.six, 2, 0, [0, 0, 5, 0], .tooBig(mtu: 1280), "mtu 1280"),
        row(.six, 4, 1, [0, 0, 0, 40], .parameterProblem(pointer: 40), "at 40"),
        row(.six, 129, 0, [0, 7, 0, 1], .echo(identifier: 7, sequence: 1), "id 7 seq 1"),
        row(.six, 131, 0, [0, 9, 0, 0] + target.bytes, .listener(delay: 9, group: target), "2001:db8::1"),
        row(.six, 130, 0, [0, 9, 0, 0] + target.bytes, .listener(delay: 9, group: target), "2001:db8::1"),
        row(.six, 130, 0, [0x80, 9, 0, 0] + target.bytes + be32(0), .listenerQuery2(code: 0x8009, group: target), "2001:db8::1"),
        row(.six, 134, 0, [64, 0xc0, 7, 8] + be32(1) + be32(2), .routerAdvertisement6(hopLimit: 64, flags: 0xc0, lifetime: 1800, reachable: 1, retransmit: 2), ""),
        row(.six, 135, 0, [0, 0, 0, 0] + target.bytes, .neighborSolicitation(target: target), "who has 2001:db8::1"),
        row(.six, 136, 0, [0xe0, 0, 0, 0] + target.bytes, .neighborAdvertisement(flags: 0xe000_0000, target: target), "here is 2001:db8::1"),
        row(.six, 137, 0, [0, 0, 0, 0] + target.bytes + server6.bytes, .redirect6(target: target, destination: server6), "2001:db8::2 to 2001:db8::1"),
        row(.six, 143, 0, [0, 0, 0, 1], .listenerReport2(records: 1), "1 group"),
    ]

    @Test(arguments: rows.indices) func `each type`(_ index: Int) {
        let (version, message, said, brief) = Self.rows[index]
        let frame = ip(version, version == .four ? 1 : 58, message) + trailer
        #expect(decode(frame).message(in: frame) == said)
        #expect(said.brief == brief)
    }

    /// Below eight bytes it says nothing; then what is whole is as it is in the whole.
    @Test(arguments: rows.indices) func `cut at every length`(_ index: Int) {
        let (version, message, said, _) = Self.rows[index]
        let start = ipHeaderLength(version)
        let frame = ip(version, version == .four ? 1 : 58, message)
        for count in 0..<message.count {
            let bytes = frame.prefix(start + count)
            let cut = decode(frame, captured: start + count).message(in: bytes)
            #expect(count >= 8 || cut == .none)
            guard count >= 8 else { continue }
            #expect(name(cut) == name(said), "the kind does not change")
            #expect(cut != said || count >= 24 || message.count <= 24)
        }
    }

    private func name(_ message: ICMPMessage) -> Substring { "\(message)".prefix { $0 != "(" } }

    /// RFC 4884 §4: behind a quote of a length that the message gives stand extensions, which are none of the quote.
    @Test(arguments: versions) func `a quote ends where its length says`(_ version: IPAddress.Version) throws {
        // Longer than what is quoted of it, as the quotes of routers are.
        let quoted = Array(ip(version, 17, udp([UInt8](repeating: 1, count: 200))).prefix(128))
        let extensions: [UInt8] = [0x20, 0, 0, 0, 0, 8, 1, 1, 0xde, 0xad, 0xbe, 0xef]
        let (type, number): (UInt8, UInt8) = version == .four ? (11, 1) : (3, 58)
        let length: [UInt8] = version == .four ? [0, 32, 0, 0] : [16, 0, 0, 0]
        let frame = ip(version, number, [type, 0, 0, 0] + length + quoted + extensions)
        let inner = try #require(decode(frame).quote(in: frame))
        #expect(inner.udp != nil && inner.payload.end == ipHeaderLength(version) + 8 + 128)
        let plain = ip(version, number, [type, 0, 0, 0, 0, 0, 0, 0] + quoted + extensions)
        #expect(try #require(decode(plain).quote(in: plain)).payload.end == plain.count, "without one all of it is the quote")
        // More than there is: then all of it is.
        let beyond: [UInt8] = version == .four ? [0, 255, 0, 0] : [255, 0, 0, 0]
        let long = ip(version, number, [type, 0, 0, 0] + beyond + quoted)
        #expect(try #require(decode(long).quote(in: long)).payload.end == long.count)
    }
}
