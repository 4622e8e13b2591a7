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
    var snapshotLength: UInt32 = 262_144
    var linkType: UInt32 = 1

    func number(_ value: UInt32) -> [UInt8] {
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
        return isBigEndian ? bytes : bytes.reversed()
    }

    /// Major and minor version 2.4 in two bytes each.
    private var version: [UInt8] { isBigEndian ? [0, 2, 0, 4] : [2, 0, 4, 0] }

    var header: [UInt8] {
        number(isNanoseconds ? 0xa1b2_3c4d : 0xa1b2_c3d4) + version + number(0) + number(0) + number(snapshotLength) + number(linkType)
    }

    /// A record, whose captured and original lengths are those of its bytes unless said otherwise.
    func record(_ seconds: UInt32, _ fraction: UInt32, _ bytes: [UInt8], captured: Int? = nil, original: Int? = nil) -> [UInt8] {
        number(seconds) + number(fraction) + number(UInt32(captured ?? bytes.count)) + number(UInt32(original ?? bytes.count)) + bytes
    }
}

/// A frame that was read, with its bytes.
struct ReadFrame: Equatable {
    let info: FrameInfo
    let bytes: [UInt8]
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

/// Opens a file and reads it to its end, or to its error.
func readFile(_ path: String) -> (frames: [ReadFrame], error: CaptureError?) {
    do throws(CaptureError) {
        return readAll(try CaptureFile(path: path))
    } catch {
        return ([], error)
    }
}
