import Wire

/// Sorts: items one a line, until an empty line or end of file; the same items come back in the order of their bytes, one a
/// line, and the server closes.
struct SortService: Service {
    static let port: UInt16 = 5194

    private var lines: LineBuffer
    private var items: [[UInt8]] = []
    private var total = 0

    init(_ limits: Limits) {
        lines = LineBuffer(limit: limits.lineLength)
    }

    var isMidway: Bool { !items.isEmpty || lines.isMidway }

    mutating func receive(_ bytes: ArraySlice<UInt8>, _ turn: inout Turn) {
        lines.supply(bytes)
        while true {
            switch lines.next() {
            case .none: return
            case .tooLong: return turn.close(.lineTooLong(limit: turn.limits.lineLength))
            case .line([]): return answer(&turn)
            case .line(let item):
                // An array of none has a header of its own to pay for.
                total += item.count + 32
                if total > turn.limits.message { return turn.close(.tooMuch(limit: turn.limits.message)) }
                items.append(item)
            }
        }
    }

    /// A last item may lack its end.
    mutating func endOfInput(_ turn: inout Turn) {
        let rest = lines.takeBytes()
        if !rest.isEmpty { items.append(Array(rest)) }
        answer(&turn)
    }

    private mutating func answer(_ turn: inout Turn) {
        let (count, peer) = (items.count, turn.peer)
        turn.note("[\(peer.address) \(peer.port)] \(count) item\(count == 1 ? "" : "s") sorted")
        for item in items.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            turn.send(item)
            turn.output.append(UInt8(ascii: "\n"))
        }
        items = []
        turn.close()
    }
}
