import Testing
import Wire

@Suite struct `IPv4 options` {
    private func options(_ bytes: [UInt8]) -> [IPv4Option] {
        let padded = bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
        let frame = ipv4(17, udp(), options: padded)
        let list = decode(frame).ipv4Options(in: frame.span)
        return padded.count > bytes.count && list.last == .endOfList ? Array(list.dropLast()) : list
    }

    typealias Row = (bytes: [UInt8], option: IPv4Option, type: UInt8, text: String)
    private static let route: [UInt8] = [192, 0, 2, 1]
    static let rows: [Row] = [
        ([1], .noOperation, 1, "NOP"),
        ([7, 11, 8] + route + [0, 0, 0, 0], .route(.record, addresses: [0xc000_0201, 0], used: 1), 7, "record route 192.0.2.1 (1 of 2 used)"),
        ([131, 7, 4] + route, .route(.loose, addresses: [0xc000_0201], used: 0), 131, "loose source route 192.0.2.1 (0 of 1 used)"),
        ([137, 7, 8] + route, .route(.strict, addresses: [0xc000_0201], used: 1), 137, "strict source route 192.0.2.1 (1 of 1 used)"),
        ([68, 8, 9, 0x20, 0, 0, 1, 0], .timestamps([(nil, 256)], overflow: 2), 68, "timestamps 256 (2 found no room)"),
        ([68, 12, 13, 1] + route + [0, 0, 0, 5], .timestamps([(0xc000_0201, 5)], overflow: 0), 68, "timestamps 192.0.2.1 5"),
        ([68, 12, 9, 0, 0, 0, 0, 1, 0, 0, 0, 0], .timestamps([(nil, 1)], overflow: 0), 68, "timestamps 1"),
        ([148, 4, 0, 0], .routerAlert(0), 148, "router alert 0"),
        ([130, 11] + [UInt8](repeating: 0, count: 9), .other(type: 130, length: 11), 130, "security, 11 B"),
        ([99, 3, 7], .other(type: 99, length: 3), 99, "option 99, 3 B"),
    ]

    @Test(arguments: rows.indices) func `each type`(_ row: Int) {
        let (bytes, option, type, text) = Self.rows[row]
        #expect(options(bytes) == [option])
        #expect(option.type == type && option.description == text)
        #expect(options([1] + bytes) == [.noOperation, option])
    }

    @Test(arguments: [[7, 6, 4, 0, 0, 0], [131, 7, 3, 0, 0, 0, 0], [131, 7, 5, 0, 0, 0, 0], [148, 3, 0], [68, 7, 5, 0, 0, 0, 0], [68, 8, 4, 0, 0, 0, 0, 0]] as [[UInt8]])
    func `a length or a pointer that contradicts the type`(_ bytes: [UInt8]) {
        #expect(options(bytes + [1]) == [.malformed(type: bytes[0], length: bytes[1]), .noOperation])
    }

    @Test func `nothing is read behind a length that leads nowhere, or the end`() {
        #expect(options([148, 1, 1, 1]) == [.malformed(type: 148, length: 1)])
        #expect(options([148, 9, 1, 1]) == [.malformed(type: 148, length: 9)])
        #expect(options([1, 1, 1, 148]) == [.noOperation, .noOperation, .noOperation, .malformed(type: 148, length: 0)])
        #expect(options([0, 148, 4, 0]) == [.endOfList])
        #expect(options([]) == [])
    }

    @Test func `cut at every length`() {
        let frame = ipv4(17, udp(), options: [1, 131, 7, 4, 192, 0, 2, 1])
        for count in 0..<8 {
            let read = decode(frame, captured: 20 + count).ipv4Options(in: Array(frame.prefix(20 + count)).span)
            // What is cut does not show: nothing contradicts itself.
            #expect(read == (count > 0 ? [.noOperation] : []))
        }
        // A length beyond the header's end does, whatever was captured.
        let lying = ipv4(17, udp(), options: [1, 131, 8, 4, 192, 0, 2, 1])
        #expect(decode(lying, captured: 23).ipv4Options(in: lying.span) == [.noOperation, .malformed(type: 131, length: 8)])
        #expect(decode(ipv6(17, udp())).ipv4Options(in: ipv6(17, udp()).span) == [])
    }
}
