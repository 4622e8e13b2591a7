import Glibc
import Platform

/// What is sent for want of a file, and what is said of one.
enum WebPage {
    /// By the name's ending (RFC 9110 §8.3); what is not known is not guessed.
    static func contentType(of path: [UInt8]) -> String {
        let known = [
            ".html": "text/html; charset=utf-8", ".htm": "text/html; charset=utf-8", ".css": "text/css",
            ".js": "text/javascript", ".txt": "text/plain; charset=utf-8", ".md": "text/plain; charset=utf-8",
            ".json": "application/json", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
            ".gif": "image/gif", ".svg": "image/svg+xml", ".pdf": "application/pdf", ".ico": "image/x-icon",
        ]
        guard let dot = path.lastIndex(of: UInt8(ascii: ".")) else { return "application/octet-stream" }
        return known[path[dot...].lowercasedASCII] ?? "application/octet-stream"
    }

    /// - Parameter names: bytes, as names in Linux are. One that is no UTF-8 is shown as far as it is, and led to as it is.
    static func listing(_ names: [[UInt8]], of path: [UInt8]) -> [UInt8] {
        let title = escaped(path)
        let items = names.map { "<li><a href=\"\(encoded($0))\">\(escaped($0))</a></li>" }.joined(separator: "\n")
        return page(title, "<ul>\n\(items)\n</ul>")
    }

    static func message(_ status: String) -> [UInt8] { page(status, "") }

    private static func page(_ title: String, _ body: String) -> [UInt8] {
        Array("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>\(title)</title>\n<h1>\(title)</h1>\n\(body)\n".utf8)
    }

    /// By bytes: what a combining mark stands behind is the same sign to a browser.
    private static func escaped(_ text: [UInt8]) -> String {
        var bytes: [UInt8] = []
        for byte in text {
            switch byte {
            case UInt8(ascii: "&"): bytes += "&amp;".utf8
            case UInt8(ascii: "<"): bytes += "&lt;".utf8
            case UInt8(ascii: ">"): bytes += "&gt;".utf8
            case UInt8(ascii: "\""): bytes += "&quot;".utf8
            case UInt8(ascii: "'"): bytes += "&#39;".utf8
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// All but the unreserved characters and the slash of folders (RFC 3986 §2.3), after `./`, since a name may have a colon.
    private static func encoded(_ name: [UInt8]) -> String {
        "./" + name.map { byte in
            let scalar = Unicode.Scalar(byte)
            if byte < 128, scalar.properties.isAlphabetic || "0123456789-._~/".unicodeScalars.contains(scalar) { return String(scalar) }
            return (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    /// Now, as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7). The corresponding C functions are `gmtime_r` and `strftime`,
    /// in the locale "C" of a program that does not set another.
    static func date() -> String {
        var now = time(nil)
        var parts = unsafe tm()
        unsafe gmtime_r(&now, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (day, month) = unsafe (days[Int(parts.tm_wday)], months[Int(parts.tm_mon)])
        let (date, year) = unsafe (two(parts.tm_mday), parts.tm_year + 1900)
        return unsafe "\(day), \(date) \(month) \(year) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
