/// The head of an HTTP/1.1 request, taken apart (RFC 9112 §3, §5).
struct RequestHead: Equatable, Sendable {
    let method: String
    /// The path of the target, without its query, decoded.
    let path: [UInt8]
    /// Whether another request may follow on this connection (RFC 9112 §9.3).
    let keepsAlive: Bool
    /// Content follows the head: of what is served here no request has any.
    let hasContent: Bool

    /// Why it cannot be answered as asked, as a status.
    enum Failure: Error, Equatable {
        case badRequest
        case versionNotSupported
    }

    /// - Parameter lines: the request line and the field lines, without the empty line that ends them.
    init(_ lines: [[UInt8]]) throws(Failure) {
        let words = (lines.first ?? []).split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty else { throw .badRequest }
        let version = String(decoding: words[2], as: UTF8.self)
        guard version.hasPrefix("HTTP/"), version.utf8.count == 8 else { throw .badRequest }
        guard version.hasPrefix("HTTP/1.") else { throw .versionNotSupported }
        method = String(decoding: words[0], as: UTF8.self)
        path = try RequestHead.path(of: words[1])

        var (hosts, keep, content) = (0, version != "HTTP/1.0", false)
        for line in lines.dropFirst() {
            // No space may stand before the colon, and a line that begins with one continues another, which is over
            // (RFC 9112 §5.1, §5.2).
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0, !line[..<colon].contains(where: { $0 <= 32 }) else { throw .badRequest }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            let value = String(decoding: line[(colon + 1)...], as: UTF8.self).lowercased()
            switch name {
            case "host": hosts += 1
            case "connection":
                let options = value.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
                if options.contains("close") { keep = false } else if options.contains("keep-alive") { keep = true }
            case "content-length": content = content || value.contains { $0 != " " && $0 != "0" }
            case "transfer-encoding": content = true
            default: break
            }
        }
        // RFC 9112 §3.2.
        if hosts > 1 || hosts == 0 && version != "HTTP/1.0" { throw .badRequest }
        keepsAlive = keep && !content
        hasContent = content
    }

    /// A target is a path, or, sent to a proxy, a whole URI (RFC 9112 §3.2.1, §3.2.2). Each `%` stands with two hexadecimal
    /// digits for a byte (RFC 3986 §2.1).
    private static func path(of target: ArraySlice<UInt8>) throws(Failure) -> [UInt8] {
        var rest = target
        if rest.starts(with: "http://".utf8) {
            rest = rest.dropFirst(7).drop { $0 != UInt8(ascii: "/") }
            if rest.isEmpty { return [UInt8(ascii: "/")] }
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
