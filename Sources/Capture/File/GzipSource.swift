import CZlib

/// What is in a gzip file (RFC 1952): one member after the other.
///
/// Each read gives what the bytes that came are good for, so that a slow pipe shows its frames in time, and never more
/// than its buffer holds, however much it could become.
@safe
final class GzipSource: ByteSource {
    private let name: String
    private var input: CompressedInput
    /// zlib keeps the address of its stream.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isBetweenMembers = false
    /// Whether zlib may still have output for which there was no room.
    private var hasMore = false
    private var failure: CaptureError?

    init(_ source: any ByteSource, _ read: [UInt8], name: String) throws(CaptureError) {
        self.name = name
        input = CompressedInput(source, read)
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 15 bits of window, the greatest; 16 more ask for the gzip format and its checks.
        let status = unsafe inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        if status != Z_OK { throw CaptureError(name, "out of memory") }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    var canWait: Bool { input.source.canWait }
    var mayWait: Bool { input.source.mayWait }

    func read(into buffer: inout MutableSpan<UInt8>) throws(CaptureError) -> Int {
        if let failure { throw failure }
        while true {
            if input.count == 0, !hasMore, try !input.refill() {
                if isBetweenMembers { return 0 }
                throw CaptureError(name, "cut off: its gzip data end in the middle")
            }
            if isBetweenMembers, try !beginMember() { continue }
            let count = inflate(into: &buffer)
            if count > 0 { return count }
            if let failure { throw failure }
        }
    }

    /// Behind a member comes the next, or zeros to fill a block of tape.
    private func beginMember() throws(CaptureError) -> Bool {
        guard input.first != 0 else {
            input.skip(1)
            return false
        }
        guard input.first == 0x1f else { throw CaptureError(name, "there are bytes behind its gzip data that are none") }
        unsafe inflateReset(stream)
        isBetweenMembers = false
        return true
    }

    private func inflate(into buffer: inout MutableSpan<UInt8>) -> Int {
        let room = buffer.count
        let stream = unsafe self.stream
        let (status, used, rest) = unsafe input.withBytes { bytes in
            unsafe buffer.withUnsafeMutableBufferPointer { output in
                unsafe stream.pointee.next_in = bytes.baseAddress
                unsafe stream.pointee.avail_in = UInt32(bytes.count)
                unsafe stream.pointee.next_out = output.baseAddress
                unsafe stream.pointee.avail_out = UInt32(clamping: room)
                let status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
                return unsafe (status, bytes.count - Int(stream.pointee.avail_in), Int(stream.pointee.avail_out))
            }
        }
        input.skip(used)
        hasMore = rest == 0 && status != Z_STREAM_END
        switch status {
        case Z_OK: break
        case Z_STREAM_END: isBetweenMembers = true
        // Nothing could be done: more input is wanted.
        case Z_BUF_ERROR: hasMore = false
        case Z_MEM_ERROR: failure = CaptureError(name, "out of memory")
        default:
            let reason = unsafe stream.pointee.msg.map { unsafe " (\(String(cString: $0)))" } ?? ""
            failure = CaptureError(name, "its gzip data are damaged\(reason)")
        }
        return room - rest
    }
}
