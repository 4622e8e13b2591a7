import Demux
import Wire

/// The answer of `which` as text: the delivery on one line, under it each candidate as what it accepts.
public struct HostVerdictRenderer {
    private let signs: Signs
    private let arrowWidth: Int
    private let columns: Int?

    /// Connected sockets that have lost are many on a busy port; on a terminal as many are shown, the others are counted.
    private static let mostConnected = 4
    private static let mostOwners = 3

    /// - Parameter columns: the terminal's width; `nil` for a pipe or a file, which gets everything on one line.
    public init(hasUnicode: Bool, columns: Int?) {
        signs = hasUnicode ? .unicode : .ascii
        arrowWidth = hasUnicode ? 3 : 4
        self.columns = columns
    }

    public func render(_ verdict: HostVerdict, into out: inout OutputBuffer) {
        head(verdict, into: &out)
        let (shown, others) = shown(verdict)
        candidates(shown, verdict.question, into: &out)
        if others > 0 { sentence("and \(others) more that \(others == 1 ? "is the end of another connection" : "are ends of other connections")", into: &out) }
        if verdict.receivers.isEmpty { sentence(nobody(verdict), into: &out) }
        for note in verdict.notes { sentence(note, into: &out) }
    }

    // MARK: The delivery

    private func head(_ verdict: HostVerdict, into out: inout OutputBuffer) {
        let question = verdict.question
        out.append(question.transport == .udp ? "UDP " : "TCP ")
        out.append(question.source)
        out.append(signs.arrow)
        out.append(question.destination)
        if let device = verdict.device { out.append(" on \(device)") }
        out.append(signs.delivers)
        if verdict.receivers.isEmpty {
            out.append(signs.nobody)
        } else {
            out.append(verdict.receivers.map(\.name.description).joined(separator: " "))
            if verdict.isKernels { out.append(signs.sure) }
        }
        out.append("  ")
        out.append(verdict.receivers.isEmpty && verdict.rule != .notLocal ? "nobody" : verdict.rule.word)
        out.append(UInt8(ascii: "\n"))
    }

    private func nobody(_ verdict: HostVerdict) -> String {
        switch verdict.reply {
        case .reset: "The kernel itself answers with RST."
        case .portUnreachable: "The kernel itself answers with ICMP port unreachable."
        case .nothing: "The kernel answers nothing."
        }
    }

    private func sentence(_ text: String, into out: inout OutputBuffer) {
        out.append("  ")
        out.append(text)
        out.append(UInt8(ascii: "\n"))
    }

    // MARK: The candidates

    private typealias Line = (entry: HostEntry, why: Candidate.Loss?)

    /// Those that are shown, and how many are not.
    private func shown(_ verdict: HostVerdict) -> (lines: [Line], others: Int) {
        let lines = verdict.inOrder
        guard columns != nil else { return (lines, 0) }
        var left = HostVerdictRenderer.mostConnected
        var shown: [Line] = []
        for line in lines {
            if line.why == .otherPeer {
                if left == 0 { continue }
                left -= 1
            }
            shown.append(line)
        }
        return (shown, lines.count - shown.count)
    }

    private func candidates(_ lines: [Line], _ question: LookupQuestion, into out: inout OutputBuffer) {
        let rows = lines.map { line in
            let fits = "\(sign(line.entry.fitsSource(question))) \(sign(line.entry.fitsDestination(question)))"
            let mark = line.why == nil ? "\(signs.winner)" : ""
            return HostRow(
                cells: [line.entry.name.kind.word, line.entry.from, line.entry.to, line.entry.name.description, mark, fits],
                last: line.why.map { line.entry.loss($0) } ?? winner(line.entry))
        }
        let layout = HostColumns(signs: signs, arrowWidth: arrowWidth, columns: columns, least: [9, 14, 14, 2, 1, 3])
        layout.render(heads: [], rows, into: &out)
    }

    private func sign(_ fits: Bool) -> String { fits ? "=" : "\(signs.unequal)" }

    private func winner(_ entry: HostEntry) -> String {
        let holders = entry.holders(most: columns == nil ? .max : HostVerdictRenderer.mostOwners)
        return ([holders] + entry.remarks).filter { !$0.isEmpty }.joined(separator: "; ")
    }
}
