import Testing

@testable import Services

@Suite struct `What a server says, on a screen` {
    private func shown(_ pieces: [ArraySlice<UInt8>]) -> String {
        let screen = Screen()
        return String(decoding: pieces.flatMap { screen.show($0) } + (screen.rest() ?? []), as: UTF8.self)
    }

    @Test(arguments: [
        ("Grüße, 世界\n\ttab\n", "Grüße, 世界\n\ttab\n"), ("one\r\ntwo\r\n", "one\ntwo\n"), ("\u{1b}]0;evil\u{7}\u{1b}[2J", "\\u{1B}]0;evil\\u{07}\\u{1B}[2J"),
        ("over\rwritten\n", "over\\rwritten\n"), ("end\r", "end\\r"), ("\u{9b}2J \u{202e}", "\\u{009B}2J \\u{202E}"),
    ])
    func `is text, however it is cut`(_ said: String, _ text: String) {
        let bytes = Array(said.utf8)
        for cut in 0...bytes.count { #expect(shown([bytes[..<cut], bytes[cut...]]) == text) }
        #expect(shown(bytes.indices.map { bytes[$0...$0] }) == text)
    }

    @Test func `is written out where it is no text`() {
        #expect(shown([[0xe4, 0xb8], [0x41], [0xff, 0xc3]]) == "\\xe4\\xb8A\\xff\\xc3")
    }
}
