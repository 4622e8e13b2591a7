import Platform
import Wire

/// Sorts: items one a line, until an empty line or end of file; the same items come back in the order of their bytes, one a
/// line, and the server closes.
struct SortService: Service {
    static let port: UInt16 = 5194

    private var lines: LineBuffer
    /// The items one behind the other, and where each ends: little more than their bytes, however short they are.
    private var text: [UInt8] = []
    private var ends: [UInt32] = []
    private let budget: Budget?
    private var share: Budget.Share?

    /// - Parameter budget: what all lists together may need.
    init(_ limits: Limits, _ budget: Budget? = nil) {
        lines = LineBuffer(limit: limits.lineLength)
        self.budget = budget
    }

    var isMidway: Bool { !ends.isEmpty || lines.isMidway }
    var isMidLine: Bool { lines.isMidway }
    var steps: Int { lines.taken }

    mutating func receive(_ bytes: ArraySlice<UInt8>, _ turn: inout Turn) {
        lines.supply(bytes)
        while turn.ending == nil {
            switch lines.next() {
            case .none: return
            case .tooLong: return turn.close(.lineTooLong(limit: turn.limits.lineLength))
            case .line([]): return answer(&turn)
            case .line(let item):
                if ends.isEmpty, WebRequest.isRequestLine(item) { return turn.close(nil) }
                add(item, &turn)
            }
        }
    }

    /// A last item may lack its end.
    mutating func endOfInput(_ turn: inout Turn) {
        let rest = lines.takeBytes()
        if !rest.isEmpty { add(rest, &turn) }
        if turn.ending == nil { answer(&turn) }
    }

    private mutating func add(_ item: some Collection<UInt8>, _ turn: inout Turn) {
        let need = text.count + item.count + (ends.count + 1) * MemoryLayout<UInt32>.size
        if need > turn.limits.message { return turn.close(.tooMuch(limit: turn.limits.message)) }
        // What is kept and, in the end, as much again for the answer.
        if share == nil, let budget { share = Budget.Share(of: budget) }
        guard share?.grow(to: 2 * need) ?? true else { return turn.close(.noMemory) }
        text += item
        ends.append(UInt32(text.count))
    }

    private mutating func answer(_ turn: inout Turn) {
        let (count, peer) = (ends.count, turn.peer)
        turn.note("[\(peer.address) \(peer.port)] \(count) item\(count == 1 ? "" : "s") sorted")
        func item(_ index: Int) -> ArraySlice<UInt8> { text[Int(index == 0 ? 0 : ends[index - 1])..<Int(ends[index])] }
        let order = ends.indices.map { UInt32($0) }.sorted { item(Int($0)).lexicographicallyPrecedes(item(Int($1))) }
        for index in order {
            turn.send(item(Int(index)))
            turn.output.append(UInt8(ascii: "\n"))
        }
        (text, ends) = ([], [])
        turn.close()
    }
}
