import Testing
@testable import Wire

/// 40 bytes of UDP datagram: 8 of header, then 32 that count up.
private let datagram = udp((0..<32).map { UInt8($0) })

/// A fragment of ``datagram`` as IPv4 or IPv6 packet.
private struct Piece {
    var version = IPAddress.Version.four
    var range: Range<Int>
    var more = true
    var identification = 7
    var number = IPProtocol.udp
    var source = 1
    var options: [UInt8] = []
    var payload: [UInt8]?
    /// How many bytes of the packet were captured.
    var captured: Int?

    init(_ range: Range<Int>, more: Bool = true) {
        self.range = range
        self.more = more
    }

    var packet: [UInt8] {
        let payload = self.payload ?? range.map { $0 < datagram.count ? datagram[$0] : 0 }
        switch version {
        case .four:
            var header = ipv4(number.rawValue, payload, options: options, flagsAndOffset: range.lowerBound / 8 | (more ? 0x2000 : 0))
            header.replaceSubrange(4..<6, with: be16(identification))
            header[15] = UInt8(source)
            return header
        case .six:
            let fragment = [number.rawValue, 0] + be16(range.lowerBound | (more ? 1 : 0)) + be32(UInt32(identification))
            return ipv6(44, fragment + payload, source: IPAddress(ipv6High: 0xfd00 << 48, low: UInt64(source)))
        }
    }
}

/// What a reassembler says to each of some pieces, in order; a piece a millisecond.
private func fates(
    _ pieces: [Piece], limits: Reassembler.Limits = Reassembler.Limits(), seconds: [Double] = []
) -> (words: [String], wholes: [ReassembledDatagram], reassembler: Reassembler) {
    var reassembler = Reassembler(limits: limits)
    var words: [String] = []
    var wholes: [ReassembledDatagram] = []
    for (index, piece) in pieces.enumerated() {
        let whole = piece.packet
        let bytes = Array(whole.prefix(piece.captured ?? whole.count))
        var packet = Packet()
        packet.decode(bytes.span, linkType: .raw, originalLength: whole.count)
        let time = Timestamp(nanoseconds: index < seconds.count ? Int64(seconds[index] * 1e9) : Int64(index) * 1_000_000)
        switch reassembler.take(packet, bytes.span, number: UInt64(index + 1), time: time) {
        case .none: words.append("none")
        case .waits: words.append("waits")
        case .duplicate: words.append("duplicate")
        case .overlaps: words.append("overlaps")
        case .discarded: words.append("discarded")
        case .unfit: words.append("unfit")
        case .completes(let whole):
            words.append("completes")
            wholes.append(whole)
        }
    }
    return (words, wholes, reassembler)
}

private func inVersion(_ version: IPAddress.Version, _ pieces: [Piece]) -> [Piece] {
    pieces.map { piece in
        var piece = piece
        piece.version = version
        return piece
    }
}

@Suite struct ReassemblerTests {
    @Test(arguments: [IPAddress.Version.four, .six])
    func `In order`(version: IPAddress.Version) throws {
        let pieces = inVersion(version, [Piece(0..<16), Piece(16..<32), Piece(32..<40, more: false)])
        let (words, wholes, reassembler) = fates(pieces)
        #expect(words == ["waits", "waits", "completes"])
        let whole = try #require(wholes.first)
        #expect(whole.frames == [1, 2, 3])
        #expect(whole.payloadLength == 40)
        #expect(Array(whole.bytes.suffix(40)) == datagram)
        #expect(whole.packet.udp?.destinationPort == 6428)
        #expect(whole.packet.payload(of: whole.bytes) == Array(datagram[8...]))
        #expect(whole.packet.stop == nil)
        #expect(whole.packet.remark == .reassembled)
        #expect(!whole.packet.isFragment)
        #expect(reassembler.memory == 0, "what is whole is handed on, and not kept")
    }

