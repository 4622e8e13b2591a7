/// The compressed bytes that wait for a decompressor.
@safe
struct CompressedInput: ~Copyable {
    private static let size = 1 << 16

    let source: any ByteSource
    private var bytes: [UInt8]
    /// Those that were not used yet.
    private var range: Range<Int>

    /// - Parameter read: what was read from the source already.
    init(_ source: any ByteSource, _ read: [UInt8]) {
        self.source = source
        bytes = read
        range = read.indices
    }

    var count: Int { range.count }
    var first: UInt8 { bytes[range.lowerBound] }

    mutating func skip(_ count: Int) { range = range.lowerBound + count..<range.upperBound }

    /// Reads on, once all was used.
    ///
    /// - Returns: whether there was more.
    mutating func refill() throws(CaptureError) -> Bool {
        if bytes.count < CompressedInput.size { bytes = [UInt8](repeating: 0, count: CompressedInput.size) }
        let source = self.source
        var span = bytes.mutableSpan
        let count = try source.read(into: &span)
        range = 0..<count
        return count > 0
    }

    /// Gives what waits to `body`.
    mutating func withBytes<Result>(_ body: (UnsafeMutableBufferPointer<UInt8>) -> Result) -> Result {
        let range = self.range
        return unsafe bytes.withUnsafeMutableBufferPointer { unsafe body(UnsafeMutableBufferPointer(rebasing: $0[range])) }
    }
}
