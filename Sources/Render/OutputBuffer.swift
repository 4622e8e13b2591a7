import Wire

/// Bytes on their way to a descriptor: one buffer, filled by appending and reused after each flush.
///
/// What is written for every frame goes in through an ``OutputCursor``.
@safe
public struct OutputBuffer: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    public private(set) var count = 0

    public init(capacity: Int = 1 << 16) {
        unsafe base = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit {
        unsafe base.deallocate()
    }

    /// Hands all bytes to `body` and forgets them.
    public mutating func drain<E: Error>(_ body: (Span<UInt8>) throws(E) -> Void) throws(E) {
        let bytes = unsafe UnsafeBufferPointer(start: base, count: count)
        count = 0
        try unsafe body(bytes.span)
    }

    /// Takes all bytes as text.
    public mutating func takeText() -> String {
        let bytes = unsafe UnsafeBufferPointer(start: base, count: count)
        count = 0
        return unsafe String(decoding: bytes, as: UTF8.self)
    }

    /// Gives `body` the bytes from `start` on.
    func withBytes<R>(from start: Int, _ body: (Span<UInt8>) -> R) -> R {
        precondition(start >= 0 && start <= count)
        let bytes = unsafe UnsafeBufferPointer(start: base + start, count: count - start)
        return unsafe body(bytes.span)
    }

    /// Forgets the bytes from `start` on.
    mutating func truncate(to start: Int) {
        precondition(start >= 0 && start <= count)
        count = start
    }

    /// Forgets spaces at the end.
    mutating func trimSpaces() {
        while count > 0, unsafe base[count - 1] == UInt8(ascii: " ") { count -= 1 }
    }

    /// Makes room for `more` bytes.
    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let wanted = max(capacity * 2, count + more)
        let bigger = UnsafeMutablePointer<UInt8>.allocate(capacity: wanted)
        unsafe bigger.update(from: base, count: count)
        unsafe base.deallocate()
        unsafe base = bigger
        capacity = wanted
    }

    /// Makes room and lets `body` write into it.
    @inline(__always)
    mutating func write(reserving room: Int, _ body: (inout OutputCursor) -> Void) {
        reserve(room)
        var cursor = unsafe OutputCursor(base + count, room: room)
        body(&cursor)
        count = unsafe cursor.next - base
    }

    // MARK: Text

    @inline(__always)
    public mutating func append(_ byte: UInt8) {
        write(reserving: 1) { $0.put(byte) }
    }

    @inline(__always)
    public mutating func append(_ text: StaticString) {
        write(reserving: text.utf8CodeUnitCount) { $0.put(text) }
    }

    @_disfavoredOverload
    public mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { bytes in unsafe append(bytes.span) }
    }

    @inline(__always)
    public mutating func append(_ bytes: Span<UInt8>) {
        write(reserving: bytes.count) { $0.put(bytes) }
    }

    public mutating func append(spaces: Int) {
        write(reserving: max(0, spaces) + 8) { $0.put(spaces: spaces) }
    }

    // MARK: Numbers

    private static let roomForNumber = 32

    public mutating func append(decimal number: UInt64) {
        write(reserving: OutputBuffer.roomForNumber) { $0.put(decimal: number) }
    }

    public mutating func append(decimal number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        append(decimal: number.magnitude)
    }

    /// Exactly `digits` digits, at most nine, zeros in front.
    public mutating func append(decimal number: UInt64, zeroPaddedTo digits: Int) {
        write(reserving: OutputBuffer.roomForNumber) { $0.put(decimal: number, zeroPaddedTo: digits) }
    }

    /// Lower-case hexadecimal with exactly `digits` digits.
    public mutating func append(hex number: UInt64, digits: Int) {
        write(reserving: digits) { cursor in
            var shift = digits * 4
            while shift > 0 {
                shift -= 4
                cursor.put(OutputCursor.hexDigit(UInt8(truncatingIfNeeded: number >> UInt64(shift) & 0xf)))
            }
        }
    }

    // MARK: Addresses

    public mutating func append(_ address: IPAddress) {
        write(reserving: IPAddress.longestText) { cursor in address.writeText { cursor.put($0) } }
    }

    /// `127.0.0.1:1234`, `[::1]:1234`.
    public mutating func append(_ endpoint: Endpoint) {
        if endpoint.address.version == .six {
            append(UInt8(ascii: "["))
            append(endpoint.address)
            append(UInt8(ascii: "]"))
        } else {
            append(endpoint.address)
        }
        append(UInt8(ascii: ":"))
        append(decimal: UInt64(endpoint.port))
    }

    // MARK: Payload

    /// Payload as text that is safe on any terminal, see ``OutputCursor/put(escaped:)``.
    public mutating func append(escaped bytes: Span<UInt8>) {
        write(reserving: OutputCursor.roomForEscaped(bytes.count)) { $0.put(escaped: bytes) }
    }
}
