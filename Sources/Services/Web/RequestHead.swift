/// The head of an HTTP/1.1 request, taken apart (RFC 9112 §3, §5).
struct RequestHead: Equatable, Sendable {
    let method: String
    /// The path of the target, without its query, decoded; `nil` for `*`, the server as a whole.
    let path: [UInt8]?
    /// Whether another request may follow on this connection (RFC 9112 §9.3).
    let keepsAlive: Bool
    /// Content follows the head: of what is served here no request has any.
    let hasContent: Bool
    /// HTTP/1.0: its client must be told that the connection goes on.
    let isOld: Bool

    /// Why it cannot be answered as asked, as a status.
    enum Failure: Error, Equatable {
        case badRequest
        case versionNotSupported
    }

    /// - Parameter lines: the request line and the field lines, without the empty line that ends them.
    init(_ lines: [[UInt8]]) throws(Failure) {
        // What a NUL or a CR alone means is told differently by others on the way (RFC 9110 §5.5, RFC 9112 §2.2).
        if lines.contains(where: { $0.contains(0) || $0.contains(UInt8(ascii: "\r")) }) { throw .badRequest }
        let words = (lines.first ?? []).split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, RequestHead.isToken(words[0]) else { throw .badRequest }
        method = String(decoding: words[0], as: UTF8.self)
        isOld = try RequestHead.minorVersion(words[2]) == 0
        if method == "OPTIONS", words[1].elementsEqual("*".utf8) { path = nil } else { path = try RequestHead.path(of: words[1]) }

        var fields = Fields()
        for line in lines.dropFirst() { try fields.take(line) }
        // RFC 9112 §3.2.
        if fields.hosts > 1 || fields.hosts == 0 && !isOld { throw .badRequest }
        hasContent = fields.isCoded || fields.length ?? 0 > 0
        keepsAlive = !fields.closes && (!isOld || fields.keepsAlive) && !hasContent
    }

    /// `HTTP/1.1`: what a later minor version adds, an older server need not know (RFC 9110 §2.5).
    private static func minorVersion(_ word: ArraySlice<UInt8>) throws(Failure) -> Int {
        let version = Array(word)
        guard version.count == 8, version.starts(with: "HTTP/".utf8), version[6] == UInt8(ascii: "."),
            let major = version[5...5].decimal, let minor = version[7...].decimal
        else { throw .badRequest }
        if major != 1 { throw .versionNotSupported }
        return minor
    }

    /// RFC 9110 §5.6.2.
    private static func isToken(_ word: some Collection<UInt8>) -> Bool {
        !word.isEmpty && word.allSatisfy { isLetterOrDigit($0) || "!#$%&'*+-.^_`|~".utf8.contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        byte < 128 && (Unicode.Scalar(byte).properties.isAlphabetic || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
    }

    /// Those of the fields that matter here.
    private struct Fields {
        var hosts = 0
        var length: Int?
        var isCoded = false
        var closes = false
        var keepsAlive = false

        mutating func take(_ line: [UInt8]) throws(Failure) {
            // No space may stand before the colon, and a line that begins with one continues another, which is over
            // (RFC 9112 §5.1, §5.2).
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), isToken(line[..<colon]) else { throw .badRequest }
            let value = line[(colon + 1)...].trimmed
            switch line[..<colon].lowercasedASCII {
            case "host":
                guard isHost(value) else { throw .badRequest }
                hosts += 1
            case "connection":
                for option in value.split(separator: UInt8(ascii: ",")) {
                    // Whatever else is said, here or in another line, close is the end (RFC 9112 §9.3).
                    switch option.trimmed.lowercasedASCII {
                    case "close": closes = true
                    case "keep-alive": keepsAlive = true
                    default: break
                    }
                }
            case "content-length":
                // Where two differ, or one is no number, nobody knows where the next request begins (RFC 9112 §6.3).
                guard let number = value.decimal, length ?? number == number else { throw .badRequest }
                length = number
            case "transfer-encoding": isCoded = true
            default: break
            }
        }

        /// A name, an IPv4 address, an IPv6 address in brackets; a port behind it; or nothing (RFC 9110 §7.2, RFC 3986 §3.2.2).
        private func isHost(_ value: ArraySlice<UInt8>) -> Bool {
            var rest = value
            if rest.first == UInt8(ascii: "[") {
                guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { return false }
                let address = rest[(rest.startIndex + 1)..<end]
                guard !address.isEmpty, address.allSatisfy({ isLetterOrDigit($0) || ":.%".utf8.contains($0) }) else { return false }
                rest = rest[(end + 1)...]
            } else {
                rest = rest.drop { isLetterOrDigit($0) || "-._~%!$&'()*+,;=".utf8.contains($0) }
            }
            return rest.isEmpty || rest.first == UInt8(ascii: ":") && (rest.count == 1 || rest.dropFirst().decimal != nil)
        }
    }

    /// A target is a path, or, sent to a proxy, a whole URI (RFC 9112 §3.2.1, §3.2.2). Each `%` stands with two hexadecimal
    /// digits for a byte (RFC 3986 §2.1).
    private static func path(of target: ArraySlice<UInt8>) throws(Failure) -> [UInt8] {
        var rest = target
        // Schemes are the same in both cases (RFC 3986 §3.1).
        if rest.prefix(7).lowercasedASCII == "http://" {
            rest = rest.dropFirst(7).drop { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
            if rest.first != UInt8(ascii: "/") { return [UInt8(ascii: "/")] }
        }
        guard rest.first == UInt8(ascii: "/") else { throw .badRequest }
        rest = rest.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        var path: [UInt8] = []
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                path.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else { throw .badRequest }
            path.append(value)
            rest = rest.dropFirst(2)
        }
        return path
    }
}
