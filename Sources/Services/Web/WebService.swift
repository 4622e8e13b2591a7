import Glibc
import Platform
import Wire

/// HTTP/1.1: GET and HEAD of the files of the served folder, one request after the other on a connection
/// (RFC 9110, RFC 9112). A folder is its `index.html`, or else a list of what it has.
struct WebService: Service {
    static let port: UInt16 = 8080

    private let folder: ServedFolder
    private var lines: LineBuffer
    private var head: [[UInt8]] = []
    private var headLength = 0
    /// What of a file is still to be sent.
    private var sending: (file: OpenFile, offset: Int)?
    private var keepsAlive = true
    /// The client would close if it were not told that the connection goes on.
    private var saysKeepAlive = false

    private static let piece = 65_536
    private static let longestHead = 32_768

    init(_ folder: ServedFolder, _ limits: Limits) {
        self.folder = folder
        lines = LineBuffer(limit: min(limits.lineLength, WebService.longestHead))
    }

    var isMidway: Bool { sending != nil || !head.isEmpty || lines.isMidway }

    /// Whoever has asked for nothing is told nothing (RFC 9110 §15.5.9).
    func farewell(_ closing: Closing) -> String {
        guard closing == .tooSlow || closing == .crowdedOut, sending == nil, isMidway else { return "" }
        return "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    }

    mutating func receive(_ bytes: ArraySlice<UInt8>, _ turn: inout Turn) {
        lines.supply(bytes)
        work(&turn)
    }

    /// Takes requests as far as they have come; with a file on its way, the next waits until that is sent.
    private mutating func work(_ turn: inout Turn) {
        while sending == nil, turn.ending == nil {
            // Many small requests ask for much: the rest of them waits until that is sent.
            if turn.output.count >= WebService.piece { return turn.proceedWhenSent() }
            switch lines.next() {
            case .none: return
            case .tooLong: refuse(head.isEmpty ? "414 URI Too Long" : "431 Request Header Fields Too Large", &turn)
            // Empty lines before a request are passed over (RFC 9112 §2.2).
            case .line([]) where head.isEmpty: continue
            case .line([]): answer(&turn)
            case .line(let line):
                head.append(line)
                headLength += line.count + 32
                if headLength > WebService.longestHead { refuse("431 Request Header Fields Too Large", &turn) }
            }
        }
    }

    private mutating func answer(_ turn: inout Turn) {
        let (first, peer) = (head[0], turn.peer)
        turn.note(Transcript.line(first, from: peer))
        do {
            let request = try RequestHead(head)
            head = []
            headLength = 0
            keepsAlive = request.keepsAlive
            saysKeepAlive = request.isOld
            let allowed = "Allow: GET, HEAD, OPTIONS\r\n"
            switch (request.method, request.path) {
            case ("GET", let path?): give(path, isHead: false, &turn)
            case ("HEAD", let path?): give(path, isHead: true, &turn)
            case ("OPTIONS", _): reply("200 OK", allowed, [], isHead: false, &turn)
            case (let method, _):
                // A method that everybody knows, and one that nobody does (RFC 9110 §15.5.6, §15.6.2).
                let status = WebRequest.isMethod(method) ? "405 Method Not Allowed" : "501 Not Implemented"
                reply(status, allowed, WebPage.message(status), isHead: false, &turn)
            }
            if !keepsAlive, sending == nil { turn.close(nil) }
        } catch {
            refuse(error == .badRequest ? "400 Bad Request" : "505 HTTP Version Not Supported", &turn)
        }
    }

    private mutating func give(_ asked: [UInt8], isHead: Bool, _ turn: inout Turn) {
        do throws(ServedFolder.Failure) {
            var path = asked
            // What is not listed is not given either.
            if path.split(separator: UInt8(ascii: "/")).contains(where: { $0.first == UInt8(ascii: ".") && $0.count > 1 }) { throw .refused }
            var file = try open(path)
            // Only a folder has a slash behind it.
            if !file.isFolder, path.last == UInt8(ascii: "/") { throw .refused }
            if file.isFolder {
                guard path.last == UInt8(ascii: "/") else {
                    // Relative references in the page count from the slash on (RFC 3986 §5.2.3).
                    let place = WebService.location(path)
                    return reply("301 Moved Permanently", "Location: \(place)\r\n", WebPage.message("301 Moved Permanently"), isHead: isHead, &turn)
                }
                path += "index.html".utf8
                guard let index = try? open(path), index.isRegular else {
                    let page = WebPage.listing(file.names(), of: asked)
                    return reply("200 OK", "", page, isHead: isHead, &turn)
                }
                file = index
            }
            guard file.isRegular else { throw .refused }
            turn.send(header("200 OK", WebPage.contentType(of: path), file.size))
            if !isHead, file.size > 0 {
                sending = (file, 0)
                sendPiece(&turn)
            }
        } catch {
            let status = WebService.status(error)
            reply(status, "", WebPage.message(status), isHead: isHead, &turn)
        }
    }

    mutating func proceed(_ turn: inout Turn) {
        sendPiece(&turn)
        guard sending == nil, turn.ending == nil else { return }
        if keepsAlive { work(&turn) } else { turn.close(nil) }
    }

    /// A piece at a time, so that a large file needs no more memory than a small one. The first goes with the header: alone,
    /// the header would be acknowledged only after a while, and the rest wait for that (RFC 9293 §3.7.4, §3.8.6.3).
    private mutating func sendPiece(_ turn: inout Turn) {
        guard let (file, offset) = sending else { return }
        guard let bytes = try? file.read(min(WebService.piece, file.size - offset), at: offset), !bytes.isEmpty else {
            // It has become shorter than was said: only the end of the connection can tell that.
            return turn.close(.broken(reason: "closed: the file has shrunk"))
        }
        turn.send(bytes)
        if offset + bytes.count < file.size {
            sending = (file, offset + bytes.count)
            return turn.proceedWhenSent()
        }
        sending = nil
    }

    private func open(_ path: [UInt8]) throws(ServedFolder.Failure) -> OpenFile {
        let descriptor = try folder.open(path, O_RDONLY)
        do { return try OpenFile(descriptor) } catch { throw .failed(error) }
    }
}

// MARK: - Answers

extension WebService {
    private func header(_ status: String, _ type: String, _ length: Int, _ fields: String = "") -> String {
        "HTTP/1.1 \(status)\r\nDate: \(WebPage.date())\r\nServer: portwatch\r\nContent-Type: \(type)\r\n"
            + "Content-Length: \(length)\r\n\(fields)" + (keepsAlive ? saysKeepAlive ? "Connection: keep-alive\r\n" : "" : "Connection: close\r\n") + "\r\n"
    }

