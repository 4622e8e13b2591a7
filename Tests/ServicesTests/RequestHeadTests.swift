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
        #expect(try head("GET HTTP://x?y HTTP/1.1", "host:x").path == Array("/".utf8))
        #expect(try head("OPTIONS * HTTP/1.1", "Host: [::1]:80").path == nil)
        for host in ["", "a.b:", "a_b%20:80", "[fe80::1%25lo]", "127.0.0.1:8080"] { #expect(try head("GET / HTTP/1.1", "Host: \(host)").path != nil) }
    }

    @Test(arguments: [
        "GET / HTTP/1.1", "GET  / HTTP/1.1\nHost: x", "GET / HTTP/1.1\nHost: x\nHost: y", "GET a HTTP/1.1\nHost: x", "GET /%4 HTTP/1.1\nHost: x",
        "GET /%+1 HTTP/1.1\nHost: x", "GET / HTTP/1.x\nHost: x", "GET / HTTP/11\nHost: x", "G\u{301}T / HTTP/1.1\nHost: x", "GET / HTTP/1.1\nHost: a/b",
        "GET / HTTP/1.1\nHost: a b", "GET / HTTP/1.1\nHost: x:y", "GET / HTTP/1.1\nHost: [::1", "GET / HTTP/1.1\nHost: u@x", "GET / HTTP/1.1\nHost: x\nContent-Length: abc",
        "GET / HTTP/1.1\nHost: x\nContent-Length: -5", "GET / HTTP/1.1\nHost: x\nContent-Length: 3\nContent-Length: 4", "GET / HTTP/1.1\nHost: x\nA: b\0",
        "GET / HTTP/1.1\nHost: x\nA: b\rc", "GET * HTTP/1.1\nHost: x", "GET / HTTP/1.1\nHost: x\nA b: c", "GET / FTP/1.1\nHost: x", "GET / HTTP/1.1\nHost : x", "GET / HTTP/1.1\nHost: x\n folded", "GET /", "",
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
        #expect(try !head("GET / HTTP/1.1", "Host: x", "Connection: close", "Connection: keep-alive").keepsAlive)
        #expect(try head("GET / HTTP/1.2", "Host: x").keepsAlive)
        // What follows would be taken for the next request.
        #expect(try !head("GET / HTTP/1.1", "Host: x", "Content-Length: 3").keepsAlive)
        #expect(try !head("GET / HTTP/1.1", "Host: x", "Transfer-Encoding: chunked").keepsAlive)
        #expect(try head("GET / HTTP/1.1", "Host: x", "Content-Length: 0").keepsAlive)
    }
}
