import Capture
import Foundation
import Testing
import Wire

/// Runs `body` with the path of a file that does not exist yet, and removes what was made there.
func withTemporaryPath<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("portwatch-\(UUID().uuidString).pcap").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
    try withTemporaryPath { path in
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try body(path)
    }
}

/// A pcap file, written byte by byte (draft-ietf-opsawg-pcap §4, §5).
struct PcapFile {
    var isBigEndian = false
    var isNanoseconds = false
    /// Kuznetzov's: records have eight bytes more.
    var isPatched = false
    var version: (major: UInt16, minor: UInt16) = (2, 4)
    var snapshotLength: UInt32 = 262_144
    var linkType: UInt32 = 1

    func number(_ value: UInt32) -> [UInt8] {
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
        return isBigEndian ? bytes : bytes.reversed()
    }

    private func short(_ value: UInt16) -> [UInt8] {
        let bytes = [UInt8(value >> 8), UInt8(value & 0xff)]
        return isBigEndian ? bytes : bytes.reversed()
    }

    var header: [UInt8] {
        number(isPatched ? 0xa1b2_cd34 : isNanoseconds ? 0xa1b2_3c4d : 0xa1b2_c3d4) + short(version.major) + short(version.minor)
            + number(0) + number(0) + number(snapshotLength) + number(linkType)
    }

    /// A record, whose captured and original lengths are those of its bytes unless said otherwise.
    func record(_ seconds: UInt32, _ fraction: UInt32, _ bytes: [UInt8], captured: Int? = nil, original: Int? = nil) -> [UInt8] {
        let lengths = [number(UInt32(captured ?? bytes.count)), number(UInt32(original ?? bytes.count))]
        // Before version 2.3 the original length came first.
        let isOld = version.major == 2 && version.minor < 3 || version.major == 543
        return number(seconds) + number(fraction) + (isOld ? lengths[1] + lengths[0] : lengths[0] + lengths[1])
            + (isPatched ? [1, 0, 0, 0, 8, 0, 4, 0] : []) + bytes
    }
}

/// A pcapng file, written block by block (draft-ietf-opsawg-pcapng §4).
struct PcapngFile {
    var isBigEndian = false

    func long(_ value: UInt32) -> [UInt8] {
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
        return isBigEndian ? bytes : bytes.reversed()
    }

    func short(_ value: UInt16) -> [UInt8] {
        let bytes = [UInt8(value >> 8), UInt8(value & 0xff)]
        return isBigEndian ? bytes : bytes.reversed()
    }

    private func padded(_ bytes: [UInt8]) -> [UInt8] { bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4) }

    func block(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
        let length = UInt32(12 + padded(body).count)
        return long(type) + long(length) + padded(body) + long(length)
    }

    func option(_ code: UInt16, _ value: [UInt8]) -> [UInt8] { short(code) + short(UInt16(value.count)) + padded(value) }
    func option(_ code: UInt16, _ text: String) -> [UInt8] { option(code, Array(text.utf8)) }
    var endOfOptions: [UInt8] { option(0, [UInt8]()) }

    func section(major: UInt16 = 1, minor: UInt16 = 0, options: [UInt8] = []) -> [UInt8] {
        block(0x0a0d_0d0a, long(0x1a2b_3c4d) + short(major) + short(minor) + long(0xffff_ffff) + long(0xffff_ffff) + options)
    }

    func interface(_ linkType: UInt16 = 1, snapshotLength: UInt32 = 262_144, options: [UInt8] = []) -> [UInt8] {
        block(1, short(linkType) + short(0) + long(snapshotLength) + options)
    }

    private func ticks(_ ticks: UInt64) -> [UInt8] { long(UInt32(ticks >> 32)) + long(UInt32(truncatingIfNeeded: ticks)) }

    func enhanced(
        _ time: UInt64, _ bytes: [UInt8], on interface: UInt32 = 0, captured: UInt32? = nil, original: UInt32? = nil,
        options: [UInt8] = []
    ) -> [UInt8] {
        block(
            6,
            long(interface) + ticks(time) + long(captured ?? UInt32(bytes.count)) + long(original ?? UInt32(bytes.count))
                + padded(bytes) + options)
    }

    func obsolete(_ time: UInt64, _ bytes: [UInt8], on interface: UInt16 = 0, options: [UInt8] = []) -> [UInt8] {
        block(
            2,
            short(interface) + short(7) + ticks(time) + long(UInt32(bytes.count)) + long(UInt32(bytes.count)) + padded(bytes)
                + options)
    }

    func simple(_ bytes: [UInt8], original: UInt32? = nil) -> [UInt8] {
        block(3, long(original ?? UInt32(bytes.count)) + padded(bytes))
    }

    /// Blocks without a frame: names, statistics, secrets, custom, unknown.
    var others: [UInt8] {
        [4, 5, 10, 0x0bad, 0x4000_0bad, 0x7777].reduce([]) { $0 + block($1, long(1) + long(2)) }
    }
}

/// Reads a source to its end, or to its error.
func readAll(_ source: some FrameSource) -> (frames: [ReadFrame], error: CaptureError?) {
    var frames: [ReadFrame] = []
    do {
        while case .frame = try source.next({ info, bytes in
            frames.append(ReadFrame(info: info, bytes: bytes.indices.map { bytes[$0] }))
        }) {}
        return (frames, nil)
    } catch {
        return (frames, error)
    }
}

/// Reads a capture in memory to its end, or to its error.
///
/// - Parameter piece: how many bytes come at a time.
func readBytes(_ bytes: [UInt8], piece: Int = .max) -> (frames: [ReadFrame], error: CaptureError?) {
    do throws(CaptureError) {
        return readAll(try CaptureFile(MemorySource(bytes, piece: piece), name: "memory"))
    } catch {
        return ([], error)
    }
}

/// Opens a file and reads it to its end, or to its error.
func readFile(_ path: String) -> (frames: [ReadFrame], error: CaptureError?) {
    do throws(CaptureError) {
        return readAll(try CaptureFile(path: path))
    } catch {
        return ([], error)
    }
}
