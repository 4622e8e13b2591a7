import CZstd

/// What is in a Zstandard file (RFC 8878): one frame after the other, some of them to be skipped.
///
/// The library refuses a window of more than 128 MiB, and takes memory for one only as it is filled.
@safe
final class ZstdSource: ByteSource {
    private let name: String
    private var input: CompressedInput
    private let context: OpaquePointer
    /// Whether a frame is under way, or its end not given out.
    private var isWithinFrame = true
    private var hasMore = false
    private var failure: CaptureError?

    init(_ source: any ByteSource, _ read: [UInt8], name: String) throws(CaptureError) {
        self.name = name
        input = CompressedInput(source, read)
        guard let context = unsafe ZSTD_createDCtx() else { throw CaptureError(name, "out of memory") }
        unsafe self.context = context
    }

    deinit {
        unsafe ZSTD_freeDCtx(context)
    }

    var canWait: Bool { input.source.canWait }
    var mayWait: Bool { input.source.mayWait }

    func read(into buffer: inout MutableSpan<UInt8>) throws(CaptureError) -> Int {
        if let failure { throw failure }
        while true {
            if input.count == 0, !hasMore, try !input.refill() {
                if !isWithinFrame { return 0 }
                throw CaptureError(name, "cut off: its zstd data end in the middle")
            }
            let count = decompress(into: &buffer)
            if count > 0 { return count }
            if let failure { throw failure }
        }
    }

    private func decompress(into buffer: inout MutableSpan<UInt8>) -> Int {
        let context = unsafe self.context
        let (status, used, written) = unsafe input.withBytes { bytes in
            unsafe buffer.withUnsafeMutableBytes { output in
                var source = unsafe ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
                var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
                let status = unsafe ZSTD_decompressStream(context, &target, &source)
                return unsafe (status, source.pos, target.pos)
            }
        }
        input.skip(used)
        if ZSTD_isError(status) != 0 {
            failure = CaptureError(name, "its zstd data are damaged (\(unsafe String(cString: ZSTD_getErrorName(status))))")
            return written
        }
        // 0 says that a frame is complete and all of it given out.
        isWithinFrame = status != 0
        hasMore = isWithinFrame && written == buffer.count
        return written
    }
}
