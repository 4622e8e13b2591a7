import CZlib
import CZstd

/// Bytes as gzip and zstd have them: what is mutated plain reaches what is behind the decompressors.
enum Packing {
    static func isPacked(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0x1f, 0x8b]) || bytes.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) || bytes.dropFirst().starts(with: [0x2a, 0x4d, 0x18])
    }

    static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        guard deflateInit2_(&stream, 1, Z_DEFLATED, 15 + 16, 1, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { fatalError("deflate") }
        defer { deflateEnd(&stream) }
        var input = bytes
        return [UInt8](unsafeUninitializedCapacity: bytes.count + 1024) { output, count in
            input.withUnsafeMutableBufferPointer { input in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                guard deflate(&stream, Z_FINISH) == Z_STREAM_END else { fatalError("deflate") }
            }
            count = Int(stream.total_out)
        }
    }

    static func zstd(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { output, count in
            count = ZSTD_compress(output.baseAddress, output.count, bytes, bytes.count, 1)
            guard ZSTD_isError(count) == 0 else { fatalError("zstd") }
        }
    }
}
