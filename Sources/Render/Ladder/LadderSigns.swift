/// What a chart is drawn with, in UTF-8 and for terminals without it.
struct LadderSigns {
    let life: Unicode.Scalar
    let timeWait: Unicode.Scalar
    /// Where a host's kernel stands: it is no socket, and has no life to be drawn.
    let kernel: Unicode.Scalar
    let line: Unicode.Scalar
    /// The arrow to a receiver that is only presumed.
    let dashed: Unicode.Scalar
    /// An arrow passes a socket by.
    let passes: Unicode.Scalar
    let rightTip: Unicode.Scalar
    let leftTip: Unicode.Scalar
    let arrives: Unicode.Scalar
    let ends: Unicode.Scalar
    let nobody: Unicode.Scalar
    let sure: Unicode.Scalar
    let presumed: Unicode.Scalar = "?"
    let both: String
    let cut: String

    static let unicode = LadderSigns(
        life: "│", timeWait: "┊", kernel: "·", line: "─", dashed: "╌", passes: "┼", rightTip: "▶", leftTip: "◀", arrives: "●",
        ends: "×", nobody: "✗", sure: "✓", both: "↔", cut: "…")
    static let ascii = LadderSigns(
        life: "|", timeWait: ":", kernel: ".", line: "-", dashed: "~", passes: "+", rightTip: ">", leftTip: "<", arrives: "o",
        ends: "x", nobody: "X", sure: "!", both: "<->", cut: "...")
}
