import Demux
import Wire

/// The socket table at the end, in the order in which a packet is held against it.
public struct SocketTableRenderer {
    private let signs: Signs
    private let arrowWidth: Int
    private let isNarrow: Bool
    private let hasRoomForProcesses: Bool
    private let isOfStage: Bool
    /// Between an address and the name behind it.
    private let gap: Int

    /// - Parameters:
    ///   - columns: the terminal's width; `nil` for a pipe or a file.
    ///   - isOfStage: the sockets are those of several hosts, into which no other program can look.
    public init(hasUnicode: Bool, columns: Int?, isOfStage: Bool = false) {
        self.isOfStage = isOfStage
        signs = hasUnicode ? .unicode : .ascii
        isNarrow = columns.map { $0 < 104 } ?? false
        gap = columns.map { $0 < 92 } ?? false ? 1 : 3
        hasRoomForProcesses = columns.map { $0 >= 140 } ?? true
        arrowWidth = hasUnicode ? 3 : 4
    }

    public func render(_ table: borrowing SocketTable, into out: inout OutputBuffer) {
        let sockets = table.listed
        let hosts = table.hostsByName
        let tcp = SocketTableRenderer.inOrder(sockets.filter { $0.transport == .tcp })
        let udp = SocketTableRenderer.inOrder(sockets.filter { $0.transport == .udp })
        let udpLite = SocketTableRenderer.inOrder(sockets.filter { $0.transport == .udpLite })
        if tcp.isEmpty, udp.isEmpty, udpLite.isEmpty {
            out.append("No TCP or UDP socket was seen.\n")
            return
        }
        if !tcp.isEmpty {
            out.append("Sockets, in the order in which a TCP segment is held against them\n")
            render(tcp, hosts, nobody: table.nobody.tcp.segments, answer: "RST", hasMaker: true, into: &out)
            let hasData = tcp.contains { $0.name.kind == .listener && $0.received.bytes > 0 }
            renderNote(
                hasData ? "The bytes of a listener came with a SYN: TCP Fast Open." : "A listener gets SYNs, never a byte of data.",
                "ss -tan", tcp, into: &out)
        }
        if !udp.isEmpty {
            if !tcp.isEmpty { out.append(UInt8(ascii: "\n")) }
            out.append("Sockets, in the order in which a UDP datagram is held against them\n")
            render(udp, hosts, nobody: table.nobody.udp.segments, answer: "ICMP", hasMaker: false, into: &out)
            renderNote(
                hosts.isEmpty
                    ? "The sender plays no part, but for a connected socket: no capture shows that."
                    : "The sender plays no part, but for a connected socket.", "ss -uan", udp, into: &out)
        }
        if !udpLite.isEmpty {
            if !tcp.isEmpty || !udp.isEmpty { out.append(UInt8(ascii: "\n")) }
            out.append("Sockets, in the order in which a UDP-Lite datagram is held against them\n")
            render(udpLite, hosts, nobody: table.nobody.udpLite.segments, answer: "ICMP", hasMaker: false, into: &out)
            out.append("Compare:  cat /proc/net/udplite /proc/net/udplite6\n")
        }
        if isOfStage { out.append("Each is asked for packets to its own host alone. Who has got none yet is not here.\n") }
        if table.notListed > 0 { out.append("\(table.notListed) more sockets ended earlier and are not listed.\n") }
    }

    private func renderNote(_ note: StaticString, _ command: StaticString, _ sockets: [Socket], into out: inout OutputBuffer) {
        // None outside of the stage could be compared.
        if isOfStage { return }
        out.append(note)
        out.append(isNarrow || note.utf8CodeUnitCount > 60 ? "\nCompare:  " : "   Compare:  ")
        out.append(command)
        out.append(SocketTableRenderer.filter(sockets))
        out.append(UInt8(ascii: "\n"))
    }

    /// Connected sockets first, then those that accept from anybody; each kind by its numbers.
    public static func inOrder(_ sockets: [Socket]) -> [Socket] {
        func rank(_ socket: Socket) -> (Int, UInt32) { (socket.name.kind == .connected ? 0 : 1, socket.name.number) }
        return sockets.sorted { rank($0) < rank($1) }
    }

    private struct Row {
        let kind: String
        let from: String
        let to: String
        let who: String
        let state: String
        let segments: String
        let bytes: String
        let maker: String
        let process: String
    }

