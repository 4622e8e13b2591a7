import Presentation
import Render
import Testing
import Timeline

@Suite struct StepViewTests {
    private let size = ScreenSize(rows: 12, columns: 60)

    /// Twenty steps of one to three lines, of which each fifth has a look-up, and one that is longer than the screen.
    private let tellings: [Telling] = (1...20).map { step in
        let lines = step == 7 ? 30 : step % 3 + 1
        let text = (1...lines).map { "step \(step) line \($0)\n" }.joined()
        return Telling(
            .said(""), text: text, lookup: step % 5 == 0 ? "  look-up of \(step)\n" : "", lookupPlace: "step \(step) line 1\n".utf8.count,
            sockets: "\nsockets of \(step)\n")
    }

    private func walk(_ keys: [Key], _ view: inout StepView) -> [String] {
        for key in keys { _ = view.take(key, tellings, size) }
        return view.lines(tellings, size)
    }

    @Test(arguments: [[Key](), [.character("e")], [.character("s")], [.character("e"), .character("s")]])
    func `a step looks the same from either side`(_ toggles: [Key]) {
        var view = StepView(hasUnicode: true)
        var forward = [walk(toggles, &view)]
        for _ in 1..<tellings.count { forward.append(walk([.right], &view)) }
        for step in (0..<tellings.count - 1).reversed() { #expect(walk([.left], &view) == forward[step], "step \(step + 1)") }
        #expect(walk([.end], &view) == forward[tellings.count - 1])
        #expect(walk([.home], &view) == forward[0])
    }

    @Test func `it ends at its ends`() {
        var view = StepView(hasUnicode: true)
        let first = view.lines(tellings, size)
        #expect(walk([.left, .pageUp, .backspace], &view) == first)
        let last = walk([.end], &view)
        #expect(walk([.character(" "), .enter, .pageDown], &view) == last)
        #expect(last.last?.hasPrefix("── step 20 of 20, the end ──") == true)
    }

    @Test func `as many lines as the screen has rows, none wider`() {
        for (rows, columns) in [(1, 20), (2, 1), (3, 10), (12, 17), (24, 80), (45, 160)] {
            var view = StepView(hasUnicode: true, explains: true, showsSockets: true)
            for key in [Key.home, .right, .end, .up, .up, .down, .character("?")] {
                _ = view.take(key, tellings, ScreenSize(rows: rows, columns: columns))
                let lines = view.lines(tellings, ScreenSize(rows: rows, columns: columns))
                #expect(lines.count == (rows > 1 ? rows : 0), "\(rows)×\(columns)")
                #expect(lines.allSatisfy { ScreenText.columns($0) <= columns }, "\(rows)×\(columns)")
            }
        }
    }

    @Test func `a step that is longer than the screen begins at its beginning, and can be moved`() {
        var view = StepView(hasUnicode: true)
        let long = walk(Array(repeating: .right, count: 6), &view)
        #expect(long[0] == "step 7 line 1")
        #expect(long[11].contains("19 more lines"))
        #expect(walk([.up], &view)[0] == "step 6 line 1")
        #expect(walk(Array(repeating: .down, count: 100), &view)[10] == "step 7 line 30")
        #expect(walk([.up], &view)[10] == "step 7 line 29")
        #expect(walk([.left, .right], &view) == long)
    }

    @Test func `the look-up of this frame stands under its line, that of no other`() {
        var view = StepView(hasUnicode: true)
        let lines = walk(Array(repeating: .right, count: 4) + [.character("e")], &view)
        #expect(lines.firstIndex(of: "  look-up of 5") == lines.firstIndex(of: "step 5 line 1").map { $0 + 1 })
        #expect(!walk([.right], &view).contains { $0.contains("look-up of") })
    }

    @Test func `the sockets are those of the step`() {
        var view = StepView(hasUnicode: false, showsSockets: true)
        #expect(walk([.right, .right], &view).contains("sockets of 3"))
        #expect(walk([.left], &view).contains("sockets of 2"))
        #expect(walk([.character("s")], &view).allSatisfy { !$0.contains("sockets of") })
    }

    @Test func `keys and an empty screen go away with the next key`() {
        var view = StepView(hasUnicode: true)
        let before = view.lines(tellings, size)
        #expect(walk([.character("b")], &view).isEmpty)
        #expect(walk([.right], &view) == before)
        #expect(walk([.character("?")], &view).contains { $0.contains("Backspace") })
        #expect(walk([.right], &view) == before)
    }

    @Test(arguments: [Key.character("q"), .escape]) func `q and Esc end it`(_ key: Key) {
        var view = StepView(hasUnicode: true)
        let goesOn = view.take(key, tellings, size)
        #expect(!goesOn)
    }

    @Test func `ASCII where that is all there is`() {
        var view = StepView(hasUnicode: false)
        for keys in [[Key](), [.end], [.character("?")]] {
            #expect(walk(keys, &view).allSatisfy { $0.unicodeScalars.allSatisfy(\.isASCII) })
        }
    }

    @Test func `what is left out is said at the end`() {
        var view = StepView(hasUnicode: true)
        view.remark = "3 more left out"
        #expect(walk([.end], &view).last?.contains("the end: 3 more left out") == true)
    }
}
