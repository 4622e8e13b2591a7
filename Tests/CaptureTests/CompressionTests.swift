import CZlib
import CZstd
import Capture
import Foundation
import Testing
import Wire

func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    var (input, output) = (bytes, [UInt8](repeating: 0, count: bytes.count + 1_000))
    let count = input.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
            (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
            (stream.next_out, stream.avail_out) = (output.baseAddress, UInt32(output.count))
            deflate(&stream, Z_FINISH)
            return output.count - Int(stream.avail_out)
        }
    }
    deflateEnd(&stream)
    return Array(output.prefix(count))
}

func zstd(_ bytes: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let count = ZSTD_compress(&output, output.count, bytes, bytes.count, 3)
    return Array(output.prefix(count))
}

@Suite struct `Compressed captures` {
    enum Format: CaseIterable {
        case gzip, zstd

        func compress(_ bytes: [UInt8]) -> [UInt8] {
            switch self {
            case .gzip: CaptureTests.gzip(bytes)
            case .zstd: CaptureTests.zstd(bytes)
            }
        }
    }

    /// 300 frames whose bytes do not compress to nothing.
    private let plain: [UInt8] = {
        var generator = SplitMix(state: 1)
        let file = PcapFile()
        return (0..<300).reduce(into: file.header) { bytes, index in
            bytes += file.record(UInt32(index), 0, (0..<40).map { _ in UInt8(truncatingIfNeeded: generator.next() & 0x3f) })
        }
    }()

    @Test(arguments: Format.allCases) func `whole, in pieces of any size`(_ format: Format) {
        let bytes = format.compress(plain)
        let expected = readBytes(plain).frames
        for piece in [1, 100, .max] {
            let (frames, error) = readBytes(bytes, piece: piece)
            #expect(error == nil)
            #expect(frames == expected)
        }
    }

    @Test(arguments: Format.allCases) func `several members, and pcapng`(_ format: Format) {
        let members = [plain.prefix(1_000), plain[1_000..<1_001], [], plain.dropFirst(1_001)].flatMap { format.compress(Array($0)) }
        #expect(readBytes(members).frames.count == 300)
        #expect(readBytes(members, piece: 1).frames.count == 300)
        let file = PcapngFile()
        #expect(readBytes(format.compress(file.section() + file.interface() + file.enhanced(1, [1]))).frames.count == 1)
    }

    @Test func `what stands between and behind`() {
        let skipped: [UInt8] = [0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9]
        #expect(readBytes(skipped + zstd(plain) + skipped).frames.count == 300)
        let padded = readBytes(gzip(plain) + [UInt8](repeating: 0, count: 700))
        #expect(padded.frames.count == 300 && padded.error == nil)
        let other = readBytes(gzip(plain) + [1, 2, 3])
        #expect(other.frames.count == 300)
        #expect(other.error?.reason == "there are bytes behind its gzip data that are none")
        let behind = readBytes(zstd(plain) + [1, 2, 3, 4, 5])
        #expect(behind.frames.count == 300)
        #expect(behind.error?.reason.hasPrefix("its zstd data are damaged") == true)
    }

    @Test(arguments: Format.allCases) func `cut at every length`(_ format: Format) {
        let bytes = format.compress(Array(plain.prefix(24 + 56 * 20)))
        let expected = readBytes(plain).frames
        for count in 1..<bytes.count {
            let (frames, error) = readBytes(Array(bytes.prefix(count)))
            #expect(frames == Array(expected.prefix(frames.count)))
            #expect(error != nil)
            if count > 16 { #expect(error?.reason == "cut off: its \(format) data end in the middle") }
        }
    }

    /// What could be read before the damage is shown; there is always an error, for both formats have a check.
    @Test(arguments: Format.allCases) func damaged(_ format: Format) {
        var bytes = format.compress(plain)
        // Without its check, zstd cannot see every damage: the library writes one only if asked.
        for index in stride(from: 4, to: bytes.count, by: 11) {
            bytes[index] ^= 0x55
            let (frames, error) = readBytes(bytes)
            #expect(frames.count <= 300)
            if format == .gzip, index > 9 { #expect(error != nil) }
            bytes[index] ^= 0x55
        }
        // The check at the end of a gzip member.
        guard format == .gzip else { return }
        bytes[bytes.count - 5] ^= 1
        let (frames, error) = readBytes(bytes)
        #expect(frames.count == 300)
        #expect(error?.reason == "its gzip data are damaged (incorrect data check)" || error?.reason == "its gzip data are damaged (incorrect length check)")
    }

    @Test(arguments: [
        ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "xz", "xz"), ([0x04, 0x22, 0x4d, 0x18, 0], "LZ4", "lz4"),
        (Array("BZh9".utf8), "bzip2", "bzip2"), ([0x1f, 0x9d, 0x90, 0], "compress", "gzip"),
    ] as [([UInt8], String, String)])
    func `others are named`(_ bytes: [UInt8], _ name: String, _ command: String) {
        #expect(
            readBytes(bytes).error
                == CaptureError("memory", "compressed with \(name), which is not read here", hint: "\(command) -dc memory | portwatch -r -"))
    }

    @Test(arguments: [
        ("snoop\0\0\0", "it seems to be a snoop file of Solaris"), ("GMBU", "it seems to be a file of Microsoft Network Monitor 2"),
        ("tcp 1 2 3\n", "it seems to be text"), ("\u{1}\u{2}\u{3}\u{4}", "neither pcap nor pcapng"),
    ]) func `other files are named`(_ beginning: String, _ what: String) {
        #expect(readBytes(Array(beginning.utf8)).error?.reason == "not a capture file: \(what)")
        #expect(readBytes(gzip(Array(beginning.utf8))).error?.reason == "not a capture file: \(what)")
    }

    /// 16 MiB of zeros in 16 KiB: what it becomes is not kept.
    @Test(arguments: Format.allCases) func `a bomb goes by`(_ format: Format) {
        // The zeros are records of no bytes at time 0.
        let zeros = [UInt8](repeating: 0, count: 1 << 22)
        let member = format.compress(zeros)
        let bytes = format.compress(PcapFile().header) + (0..<4).flatMap { _ in member }
        #expect(bytes.count < 1 << 15)
        let source = CountingSource(bytes)
        var count = 0
        do {
            let capture = try CaptureFile(source, name: "bomb")
            while case .frame = try capture.next({ _, _ in count += 1 }) {}
        } catch {
            Issue.record("\(error)")
        }
        #expect(count == (4 << 22) / 16)
        #expect(source.largest <= 1 << 18)
    }
}

/// Remembers how much it was asked for at once.
final class CountingSource: ByteSource {
    private let source: MemorySource
    private(set) var largest = 0

    init(_ bytes: [UInt8]) { source = MemorySource(bytes) }

    var canWait: Bool { false }
    var mayWait: Bool { false }

    func read(into buffer: inout MutableSpan<UInt8>) throws(CaptureError) -> Int {
        largest = max(largest, buffer.count)
        return try source.read(into: &buffer)
    }
}