    private func render(
        _ sockets: [Socket], _ hosts: [SocketName: HostRecord], nobody: UInt64, answer: String, hasMaker: Bool,
        into out: inout OutputBuffer
    ) {
        let hasProcesses = hasRoomForProcesses && !hosts.isEmpty
        var rows = sockets.map { socket in
            let host = hosts[socket.name]
            let sign = host != nil ? "\(signs.sure)" : socket.evidence == .presumed ? "?" : ""
            return Row(
                kind: socket.name.kind.word, from: (host?.socket.remote ?? socket.remote)?.description ?? "any",
                to: host?.socket.localText ?? socket.local.description,
                who: socket.name.description + sign, state: socket.state.word,
                segments: "\(socket.received.segments)/\(socket.sent.segments)",
                bytes: "\(socket.received.bytes)/\(socket.sent.bytes)", maker: socket.madeBy?.description ?? "",
                process: hasProcesses ? host?.finalHolder ?? "" : "")
        }
        if !isOfStage {
            rows.append(
                Row(
                    kind: "nobody", from: "anything else", to: "", who: "\(signs.nobody)", state: answer,
                    segments: "\(nobody)", bytes: "", maker: "", process: ""))
        }
        let widths = Widths(
            kind: width(rows, \.kind, 9), from: width(rows, \.from, 14), to: width(rows, \.to, 14),
            who: width(rows, \.who, 3), state: width(rows, \.state, isNarrow ? 6 : 10),
            segments: width(rows, \.segments, isNarrow ? 6 : 9), bytes: width(rows, \.bytes, isNarrow ? 6 : 8))
        let unit: StaticString = hasMaker ? "segs" : "dgrams"
        out.append(spaces: 2 + widths.kind + 1)
        append("from", widths.from + arrowWidth, into: &out)
        append("to", widths.to + gap, into: &out)
        append("who", widths.who + 1, into: &out)
        append("state", widths.state + 1, into: &out)
        append("\(unit)", widths.segments + 1, into: &out)
        append("bytes", widths.bytes + 1, into: &out)
        append(hasMaker ? "made" : "", hasProcesses && hasMaker ? makerWidth : 0, into: &out)
        end(hasProcesses ? "process" : "", into: &out)
        let counts = 2 + widths.kind + 1 + widths.from + arrowWidth + widths.to + gap + widths.who + 1 + widths.state + 1
        out.append(spaces: counts)
        append("in/out", widths.segments + 1, into: &out)
        append("in/out", widths.bytes + 1, into: &out)
        end(hasMaker ? "by" : "", into: &out)
        for row in rows { render(row, widths, hasMaker: hasMaker, into: &out) }
    }

    private var makerWidth: Int { 7 }

    private struct Widths {
        let kind: Int
        let from: Int
        let to: Int
        let who: Int
        let state: Int
        let segments: Int
        let bytes: Int
    }

    private func width(_ rows: [Row], _ column: (Row) -> String, _ least: Int) -> Int {
        rows.reduce(least) { max($0, column($1).unicodeScalars.count) }
    }

    private func render(_ row: Row, _ widths: Widths, hasMaker: Bool, into out: inout OutputBuffer) {
        out.append("  ")
        append(row.kind, widths.kind + 1, into: &out)
        append(row.from, widths.from, into: &out)
        if row.to.isEmpty { out.append(spaces: arrowWidth) } else { out.append(signs.arrow) }
        append(row.to, widths.to + gap, into: &out)
        append(row.who, widths.who + 1, into: &out)
        append(row.state, widths.state + 1, into: &out)
        append(row.segments, widths.segments + 1, into: &out)
        append(row.bytes, widths.bytes + 1, into: &out)
        append(row.maker, hasMaker && !row.process.isEmpty ? makerWidth : 0, into: &out)
        end(row.process, into: &out)
    }

    private func append(_ text: String, _ width: Int, into out: inout OutputBuffer) {
        out.append(text)
        out.append(spaces: width - text.unicodeScalars.count)
    }

    /// The last text of a line, and no spaces at its end.
    private func end(_ text: String, into out: inout OutputBuffer) {
        out.append(text)
        out.trimSpaces()
        out.append(UInt8(ascii: "\n"))
    }

    /// The line's own filter for `ss`, where one port or a few say it all.
    private static func filter(_ sockets: [Socket]) -> String {
        let servers = Set(sockets.filter { $0.isServer || $0.name.kind == .listener }.map(\.local.port))
        guard !servers.isEmpty, servers.count <= 2 else { return "" }
        let terms = servers.sorted().flatMap { ["sport = \($0)", "dport = \($0)"] }
        return " '( " + terms.joined(separator: " or ") + " )'"
    }
}
