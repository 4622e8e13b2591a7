import Wire

/// A row of a table of sockets: cells in columns, and a text of any length behind them.
struct HostRow {
    let cells: [String]
    let last: String
}

/// Lays out a table of sockets. Between the second and the third column stands the arrow; where a terminal is too narrow,
/// the last text stands on a line of its own under its row.
struct HostColumns {
    let signs: Signs
    let arrowWidth: Int
    /// The terminal's width; `nil` for none.
    let columns: Int?
    /// How wide each column is at least.
    let least: [Int]

    /// - Parameter heads: lines above the rows, whose last text is left out where it stands on lines of its own.
    func render(heads: [HostRow], _ rows: [HostRow], into out: inout OutputBuffer) {
        let widths = least.indices.map { column in
            rows.reduce(least[column]) { max($0, $1.cells[column].unicodeScalars.count) }
        }
        let start = 2 + widths.indices.reduce(0) { $0 + widths[$1] + gap(behind: $1) }
        let longest = (heads + rows).reduce(0) { max($0, $1.last.unicodeScalars.count) }
        let isNarrow = columns.map { start + longest > $0 } ?? false
        for head in heads { line(head.cells, isNarrow ? "" : head.last, widths, isHead: true, into: &out) }
        for row in rows {
            line(row.cells, isNarrow ? "" : row.last, widths, isHead: false, into: &out)
            guard isNarrow, !row.last.isEmpty else { continue }
            out.append(spaces: 2 + widths[0] + gap(behind: 0))
            end(row.last, into: &out)
        }
    }

    private func gap(behind column: Int) -> Int {
        if column == 1 { return arrowWidth }
        return column == 2 ? 3 : column == least.count - 1 ? 2 : 1
    }

    private func line(_ cells: [String], _ last: String, _ widths: [Int], isHead: Bool, into out: inout OutputBuffer) {
        out.append("  ")
        for (column, cell) in cells.enumerated() {
            out.append(cell)
            out.append(spaces: widths[column] - cell.unicodeScalars.count)
            if column == 1, !isHead { out.append(signs.arrow) } else { out.append(spaces: gap(behind: column)) }
        }
        end(last, into: &out)
    }

    /// The last text of a line, and no spaces at its end.
    private func end(_ text: String, into out: inout OutputBuffer) {
        out.append(text)
        out.trimSpaces()
        out.append(UInt8(ascii: "\n"))
    }
}
