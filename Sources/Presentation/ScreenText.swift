/// Lines of text on a terminal: one column a character, none for what colours it.
///
/// All text that is shown is ours and narrow; what comes from frames is escaped to ASCII.
public enum ScreenText {
    private static let escape: Unicode.Scalar = "\u{1b}"

    /// How many columns a line takes.
    public static func columns(_ line: some StringProtocol) -> Int {
        var columns = 0
        var isEscape = false
        for scalar in line.unicodeScalars {
            if scalar == escape { isEscape = true }
            if !isEscape { columns += 1 }
            if isEscape, scalar == "m" { isEscape = false }
        }
        return columns
    }

    /// The lines of a text, without the empty one behind its last line end.
    public static func lines(_ text: String) -> [String] {
        let lines = text.split(separator: Character("\n"), omittingEmptySubsequences: false)
        return (lines.last?.isEmpty == true ? lines.dropLast() : lines[...]).map { String($0) }
    }

    /// A line broken into as many as it takes, at spaces where there are any; those behind the first are indented.
    public static func fold(_ line: String, columns room: Int, indent: Int = 8) -> [String] {
        guard room > 0, columns(line) > room else { return [line] }
        let indent = min(indent, max(0, room - 16))
        var folded: [String] = []
        var rest = line[...]
        var room = room
        while columns(rest) > room {
            let limit = index(rest, column: room)
            // A space in which it would only be indented further is none to break at.
            let text = rest.firstIndex { $0 != " " } ?? rest.startIndex
            let space = rest[limit] == " " ? limit : rest[..<limit].lastIndex(of: " ")
            let cut = space.flatMap { $0 > text ? $0 : nil } ?? limit
            folded.append(String(rest[..<cut]))
            rest = rest[cut...].drop { $0 == " " }
            if folded.count == 1 { room -= indent }
        }
        if !rest.isEmpty { folded.append(String(rest)) }
        let margin = String(repeating: " ", count: indent)
        return [folded[0]] + folded.dropFirst().map { margin + $0 }
    }

    /// A line cut to so many columns.
    public static func cut(_ line: String, columns room: Int) -> String {
        columns(line) <= room ? line : String(line[..<index(line[...], column: room)])
    }

    /// A line with spaces to so many columns.
    public static func padded(_ line: String, _ width: Int) -> String {
        line + String(repeating: " ", count: max(0, width - columns(line)))
    }

    /// Where a column begins.
    private static func index(_ line: Substring, column: Int) -> Substring.Index {
        var columns = 0
        var isEscape = false
        for index in line.unicodeScalars.indices {
            let scalar = line.unicodeScalars[index]
            if scalar == escape { isEscape = true }
            if !isEscape {
                if columns == column { return index }
                columns += 1
            }
            if isEscape, scalar == "m" { isEscape = false }
        }
        return line.endIndex
    }
}

/// The size of a terminal.
public struct ScreenSize: Equatable, Sendable {
    public var rows: Int
    public var columns: Int

    public init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
    }
}

/// The signs of what is drawn around the text, in UTF-8 and for terminals without it.
struct ScreenSigns {
    let rule: String
    let dot: String
    let left: String
    let right: String
    let up: String
    let down: String
    let dash: String
    let winner: String
    let chosen: String

    static func with(unicode: Bool) -> ScreenSigns { unicode ? .unicode : .ascii }
    private static let unicode = ScreenSigns(rule: "─", dot: " · ", left: "←", right: "→", up: "↑", down: "↓", dash: "–", winner: "◀", chosen: "▸")
    private static let ascii = ScreenSigns(rule: "-", dot: ", ", left: "<-", right: "->", up: "up", down: "down", dash: "-", winner: "<", chosen: ">")
}
