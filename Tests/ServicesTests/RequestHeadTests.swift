import Testing

@testable import Services

@Suite struct `The head of a request` {
    private func head(_ lines: String...) throws(RequestHead.Failure) -> RequestHead {
        try RequestHead(lines.map { Array($0.utf8) })
    }

    @Test func `has a method and a decoded path`() throws {
        let plain = try head("GET /a%20b/%C3%BC?x=%zz HTTP/1.1", "Host: x")
        #expect(plain.method == "GET" && plain.path == Array("/a b/ü".utf8) && plain.keepsAlive && !plain.hasContent)
        #expect(try head("GET http://x:80/a HTTP/1.1", "host:x").path == Array("/a".utf8))
        #expect(try head("GET http://x HTTP/1.1", "host:x").path == Array("/".utf8))
    }

    @Test(arguments: [
        "GET / HTTP/1.1", "GET  / HTTP/1.1\nHost: x", "GET / HTTP/1.1\nHost: x\nHost: y", "GET a HTTP/1.1\nHost: x", "GET /%4 HTTP/1.1\nHost: x",
        "GET /%+1 HTTP/1.1\nHost: x", "GET / FTP/1.1\nHost: x", "GET / HTTP/1.1\nHost : x", "GET / HTTP/1.1\nHost: x\n folded", "GET /", "",
    ])
    func `is refused where it is none`(_ text: String) {
        #expect(throws: RequestHead.Failure.badRequest) {
            try RequestHead(text.split(separator: "\n", omittingEmptySubsequences: false).map { Array($0.utf8) })
        }
    }

    @Test func `says whether the connection goes on`() throws {
        #expect(throws: RequestHead.Failure.versionNotSupported) { try head("GET / HTTP/2.0", "Host: x") }
        #expect(try !head("GET / HTTP/1.0").keepsAlive)
        #expect(try head("GET / HTTP/1.0", "Connection: Keep-Alive").keepsAlive)
        #expect(try !head("GET / HTTP/1.1", "Host: x", "Connection: x, close").keepsAlive)
        // What follows would be taken for the next request.
        #expect(try !head("GET / HTTP/1.1", "Host: x", "Content-Length: 3").keepsAlive)
        #expect(try !head("GET / HTTP/1.1", "Host: x", "Transfer-Encoding: chunked").keepsAlive)
        #expect(try head("GET / HTTP/1.1", "Host: x", "Content-Length: 0").keepsAlive)
    }
}
