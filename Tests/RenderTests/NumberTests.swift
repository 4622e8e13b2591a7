import FrameScript
@testable import Render
import Testing

/// What one piece of output is, as text.
func written(_ room: Int = 64, _ body: (inout OutputCursor) -> Void) -> String {
    var out = OutputBuffer(capacity: 16)
    out.write(reserving: room, body)
    return out.text
}

extension OutputBuffer {
    var text: String {
        withBytes(from: 0) { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }
    }
}

/// Numbers are written many digits at a time by fixed-point tricks: each is held against the standard library's text.
@Suite struct NumberTests {
    /// Every power of ten, what is beside it, and numbers without a pattern.
    static let numbers: [UInt64] = {
        var numbers: [UInt64] = [0, 1, .max, .max - 1, 1 << 32, (1 << 32) - 1, 1 << 63]
        var power: UInt64 = 1
        for _ in 0..<20 {
            for distance in UInt64(0)...2 { numbers += [power &- distance, power &+ distance] }
            power &*= 10
        }
        var random = SeededGenerator(seed: 1)
        for bits in UInt64(1)...64 { for _ in 0..<50 { numbers.append(random.next() >> (64 - bits)) } }
        return numbers
    }()

    private static func padded(_ number: UInt64, _ width: Int, with sign: Character = "0") -> String {
        let digits = String(number)
        return String(repeating: sign, count: max(0, width - digits.count)) + digits
    }

    /// The eight digits of a number, as ASCII in the bytes of a word from the lowest on.
    private static func digits(_ word: UInt64) -> String {
        String(decoding: (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }, as: UTF8.self)
    }

    /// Both halves of four digits take every value, alone and with the other at its ends.
    @Test func `Eight digits at once are right in every lane`() {
        var wrong: [UInt32] = []
        for half in UInt32(0)..<10_000 {
            for number in [half, half * 10_000, half * 10_001, half * 10_000 + 9999, 99_990_000 + half] {
                if NumberTests.digits(OutputCursor.eightDigits(number)) != NumberTests.padded(UInt64(number), 8) {
                    wrong.append(number)
                }
            }
        }
        #expect(wrong == [])
    }

    @Test func `Eight digits at once are right for the numbers from 0 to 99,999, at several places`() {
        var wrong: [UInt32] = []
        for number in UInt32(0)..<100_000 {
            for multiple in [number, number * 1000, 99_999_999 - number] {
                if NumberTests.digits(OutputCursor.eightDigits(multiple)) != NumberTests.padded(UInt64(multiple), 8) {
                    wrong.append(multiple)
                }
            }
        }
        #expect(wrong == [])
    }

    @Test func `Decimal numbers`() {
        for number in NumberTests.numbers {
            var count = 0
            #expect(written { count = $0.put(decimal: number) } == String(number))
            #expect(count == String(number).count)
            #expect(OutputCursor.digits(number) == count)
        }
    }

    @Test func `Decimal numbers with a sign`() {
        for number in [Int64.min, .min + 1, -1_000_000, -1, 0, 1, .max] {
            var out = OutputBuffer()
            out.append(decimal: number)
            #expect(out.text == String(number))
        }
    }

    @Test(arguments: [0, 1, 4, 10, 25])
    func `Numbers in a column`(_ width: Int) {
        for number in NumberTests.numbers {
            #expect(written { $0.put(decimal: number, width: width) } == NumberTests.padded(number, width, with: " "))
            let digits = String(number)
            let left = digits + String(repeating: " ", count: max(0, width - digits.count))
            #expect(written { $0.put(decimal: number, paddedTo: width) } == left)
        }
    }

    @Test(arguments: 1...9)
    func `Numbers with zeros in front`(_ digits: Int) {
        let limit = (0..<digits).reduce(UInt64(1)) { power, _ in power * 10 }
        for number in NumberTests.numbers where number < limit {
            #expect(written { $0.put(decimal: number, zeroPaddedTo: digits) } == NumberTests.padded(number, digits))
        }
    }

    @Test func `Hexadecimal numbers`() {
        for number in NumberTests.numbers {
            for digits in [1, 2, 4, 16] {
                var out = OutputBuffer()
                out.append(hex: number, digits: digits)
                let all = String(repeating: "0", count: 16) + String(number, radix: 16)
                #expect(out.text == String(all.suffix(digits)))
            }
        }
    }

    /// Words are stored whole, eight bytes at a time: what follows must not be spoilt, nor what stood before.
    @Test func `Pieces stand beside each other`() {
        for number in NumberTests.numbers {
            let text = written(128) { cursor in
                cursor.put("<")
                cursor.put(decimal: number)
                cursor.put("|")
                cursor.put(spaces: 3)
                cursor.put(decimal: number % 1_000_000, zeroPaddedTo: 6)
                cursor.put(">")
            }
            #expect(text == "<\(number)|   \(NumberTests.padded(number % 1_000_000, 6))>")
        }
    }

    @Test func `A buffer grows, is drained and used again`() {
        var out = OutputBuffer(capacity: 1)
        for round in 0..<3 {
            var expected = ""
            for number in UInt64(0)..<1000 {
                out.append(decimal: number)
                out.append(",")
                expected += "\(number),"
            }
            #expect(out.text == expected, "round \(round)")
            out.drain { #expect($0.count == expected.utf8.count) }
            #expect(out.count == 0)
        }
    }

    @Test func `Spaces at the end are taken off, and no others`() {
        var out = OutputBuffer()
        out.append("a b   ")
        out.trimSpaces()
        #expect(out.text == "a b")
        out.append(spaces: -1)
        #expect(out.text == "a b")
        out.trimSpaces()
        out.truncate(to: 0)
        out.append(spaces: 2)
        out.trimSpaces()
        #expect(out.count == 0)
    }
}
