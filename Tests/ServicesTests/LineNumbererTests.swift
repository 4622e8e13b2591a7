import Testing

@testable import Services

@Suite struct `The line numberer` {
    /// What all the pieces together give, end of file included.
    private func echo(_ pieces: [[UInt8]], limit: Int = 100) -> LineNumberer.Answer {
        var numberer = LineNumberer(limit: limit)
        var all = LineNumberer.Answer()
        for answer in pieces.map({ numberer.receive($0) }) + [numberer.finish()] {
            if all.tooLong { break }
            all.reply += answer.reply
            all.lines += answer.lines
            all.tooLong = answer.tooLong
        }
        return all
    }

    private func echo(_ text: String, limit: Int = 100) -> LineNumberer.Answer {
        echo([Array(text.utf8)], limit: limit)
    }

    @Test func `numbers lines from 1`() {
        let answer = echo("Here we go...\nWow, a response!\nGoodbye\n")
        #expect(String(decoding: answer.reply, as: UTF8.self) == "1: Here we go...\n2: Wow, a response!\n3: Goodbye\n")
        #expect(answer.lines == ["Here we go...", "Wow, a response!", "Goodbye"].map { Array($0.utf8) })
    }

    @Test func `the empty line counts, the empty stream has none`() {
        #expect(echo("\n\n").reply == Array("1: \n2: \n".utf8))
        #expect(echo("") == LineNumberer.Answer())
    }

    @Test func `a last line without its end is answered as a line`() {
        #expect(echo("a\nb").reply == Array("1: a\n2: b\n".utf8))
    }

    @Test func `CRLF comes back as it came, and is not part of the line`() {
        let answer = echo("a\r\n\r\nb\rc\n")
        #expect(answer.reply == Array("1: a\r\n2: \r\n3: b\rc\n".utf8))
        #expect(answer.lines == [Array("a".utf8), [], Array("b\rc".utf8)])
    }

    @Test func `bytes that are no text come back exactly`() {
        let line: [UInt8] = [0, 0xff, 0x1b, 0xc3]
        let answer = echo([line + [10]])
        #expect(answer.reply == Array("1: ".utf8) + line + [10])
        #expect(answer.lines == [line])
    }

    @Test(arguments: [
        "Here we go...\nWow, a response!\nGoodbye\n", "a\r\n\r\n\n\rb", "no end", "\n", "12345678901\nafter",
    ])
    func `any two cuts, and single bytes, give the same`(_ text: String) {
        let bytes = Array(text.utf8)
        let whole = echo([bytes], limit: 20)
        let overlong = echo([bytes], limit: 10)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let pieces = [Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...])]
                #expect(echo(pieces, limit: 20) == whole)
                #expect(echo(pieces, limit: 10) == overlong)
            }
        }
        #expect(echo(bytes.map { [$0] }, limit: 20) == whole)
    }

    @Test func `a line at the limit is answered, a longer one is not, what came before is`() {
        #expect(echo("1234567890\n", limit: 10).tooLong == false)
        let answer = echo("ok\n12345678901\nlost\n", limit: 10)
        #expect(answer.tooLong)
        #expect(answer.reply == Array("1: ok\n".utf8))
    }
}
