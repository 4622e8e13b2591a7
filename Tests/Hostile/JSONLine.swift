/// One line of JSON, read strictly (RFC 8259), with no leniency that a user's parser may lack: what it says by path.
///
/// Numbers are integers here, and no key stands twice in an object.
public struct JSONLine: Sendable {
    public struct Leaf: Equatable, Sendable {
        /// Keys and places, joined by dots: `tcp.options.sack.0.1`.
        public let path: String
        /// As it stands, with the quotes of a string.
        public let value: String
    }

    public let text: String
    public private(set) var leaves: [Leaf] = []
    /// Why it is no such line; `nil` if it is one.
    public private(set) var mistake: String?

    public init(_ bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        text = String(decoding: bytes, as: UTF8.self)
        var parser = Parser(bytes)
        do throws(Mistake) {
            try parser.value(at: "", depth: 0)
            guard parser.isAtEnd else { throw parser.mistake("something behind the object") }
            leaves = parser.leaves
        } catch {
            mistake = error.text
        }
    }

    /// By path. Of an empty object or list there is no leaf.
    public var values: [String: String] {
        Dictionary(leaves.map { ($0.path, $0.value) }) { first, _ in first }
    }
}

private struct Mistake: Error {
    let text: String
}

private struct Parser {
    private let bytes: [UInt8]
    private var offset = 0
    var leaves: [JSONLine.Leaf] = []

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    func mistake(_ text: String) -> Mistake {
        let around = bytes[max(0, offset - 24)..<min(bytes.count, offset + 24)]
        return Mistake(text: "\(text) at byte \(offset), near \(String(decoding: around, as: UTF8.self).debugDescription)")
    }

    private func peek() throws(Mistake) -> UInt8 {
        guard offset < bytes.count else { throw mistake("an early end") }
        return bytes[offset]
    }

    private mutating func skip(_ byte: Character) throws(Mistake) {
        guard try peek() == byte.asciiValue else { throw mistake("no \(byte)") }
        offset += 1
    }

    /// - Returns: whether it was there.
    private mutating func skipped(_ byte: Character) throws(Mistake) -> Bool {
        guard try peek() == byte.asciiValue else { return false }
        offset += 1
        return true
    }

    mutating func value(at path: String, depth: Int) throws(Mistake) {
        guard depth < 32 else { throw mistake("nested too deep") }
        let start = offset
        switch try peek() {
        case UInt8(ascii: "{"): return try object(at: path, depth)
        case UInt8(ascii: "["): return try list(at: path, depth)
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: try word()
        }
        leaves.append(JSONLine.Leaf(path: path, value: String(decoding: bytes[start..<offset], as: UTF8.self)))
    }

    private mutating func object(at path: String, _ depth: Int) throws(Mistake) {
        try skip("{")
        if try skipped("}") { return }
        var keys: Set<String> = []
        repeat {
            let key = try string()
            guard keys.insert(key).inserted else { throw mistake("the key \(key) a second time") }
            try skip(":")
            try value(at: path.isEmpty ? key : "\(path).\(key)", depth: depth + 1)
        } while try skipped(",")
        try skip("}")
    }

    private mutating func list(at path: String, _ depth: Int) throws(Mistake) {
        try skip("[")
        if try skipped("]") { return }
        var place = 0
        repeat {
            try value(at: "\(path).\(place)", depth: depth + 1)
            place += 1
        } while try skipped(",")
        try skip("]")
    }

    private mutating func number() throws(Mistake) {
        _ = try skipped("-")
        let start = offset
        while offset < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[offset]) { offset += 1 }
        guard offset > start, bytes[start] != UInt8(ascii: "0") || offset == start + 1 else { throw mistake("no number") }
    }

    private mutating func word() throws(Mistake) {
        for word in ["true", "false", "null"] where bytes[offset...].starts(with: word.utf8) {
            offset += word.utf8.count
            return
        }
        throw mistake("no value")
    }

    /// - Returns: what stands between the quotes, escapes as they are.
    @discardableResult
    private mutating func string() throws(Mistake) -> String {
        try skip("\"")
        let start = offset
        while try peek() != UInt8(ascii: "\"") {
            if bytes[offset] < 0x20 || bytes[offset] == 0x7f { throw mistake("a control character") }
            if bytes[offset] == UInt8(ascii: "\\") { try escape() } else { offset += 1 }
        }
        guard let text = String(validating: bytes[start..<offset], as: UTF8.self) else { throw mistake("no UTF-8") }
        for scalar in text.unicodeScalars where scalar.isObeyed { throw mistake("U+\(String(scalar.value, radix: 16)), not escaped,") }
        offset += 1
        return text
    }

    private mutating func escape() throws(Mistake) {
        offset += 1
        switch try peek() {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"): offset += 1
        case UInt8(ascii: "u"):
            guard offset + 5 <= bytes.count, bytes[offset + 1..<offset + 5].allSatisfy(\.isHexDigit) else { throw mistake("half an escape") }
            offset += 5
        default: throw mistake("an unknown escape")
        }
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool { Character(UnicodeScalar(self)).isHexDigit }
}

extension Unicode.Scalar {
    /// What a terminal obeys or does not show.
    public var isObeyed: Bool {
        if isASCII { return value < 0x20 || value == 0x7f }
        return switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
        default: false
        }
    }
}

extension JSONLine {
    /// Where the line of a cut frame contradicts that of the whole one; `nil` if it nowhere does. What a cut takes away
    /// is no contradiction, and neither is who gets the frame.
    public func contradiction(of whole: JSONLine) -> String? {
        let known = whole.values
        // Where decoding stopped for want of bytes, what is left of them is no payload of the whole, the last next header
        // that is known is not the upper layer, and another fragment header may come.
        let cut = leaves.filter { $0.path.hasSuffix("stopped.reason") && $0.value == "\"truncated\"" }
            .map { String($0.path.dropLast("stopped.reason".count)) }
        let unknown = cut.flatMap { packet in ["payload.", "ipv6.proto", "ipv6.fraghdr."].map { packet + $0 } }
        for leaf in leaves {
            let key = leaf.path.split(separator: ".").last ?? ""
            if leaf.path == "frame.cap_len" || leaf.path.hasPrefix("demux.") || leaf.path.contains("stopped.") { continue }
            // Streams are counted, and not all show that were.
            if key == "stream" { continue }
            if unknown.contains(where: leaf.path.hasPrefix) { continue }
            let other = known[leaf.path]
            // Of a checksum that was not captured whole nothing is said.
            if key == "checksum_status", leaf.value == "\"unverified\"" { continue }
            // The beginning of the whole; the last character may be cut in two.
            if key == "preview" || leaf.path == "frame.protocols", let other, other.begins(with: leaf.value) { continue }
            if other != leaf.value { return "\(leaf.path) is \(leaf.value), of the whole frame \(other ?? "nothing")" }
        }
        return nil
    }
}

extension String {
    /// Whether another string literal is a beginning of this one, but for a character that is no UTF-8 because it is cut.
    fileprivate func begins(with other: String) -> Bool {
        // By scalars: what belongs together to the eye may have been cut in two.
        func known(_ text: Substring) -> [Unicode.Scalar] { text.unicodeScalars.filter { $0 != "\u{fffd}" } }
        return known(self[...]).starts(with: known(other[...]).dropLast())
    }
}
