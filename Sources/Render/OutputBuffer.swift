import Wire

/// Bytes on their way to a descriptor: one buffer, filled by appending and reused after each flush.
///
/// Room is asked for once before a run of writes, so that the bytes themselves go in without a check each.
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

    /// A byte for which ``reserve(_:)`` made room.
    @inline(__always)
    private mutating func put(_ byte: UInt8) {
        unsafe base[count] = byte
        count &+= 1
    }

    // MARK: Text

    @inline(__always)
    public mutating func append(_ byte: UInt8) {
        reserve(1)
        put(byte)
    }

    @inline(__always)
    public mutating func append(_ text: StaticString) {
        reserve(text.utf8CodeUnitCount)
        unsafe (base + count).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        count &+= text.utf8CodeUnitCount
    }

    public mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { bytes in unsafe append(bytes.span) }
    }

    @inline(__always)
    public mutating func append(_ bytes: Span<UInt8>) {
        reserve(bytes.count)
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            unsafe (base + count).update(from: start, count: source.count)
        }
        count &+= bytes.count
    }

    @inline(__always)
    public mutating func append(spaces: Int) {
        guard spaces > 0 else { return }
        reserve(spaces)
        unsafe (base + count).update(repeating: UInt8(ascii: " "), count: spaces)
        count &+= spaces
    }

    // MARK: Numbers

    public mutating func append(decimal number: UInt64) {
        reserve(20)
        putDecimal(number, digits: OutputBuffer.digits(number))
    }

    public mutating func append(decimal number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        append(decimal: number.magnitude)
    }

    /// Right-aligned in `width` columns.
    @inline(__always)
    public mutating func append(decimal number: UInt64, width: Int) {
        let digits = OutputBuffer.digits(number)
        append(spaces: width - digits)
        reserve(20)
        putDecimal(number, digits: digits)
    }

    /// Left-aligned in `width` columns.
    @inline(__always)
    public mutating func append(decimal number: UInt64, paddedTo width: Int) {
        let digits = OutputBuffer.digits(number)
        reserve(20)
        putDecimal(number, digits: digits)
        append(spaces: width - digits)
    }

    /// Exactly `digits` digits, zeros in front.
    @inline(__always)
    public mutating func append(decimal number: UInt64, zeroPaddedTo digits: Int) {
        reserve(20)
        putDecimal(number, digits: digits)
    }

    @inline(__always)
    private mutating func putDecimal(_ number: UInt64, digits: Int) {
        var rest = number
        var place = count + digits
        count = place
        for _ in 0..<digits {
            place &-= 1
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
            unsafe base[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: remainder)
            rest = quotient
        }
    }

    @inline(__always)
    static func digits(_ number: UInt64) -> Int {
        var digits = 1
        var bound: UInt64 = 10
        while digits < 20, number >= bound {
            digits &+= 1
            if digits == 20 { break }
            bound &*= 10
        }
        return digits
    }

    /// Lower-case hexadecimal with exactly `digits` digits.
    public mutating func append(hex number: UInt64, digits: Int) {
        reserve(digits)
        var shift = digits * 4
        while shift > 0 {
            shift -= 4
            put(OutputBuffer.hexDigit(UInt8(truncatingIfNeeded: number >> UInt64(shift) & 0xf)))
        }
    }

    @inline(__always)
    static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") &+ nibble : UInt8(ascii: "a") &+ nibble &- 10
    }

    // MARK: Addresses

    public mutating func append(_ address: IPAddress) {
        reserve(IPAddress.longestText + 7)
        address.writeText { put($0) }
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

    /// Payload as text that is safe on any terminal and in JSON: printable ASCII as it is, `\n`, `\r`, `\t`, `\"`,
    /// `\\` as such, any other byte as `\xNN`.
    public mutating func append(escaped bytes: Span<UInt8>) {
        reserve(bytes.count * 4)
        var index = 0
        while index < bytes.count {
            // Most payload that is text is text for long: eight bytes at a time while nothing wants escaping.
            if index &+ 8 <= bytes.count {
                let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
                if OutputBuffer.isPlain(word) {
                    unsafe UnsafeMutableRawPointer(base + count).storeBytes(of: word, as: UInt64.self)
                    count &+= 8
                    index &+= 8
                    continue
                }
            }
            putEscaped(bytes[index])
            index &+= 1
        }
    }

    /// Whether all eight bytes are printable ASCII and neither quote nor backslash.
    @inline(__always)
    private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        // A byte is below n exactly where subtracting n borrows into its high bit; bytes ≥ 0x80 are told by theirs.
        // A borrow may spill into a neighbour and call a plain byte unsafe; never the other way round.
        let belowSpace = (word &- ones &* 0x20) & ~word
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5c)
        let delete = word ^ (ones &* 0x7f)
        let zeros = ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((delete &- ones) & ~delete)
        return (word | belowSpace | zeros) & highs == 0
    }

    @inline(__always)
    private mutating func putEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            put(UInt8(ascii: "\\"))
            put(byte)
        case 0x20...0x7e:
            put(byte)
        case 0x0a:
            put(UInt8(ascii: "\\"))
            put(UInt8(ascii: "n"))
        case 0x0d:
            put(UInt8(ascii: "\\"))
            put(UInt8(ascii: "r"))
        case 0x09:
            put(UInt8(ascii: "\\"))
            put(UInt8(ascii: "t"))
        default:
            put(UInt8(ascii: "\\"))
            put(UInt8(ascii: "x"))
            put(OutputBuffer.hexDigit(byte >> 4))
            put(OutputBuffer.hexDigit(byte & 0xf))
        }
    }
}
