import Testing

@testable import Services

@Suite struct `Lines of a stream` {
    private func lines(_ buffer: inout LineBuffer) -> [String] {
        var lines: [String] = []
        while case .line(let line) = buffer.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        return lines
    }

    @Test func `are the same however the stream is cut`() {
        let text = Array("one\r\ntwo\n\nthree\rfour\nrest".utf8)
        for cut in 0...text.count {
            var buffer = LineBuffer(limit: 20)
            buffer.supply(text[..<cut])
            var all = lines(&buffer)
            buffer.supply(text[cut...])
            all += lines(&buffer)
            #expect(all == ["one", "two", "", "three\rfour"])
            #expect(buffer.isMidway)
            #expect(buffer.takeBytes() == Array("rest".utf8)[...])
            #expect(!buffer.isMidway)
        }
    }

    @Test func `that are too long are told before their end`() {
        var buffer = LineBuffer(limit: 4)
        buffer.supply("1234\r\n".utf8)
        #expect(buffer.next() == .line(Array("1234".utf8)))
        #expect(buffer.endedInCRLF)
        buffer.supply("12345".utf8)
        #expect(buffer.next() == .none)
        buffer.supply("6".utf8)
        #expect(buffer.next() == .tooLong)
        var ended = LineBuffer(limit: 4)
        ended.supply("12345\n".utf8)
        #expect(ended.next() == .tooLong)
    }

    @Test func `and bytes that are none come in turn`() {
        var buffer = LineBuffer(limit: 10)
        buffer.supply("WRITE 3\nabcNEXT\n".utf8)
        #expect(buffer.next() == .line(Array("WRITE 3".utf8)))
        #expect(buffer.takeBytes(3) == Array("abc".utf8)[...])
        #expect(buffer.takeBytes(0).isEmpty)
        #expect(buffer.next() == .line(Array("NEXT".utf8)))
    }
}
