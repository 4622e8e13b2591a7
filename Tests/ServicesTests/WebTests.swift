import Foundation
import Testing
import Wire

@testable import Services

@Suite struct `A folder on the web` {
    private let folder: Folder
    private let service: WebService

    init() throws {
        folder = try Folder()
        service = WebService(try ServedFolder(folder.path), Limits())
    }

    /// The answer to one request, as lines; its bytes are Latin-1's.
    private func answer(_ request: [UInt8]) -> String {
        var service = service
        var turn = Turn(with: Endpoint(.ipv4Loopback, 9157), Limits(), talks: false)
        service.receive(request[...], &turn)
        return String(decoding: turn.output, as: UTF8.self)
    }

    private func get(_ path: String, _ method: String = "GET") -> String { answer(Array("\(method) \(path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8)) }

    private func make(_ name: [UInt8], _ text: String = "text\n") throws {
        let path = Array(folder.path.utf8) + [UInt8(ascii: "/")] + name
        let file = try #require(unsafe fopen(path.map { CChar(bitPattern: $0) } + [0], "w"))
        unsafe fputs(text, file)
        unsafe fclose(file)
    }

    /// To a browser a `<` is one whatever stands before and behind it.
    @Test(arguments: ["\u{600}<img src=x onerror=alert(1)>", "<\u{301}script>alert(1)", "\u{1F1E6}<b>", "a&\u{301}lt;", "\"\u{301} onclick='x"])
    func `lists names as text, whatever signs they have`(_ name: String) throws {
        try make(Array(name.utf8))
        let list = try #require(get("/").range(of: "<ul>").map { get("/")[$0.lowerBound...] })
        let tags = ["<ul>", "</ul>", "<li>", "</li>", "<a href=\"./", "</a>"]
        var rest = Array(list.utf8)
        for tag in tags { rest = rest.removing(Array(tag.utf8)) }
        // What is left has one tag's end, and one quotation mark for it.
        #expect(!rest.contains(UInt8(ascii: "<")) && rest.filter { $0 == UInt8(ascii: ">") }.count == 1, "\(list)")
        #expect(rest.filter { $0 == UInt8(ascii: "\"") }.count == 1)
    }

    @Test func `has names that are no UTF-8, and lists none that it does not give`() throws {
        try make([0x66, 0xff], "bytes\n")
        try make(Array(".hidden".utf8), "secret\n")
        try make(Array("plain.txt".utf8))
        #expect(get("/").contains("<a href=\"./f%FF\">"))
        #expect(get("/f%FF").hasSuffix("\r\n\r\nbytes\n"))
        for path in ["/.hidden", "/%2ehidden", "/plain.txt/", "/x"] { #expect(get(path).hasPrefix("HTTP/1.1 404 "), "\(path)") }
        #expect(get("/./plain.txt").hasPrefix("HTTP/1.1 200 "))
    }

    @Test func `opens no FIFO`() throws {
        unsafe mkfifo(folder.path + "/fifo", 0o600)
        #expect(get("/fifo").hasPrefix("HTTP/1.1 404 "))
    }

    @Test func `says which methods there are`() throws {
        try make(Array("a".utf8))
        for method in ["POST", "PUT", "DELETE"] {
            let said = get("/a", method)
            #expect(said.hasPrefix("HTTP/1.1 405 ") && said.contains("\r\nAllow: GET, HEAD, OPTIONS\r\n"))
        }
        #expect(get("/a", "BREW").hasPrefix("HTTP/1.1 501 "))
        let options = get("*", "OPTIONS")
        #expect(options.hasPrefix("HTTP/1.1 200 ") && options.contains("Content-Length: 0\r\nAllow: "))
        #expect(answer(Array("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".utf8)).contains("\r\nConnection: keep-alive\r\n"))
    }
}

extension [UInt8] {
    fileprivate func removing(_ part: [UInt8]) -> [UInt8] {
        var (rest, start) = ([UInt8](), 0)
        while start < count {
            if self[start...].starts(with: part) { start += part.count } else { rest.append(self[start]); start += 1 }
        }
        return rest
    }
}
