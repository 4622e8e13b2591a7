import Capture
import Glibc
import Wire

/// Seeds from captures: each frame for the decoder, the first frames of each as a feed for the others.
enum Seeds {
    static func write(_ captures: [String], into folder: String) {
        for target in Target.allCases { unsafe mkdir("\(folder)/\(target.rawValue)", 0o755) }
        for path in captures {
            guard let bytes = read(path) else { fatalError("\(path) cannot be read") }
            let frames = frames(bytes)
            let name = path.split(separator: "/").last.map(String.init) ?? path
            for (index, frame) in frames.prefix(64).enumerated() {
                save("\(folder)/decoder/\(name)-\(index + 1)", [frame.linkType, 0, 0, 12] + frame.bytes)
            }
            writeFiles(folder, name, Array(bytes.prefix(2_000)))
            for isBigEndian in [false, true] {
                let file = PcapngSeed(isBigEndian: isBigEndian).file(frames.prefix(12).map(\.bytes))
                writeFiles(folder, "\(name)-\(isBigEndian ? "big" : "little")-ng", file)
            }
            let feed = frames.prefix(24).flatMap(raw)
            // A few of the many ways in which they can be shown.
            for (way, options) in [[0x80, 0, 0], [0x34, 0x86, 0x10], [0x0d, 0xca, 0], [0x2e, 0, 0x02], [0x71, 0xf7, 0x84]].enumerated() {
                save("\(folder)/inspection/\(name)-\(way)", options.map { UInt8($0) } + feed)
            }
            for (way, limits) in [[0xff, 3, 7, 0], [0x44, 1, 0x82, 0]].enumerated() {
                save("\(folder)/table/\(name)-\(way)", limits.map { UInt8($0) } + feed)
            }
        }
    }

    /// A file as it is, packed by the target, and packed already.
    private static func writeFiles(_ folder: String, _ name: String, _ bytes: [UInt8]) {
        for (way, head) in [[0x0f], [0x01, 60], [0x2d], [0x4e], [0x8f, 0x20, 0x80, 0x10], [0x88, 0, 0, 0]].enumerated() {
            save("\(folder)/reader/\(name)-\(way)", head.map { UInt8($0) } + bytes)
        }
        save("\(folder)/reader/\(name).gz", [0x0c] + Packing.gzip(bytes))
        save("\(folder)/reader/\(name).zst", [0x0b] + Packing.zstd(bytes))
    }

    /// A frame as ``FrameFeed`` cuts it out.
    private static func raw(_ frame: Frame) -> [UInt8] {
        let bytes = frame.bytes.prefix(0xfff)
        return [0, frame.linkType, UInt8(bytes.count >> 4), UInt8(bytes.count & 0xf)] + bytes + [0]
    }

    private struct Frame {
        /// Its place in ``FrameFeed/linkTypes``.
        let linkType: UInt8
        let bytes: [UInt8]
    }

    /// As far as they can be read.
    private static func frames(_ file: [UInt8]) -> [Frame] {
        var frames: [Frame] = []
        guard let capture = try? CaptureFile(MemorySource(file), name: "seed") else { return [] }
        while case .frame? = try? capture.next({ info, bytes in
            guard let linkType = FrameFeed.linkTypes.firstIndex(of: info.linkType.rawValue) else { return }
            frames.append(Frame(linkType: UInt8(linkType), bytes: bytes.indices.map { bytes[$0] }))
        }) {}
        return frames
    }

    private static func read(_ path: String) -> [UInt8]? {
        guard let file = unsafe fopen(path, "r") else { return nil }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe fread(&chunk, 1, chunk.count, file)
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    private static func save(_ path: String, _ bytes: [UInt8]) {
        guard let file = unsafe fopen(path, "w") else { fatalError("\(path) cannot be written") }
        defer { unsafe fclose(file) }
        unsafe fwrite(bytes, 1, bytes.count, file)
    }
}
