/// How a cell is coloured: a connection's hue or nobody's, bold, dim.
struct Ink: Equatable {
    private var bits: UInt8

    static let plain = Ink(bits: 0)
    static let nobody = Ink(bits: 5)
    static let bold = Ink(bits: 8)
    static let dim = Ink(bits: 16)

    /// The hue of a conversation; plain for none.
    static func of(_ conversationID: UInt64) -> Ink {
        conversationID == 0 ? .plain : Ink(bits: UInt8((conversationID &- 1) % 4) + 1)
    }

    private init(bits: UInt8) { self.bits = bits }

    var dimmed: Ink { Ink(bits: bits | Ink.dim.bits) }
    var bolded: Ink { Ink(bits: bits | Ink.bold.bits) }

    /// The escapes that make a terminal write so, after a reset.
    func write(into out: inout OutputBuffer) {
        switch bits & 7 {
        case 0: break
        case 5: out.append(Hue.nobody)
        default: out.append(Hue.of(UInt64(bits & 7)))
        }
        if bits & Ink.bold.bits != 0 { out.append(Hue.bold) }
        if bits & Ink.dim.bits != 0 { out.append(Hue.dim) }
    }
}

/// A line of a chart while it is painted: cells, painted over one another, then written at once.
///
/// Nothing that is painted beyond its end is kept, so that no line is wider than the terminal.
struct ChartLine {
    private struct Cell {
        var scalar: Unicode.Scalar = " "
        var ink = Ink.plain
        /// The second cell of a wide scalar, which is not written.
        var isRest = false
    }

    private var cells: [Cell]

    init(width: Int) {
        cells = Array(repeating: Cell(), count: width)
    }

    var width: Int { cells.count }

    /// Whether nothing is painted there.
    func isFree(_ place: Int) -> Bool { !cells.indices.contains(place) || cells[place].scalar == " " && !cells[place].isRest }

    mutating func clear() {
        for place in cells.indices { cells[place] = Cell() }
    }

    mutating func put(_ scalar: Unicode.Scalar, at place: Int, _ ink: Ink = .plain) {
        let wide = scalar.cells == 2
        guard place >= 0, place + (wide ? 1 : 0) < cells.count else { return }
        split(at: place)
        cells[place] = Cell(scalar: scalar, ink: ink)
        if wide {
            split(at: place + 1)
            cells[place + 1] = Cell(scalar: " ", ink: ink, isRest: true)
        }
    }

    /// What is left of a wide scalar when the other half is painted over is a space.
    private mutating func split(at place: Int) {
        if cells[place].isRest { cells[place - 1].scalar = " " }
        if place + 1 < cells.count, cells[place + 1].isRest { cells[place + 1].isRest = false }
    }

    /// - Returns: the place behind the text.
    @discardableResult
    mutating func put(_ text: ChartText, at start: Int, _ ink: Ink = .plain) -> Int {
        var place = start
        for scalar in text.scalars {
            put(scalar, at: place, ink)
            place += scalar.cells
        }
        return place
    }

    /// Fills cells with one sign.
    mutating func fill(_ range: Range<Int>, _ scalar: Unicode.Scalar, _ ink: Ink = .plain) {
        for place in range { put(scalar, at: place, ink) }
    }

    /// Writes the line without the spaces at its end, and its end.
    func write(into out: inout OutputBuffer, hasColor: Bool) {
        let end = (cells.lastIndex { $0.scalar != " " || $0.isRest } ?? -1) + 1
        var ink = Ink.plain
        for cell in cells[..<end] where !cell.isRest {
            // A space looks the same in every colour.
            if hasColor, cell.ink != ink, cell.scalar != " " {
                if ink != .plain { out.append(Hue.reset) }
                cell.ink.write(into: &out)
                ink = cell.ink
            }
            out.append(scalar: cell.scalar)
        }
        if hasColor, ink != .plain { out.append(Hue.reset) }
        out.append(UInt8(ascii: "\n"))
    }
}

extension OutputBuffer {
    fileprivate mutating func append(scalar: Unicode.Scalar) {
        if scalar.isASCII {
            append(UInt8(truncatingIfNeeded: scalar.value))
        } else {
            for byte in UTF8.encode(scalar)! { append(byte) }
        }
    }
}
