import Capture
import Foundation
import Testing
import Wire

/// What libpcap refuses of pcapng, and what it does not tell.
@Suite struct `pcapng files` {
    private let file = PcapngFile()
    private let big = PcapngFile(isBigEndian: true)

    private func lines(_ bytes: [UInt8]) -> (frames: [ReadFrame], reason: String?) {
        let (frames, error) = readBytes(bytes)
        return (frames, error?.reason)
    }

    @Test func `interfaces of different link types and snapshot lengths, sections of different byte orders`() {
        let bytes = [
            file.section(), file.interface(1, snapshotLength: 100), file.enhanced(1_000_000, [1]), file.interface(113, snapshotLength: 2),
            file.enhanced(2_000_000, [2, 2, 2], on: 1), file.enhanced(3_000_000, [3]), big.section(), big.interface(101),
            big.enhanced(4_000_000, [4]), big.others, file.section(), file.interface(0), file.obsolete(5_000_000, [5]),
        ].flatMap { $0 }
        let (frames, reason) = lines(bytes)
        #expect(reason == nil)
        #expect(frames.map(\.bytes) == [[1], [2, 2, 2], [3], [4], [5]])
        #expect(frames.map(\.info.linkType) == [.ethernet, .linuxCooked, .ethernet, .raw, .null])
        #expect(frames.map(\.info.interface) == [0, 1, 0, 0, 0])
        #expect(frames.map(\.info.time.nanoseconds) == [1, 2, 3, 4, 5].map { $0 * 1_000_000_000 })
        #expect(frames.map { $0.info.notes == .beyondSnapshotLength } == [false, true, false, false, false])
    }

    /// Ticks, resolution, offset and what they come to, reckoned by hand.
    @Test(arguments: [
        (1_500_000, 6, 0, 1_500_000_000, 6), (15, 1, 0, 1_500_000_000, 6), (7, 0, 0, 7_000_000_000, 6), (7, 9, 0, 7, 9),
        (1_234_567_890_123, 12, 0, 1_234_567_890, 9), (12_345_678_901_234_567_890, 19, 0, 1_234_567_890, 9),
        (12_345_678_901_234_567_890, 20, 0, 123_456_789, 9), (.max, 28, 0, 1, 9), (.max, 29, 0, 0, 9), (.max, 127, 0, 0, 9),
        // Here libpcap and Wireshark overflow: 2⁶³ - 1 of 2⁶³ ticks in a second.
        (0x7fff_ffff_ffff_ffff, 0xbf, 0, 999_999_999, 9), (0x8000_0000_0000_0001, 0xbf, 0, 1_000_000_000, 9),
        (3 << 40, 0xa8, 0, 3_000_000_000, 9), (3 << 40 | 1 << 39, 0xa8, 0, 3_500_000_000, 9), (1 << 63, 0xc0, 0, 500_000_000, 9),
        (.max, 0xc1, 0, 499_999_999, 9), (.max, 0xff, 0, 0, 9), (5, 0x80, 0, 5_000_000_000, 6), (5, 0x81, 0, 2_500_000_000, 6),
        (1_000_000, 6, 10, 11_000_000_000, 6), (1_000_000, 6, -3, -2_000_000_000, 6),
    ] as [(UInt64, UInt8, Int64, Int64, UInt8)])
    func times(_ ticks: UInt64, _ resolution: UInt8, _ offset: Int64, _ nanoseconds: Int64, _ digits: UInt8) {
        for file in [file, big] {
            let words = [UInt32(truncatingIfNeeded: offset >> 32), UInt32(truncatingIfNeeded: offset)]
            let value = file.isBigEndian ? file.long(words[0]) + file.long(words[1]) : file.long(words[1]) + file.long(words[0])
            let options = file.option(14, value) + file.option(9, [resolution])
            let (frames, reason) = lines(file.section() + file.interface(options: options) + file.enhanced(ticks, [1]))
            #expect(reason == nil)
            #expect(frames.map(\.info.time.nanoseconds) == [nanoseconds])
            #expect(frames.map(\.info.fractionDigits) == [digits])
        }
    }

    @Test(arguments: [(UInt64.max, Int64(0), Int64.max), (0, .max, .max), (0, .min, .min), (.max, .max, .max)])
    func `a time that cannot be told becomes the nearest`(_ ticks: UInt64, _ offset: Int64, _ expected: Int64) {
        let value = withUnsafeBytes(of: offset.littleEndian) { Array($0) }
        let options = file.option(14, value) + file.option(9, [0])
        let frames = lines(file.section() + file.interface(options: options) + file.enhanced(ticks, [1])).frames
        #expect(frames.map(\.info.time.nanoseconds) == [expected])
        #expect(frames.map(\.info.notes) == [.clampedTime])
    }

