/// Text for a chart: nothing in it that a terminal would obey, and each scalar takes one cell or two.
struct ChartText {
    private(set) var scalars: [Unicode.Scalar] = []
    /// How many cells it takes.
    private(set) var width = 0

    init() {}

    init(_ text: String, hasUnicode: Bool) {
        // No hostile name fills more of a line than this, and no time is spent on what will be cut.
        for scalar in String(text.unicodeScalars.prefix(1_000)).shown(hasUnicode: hasUnicode).unicodeScalars {
            // A mark belongs into the cell of the letter before it; here it gets one of its own, by its number.
            if scalar.properties.generalCategory == .nonspacingMark || scalar.properties.generalCategory == .enclosingMark {
                for escape in "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars { append(escape) }
            } else {
                append(scalar)
            }
        }
    }

    var isEmpty: Bool { scalars.isEmpty }

    private mutating func append(_ scalar: Unicode.Scalar) {
        scalars.append(scalar)
        width += scalar.cells
    }

    /// As much of it as fits, with a sign that it was cut.
    func cut(to room: Int, sign: String) -> ChartText {
        guard width > room else { return self }
        var short = ChartText()
        let mark = sign.unicodeScalars
        guard room >= mark.count else { return short }
        for scalar in scalars {
            guard short.width + scalar.cells + mark.count <= room else { break }
            short.append(scalar)
        }
        for scalar in mark { short.append(scalar) }
        return short
    }

    /// In lines of that width at most, broken at spaces where there are some.
    func wrapped(to room: Int) -> [ChartText] {
        var lines: [ChartText] = []
        var line = ChartText()
        for word in scalars.split(separator: " ") {
            let width = word.reduce(0) { $0 + $1.cells }
            if !line.isEmpty, line.width + 1 + width > room {
                lines.append(line)
                line = ChartText()
            }
            if !line.isEmpty { line.append(" ") }
            for scalar in word {
                if line.width + scalar.cells > max(room, 2) {
                    lines.append(line)
                    line = ChartText()
                }
                line.append(scalar)
            }
        }
        return lines + [line]
    }
}

extension Unicode.Scalar {
    /// How many cells of a terminal it takes: two for what East Asian Width calls wide, and for emoji (UAX #11).
    var cells: Int {
        guard value >= 0x1100 else { return 1 }
        switch value {
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97c, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
            0xff00...0xff60, 0xffe0...0xffe6, 0x1_f300...0x1_faff, 0x2_0000...0x3_fffd:
            return 2
        default: return properties.isEmojiPresentation ? 2 : 1
        }
    }
}
