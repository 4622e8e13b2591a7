/// The bytes of a file that were read and not used yet: one buffer, used again for each read.
///
/// It grows only for a record that is longer than it, by doubling, each time after it was filled: never by what a
/// length field claims.
@safe
struct ReadBuffer: ~Copyable {
    /// Larger reads were no faster, smaller ones slower: a system call for each.
    static let usualSize = 1 << 18

    private var source: any ByteSource
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private var start = 0
    private var end = 0

    init(_ source: any ByteSource, size: Int = ReadBuffer.usualSize) {
        self.source = source
        capacity = size
        unsafe base = .allocate(capacity: size)
    }

    deinit {
        unsafe base.deallocate()
    }

    /// How many bytes there are.
    @inline(__always)
    var count: Int { end &- start }

    var canWait: Bool { source.canWait }
    var mayWait: Bool { source.mayWait }

    /// The first byte. What is read through it must be within ``count``; it holds until the next ``fill(_:)``.
    @inline(__always)
    var first: UnsafeMutablePointer<UInt8> { unsafe base + start }

    /// Gives some of the bytes to `body`.
    func withBytes<Result>(_ range: Range<Int>, _ body: (Span<UInt8>) -> Result) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return body(unsafe UnsafeBufferPointer(start: first + range.lowerBound, count: range.count).span)
    }

    /// A number in this machine's byte order.
    @inline(__always)
    func load<Number: FixedWidthInteger>(_ offset: Int, as type: Number.Type) -> Number {
        precondition(offset >= 0 && offset &+ MemoryLayout<Number>.size <= count)
        return unsafe UnsafeRawPointer(first + offset).loadUnaligned(as: type)
    }

    /// Forgets bytes at the front, which stay in place until the next ``fill(_:)``.
    @inline(__always)
    mutating func skip(_ count: Int) {
        precondition(count >= 0 && count <= self.count)
        start &+= count
    }

    /// Reads until there are `wanted` bytes.
    ///
    /// - Returns: whether there are; if not, the source has ended, and what there is stays.
    mutating func fill(_ wanted: Int) throws(CaptureError) -> Bool {
        while count < wanted {
            makeRoom()
            let room = unsafe UnsafeMutableBufferPointer(start: base + end, count: capacity - end)
            var span = unsafe room.mutableSpan
            let read = try source.read(into: &span)
            if read == 0 { return false }
            end += read
        }
        return true
    }

    private mutating func makeRoom() {
        if start > 0 {
            unsafe base.update(from: base + start, count: count)
            (start, end) = (0, count)
        }
        if end < capacity { return }
        let bigger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2)
        unsafe bigger.update(from: base, count: end)
        unsafe base.deallocate()
        unsafe base = bigger
        capacity *= 2
    }

    /// Puts what unpacks the source into its place: it gets the bytes that were read already.
    mutating func unpack(
        _ make: (any ByteSource, [UInt8]) throws(CaptureError) -> any ByteSource
    ) throws(CaptureError) {
        let read = unsafe Array(UnsafeBufferPointer(start: first, count: count))
        (start, end) = (0, 0)
        source = try make(source, read)
    }
}
