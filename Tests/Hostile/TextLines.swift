/// What holds of every line of text, whatever the frames are.
public enum TextLines {
    public struct Rules {
        /// Only ASCII, for terminals without more.
        public var isASCII = false
        public var hasColor = false
        /// Whether a tab may stand there, as in tcpdump's dumps.
        public var hasTabs = false

        public init() {}
    }

    /// What is wrong with a text; `nil` if nothing is.
    public static func mistake(_ text: [UInt8], _ rules: Rules) -> String? {
        guard text.last == nil || text.last == UInt8(ascii: "\n") else { return "no line end at the end" }
        guard let decoded = String(validating: text, as: UTF8.self) else { return "no UTF-8" }
        var scalars = decoded.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch scalar {
            case "\n": continue
            case "\t" where rules.hasTabs: continue
            case "\u{1b}" where rules.hasColor:
                guard isColor(&scalars) else { return "an escape that is no colour" }
            default:
                if scalar.isObeyed || rules.isASCII && !scalar.isASCII { return "the character U+\(String(scalar.value, radix: 16))" }
            }
        }
        return nil
    }

    /// `[`, digits, `m`.
    private static func isColor(_ scalars: inout String.UnicodeScalarView.Iterator) -> Bool {
        guard scalars.next() == "[" else { return false }
        while let scalar = scalars.next() {
            if scalar == "m" { return true }
            guard scalar.properties.numericType != nil, scalar.isASCII else { return false }
        }
        return false
    }

    /// The lines, without colours.
    public static func plain(_ text: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        var isEscape = false
        for byte in text {
            if byte == UInt8(ascii: "\n") {
                lines.append([])
            } else if byte == 0x1b {
                isEscape = true
            } else if isEscape {
                isEscape = byte != UInt8(ascii: "m")
            } else {
                lines[lines.count - 1].append(byte)
            }
        }
        lines.removeLast()
        return lines
    }

    /// How many columns a line takes: one a character.
    public static func columns(_ line: [UInt8]) -> Int { line.count { $0 & 0xc0 != 0x80 } }

    /// A line of these that is wider than the terminal and should not be; `nil` if there is none.
    ///
    /// What says who gets a frame is never cut nor wrapped: such a line may be as long as its addresses are, and then
    /// nothing stands behind the rule.
    public static func tooWide(_ lines: [[UInt8]], columns width: Int, isASCII: Bool) -> String? {
        let delivers = Array((isASCII ? " => " : " ⇒ ").utf8)
        for line in lines where columns(line) > width {
            let text = String(decoding: line, as: UTF8.self)
            guard let place = line.firstRange(of: delivers) else { return text }
            // Who and rule, or the words of the head: nothing else has three spaces' worth of words behind it.
            let words = line[place.upperBound...].split(separator: UInt8(ascii: " "))
            if words.count > 2 { return text }
        }
        return nil
    }
}
