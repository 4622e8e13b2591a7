/// Where the next bytes of a line go, inside room that was made for them.
///
/// A value that lives in registers while a line is written: no byte costs a check or a store of the count. Whoever
/// opens it with ``OutputBuffer/write(reserving:_:)`` says how much room its pieces take at most; a piece that does
/// not fit is our own bug and traps.
@safe
struct OutputCursor: ~Copyable {
    var next: UnsafeMutablePointer<UInt8>
    private let end: UnsafeMutablePointer<UInt8>

    init(_ start: UnsafeMutablePointer<UInt8>, room: Int) {
        unsafe next = start
        unsafe end = start + room
    }

    @inline(__always)
    private func require(_ count: Int) {
        precondition(unsafe end - next >= count)
    }

    /// A word's bytes, the lowest first, into room that the caller has made sure of.
    ///
    /// Copied as eight bytes: `storeBytes`, which says the same, is not inlined and costs a call each.
    @inline(__always)
    private func store(_ word: UInt64, at offset: Int) {
        unsafe withUnsafeBytes(of: word.littleEndian) { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe UnsafeMutableRawPointer(next + offset).copyMemory(from: start, byteCount: 8)
        }
    }

    // MARK: Text

    @inline(__always)
    mutating func put(_ byte: UInt8) {
        require(1)
        unsafe next.pointee = byte
        unsafe next += 1
    }

    @inline(__always)
    mutating func put(_ text: StaticString) {
        require(text.utf8CodeUnitCount)
        unsafe next.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        unsafe next += text.utf8CodeUnitCount
    }

