/// A part of a frame: where it starts and how many of its bytes were captured.
///
/// The fields are 32 bits wide, so that a decoded packet stays small. A frame never has 4 GiB:
/// capture files cap it at 262,144 bytes.
public struct ByteRange: Equatable, Sendable {
    /// Bytes from the start of the frame.
    public var offset: UInt32
    /// How many bytes of it were captured.
    public var count: UInt32

    public init(offset: Int, count: Int) {
        self.offset = UInt32(truncatingIfNeeded: offset)
        self.count = UInt32(truncatingIfNeeded: count)
    }

    public static let empty = ByteRange(offset: 0, count: 0)

    public var isEmpty: Bool { count == 0 }
    public var start: Int { Int(offset) }
    public var end: Int { Int(offset) + Int(count) }
}

extension ByteRange {
    /// This range as far as a frame of `count` bytes has it: never out of bounds.
    @inlinable
    public func clamped(to count: Int) -> Range<Int> {
        let first = Swift.min(Int(offset), count)
        return first..<Swift.max(first, Swift.min(Int(offset) + Int(self.count), count))
    }
}
