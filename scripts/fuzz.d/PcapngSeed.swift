/// A pcapng file of a few frames with every kind of block (draft-ietf-opsawg-pcapng §4), in either byte order.
struct PcapngSeed {
    let isBigEndian: Bool

    func file(_ frames: [[UInt8]]) -> [UInt8] {
        var file = section() + interface(1, options: option(2, "eth0") + option(9, [9]) + option(3, "first") + end)
        file += block(5, long(0) + long(1) + long(2)) + block(4, short(1) + short(8) + [127, 0, 0, 1] + Array("lo\0\0".utf8) + end)
        for (index, frame) in frames.enumerated() {
            let lengths = long(UInt32(frame.count)) + long(UInt32(frame.count + index))
            let time = long(0x0005_f000) + long(UInt32(index) << 20)
            switch index % 4 {
            case 0: file += block(6, long(0) + time + lengths + padded(frame))
            case 1: file += block(6, long(0) + time + lengths + padded(frame) + option(1, "a comment") + option(2, [0, 0, 0, 1]) + end)
            case 2: file += block(3, long(UInt32(frame.count)) + padded(frame))
            default: file += block(2, short(0) + short(1) + time + lengths + padded(frame))
            }
            if index == 5 { file += section() + interface(113, options: option(9, [0x8a]) + option(14, long(0) + long(1)) + end) }
        }
        return file
    }

    private func section() -> [UInt8] {
        block(0x0a0d_0d0a, long(0x1a2b_3c4d) + short(1) + short(0) + long(0xffff_ffff) + long(0xffff_ffff) + option(4, "a seed") + end)
    }

    private func interface(_ linkType: UInt16, options: [UInt8]) -> [UInt8] { block(1, short(linkType) + short(0) + long(262_144) + options) }

    private func block(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
        let length = long(UInt32(12 + padded(body).count))
        return long(type) + length + padded(body) + length
    }

    private func option(_ code: UInt16, _ value: [UInt8]) -> [UInt8] { short(code) + short(UInt16(value.count)) + padded(value) }
    private func option(_ code: UInt16, _ text: String) -> [UInt8] { option(code, Array(text.utf8)) }
    private var end: [UInt8] { short(0) + short(0) }

    private func padded(_ bytes: [UInt8]) -> [UInt8] { bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4) }

    private func long(_ number: UInt32) -> [UInt8] {
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
        return isBigEndian ? bytes : bytes.reversed()
    }

    private func short(_ number: UInt16) -> [UInt8] {
        let bytes = [UInt8(number >> 8), UInt8(number & 0xff)]
        return isBigEndian ? bytes : bytes.reversed()
    }
}
