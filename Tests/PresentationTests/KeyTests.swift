import Presentation
import Testing

@Suite struct KeyTests {
    private func keys(_ bytes: String) -> [Key] {
        var reader = KeyReader()
        return reader.take(Array(bytes.utf8)) + reader.takeRest()
    }

    @Test(arguments: [
        (" ", [Key.character(" ")]), ("q", [.character("q")]), ("\r", [.enter]), ("\n", [.enter]), ("\u{7f}", [.backspace]),
        ("\u{8}", [.backspace]), ("\u{1b}[C", [.right]), ("\u{1b}OC", [.right]), ("\u{1b}[D", [.left]), ("\u{1b}[A", [.up]),
        ("\u{1b}[5~", [.pageUp]), ("\u{1b}[6~", [.pageDown]), ("\u{1b}[1~", [.home]), ("\u{1b}[H", [.home]), ("\u{1b}OH", [.home]),
        ("\u{1b}[7~", [.home]), ("\u{1b}[4~", [.end]), ("\u{1b}[F", [.end]), ("\u{1b}[8~", [.end]), ("\u{1b}OM", [.enter]),
        ("\u{1b}", [.escape]), ("\u{1b}\u{1b}[C", [.escape, .right]), ("\u{1b}[1;2C", [.right]), ("\u{1b}[5;5~", [.pageUp]),
        ("\u{1b}[2~", [.other]), ("\u{1b}x", [.other]), ("\u{c}", [.redraw]), ("\u{1}", [.other]), ("ä", [.other, .other]),
        ("\u{1b}[12", [.other]), ("\u{1b}[1\u{1b}[C", [.other, .right]), ("a \u{1b}[Cb", [.character("a"), .character(" "), .right, .character("b")]),
    ])
    func `what a terminal sends`(_ bytes: String, _ expected: [Key]) {
        #expect(keys(bytes) == expected)
    }

    private func take(_ bytes: [UInt8], _ reader: inout KeyReader) -> [Key] { reader.take(bytes) }

    @Test func `a key comes whole however its bytes come`() {
        var reader = KeyReader()
        #expect(take([0x1b], &reader).isEmpty)
        #expect(reader.waitsForMore)
        #expect(take([0x5b], &reader).isEmpty)
        #expect(take([0x43], &reader) == [.right])
        #expect(!reader.waitsForMore)
    }

    @Test func `what never ends is no key`() {
        var reader = KeyReader()
        #expect(take([0x1b, 0x5b] + Array(repeating: 0x31, count: 100), &reader) == [.other])
        #expect(!reader.waitsForMore)
    }
}
