import FrameScript
import Foundation
@testable import Render
import Testing
import Wire

/// Payload and texts as they reach a terminal or a JSON line.
@Suite struct EscapingTests {
    /// The rule, a byte at a time.
    private static func escaped(_ byte: UInt8) -> String {
        switch byte {
        case 0x0a: "\\n"
        case 0x0d: "\\r"
        case 0x09: "\\t"
        case 0x22: "\\\""
        case 0x5c: "\\\\"
        case 0x20...0x7e: String(UnicodeScalar(byte))
        default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }

    private static func escaped(_ bytes: [UInt8]) -> String { bytes.map { escaped($0) }.joined() }

    private func written(_ bytes: [UInt8]) -> String {
        var out = OutputBuffer(capacity: 1)
        out.append(escaped: bytes.span)
        return out.text
    }

    /// Eight bytes are looked at together: each value at each place among plain ones, and among ones that are not.
    @Test(arguments: [UInt8(ascii: "a"), 0x00, 0x1f, 0x7f, 0x80, 0xff, 0x22, 0x5c, 0x20, 0x7e])
    func `Every byte at every place`(_ filler: UInt8) {
        var wrong: [String] = []
        for byte in UInt8.min...UInt8.max {
            for place in 0..<24 {
                var bytes = [UInt8](repeating: filler, count: 24)
                bytes[place] = byte
                if written(bytes) != EscapingTests.escaped(bytes) { wrong.append("\(byte) at \(place)") }
            }
        }
        #expect(wrong == [])
    }

    @Test func `Every pair of neighbours`() {
        var wrong: [String] = []
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let bytes = [0x61, 0x61, first, second, 0x61, 0x61, 0x61, 0x61, 0x61]
                if written(bytes) != EscapingTests.escaped(bytes) { wrong.append("\(first) \(second)") }
            }
        }
        #expect(wrong == [])
    }

    @Test func `Every length`() {
        var random = SeededGenerator(seed: 2)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(written(bytes) == EscapingTests.escaped(bytes))
            let text = [UInt8](repeating: 0x61, count: count)
            #expect(written(text) == EscapingTests.escaped(text))
        }
    }

    @Test func `Nothing that a terminal obeys comes through`() {
        let text = written(Array(UInt8.min...UInt8.max))
        #expect(text.utf8.allSatisfy { (0x20...0x7e).contains($0) })
    }

    // MARK: Addresses

    @Test(arguments: [
        "0.0.0.0", "10.0.0.1", "127.0.0.1", "192.168.100.200", "255.255.255.255", "::", "::1", "fe80::1", "2001:db8::",
        "2001:db8:0:1:1:1:1:1", "2001:db8::1:0:0:1", "ff02::fb", "::ffff:10.0.0.1",
        "1111:2222:3333:4444:5555:6666:7777:8888",
    ])
    func `Addresses and endpoints are written as they are described`(_ text: String) throws {
        let address = try #require(IPAddress(text))
        var out = OutputBuffer(capacity: 1)
        out.append(address)
        #expect(out.text == text)
        #expect(address.description == text)
        for port in [UInt16(0), 7, 80, 443, 1234, 9157, 65_535] {
            out.truncate(to: 0)
            out.append(Endpoint(address, port))
            #expect(out.text == (address.version == .six ? "[\(text)]:\(port)" : "\(text):\(port)"))
            #expect(out.text == Endpoint(address, port).description)
        }
    }

    @Test func `Any address is written as it is described`() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            // Groups of zeros are what the short form is about.
            let groups = (0..<8).map { _ in Bool.random(using: &random) ? 0 : UInt64.random(in: 0...0xffff, using: &random) }
            let high = groups[0..<4].reduce(0) { $0 << 16 | $1 }
            let low = groups[4..<8].reduce(0) { $0 << 16 | $1 }
            for address in [IPAddress(ipv6High: high, low: low), IPAddress(ipv4: UInt32(truncatingIfNeeded: random.next()))] {
                var out = OutputBuffer(capacity: 1)
                out.append(Endpoint(address, UInt16(truncatingIfNeeded: random.next())))
                #expect(out.text.hasPrefix(address.version == .six ? "[\(address)]:" : "\(address):"))
                #expect(IPAddress(address.description) == address)
            }
        }
    }

    // MARK: JSON (RFC 8259 §7)

    @Test func `Every character of a JSON string comes back`() throws {
        let controls = String(String.UnicodeScalarView((UInt8(0)..<0x80).map { UnicodeScalar($0) }))
        for text in [controls, "", "\"\\/", "…→⇒–≠◀", "é\u{301}\u{1f98a}", "\u{2028}\u{7f}\u{80}"] {
            var out = OutputBuffer(capacity: 1)
            var json = JSONWriter()
            json.object(&out) { json, out in json.field("text", text, &out) }
            let object = try JSONSerialization.jsonObject(with: Data(out.text.utf8)) as? [String: String]
            #expect(object == ["text": text])
            #expect(!out.text.utf8.contains { $0 < 0x20 }, "a JSON line is one line")
        }
    }

    @Test func `Values, arrays and objects stand where they belong`() throws {
        var out = OutputBuffer(capacity: 1)
        var json = JSONWriter()
        json.object(&out) { json, out in
            json.field("number", UInt32.max, &out)
            json.field("negative", -5, &out)
            json.field("yes", true, &out)
            json.field("no", false, &out)
            json.null("nothing", &out)
            json.object("empty", &out) { _, _ in }
            json.key("list", &out)
            json.array(&out) { json, out in
                json.number(1, &out)
                json.string("two", &out)
                json.array(&out) { _, _ in }
                json.object(&out) { json, out in json.field("deep", 3, &out) }
            }
            json.field("last", "x", &out)
        }
        #expect(
            out.text == #"{"number":4294967295,"negative":-5,"yes":true,"no":false,"nothing":null,"empty":{},"#
                + #""list":[1,"two",[],{"deep":3}],"last":"x"}"#)
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(out.text.utf8)) }
    }
}