    @Test(arguments: [IPAddress.Version.four, .six])
    func `In any order`(version: IPAddress.Version) throws {
        let parts = inVersion(version, [Piece(0..<16), Piece(16..<32), Piece(32..<40, more: false)])
        for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let (words, wholes, _) = fates(order.map { parts[$0] })
            #expect(words == ["waits", "waits", "completes"])
            let whole = try #require(wholes.first)
            #expect(Array(whole.bytes.suffix(40)) == datagram)
            #expect(whole.frames == (0..<3).map { place in UInt64(order.firstIndex(of: place)! + 1) }, "by place")
        }
    }

    @Test func `The header is the first fragment's, made whole`() throws {
        var first = Piece(0..<16)
        first.options = [1, 1, 1, 0]
        let (_, wholes, _) = fates([Piece(16..<40, more: false), first])
        let whole = try #require(wholes.first)
        #expect(whole.packet.ipv4?.headerLength == 24)
        #expect(whole.packet.ipv4?.totalLength == 64)
        #expect(whole.packet.ipv4?.flagsAndOffset == 0)
        let bytes = whole.bytes
        let status = whole.packet.internetChecksumStatus(bytes.span)
        #expect(status == .good)
    }

    @Test(arguments: [IPAddress.Version.four, .six])
    func `Addresses, identification and protocol tell datagrams apart`(version: IPAddress.Version) {
        var pieces = inVersion(version, [Piece(0..<16), Piece(16..<40, more: false), Piece(16..<40, more: false)])
        pieces[1].identification = 8
        pieces[2].source = 2
        #expect(fates(pieces).words == ["waits", "waits", "waits"])
        var other = inVersion(version, [Piece(0..<16), Piece(16..<40, more: false)])
        other[1].number = .tcp
        // RFC 8200 §4.5: "Only the value from the Offset zero fragment packet is used for reassembly."
        #expect(fates(other).words == ["waits", version == .four ? "waits" : "completes"])
    }

    @Test func `A copy changes nothing`() {
        let pieces = [Piece(0..<16), Piece(0..<16), Piece(16..<32), Piece(8..<24), Piece(32..<40, more: false)]
        #expect(fates(pieces).words == ["waits", "duplicate", "waits", "duplicate", "completes"])
    }

    @Test func `An overlap discards the datagram, with what comes later`() {
        let pieces = [Piece(0..<16), Piece(8..<32), Piece(16..<32), Piece(32..<40, more: false), Piece(0..<16)]
        #expect(fates(pieces).words == ["waits", "overlaps", "discarded", "discarded", "discarded"])
        #expect(fates([Piece(8..<16), Piece(0..<16)]).words == ["waits", "overlaps"], "one that covers another")
        #expect(fates([Piece(16..<24), Piece(32..<40), Piece(16..<40)]).words == ["waits", "waits", "overlaps"], "over a gap")
    }

    @Test func `What cannot belong to it is refused`() {
        #expect(fates([Piece(0..<0)]).words == ["unfit"], "empty")
        #expect(fates([Piece(16..<40, more: false), Piece(40..<48)]).words == ["waits", "unfit"], "behind the last")
        #expect(fates([Piece(16..<40, more: false), Piece(24..<48, more: false)]).words == ["waits", "unfit"], "two ends")
        #expect(fates([Piece(16..<40), Piece(8..<16, more: false)]).words == ["waits", "unfit"], "an end before its middle")
        #expect(fates([Piece(65_528..<65_544, more: false)]).words == ["unfit"], "longer than any packet")
        #expect(fates(inVersion(.six, [Piece(65_528..<65_536, more: false)])).words == ["unfit"])
        #expect(fates(inVersion(.six, [Piece(65_520..<65_528, more: false)])).words == ["waits"])
    }

    @Test func `A length that is no multiple of eight`() throws {
        // RFC 8200 §4.5 discards it; the kernel cuts it down over IPv4.
        #expect(fates(inVersion(.six, [Piece(0..<15)])).words == ["unfit"])
        let (words, wholes, _) = fates([Piece(0..<19), Piece(16..<40, more: false)])
        #expect(words == ["waits", "completes"])
        #expect(Array(try #require(wholes.first).bytes.suffix(40)) == datagram)
    }

    @Test func `Who waits too long is given up`() {
        let pieces = [Piece(0..<16), Piece(16..<40, more: false)]
        #expect(fates(pieces, seconds: [0, 30]).words == ["waits", "completes"])
        #expect(fates(pieces, seconds: [0, 30.001]).words == ["waits", "waits"])
        #expect(fates(inVersion(.six, pieces), seconds: [0, 60]).words == ["waits", "completes"])
        #expect(fates(inVersion(.six, pieces), seconds: [0, 60.001]).words == ["waits", "waits"])
        #expect(fates(pieces, seconds: [0, 30.001]).reassembler.givenUp == 1)
        #expect(fates(pieces, seconds: [0, 30.001]).reassembler.incomplete == 2)
        let behind = inVersion(.six, [Piece(0..<8)]) + pieces
        #expect(fates(behind, seconds: [0, 1, 50]).words == ["waits", "waits", "waits"], "behind one that may wait longer")
        #expect(fates(pieces, seconds: [100, 0]).words == ["waits", "completes"], "a clock that was set back")
    }

    @Test func `Memory is bounded, and the oldest goes first`() {
        var limits = Reassembler.Limits()
        limits.memory = 10_000
        let pieces = (0..<1000).map { index in
            var piece = Piece(0..<16)
            piece.identification = index
            return piece
        }
        let reassembler = fates(pieces, limits: limits).reassembler
        #expect(reassembler.memory <= 10_000)
        #expect(reassembler.memory > 8000)
        #expect(reassembler.givenUp > 900)

        var last = Piece(16..<40, more: false)
        last.identification = 999
        #expect(fates(pieces + [last], limits: limits).words.last == "completes")
        last.identification = 0
        #expect(fates(pieces + [last], limits: limits).words.last == "waits")
    }

    /// The order in which datagrams began is kept for those that wait, not for all that ever were.
    @Test func `Many whole ones behind one that waits`() {
        var reassembler = fates([Piece(0..<16)]).reassembler
        var packet = Packet()
        for index in 0..<10_000 {
            for more in [true, false] {
                var piece = Piece(more ? 0..<16 : 16..<40, more: more)
                piece.identification = 8 + index
                let bytes = piece.packet
                packet.decode(bytes.span, linkType: .raw, originalLength: bytes.count)
                let fate = reassembler.take(packet, bytes.span, number: 1, time: Timestamp(nanoseconds: 0))
                #expect((fate.whole != nil) == !more)
            }
        }
        #expect(reassembler.remembered <= 2048)
    }

    @Test func `A fragment that was cut ends the bytes, not the datagram`() throws {
        var first = Piece(0..<16)
        first.captured = 20 + 12
        let (words, wholes, _) = fates([first, Piece(16..<40, more: false)])
        #expect(words == ["waits", "completes"])
        let whole = try #require(wholes.first)
        #expect(whole.bytes.count == 20 + 12, "what comes behind the gap would stand in the wrong place")
        #expect(whole.packet.udp?.sourcePort == 9157)
        #expect(whole.packet.payloadLength == 32)
        #expect(whole.packet.payload(of: whole.bytes) == [0, 1, 2, 3])
        let bytes = whole.bytes
        let status = whole.packet.transportChecksumStatus(bytes.span)
        #expect(status == .unverified)

        first.captured = 21
        #expect(fates([first, Piece(16..<40, more: false)]).wholes.first?.packet.udp == nil)
        var cutOptions = Piece(0..<16)
        cutOptions.options = [1, 1, 1, 0]
        cutOptions.captured = 22
        let cut = try #require(fates([cutOptions, Piece(16..<40, more: false)]).wholes.first)
        #expect(cut.packet.stop == truncated(.ip, needed: 24, available: 22, .captured))
    }

    @Test func `No fragment, no fate`() {
        var whole = Piece(0..<40, more: false)
        #expect(fates([whole]).words == ["none"])
        whole.version = .six
        #expect(fates([whole]).words == ["none"], "an atomic fragment (RFC 6946) is whole by itself")
    }

    /// Whatever the bytes are: no trap, and memory stays within its bound.
    @Test func `Random fragments`() {
        var generator = SystemRandomNumberGenerator()
        var limits = Reassembler.Limits()
        limits.memory = 4096
        var reassembler = Reassembler(limits: limits)
        var packet = Packet()
        for number in 1...20_000 {
            let start = Int.random(in: 0..<12) * 8
            var piece = Piece(start..<start + Int.random(in: 0..<40), more: Bool.random())
            piece.version = Bool.random() ? .four : .six
            piece.identification = Int.random(in: 0..<4)
            var bytes = piece.packet
            if Int.random(in: 0..<4) == 0 { bytes[Int.random(in: 0..<bytes.count)] = UInt8.random(in: 0...255, using: &generator) }
            let cut = Array(bytes.prefix(Int.random(in: 20...max(20, bytes.count))))
            packet.decode(cut.span, linkType: .raw, originalLength: bytes.count)
            let fate = reassembler.take(packet, cut.span, number: UInt64(number), time: Timestamp(nanoseconds: Int64(number)))
            #expect(reassembler.memory <= 4096)
            if let whole = fate.whole { #expect(whole.bytes.count <= IPv6Header.length + 65_535 + 8) }
        }
    }
}
