import Presentation
import Testing

@Suite struct ScreenTextTests {
    @Test func `colours take no columns`() {
        #expect(ScreenText.columns("a\u{1b}[31mbc\u{1b}[0m → d") == 7)
        #expect(ScreenText.cut("a\u{1b}[31mbc\u{1b}[0md", columns: 2) == "a\u{1b}[31mb")
    }

    @Test(arguments: [
        ("one two three", 7, ["one two", "  three"]), ("short", 20, ["short"]), ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("      indented words here", 20, ["      indented words", "    here"]), ("", 5, [""]),
    ])
    func `lines are broken at spaces`(_ line: String, _ columns: Int, _ expected: [String]) {
        #expect(ScreenText.fold(line, columns: columns).map { $0 } .map { $0.drop { $0 == " " } } == expected.map { $0.drop { $0 == " " } })
        #expect(ScreenText.fold(line, columns: columns).allSatisfy { ScreenText.columns($0) <= columns })
    }

    @Test func `lines of a text`() {
        #expect(ScreenText.lines("a\n\nb\n") == ["a", "", "b"])
        #expect(ScreenText.lines("a") == ["a"])
    }
}