    private func reply(_ status: String, _ fields: String, _ page: [UInt8], isHead: Bool, _ turn: inout Turn) {
        turn.send(header(status, "text/html; charset=utf-8", page.count, fields))
        if !isHead { turn.send(page) }
    }

    /// What follows cannot be told apart, or shall not be read: the connection ends.
    private mutating func refuse(_ status: String, _ turn: inout Turn) {
        keepsAlive = false
        head = []
        reply(status, "", WebPage.message(status), isHead: false, &turn)
        turn.close(nil)
    }

    private static func status(_ failure: ServedFolder.Failure) -> String {
        guard case .failed(let error) = failure else { return "404 Not Found" }
        switch error.code {
        case EACCES, EPERM: return "403 Forbidden"
        case EMFILE, ENFILE, ENOMEM: return "503 Service Unavailable"
        default: return "404 Not Found"
        }
    }

    private static func location(_ path: [UInt8]) -> String {
        // Two slashes at its beginning would make a host of the first name (RFC 3986 §3.2).
        let path = [UInt8(ascii: "/")] + path.drop { $0 == UInt8(ascii: "/") } + [UInt8(ascii: "/")]
        return path.map { byte in
            let isPlain = byte > 32 && byte < 127 && !"\"%<>?#\\^`{|}".utf8.contains(byte)
            return isPlain ? String(Unicode.Scalar(byte)) : (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}
