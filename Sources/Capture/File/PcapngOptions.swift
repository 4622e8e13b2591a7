/// The options at the end of a pcapng block (draft-ietf-opsawg-pcapng §3.5).
///
/// ```
/// code 2 | length 2 | value, padded to a multiple of four bytes
/// ```
enum PcapngOptions {
    /// The codes that are of use here.
    enum Code {
        static let end: UInt16 = 0
        static let comment: UInt16 = 1
        /// Of sections.
        static let hardware: UInt16 = 2
        static let system: UInt16 = 3
        static let application: UInt16 = 4
        /// Of interfaces.
        static let name: UInt16 = 2
        static let description: UInt16 = 3
        static let timeResolution: UInt16 = 9
        static let timeOffset: UInt16 = 14
    }

    /// Gives each option's code and value to `body`.
    ///
    /// - Returns: whether all of them fit the block. What comes before one that does not was given.
    static func walk(_ options: Span<UInt8>, isSwapped: Bool, _ body: (UInt16, Span<UInt8>) -> Void) -> Bool {
        var offset = 0
        while offset < options.count {
            guard options.count - offset >= 4 else { return false }
            let code = number(options, offset, isSwapped)
            let length = Int(number(options, offset + 2, isSwapped))
            offset += 4
            if code == Code.end { return true }
            let padded = (length + 3) & ~3
            guard padded <= options.count - offset else { return false }
            body(code, options.extracting(offset..<offset + length))
            offset += padded
        }
        return true
    }

    private static func number(_ bytes: Span<UInt8>, _ offset: Int, _ isSwapped: Bool) -> UInt16 {
        let (low, high) = isSwapped ? (bytes[offset + 1], bytes[offset]) : (bytes[offset], bytes[offset + 1])
        return UInt16(high) << 8 | UInt16(low)
    }

    /// A number of eight bytes.
    static func wideNumber(_ bytes: Span<UInt8>, isSwapped: Bool) -> UInt64? {
        guard bytes.count == 8 else { return nil }
        var number: UInt64 = 0
        for index in 0..<8 { number = number << 8 | UInt64(bytes[isSwapped ? index : 7 - index]) }
        return number
    }

    /// Text in UTF-8, up to a NUL byte where a writer put one. Nothing for none.
    ///
    /// - Parameter limit: how many bytes of it at most, where it is kept.
    static func text(_ bytes: Span<UInt8>, limit: Int = .max) -> String? {
        var count = 0
        while count < min(bytes.count, limit), bytes[count] != 0 { count += 1 }
        guard count > 0 else { return nil }
        let whole = bytes.extracting(0..<count)
        return unsafe whole.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
