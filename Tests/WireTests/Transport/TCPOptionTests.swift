import Testing
import Wire

@Suite struct `TCP options` {
    private func options(_ bytes: [UInt8]) -> [TCPOption] {
        TCPOption.all(in: ByteRange(offset: 0, count: bytes.count), of: bytes.span)
    }

    @Test(arguments: [
        ([0], .endOfList, "end"),
        ([1], .noOperation, "NOP"),
        ([2, 4, 0x05, 0xb4], .maximumSegmentSize(1460), "MSS 1460"),
        ([3, 3, 7], .windowScale(shift: 7), "window scale 7"),
        ([3, 3, 200], .windowScale(shift: 200), "window scale 200"),
        ([4, 2], .sackPermitted, "SACK permitted"),
        ([5, 10] + be32(100) + be32(200), .sack([.init(left: 100, right: 200)]), "SACK 100-200"),
        (
            [5, 18] + be32(1) + be32(2) + be32(4_294_967_295) + be32(4), .sack([.init(left: 1, right: 2), .init(left: .max, right: 4)]),
            "SACK 1-2, 4294967295-4"
        ),
        ([8, 10] + be32(0xffff_ffff) + be32(7), .timestamps(value: .max, echoReply: 7), "timestamps 4294967295 7"),
        ([19, 18] + [UInt8](repeating: 0, count: 16), .md5Signature, "MD5 signature"),
        ([28, 4, 0x80, 5], .userTimeout(5, isMinutes: true), "user timeout 5 min"),
        ([28, 4, 0x7f, 0xff], .userTimeout(32_767, isMinutes: false), "user timeout 32767 s"),
        ([29, 6, 3, 4, 9, 9], .authentication(keyID: 3, nextKeyID: 4), "authentication, key 3, next 4"),
        ([30, 12, 0x01, 0x81] + [UInt8](repeating: 0, count: 8), .multipath(subtype: 0, length: 12), "MPTCP capable, 12 B"),
        ([30, 4, 0x20, 0], .multipath(subtype: 2, length: 4), "MPTCP DSS, 4 B"),
        ([30, 3, 0xf0], .multipath(subtype: 15, length: 3), "MPTCP subtype 15, 3 B"),
        ([34, 2], .fastOpen(cookieLength: 0), "fast open, cookie wanted"),
        ([34, 6, 1, 2, 3, 4], .fastOpen(cookieLength: 4), "fast open, cookie of 4 B"),
        ([254, 8, 0xf9, 0x89, 1, 2, 3, 4], .fastOpen(cookieLength: 4), "fast open, cookie of 4 B"),
        ([253, 4, 0xf9, 0x89], .fastOpen(cookieLength: 0), "fast open, cookie wanted"),
        ([254, 4, 0xf9, 0x88], .other(kind: 254, length: 4), "experiment 2, 4 B"),
        ([172, 2], .other(kind: 172, length: 2), "accurate ECN order 0, 2 B"),
        ([99, 3, 0], .other(kind: 99, length: 3), "option 99, 3 B"),
    ] as [([UInt8], TCPOption, String)])
    func `each kind`(_ bytes: [UInt8], _ option: TCPOption, _ text: String) {
        #expect(options(bytes) == [option])
        #expect(option.description == text)
        #expect(options([1] + bytes + [1]) == (option == .endOfList ? [.noOperation, option] : [.noOperation, option, .noOperation]))
    }

    /// The lengths that RFC 9293 §3.2, RFC 7323 and RFC 2018 §3 give; any other contradicts the kind.
    @Test(arguments: [
        (2, [4]), (3, [3]), (4, [2]), (5, [10, 18, 26, 34]), (8, [10]), (19, [18]), (28, [4]), (29, Array(4...40)), (30, Array(3...40)),
        (34, [2, 6, 8, 10, 12, 14, 16, 18]),
    ] as [(UInt8, [UInt8])])
    func `each length of a kind`(_ kind: UInt8, _ right: [UInt8]) {
        for length in UInt8(0)...40 {
            let bytes = [kind, length] + [UInt8](repeating: 1, count: 38)
            let first = options(bytes).first
            #expect((first == .malformed(kind: kind, length: length)) == !right.contains(length))
        }
    }

    @Test func `nothing is read after the end or a length that leads nowhere`() {
        #expect(options([0, 2, 4, 5, 180]) == [.endOfList])
        // A length that contradicts the kind alone says all the same where the next one begins.
        #expect(options([2, 3, 5, 3, 3, 7]) == [.malformed(kind: 2, length: 3), .windowScale(shift: 7)])
        #expect(options([99, 1, 2, 4, 5, 180]) == [.malformed(kind: 99, length: 1)])
        #expect(options([99, 0, 1]) == [.malformed(kind: 99, length: 0)])
        #expect(options([1, 99, 9, 1]) == [.noOperation, .malformed(kind: 99, length: 9)])
        #expect(options([1, 99]) == [.noOperation, .malformed(kind: 99, length: 0)])
        #expect(options([]) == [])
    }

    /// The options of a SYN of Linux: MSS, SACK permitted, timestamps, NOP, window scale.
    @Test func `cut at every length`() {
        let syn: [UInt8] = [2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7]
        let whole: [(end: Int, option: TCPOption)] = [
            (4, .maximumSegmentSize(1460)), (6, .sackPermitted), (16, .timestamps(value: 1, echoReply: 0)), (17, .noOperation),
            (20, .windowScale(shift: 7)),
        ]
        let frame = ipv4(6, tcp(options: syn)) + trailer
        for count in 0...syn.count {
            let packet = decode(frame, captured: 40 + count)
            let captured = Array(frame.prefix(40 + count))
            let read = packet.tcp.map { TCPOption.all(of: $0, in: captured.span) } ?? []
            // What is cut does not show: nothing contradicts itself.
            #expect(read == whole.filter { $0.end <= count }.map(\.option))
            // The whole frame, whose range is cut: the same.
            #expect(packet.tcp.map { TCPOption.all(of: $0, in: frame.span) } == read)
        }
    }

    /// A length beyond the header's end contradicts it, whatever was captured; one within may only be cut.
    @Test func `a length beyond the header is malformed also where the header is cut`() {
        let frame = ipv4(6, tcp(options: [99, 4, 0, 0, 99, 5, 0, 0]))
        let first = TCPOption.other(kind: 99, length: 4)
        let second = TCPOption.malformed(kind: 99, length: 5)
        for (captured, options) in [(43, []), (44, [first]), (45, [first]), (46, [first, second]), (48, [first, second])] {
            #expect(decode(frame, captured: captured).tcp.map { TCPOption.all(of: $0, in: frame.span) } == options)
        }
    }
}
