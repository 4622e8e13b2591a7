import Testing
import Wire

@testable import Services

@Suite struct Transcripts {
    private let peer = Endpoint(.ipv4Loopback, 9157)

    @Test func `a line has the host and the port in front`() {
        #expect(Transcript.line(Array("Here we go...".utf8), from: peer) == "[127.0.0.1 9157] Here we go...")
        #expect(Transcript.line([], from: Endpoint(.ipv6Loopback, 1)) == "[::1 1] ")
    }

    @Test func `text stays text, whatever its alphabet`() {
        #expect(Transcript.printable(Array("Grüße, 世界 👋 C:\\n".utf8)) == "Grüße, 世界 👋 C:\\n")
    }

    @Test(arguments: [
        ([0x1b, 0x5b, 0x32, 0x4a], "\\u{1B}[2J"),
        ([0x00, 0x07, 0x7f], "\\0\\u{07}\\u{7F}"),
        ([0x09, 0x0d, 0x0a], "\\t\\r\\n"),
        // C1 controls, which some terminals obey, in UTF-8 and as a lone byte.
        ([0xc2, 0x9b], "\\u{009B}"),
        ([0x9b], "\\x9b"),
        // The right-to-left override reorders what follows.
        ([0xe2, 0x80, 0xae], "\\u{202E}"),
        // Not UTF-8: a cut sequence, a stray byte, an overlong NUL.
        ([0x61, 0xe2, 0x82], "a\\xe2\\x82"),
        ([0xff, 0x62, 0x0c], "\\xffb\\u{0C}"),
        ([0xc0, 0x80], "\\xc0\\x80"),
    ] as [([UInt8], String)])
    func `what could steer a terminal is written out`(_ bytes: [UInt8], _ text: String) {
        #expect(Transcript.printable(bytes) == text)
    }

    @Test func `every byte is harmless`() {
        for byte in UInt8.min...UInt8.max {
            for other in UInt8.min...UInt8.max {
                let text = Transcript.printable([byte, other])
                #expect(text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
            }
        }
    }

    @Test func `a message says its size and how it begins`() {
        #expect(Transcript.message(Array("hi\n".utf8)[...], from: peer) == "[127.0.0.1 9157] 3 B \"hi\\n\"")
        #expect(Transcript.message([], from: peer) == "[127.0.0.1 9157] 0 B \"\"")
        let long = Array(String(repeating: "x", count: 41).utf8)
        let preview = String(repeating: "x", count: 40)
        #expect(Transcript.message(long[...], from: peer) == "[127.0.0.1 9157] 41 B \"\(preview)...\"")
    }

    @Test func `the preview is not cut within a character`() {
        let text = Array((String(repeating: "x", count: 39) + "世").utf8)
        let preview = String(repeating: "x", count: 39)
        #expect(Transcript.message(text[...], from: peer) == "[127.0.0.1 9157] 42 B \"\(preview)...\"")
    }
}
