/// How a file is compressed, by how it begins and never by its name.
enum Compression {
    case gzip
    case zstd
    /// One that is not read here.
    case other(name: String, command: String)

    init?(_ buffer: borrowing ReadBuffer) {
        let found = buffer.withBytes(0..<min(buffer.count, 8)) { Compression.recognize($0) }
        guard let found else { return nil }
        self = found
    }

    private static func recognize(_ bytes: Span<UInt8>) -> Compression? {
        func begins(_ beginning: UInt8...) -> Bool { FileKind.begins(bytes, with: beginning) }
        // RFC 1952 §2.3.1: deflate is the only method.
        if begins(0x1f, 0x8b, 8) { return .gzip }
        // RFC 8878 §3.1.1, §3.1.2: a frame, or one to be skipped.
        if begins(0x28, 0xb5, 0x2f, 0xfd) { return .zstd }
        if bytes.count >= 4, bytes[0] & 0xf0 == 0x50, bytes[1] == 0x2a, bytes[2] == 0x4d, bytes[3] == 0x18 { return .zstd }
        if begins(0xfd, UInt8(ascii: "7"), UInt8(ascii: "z"), UInt8(ascii: "X")) { return .other(name: "xz", command: "xz") }
        if begins(0x04, 0x22, 0x4d, 0x18) { return .other(name: "LZ4", command: "lz4") }
        if begins(UInt8(ascii: "B"), UInt8(ascii: "Z"), UInt8(ascii: "h")) { return .other(name: "bzip2", command: "bzip2") }
        if begins(0x1f, 0x9d) { return .other(name: "compress", command: "gzip") }
        return nil
    }

    /// Puts the decompressor between the file and the buffer.
    ///
    /// - Throws: for a compression that is not read here, with how to go on.
    func unpack(_ buffer: inout ReadBuffer, name: String) throws(CaptureError) {
        switch self {
        case .gzip: try buffer.unpack { (source, read) throws(CaptureError) in try GzipSource(source, read, name: name) }
        case .zstd: try buffer.unpack { (source, read) throws(CaptureError) in try ZstdSource(source, read, name: name) }
        case .other(let format, let command):
            let file = name == "standard input" ? "" : " \(name)"
            throw CaptureError(
                name, "compressed with \(format), which is not read here", hint: "\(command) -dc\(file) | portwatch -r -")
        }
    }
}
