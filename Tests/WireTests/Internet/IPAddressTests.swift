import Glibc
import Testing
import Wire

@Suite struct `IP addresses` {
    @Test(arguments: [
        // RFC 5952 §1: eight ways to write one address.
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8::1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:0db8::1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8:0:0:1::1", "2001:db8::1:0:0:1"),
        ("2001:db8:0000:0:1::1", "2001:db8::1:0:0:1"),
        ("2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"),
        // §2.1, §4.1: leading zeros.
        ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"),
        ("2001:0db8::0001", "2001:db8::1"),
        // §2.2, §4.2.2: one zero group is not shortened.
        ("2001:db8:aaaa:bbbb:cccc:dddd::1", "2001:db8:aaaa:bbbb:cccc:dddd:0:1"),
        ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        // §2.3, §4.3: lower case.
        ("2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:AaAa", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa"),
        // §4.2.1: as short as possible. §4.2.3: the longest run, the first of equals.
        ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        // §5: a known prefix of an IPv4 address.
        ("0:0:0:0:0:ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("::FFFF:0:0", "::ffff:0.0.0.0"),
        // The ends.
        ("0:0:0:0:0:0:0:0", "::"), ("0:0:0:0:0:0:0:1", "::1"), ("1:0:0:0:0:0:0:0", "1::"),
        ("0:1:1:1:1:1:1:1", "0:1:1:1:1:1:1:1"), ("1:1:1:1:1:1:1:0", "1:1:1:1:1:1:1:0"), ("1:1:1:1:1:1:0:0", "1:1:1:1:1:1::"),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("0.0.0.0", "0.0.0.0"), ("127.0.0.1", "127.0.0.1"), ("255.255.255.255", "255.255.255.255"), ("9.10.99.100", "9.10.99.100"),
    ])
    func texts(_ given: String, _ canonical: String) throws {
        let address = try #require(IPAddress(given))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
        #expect(canonical.utf8.count <= IPAddress.longestText)
    }

    @Test(arguments: [
        "", " ", "localhost", "127.1", "127.0.0.1 ", " 127.0.0.1", "127.0.0.256", "127.0.0.01", "127.0.0.1.1", "0x7f.0.0.1",
        "127.0.0.1\0", "127.0.0.1\0.example", "::1\0", "[::1]", "::1%lo", "1::2::3", "12345::", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
        "::ffff:1.2.3", "١٢٧.0.0.1", "::1/128",
    ])
    func `what is no address`(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    /// glibc's inet_ntop differs from RFC 5952 in one case: it also writes ::/96 with dots. Those "IPv4-compatible"
    /// addresses are deprecated (RFC 4291 §2.5.5.1), and §5 asks for dots only where a prefix is known to mean IPv4.
    @Test func `as inet_ntop, but for the compatible ones`() throws {
        var generator = SeededGenerator(seed: 5952)
        var compatible = 0
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            // Many zero groups, and ffff where v4-mapped addresses have it.
            for group in 0..<8 {
                let value = [0, 0, 0, Int.random(in: 0...0xffff, using: &generator), group == 5 ? 0xffff : 1].randomElement(using: &generator)
                bytes += be16(value ?? 0)
            }
            let words = stride(from: 0, to: 16, by: 8).map { start in bytes[start..<start + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
            let address = IPAddress(ipv6High: words[0], low: words[1])
            let text = address.description
            #expect(IPAddress(text) == address)
            if address.high == 0, address.low >> 32 == 0, address.low > 0xffff {
                compatible += 1
                #expect(!text.contains("."))
            } else {
                #expect(text == inetNtop(bytes))
            }
        }
        #expect(compatible > 100)
    }

    @Test func `IPv4 as inet_ntop`() {
        var generator = SeededGenerator(seed: 791)
        for _ in 0..<2_000 {
            let bits = UInt32.random(in: 0...UInt32.max, using: &generator)
            let address = IPAddress(ipv4: bits)
            #expect(address.description == inetNtop(be32(bits)))
            #expect(IPAddress(address.description) == address)
        }
    }

    private func inetNtop(_ bytes: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: 64)
        inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, 64)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test(arguments: [
        // address, wildcard, loopback, multicast, broadcast
        ("0.0.0.0", true, false, false, false), ("::", true, false, false, false),
        ("127.0.0.1", false, true, false, false), ("127.255.255.254", false, true, false, false), ("::1", false, true, false, false),
        ("224.0.0.1", false, false, true, false), ("239.255.255.255", false, false, true, false), ("ff02::1", false, false, true, false),
        ("255.255.255.255", false, false, false, true), ("240.0.0.1", false, false, false, false), ("fe80::1", false, false, false, false),
        ("::ffff:127.0.0.1", false, false, false, false),
    ])
    func kinds(_ text: String, _ wildcard: Bool, _ loopback: Bool, _ multicast: Bool, _ broadcast: Bool) throws {
        let address = try #require(IPAddress(text))
        #expect(address.isWildcard == wildcard)
        #expect(address.isLoopback == loopback)
        #expect(address.isMulticast == multicast)
        #expect(address.isLimitedBroadcast == broadcast)
    }

    @Test func `an IPv4 address is no IPv6 address of the same bits`() {
        #expect(IPAddress(ipv4: 1) != IPAddress(ipv6High: 0, low: 1))
        #expect(IPAddress("::ffff:192.0.2.1") != IPAddress("192.0.2.1"))
    }
}
