import Wire

/// What a server prints about its clients. What came from the network reaches a terminal as text only: bytes that
/// could move its cursor or set its title are written out.
enum Transcript {
    static func connection(from peer: Endpoint) -> String {
        "connection from \(peer)"
    }

    /// `[127.0.0.1 9157] Here we go...`
    static func line(_ bytes: some Collection<UInt8>, from peer: Endpoint) -> String {
        "[\(peer.address) \(peer.port)] \(printable(bytes))"
    }

    /// `[127.0.0.1 9157] 14 B "Here we go...\n"`: a piece of a stream, or a datagram, cut after some bytes.
    static func message(_ bytes: ArraySlice<UInt8>, from peer: Endpoint) -> String {
        let cut = previewEnd(of: bytes)
        let more = cut < bytes.endIndex ? "..." : ""
        return "[\(peer.address) \(peer.port)] \(bytes.count) B \"\(printable(bytes[..<cut]))\(more)\""
    }

    static func closing(_ closing: Closing, of peer: Endpoint) -> String {
        "[\(peer.address) \(peer.port)] \(closing)"
    }

    private static let previewLength = 40

    /// Where the preview ends: not within a character of UTF-8.
    private static func previewEnd(of bytes: ArraySlice<UInt8>) -> Int {
        guard bytes.count > previewLength else { return bytes.endIndex }
        var end = bytes.startIndex + previewLength
        for _ in 0..<3 where bytes[end] & 0xc0 == 0x80 { end -= 1 }
        return end
    }

    /// Valid UTF-8 as it is, control characters and what is not UTF-8 as escapes. A backslash stays as it is: a line
    /// of plain text shall look like itself.
    static func printable(_ bytes: some Collection<UInt8>) -> String {
        var text = ""
        var parser = Unicode.UTF8.ForwardParser()
        var source = bytes.makeIterator()
        var index = bytes.startIndex
        while true {
            switch parser.parseScalar(from: &source) {
            case .valid(let encoded):
                let scalar = Unicode.UTF8.decode(encoded)
                if isHarmless(scalar) {
                    text.unicodeScalars.append(scalar)
                } else {
                    text += scalar.escaped(asASCII: true)
                }
                bytes.formIndex(&index, offsetBy: encoded.count)
            case .error(let length):
                let end = bytes.index(index, offsetBy: length)
                for byte in bytes[index..<end] { text += hexadecimal(byte) }
                index = end
            case .emptyInput:
                return text
            }
        }
    }

    /// Control characters steer a terminal; format characters and separators can reorder or break its lines.
    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }

    /// `\xff`
    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "\\x0" : "\\x") + String(byte, radix: 16)
    }
}
