import Testing
import Wire

@Suite struct Endpoints {
    @Test(arguments: ["127.0.0.1:1234", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:80", "[::]:0", "[2001:db8::1]:443", "[::ffff:192.0.2.1]:7"])
    func `round trip`(_ text: String) throws {
        #expect(try #require(Endpoint(text)).description == text)
    }

    @Test func parse() {
        #expect(Endpoint("192.0.2.1:1234") == Endpoint(IPAddress(ipv4: client4), 1234))
        #expect(Endpoint("[2001:db8::2]:9157") == Endpoint(server6, 9157))
        #expect(Endpoint("[2001:DB8:0::2]:9157")?.description == "[2001:db8::2]:9157")
    }

    @Test(arguments: [
        "", ":", "::", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+80", "127.0.0.1: 80", "127.0.0.1:80 ",
        "127.0.0.1:0x50", "127.0.0.1:٨٠", "127.0.0.1:80\0", "127.0.0.1\0:80", "127.0.0.1\0.example:80", "127.0.0.1::80", "127.0.0.1:80:80",
        "localhost:80", "::1:80", "::1", "[::1]", "[::1]:", "[::1]80", "[::1:80", "::1]:80", "[]:80", "[:80", "]:80", "[[::1]]:80", "[127.0.0.1]:80",
        "[::1%lo]:80", "[::1\0]:80", "[::1] :80", "127.0.0.1:99999999999999999999", "127.0.0.1:\u{301}80", "127.0.0.1\u{301}:80",
    ])
    func `what is no endpoint`(_ text: String) {
        #expect(Endpoint(text) == nil)
    }
}
