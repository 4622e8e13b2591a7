import Wire

/// Writes JSON (RFC 8259) into an ``OutputBuffer``: commas and quotes where they belong, nothing kept.
///
/// Keys are ours and plain; texts that come from frames are escaped.
struct JSONWriter {
    private var needsComma = false

    private mutating func separate(_ out: inout OutputBuffer) {
        if needsComma { out.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    mutating func key(_ key: StaticString, _ out: inout OutputBuffer) {
        separate(&out)
        out.append(UInt8(ascii: "\""))
        out.append(key)
        out.append("\":")
        needsComma = false
    }

    mutating func object(_ out: inout OutputBuffer, _ body: (inout JSONWriter, inout OutputBuffer) -> Void) {
        separate(&out)
        out.append(UInt8(ascii: "{"))
        var inner = JSONWriter()
        body(&inner, &out)
        out.append(UInt8(ascii: "}"))
    }

    mutating func array(_ out: inout OutputBuffer, _ body: (inout JSONWriter, inout OutputBuffer) -> Void) {
        separate(&out)
        out.append(UInt8(ascii: "["))
        var inner = JSONWriter()
        body(&inner, &out)
        out.append(UInt8(ascii: "]"))
    }

    mutating func object(
        _ key: StaticString, _ out: inout OutputBuffer, _ body: (inout JSONWriter, inout OutputBuffer) -> Void
    ) {
        self.key(key, &out)
        object(&out, body)
    }

    mutating func field(_ key: StaticString, _ number: some BinaryInteger, _ out: inout OutputBuffer) {
        self.key(key, &out)
        self.number(number, &out)
    }

    mutating func field(_ key: StaticString, _ text: String, _ out: inout OutputBuffer) {
        self.key(key, &out)
        string(text, &out)
    }

    mutating func field(_ key: StaticString, _ flag: Bool, _ out: inout OutputBuffer) {
        self.key(key, &out)
        separate(&out)
        if flag { out.append("true") } else { out.append("false") }
    }

    mutating func null(_ key: StaticString, _ out: inout OutputBuffer) {
        self.key(key, &out)
        separate(&out)
        out.append("null")
    }

    mutating func number(_ number: some BinaryInteger, _ out: inout OutputBuffer) {
        separate(&out)
        out.append(decimal: Int64(clamping: number))
    }

    /// A character beyond ASCII. What a terminal would obey or not show (controls, marks of direction, line separators)
    /// is escaped, in UTF-16 as RFC 8259 §7 has it.
    private func put(_ scalar: Unicode.Scalar, _ out: inout OutputBuffer) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
            for unit in String(scalar).utf16 {
                out.append("\\u")
                out.append(hex: UInt64(unit), digits: 4)
            }
        default:
            out.append(String(scalar))
        }
    }

    /// A string: RFC 8259 §7 asks for quotes, backslashes and control characters to be escaped.
    mutating func string(_ text: String, _ out: inout OutputBuffer) {
        separate(&out)
        out.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            guard scalar.isASCII else {
                put(scalar, &out)
                continue
            }
            let byte = UInt8(scalar.value)
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                out.append(UInt8(ascii: "\\"))
                out.append(byte)
            case 0x0a: out.append("\\n")
            case 0x0d: out.append("\\r")
            case 0x09: out.append("\\t")
            case 0..<0x20, 0x7f:
                out.append("\\u")
                out.append(hex: UInt64(byte), digits: 4)
            default:
                out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }
}