    @inline(__always)
    mutating func put(_ bytes: Span<UInt8>) {
        require(bytes.count)
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            unsafe next.update(from: start, count: source.count)
        }
        unsafe next += bytes.count
    }

    @inline(__always)
    mutating func put(spaces: Int) {
        guard spaces > 0 else { return }
        require(spaces + 7)
        var left = spaces
        // Mostly a few: a word of them at a time, of which the last may be meant in part.
        while left > 0 {
            store(0x2020_2020_2020_2020, at: 0)
            unsafe next += left < 8 ? left : 8
            left &-= 8
        }
    }

    @inline(__always)
    mutating func put(_ text: ShortText) {
        putWord(text.word, count: text.count)
    }

    /// Stores a text of fixed room whole, of which the first `count` bytes are meant: a few wide moves, no call.
    @inline(__always)
    mutating func put(_ text: MiddleCache.Text, count: Int) {
        require(MiddleCache.longest)
        unsafe UnsafeMutableRawPointer(next).storeBytes(of: text, as: MiddleCache.Text.self)
        unsafe next += count
    }

    /// Stores two words, of whose sixteen bytes the first `count` are meant.
    @inline(__always)
    mutating func put(_ low: UInt64, _ high: UInt64, count: Int) {
        require(16)
        store(low, at: 0)
        store(high, at: 8)
        unsafe next += count
    }

    /// Stores a word's bytes, the lowest first, of which the first `count` are meant.
    @inline(__always)
    private mutating func putWord(_ word: UInt64, count: Int) {
        require(8)
        store(word, at: 0)
        unsafe next += count
    }

    // MARK: Numbers

    /// - Returns: how many digits there were.
    @inline(__always)
    @discardableResult
    mutating func put(decimal number: UInt64) -> Int {
        guard number < 100_000_000 else { return putLong(number) }
        let digits = OutputCursor.eightDigits(UInt32(truncatingIfNeeded: number))
        let count = 8 - OutputCursor.leadingZeros(digits)
        putWord(digits >> UInt64((8 - count) * 8), count: count)
        return count
    }

    /// Right-aligned in `width` columns.
    @inline(__always)
    @discardableResult
    mutating func put(decimal number: UInt64, width: Int) -> Int {
        guard number < 100_000_000, width <= 8 else {
            put(spaces: width - OutputCursor.digits(number))
            return put(decimal: number)
        }
        // The zeros in front become spaces: 0x30 without its 0x10.
        let digits = OutputCursor.eightDigits(UInt32(truncatingIfNeeded: number))
        let zeros = OutputCursor.leadingZeros(digits)
        let spaced = digits & ~(0x1010_1010_1010_1010 & (1 << UInt64(zeros * 8) &- 1))
        let count = width > 8 - zeros ? width : 8 - zeros
        putWord(spaced >> UInt64((8 - count) * 8), count: count)
        return 8 - zeros
    }

    /// Left-aligned in `width` columns.
    @inline(__always)
    @discardableResult
    mutating func put(decimal number: UInt64, paddedTo width: Int) -> Int {
        let count = put(decimal: number)
        put(spaces: width - count)
        return count
    }

    /// Exactly `digits` digits, at most nine, zeros in front.
    @inline(__always)
    mutating func put(decimal number: UInt64, zeroPaddedTo digits: Int) {
        var rest = UInt32(truncatingIfNeeded: number)
        if digits > 8 {
            put(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest / 100_000_000))
            rest %= 100_000_000
        }
        let kept = digits < 8 ? digits : 8
        putWord(OutputCursor.eightDigits(rest) >> UInt64((8 - kept) * 8), count: kept)
    }

    @inline(never)
    private mutating func putLong(_ number: UInt64) -> Int {
        let (high, low) = number.quotientAndRemainder(dividingBy: 100_000_000)
        let count = put(decimal: high)
        putWord(OutputCursor.eightDigits(UInt32(truncatingIfNeeded: low)), count: 8)
        return count + 8
    }

    /// Eight digits of a number below 10⁸ as ASCII, the first in the lowest byte: all at once, by splitting into
    /// halves three times in the lanes of one word. The multipliers are 1/100 and 1/10 in fixed point, exact for what
    /// a lane can hold.
    @inline(__always)
    static func eightDigits(_ number: UInt32) -> UInt64 {
        let fours = UInt64(number / 10_000) | UInt64(number % 10_000) << 32
        let hundreds = (fours &* 10_486) >> 20 & 0x0000_007f_0000_007f
        let twos = hundreds | (fours &- hundreds &* 100) << 16
        let tens = (twos &* 103) >> 10 & 0x000f_000f_000f_000f
        let ones = tens | (twos &- tens &* 10) << 8
        return ones | 0x3030_3030_3030_3030
    }

    @inline(__always)
    private static func leadingZeros(_ digits: UInt64) -> Int {
        // The last digit stays, zero or not.
        ((digits ^ 0x3030_3030_3030_3030) | 1 << 56).trailingZeroBitCount >> 3
    }

    /// How many digits a number has.
    @inline(__always)
    static func digits(_ number: UInt64) -> Int {
        if number < 100_000_000 {
            return 8 - leadingZeros(eightDigits(UInt32(truncatingIfNeeded: number)))
        }
        var digits = 8
        var rest = number / 100_000_000
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        return digits
    }

    @inline(__always)
    static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") &+ nibble : UInt8(ascii: "a") &+ nibble &- 10
    }

    // MARK: Payload

    /// How many bytes ``put(escaped:)`` writes at most for `count` bytes.
    static func roomForEscaped(_ count: Int) -> Int { count * 4 + 8 }

    /// Payload as text that is safe on any terminal: printable ASCII as it is, `\n`, `\r`, `\t`, `\"`, `\\` as such,
    /// any other byte as `\xNN`.
    @inline(__always)
    mutating func put(escaped bytes: Span<UInt8>) {
        require(OutputCursor.roomForEscaped(bytes.count))
        unsafe bytes.withUnsafeBytes { source in
            var index = 0
            let count = source.count
            // Most payload that is text is text for long: eight bytes at a time, up to the first that wants escaping.
            while index &+ 8 <= count {
                let word = unsafe source.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian
                let marks = OutputCursor.marks(word)
                store(word, at: 0)
                if marks == 0 {
                    unsafe next += 8
                    index &+= 8
                    continue
                }
                let plain = marks.trailingZeroBitCount >> 3
                unsafe next += plain
                index &+= plain
                unsafe putEscaped(source[index])
                index &+= 1
            }
            while index < count {
                unsafe putEscaped(source[index])
                index &+= 1
            }
        }
    }

    /// Marks the high bit of each byte that is not printable ASCII, or is a quote or a backslash.
    ///
    /// Each term has it where the byte is below a space (the subtraction borrows), DEL or above, a quote, a backslash.
    /// A borrow or a carry may spill upwards and mark a plain byte behind a marked one, never before it: the lowest
    /// mark is right.
    @inline(__always)
    private static func marks(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let below = word &- ones &* 0x20
        let above = word | (word &+ ones)
        let quote = (word ^ (ones &* 0x22)) &- ones
        let backslash = (word ^ (ones &* 0x5c)) &- ones
        return (below | above | quote | backslash) & (ones &* 0x80)
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
            put(OutputCursor.hexDigit(byte >> 4))
            put(OutputCursor.hexDigit(byte & 0xf))
        }
    }
}

/// Up to eight characters as one word: written with one store, where copying them would be a call.
struct ShortText {
    let word: UInt64
    let count: Int

    init(_ text: StaticString) {
        count = text.utf8CodeUnitCount
        precondition(count <= 8)
        word = text.withUTF8Buffer { bytes in
            unsafe bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }
}