    /// As real captures have it: a time with a bit too many, in microseconds.
    @Test func `a time too far for nanoseconds is told exactly beside it`() throws {
        let bytes = file.section() + file.interface() + file.enhanced(18_446_744_073_204_126_329, [1]) + file.enhanced(1, [2])
        let capture = try CaptureFile(MemorySource(bytes), name: "memory")
        var far: [Int64?] = []
        while case .frame = try capture.next({ info, _ in
            let time = capture.annotations(of: info).farTime
            far.append(time?.seconds)
            if let time { #expect(time.nanoseconds == 126_329_000) }
        }) {}
        #expect(far == [18_446_744_073_204, nil])
    }

    @Test func `a simple packet block has no time, and its interface bounds it`() {
        let bytes = file.section() + file.interface(snapshotLength: 3) + file.simple([1, 2, 3], original: 9) + file.simple([4], original: 1)
        let (frames, reason) = lines(bytes)
        #expect(reason == nil)
        #expect(frames.map(\.bytes) == [[1, 2, 3], [4]])
        #expect(frames.map(\.info.originalLength) == [9, 1])
        #expect(frames.allSatisfy { $0.info.notes == .noTime && $0.info.time.nanoseconds == 0 })
    }

    @Test func `comments and names`() throws {
        let section = file.option(2, "a machine") + file.option(3, "a system") + file.option(4, "a program") + file.option(1, "of the section")
        let interface = file.option(2, "eth0") + file.option(3, "the first") + file.option(1, "of the interface")
        let comments = file.option(1, "one") + file.option(2, [0, 0, 0, 1]) + file.option(1, "two\0and more") + file.endOfOptions
        let bytes = [
            file.section(options: section), file.interface(options: interface), file.enhanced(1, [1, 2, 3], options: comments),
            file.interface(), file.enhanced(2, [2], on: 1), file.enhanced(3, [3], options: file.option(1, [0xff, 0x41])),
        ].flatMap { $0 }
        let capture = try CaptureFile(MemorySource(bytes), name: "memory")
        var all: [FrameAnnotations] = []
        while case .frame = try capture.next({ info, _ in all.append(capture.annotations(of: info)) }) {}
        #expect(all.map(\.comments) == [["one", "two"], [], ["\u{fffd}A"]])
        #expect(all.map(\.interface?.name) == ["eth0", nil, "eth0"])
        #expect(all.map(\.interface?.description) == ["the first", nil, "the first"])
        #expect(all.map(\.interface?.index) == [0, 1, 0])
        let told = ["hardware: a machine", "system: a system", "written by: a program", "of the section", "0: of the interface"]
        #expect(all[0].preamble.map(\.text) == told)
        #expect(all[1].preamble.isEmpty, "it is told once")
    }

    @Test func `lengths that leave out the padding`() {
        // As some writers have it: the block is padded, and its length is not.
        let body = file.long(0) + file.long(0) + file.long(7) + file.long(3) + file.long(3) + [1, 2, 3]
        let block = file.long(6) + file.long(35) + body + [0] + file.long(35)
        let (frames, reason) = lines(file.section() + file.interface() + block + file.enhanced(8, [4]))
        #expect(reason == nil)
        #expect(frames.map(\.bytes) == [[1, 2, 3], [4]])
    }

    /// As Wireshark reads it: it rounds up both lengths before it compares them.
    @Test func `one length of the two may leave the padding out`() {
        var block = file.enhanced(2, [9, 9, 9])
        block.replaceSubrange(4..<8, with: file.long(35))
        let (frames, reason) = lines(file.section() + file.interface() + block + file.enhanced(8, [4]))
        #expect(reason == nil)
        #expect(frames.map(\.bytes) == [[9, 9, 9], [4]])
    }

    @Test func `what lies is refused, after the good frames`() {
        func altered(_ block: [UInt8], _ offset: Int, _ value: UInt32) -> [UInt8] {
            var block = block
            block.replaceSubrange(offset..<offset + 4, with: file.long(value))
            return block
        }
        let packet = file.enhanced(2, [9, 9, 9])
        let lies: [(block: [UInt8], reason: String)] = [
            (altered(packet, 4, 8), "says that it has 8 bytes, and none has fewer than 12"),
            (altered(packet, 4, 0x7fff_fff0), "says that it has 2147483632 bytes, more than any should have"),
            (altered(packet, 32, 40), "says that it has 36 bytes at its start and 40 at its end"),
            (altered(packet, 8, 7), "is a packet of an interface that was not described: 7"),
            (altered(packet, 20, 5), "has room for 4 bytes of a frame and says that there are 5"),
            (file.block(6, [0, 0, 0, 0]), "is too short for a packet: 16 bytes"),
            (file.block(3, []), "is too short for a packet: 12 bytes"),
            (file.block(1, [1, 0, 0, 0]), "is too short for an interface: 16 bytes"),
            (file.block(0x0a0d_0d0a, file.long(0x1a2b_3c4d)), "is too short for a section's header: 16 bytes"),
            (file.block(0x0a0d_0d0a, file.long(0x1a2b_3c4e)), "begins a section and has no byte order"),
            (file.interface(options: file.short(2) + file.short(9) + [0, 0, 0, 0]), "is an interface whose options overrun it"),
            (file.section() + file.simple([1]), "is a packet of an interface that was not described: 0"),
        ]
        for (lie, reason) in lies {
            let found = lines(file.section() + file.interface() + file.enhanced(1, [1]) + lie + file.enhanced(3, [3]))
            #expect(found.frames.map(\.bytes) == [[1]])
            #expect(found.reason == "the block after frame 1 " + reason)
        }
        let short = lines(file.block(0x0a0d_0d0a, file.long(0x1a2b_3c4d)))
        #expect(short.reason == "the first block is too short for a section's header: 16 bytes")
        #expect(lines(file.section() + file.block(1, [1, 0, 0, 0])).reason == "block 2 is too short for an interface: 16 bytes")
        #expect(lines(file.section() + file.interface() + packet.prefix(20)).reason == "cut off within block 3: of 36 bytes there are 20")
        #expect(lines(file.section(major: 2)).reason == "a section of pcapng version 2.0, which is not known")
        #expect(lines(file.section() + file.simple([1])).reason == "a packet block comes before any interface")
    }

    @Test func `a frame longer than any`() {
        let bytes = file.section() + file.interface() + file.enhanced(1, [UInt8](repeating: 0, count: 262_145))
        #expect(lines(bytes).reason == "block 3 says that its frame has 262145 bytes, and a frame has 262144 at most")
        let large = file.section() + file.interface(231) + file.enhanced(1, [UInt8](repeating: 7, count: 3 << 20))
        #expect(lines(large).frames.map(\.bytes.count) == [3 << 20], "messages of D-Bus may be longer")
    }

    /// The frame is good, and so is what follows: they are shown, and the error is told in the end.
    @Test func `options that overrun a packet`() {
        let overrun = file.option(1, "kept") + file.short(1) + file.short(100) + [0, 0, 0, 0]
        let bytes = file.section() + file.interface() + file.enhanced(1, [1], options: overrun) + file.enhanced(2, [2])
        let (frames, reason) = lines(bytes)
        #expect(frames.map(\.info.notes) == [[.badOptions, .comments], []])
        #expect(reason == "the options of frame 1's block overrun it")
        let section = file.section(options: overrun) + file.interface() + file.enhanced(1, [1])
        #expect(lines(section).frames.count == 1)
        #expect(lines(section).reason == "the first block is a section's header whose options overrun it")
    }

    @Test func `no interface, no frames`() throws {
        for bytes in [file.section(), file.section() + file.others] {
            let (frames, reason) = lines(bytes)
            #expect(frames.isEmpty && reason == nil)
        }
    }

    @Test func `cut at every length, with everything in it`() throws {
        let comment = file.option(1, "a comment") + file.endOfOptions
        let pieces = [
            file.section(options: comment), file.interface(1, options: comment), file.enhanced(1, [1], options: comment), file.others,
            file.interface(113), file.enhanced(2, [2], on: 1), big.section(), big.interface(0), big.simple([3]), big.obsolete(4, [4]),
        ]
        let bytes = pieces.flatMap { $0 }
        let ends = pieces.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
        let all = readBytes(bytes).frames
        #expect(all.count == 4)
        for count in 1..<bytes.count {
            for piece in [5, .max] {
                let (frames, error) = readBytes(Array(bytes.prefix(count)), piece: piece)
                #expect(frames == Array(all.prefix(frames.count)))
                let whole = [2, 5, 8, 9].count { ends[$0 + 1] <= count }
                #expect(frames.count == whole)
                let isBetween = ends.contains(count) || (count > ends[3] && count < ends[4] && error == nil)
                #expect((error == nil) == isBetween)
            }
        }
    }
}
