/// Where the bytes of a capture file come from: a descriptor, a decompressor, memory.
public protocol ByteSource: AnyObject {
    /// Fills the buffer from its start with what is there, and waits only for the first byte.
    ///
    /// - Returns: how many bytes; 0 at the end.
    func read(into buffer: inout MutableSpan<UInt8>) throws(CaptureError) -> Int
    /// Whether reading may ever wait for somebody, as it may from a pipe.
    var canWait: Bool { get }
    /// Whether the next ``read(into:)`` may have to wait.
    var mayWait: Bool { get }
}

/// Bytes in memory, handed out in pieces.
public final class MemorySource: ByteSource {
    private let bytes: [UInt8]
    private let piece: Int
    private var position = 0

    /// - Parameter piece: how many bytes one read gives at most.
    public init(_ bytes: [UInt8], piece: Int = .max) {
        precondition(piece > 0)
        self.bytes = bytes
        self.piece = piece
    }

    public var canWait: Bool { false }
    public var mayWait: Bool { false }

    public func read(into buffer: inout MutableSpan<UInt8>) throws(CaptureError) -> Int {
        let count = min(buffer.count, piece, bytes.count - position)
        for index in 0..<count { buffer[index] = bytes[position + index] }
        position += count
        return count
    }
}
