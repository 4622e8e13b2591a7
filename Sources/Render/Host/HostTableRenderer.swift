import Demux
import Wire

/// This machine's sockets as a table, in the columns of the table at the end of a capture.
public struct HostTableRenderer {
    private let signs: Signs
    private let arrowWidth: Int
    private let columns: Int?

    /// Of more owners on a terminal the others are counted.
    private static let mostOwners = 3

    /// - Parameter columns: the terminal's width; `nil` for a pipe or a file, which gets everything on one line.
    public init(hasUnicode: Bool, columns: Int?) {
        signs = hasUnicode ? .unicode : .ascii
        arrowWidth = hasUnicode ? 3 : 4
        self.columns = columns
    }

    /// - Parameter entries: in order, see ``HostListing``.
    public func render(_ entries: [HostEntry], into out: inout OutputBuffer) {
        let tcp = entries.filter { $0.socket.transport == .tcp }
        let udp = entries.filter { $0.socket.transport != .tcp }
        if entries.isEmpty { out.append("No such TCP or UDP socket.\n") }
        if !tcp.isEmpty {
            out.append("Sockets, in the order in which a TCP segment is held against them\n")
            table(tcp, into: &out)
            note("Of a listener the queue is what waits to be accepted, of its backlog.", "ss -tanpe", tcp, into: &out)
        }
        if !udp.isEmpty {
            if !tcp.isEmpty { out.append(UInt8(ascii: "\n")) }
            out.append("Sockets, in the order in which a UDP datagram is held against them\n")
            table(udp, into: &out)
            note("The sender plays no part, but for a connected socket.", "ss -uanpe", udp, into: &out)
        }
    }

    private func table(_ entries: [HostEntry], into out: inout OutputBuffer) {
        let heads = [
            HostRow(cells: ["", "from", "to", "who", "state", "queue"], last: "process"),
            HostRow(cells: ["", "", "", "", "", "in/out"], last: ""),
        ]
        let layout = HostColumns(signs: signs, arrowWidth: arrowWidth, columns: columns, least: [9, 14, 14, 3, 6, 6])
        layout.render(heads: heads, entries.map(row), into: &out)
    }

    private func row(_ entry: HostEntry) -> HostRow {
        let holders = entry.holders(most: columns == nil ? .max : HostTableRenderer.mostOwners)
        return HostRow(
            cells: [entry.name.kind.word, entry.from, entry.to, entry.name.description, entry.socket.stateWord, entry.queue],
            last: ([holders] + entry.remarks).filter { !$0.isEmpty }.joined(separator: "; "))
    }

    private func note(_ note: StaticString, _ command: StaticString, _ entries: [HostEntry], into out: inout OutputBuffer) {
        out.append(note)
        let compare = "Compare:  \(command)\(HostTableRenderer.filter(entries))"
        let fitsBeside = columns.map { note.utf8CodeUnitCount + 3 + compare.utf8.count <= $0 } ?? true
        out.append(fitsBeside ? "   " : "\n")
        out.append(compare)
        out.append(UInt8(ascii: "\n"))
    }

    /// The filter for `ss` of one port or two that say it all.
    private static func filter(_ entries: [HostEntry]) -> String {
        let bound = Set(entries.filter { $0.socket.remote == nil }.map(\.socket.local.port))
        let isWhole = entries.allSatisfy { entry in
            bound.contains(entry.socket.local.port) || entry.socket.remote.map { bound.contains($0.port) } ?? false
        }
        guard isWhole, !bound.isEmpty, bound.count <= 2 else { return "" }
        return " '( " + bound.sorted().flatMap { ["sport = \($0)", "dport = \($0)"] }.joined(separator: " or ") + " )'"
    }
}
