import Testing

@testable import Render

/// Cells: what takes two, what takes none, what is painted over.
@Suite struct ChartTests {
    private func written(_ line: ChartLine, hasColor: Bool = false) -> String {
        var out = OutputBuffer()
        line.write(into: &out, hasColor: hasColor)
        return out.takeText()
    }

    @Test func `text is measured in cells and never raw`() {
        #expect(ChartText("echo", hasUnicode: true).width == 4)
        #expect(ChartText("日本", hasUnicode: true).width == 4)
        #expect(ChartText("😀", hasUnicode: true).width == 2)
        #expect(ChartText("e\u{301}", hasUnicode: true).width == "e\\u{301}".count)
        #expect(ChartText("\u{1b}[2J", hasUnicode: true).scalars.allSatisfy { $0.value >= 0x20 })
        #expect(ChartText("日本", hasUnicode: false).scalars.allSatisfy { $0.isASCII })
    }

    @Test func `a cut says that it is one, and no wide scalar is halved`() {
        func cut(_ text: String, _ room: Int) -> String {
            String(String.UnicodeScalarView(ChartText(text, hasUnicode: true).cut(to: room, sign: "…").scalars))
        }
        #expect(cut("abcdef", 6) == "abcdef")
        #expect(cut("abcdef", 5) == "abcd…")
        #expect(cut("日本語", 4) == "日…")
        #expect(cut("日本語", 5) == "日本…")
        #expect(cut("abc", 0) == "")
    }

    @Test func `lines are broken at spaces, and inside of words that are too long`() {
        func wrapped(_ text: String, _ room: Int) -> [String] {
            ChartText(text, hasUnicode: true).wrapped(to: room).map { String(String.UnicodeScalarView($0.scalars)) }
        }
        #expect(wrapped("one two three", 7) == ["one two", "three"])
        #expect(wrapped("abcdefgh ij", 4) == ["abcd", "efgh", "ij"])
        #expect(wrapped("", 4) == [""])
    }

    @Test func `what is painted over half of a wide scalar leaves a space of the other`() {
        var line = ChartLine(width: 6)
        line.put(ChartText("日本語", hasUnicode: true), at: 0)
        #expect(written(line) == "日本語\n")
        line.put("x", at: 1)
        #expect(written(line) == " x本語\n")
        line.put("y", at: 2)
        #expect(written(line) == " xy 語\n")
        line.put("日", at: 5)
        #expect(written(line) == " xy 語\n")
    }

    @Test func `nothing is painted beyond the end, and no spaces are written there`() {
        var line = ChartLine(width: 3)
        line.put(ChartText("abcdef", hasUnicode: true), at: 1)
        line.put("z", at: -1)
        #expect(written(line) == " ab\n")
        line.put(" ", at: 2)
        #expect(written(line) == " a\n")
        line.clear()
        #expect(written(line) == "\n")
    }

    @Test func `a colour ends where another begins`() {
        var line = ChartLine(width: 4)
        line.put("a", at: 0, .of(1))
        line.put("b", at: 2, .nobody)
        #expect(written(line, hasColor: true) == "\u{1b}[36ma \u{1b}[0m\u{1b}[31mb\u{1b}[0m\n")
    }
}
