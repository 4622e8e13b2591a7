/// What comes from the network is worked on as bytes. A `Character` is more than one scalar where a combining mark or a
/// prepended sign stands beside it: a `<` that has one is no `<` to `String`, and one to every browser.
extension Collection<UInt8> {
    /// As text, with `A` to `Z` small: for names that are the same in both cases (RFC 9110 §5.1).
    var lowercasedASCII: String {
        String(decoding: map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// The same with `a` to `z` large.
    var uppercasedASCII: String {
        String(decoding: map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") ? $0 & ~0x20 : $0 }, as: UTF8.self)
    }

    /// Some digits and nothing else, as a number; `nil` also for what is too large for one.
    var decimal: Int? {
        guard !isEmpty, allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return nil }
        return Int(String(decoding: self, as: UTF8.self))
    }
}

extension BidirectionalCollection<UInt8> {
    /// Without the spaces and tabs at its ends.
    var trimmed: SubSequence {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let start = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else { return self[endIndex...] }
        return self[start...last]
    }
}

/// A browser lets any page send a request to any port: its lines reach whatever server listens there, and those of its
/// content are the page's own. Whoever begins as HTTP does is no client of another service.
enum WebRequest {
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]

    static func isMethod(_ verb: String) -> Bool { methods.contains(verb) }

    /// `POST / HTTP/1.1`: as a line that would mean something else to a service of lines.
    static func isRequestLine(_ line: some Collection<UInt8>) -> Bool {
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        return words.count >= 3 && isMethod(String(decoding: words[0], as: UTF8.self)) && words[words.count - 1].starts(with: "HTTP/".utf8)
    }
}
