import Capture
import Foundation
import Testing
import Wire

/// On every capture that libpcap reads, both give the same frames.
@Suite struct `The same as libpcap` {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Captures")

    /// The repository's captures, and those of a folder that `PORTWATCH_CAPTURES` names.
    @Test func `recorded captures`() throws {
        let folders = [Self.folder.path] + (ProcessInfo.processInfo.environment["PORTWATCH_CAPTURES"].map { [$0] } ?? [])
        var compared = 0
        for folder in folders {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
                guard let data = FileManager.default.contents(atPath: folder + "/" + name) else { continue }
                let bytes = [UInt8](data)
                // libpcap reads no compressed files.
                guard !bytes.starts(with: [0x1f, 0x8b]), !bytes.starts(with: [0x28, 0xb5]) else { continue }
                let libpcap = LibpcapReading(bytes)
                compared += libpcap.frames.count
                if let difference = difference(readBytes(bytes), libpcap) { Issue.record("\(name): \(difference)") }
            }
        }
        #expect(compared > 100)
    }

    private static let frame: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 1, 2, 3, 4]

    /// pcap in every variety that libpcap knows.
    static let pcaps: [[UInt8]] = [false, true].flatMap { (isBigEndian: Bool) -> [[UInt8]] in
        [(2, 4), (2, 3), (2, 2), (2, 0), (543, 0), (2, 5), (1, 4)].flatMap { (major: Int, minor: Int) -> [[UInt8]] in
            [(false, false), (true, false), (false, true)].map { (isNanoseconds: Bool, isPatched: Bool) -> [UInt8] in
                let file = PcapFile(
                    isBigEndian: isBigEndian, isNanoseconds: isNanoseconds, isPatched: isPatched,
                    version: (UInt16(major), UInt16(minor)), snapshotLength: 24)
                return file.header + file.record(1_700_000_000, 5, frame, original: 40) + file.record(1, 1_500_000, [], original: 9)
                    + file.record(0xf000_0000, 0xf000_0000, [1, 2, 3], original: minor == 3 ? 5 : 2)
                    + file.record(3, 0, [UInt8](repeating: 7, count: 30), original: 30)
            }
        }
    }

    @Test func `pcap in all its varieties`() {
        for bytes in Self.pcaps {
            let libpcap = LibpcapReading(bytes)
            #expect(difference(readBytes(bytes), libpcap) == nil)
            // In small pieces every record comes in two or more.
            for piece in [1, 7, 24] { #expect(difference(readBytes(bytes, piece: piece), libpcap) == nil) }
        }
        // 2.5 and 1.4 it refuses.
        #expect(Self.pcaps.filter { LibpcapReading($0).frames.count == 4 }.count == 30)
    }

    /// Every number that a file's header can have for the link type, with what stands above it.
    @Test(arguments: [UInt32(0), 0x3000_0000, 0xf400_0000]) func `link types`(_ above: UInt32) {
        for number in UInt32(0)...300 {
            let file = PcapFile(linkType: number | above)
            let bytes = file.header + file.record(1, 2, [1, 2, 3])
            #expect(difference(readBytes(bytes), LibpcapReading(bytes)) == nil, "\(number)")
            let block = PcapngFile()
            let blocks = block.section() + block.interface(UInt16(number)) + block.enhanced(3, Self.frame)
            #expect(difference(readBytes(blocks), LibpcapReading(blocks)) == nil, "\(number)")
        }
    }

    /// pcapng as libpcap knows it: one link type, one snapshot length, one byte order.
    static let pcapngs: [[UInt8]] = [false, true].map { (isBigEndian: Bool) -> [UInt8] in
        let file = PcapngFile(isBigEndian: isBigEndian)
        let comment = file.option(1, "hello") + file.option(2, [0, 0, 0, 1]) + file.endOfOptions
        let offset = file.option(14, file.long(isBigEndian ? 0 : 3) + file.long(isBigEndian ? 3 : 0))
        let named = file.option(2, "eth0") + file.option(9, [9]) + offset + file.endOfOptions
        return [
            file.section(options: file.option(4, "tests")), file.interface(), file.others, file.interface(options: named),
            file.interface(options: file.option(9, [0x8a])), file.enhanced(1_700_000_000_123_456, frame),
            file.enhanced(1_700_000_000_123_456_789, frame, on: 1, original: 99, options: comment),
            file.obsolete(77, frame, options: comment), file.others, file.simple(frame), file.enhanced(5 << 10 | 3, [], on: 2),
            file.enhanced(.max, [1, 2, 3]), file.section(minor: 2), file.interface(), file.simple([1, 2, 3]), file.enhanced(5, [9]),
        ].flatMap { $0 }
    }

    @Test func `pcapng`() {
        for bytes in Self.pcapngs {
            let libpcap = LibpcapReading(bytes)
            #expect(libpcap.error == nil)
            #expect(libpcap.frames.count == 8)
            for piece in [1, 7, 32, .max] { #expect(difference(readBytes(bytes, piece: piece), libpcap) == nil) }
        }
    }

    /// Ticks of every resolution that libpcap can reckon with.
    @Test func `resolutions`() {
        let file = PcapngFile()
        for resolution in Array(0...19) + Array(0x80...0xa2) as [UInt8] {
            let ticks: [UInt64] = [0, 1, 999, 123_456_789, 1 << 34, 1_700_000_000_123_456_789, 1 << 63, .max]
            let head = file.section() + file.interface(options: file.option(9, [resolution]))
            let bytes = ticks.reduce(into: head) { $0 += file.enhanced($1, [1]) }
            #expect(difference(readBytes(bytes), LibpcapReading(bytes)) == nil, "\(resolution)")
        }
    }

    /// Link types with numbers in the byte order of the machine that captured: libpcap turns them to this machine's.
    @Test(arguments: [UInt32(113), 117, 189, 220, 239, 276]) func `numbers in the captured machine's byte order`(_ linkType: UInt32) {
        var generator = SplitMix(state: UInt64(linkType))
        for isBigEndian in [false, true] {
            let file = PcapFile(isBigEndian: isBigEndian, linkType: linkType)
            var bytes = file.header
            for index in 0..<3_000 {
                var frame = (0..<Int(generator.next() % 140)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
                Self.makePlausible(&frame, linkType, isBigEndian, index)
                bytes += file.record(1, 2, frame, original: index % 3 == 0 ? frame.count : Self.claimed(frame, isBigEndian))
            }
            #expect(difference(readBytes(bytes), LibpcapReading(bytes)) == nil)
        }
    }

    /// Such that the paths that matter are taken: CAN behind a cooked header, lengths that fit, isochronous transfers.
    private static func makePlausible(_ frame: inout [UInt8], _ linkType: UInt32, _ isBigEndian: Bool, _ index: Int) {
        func set(_ offset: Int, _ bytes: UInt8...) {
            for (place, byte) in bytes.enumerated() where offset + place < frame.count { frame[offset + place] = byte }
        }
        guard index % 5 != 0 else { return }
        switch linkType {
        case 113: set(14, 0, UInt8(0x0b + index % 4))
        case 276: set(0, 0, UInt8(0x0b + index % 4))
        case 117: set(0, UInt8(40 + index % 30))
        case 239: for offset in stride(from: 4, to: frame.count, by: 12) { set(offset, 0, 12) }
        case 239 where !isBigEndian: set(1, 0)
        default:
            set(8, UInt8(ascii: "C"), 0, 0x81)
            set(15, 0)
            if isBigEndian { set(60, 0, 0, 0, UInt8(index % 4)) } else { set(60, UInt8(index % 4), 0, 0, 0) }
            for offset in stride(from: 64, to: frame.count, by: 16) { set(offset + 4, 0, 0, 0, 40) }
        }
        if linkType == 239 { set(1, UInt8(index % 4 == 0 ? 1 : 0)) }
    }

    /// The length that old versions of libpcap gave an isochronous transfer.
    private static func claimed(_ frame: [UInt8], _ isBigEndian: Bool) -> Int {
        guard frame.count >= 64 else { return 99 }
        func number(_ offset: Int) -> UInt32 {
            let bytes = frame[offset..<offset + 4]
            return (isBigEndian ? Array(bytes) : bytes.reversed()).reduce(0) { $0 << 8 | UInt32($1) }
        }
        return Int(64 &+ number(60) &* 16 &+ number(32))
    }

    @Test func `cut at every length`() {
        for bytes in Self.pcaps + Self.pcapngs {
            let all = readBytes(bytes).frames
            for count in 1..<bytes.count {
                let cut = Array(bytes.prefix(count))
                let ours = readBytes(cut)
                #expect(difference(ours, LibpcapReading(cut)) == nil)
                #expect(ours.frames == Array(all.prefix(ours.frames.count)))
            }
        }
    }

    @Test func `every byte changed`() {
        // Each variety of pcap, in one byte order or the other.
        let pcaps = Self.pcaps.enumerated().filter { $0.offset % 5 == 0 }.map(\.element)
        for bytes in pcaps + Self.pcapngs {
            for index in bytes.indices {
                for value in [0, 0xff, bytes[index] ^ 1, bytes[index] ^ 0x80, bytes[index] &+ 1] {
                    var changed = bytes
                    changed[index] = value
                    if let difference = difference(readBytes(changed), LibpcapReading(changed)) {
                        Issue.record("byte \(index) as \(value) of \(bytes.count): \(difference)")
                    }
                }
            }
        }
    }
}

/// Numbers that are the same in each run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}
