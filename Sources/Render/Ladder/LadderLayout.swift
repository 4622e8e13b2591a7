/// Where the columns of a section stand.
///
/// An arrow's label stands in one gap between columns: the widest that the arrow crosses. Where all arrows go from
/// those who ask to those who serve, that is the gap in the middle, and the others may be narrow.
struct LadderLayout {
    /// What a column needs for its head, and what it would like to have.
    struct Column {
        let actor: Int
        /// The cells for its name, and for what else stands over it alone.
        let head: Int
    }

    /// An arrow from one column to another, whichever way, by their places.
    struct Span: Hashable {
        let low: Int
        let high: Int
    }

    let columns: [Column]
    /// The cell of each column's line; empty until it is settled.
    private(set) var places: [Int] = []
    /// Behind the last cell that is the columns'.
    private(set) var end: Int
    private let room: Range<Int>
    /// The cells behind the last column: what its head needs, and what is wanted.
    private let tail: Int
    private let wantedTail: Int
    private var gaps: [Int]
    /// The gaps that labels stand in.
    private var channels: Set<Int> = []

    /// A dash at each end of a label, a space at each side of it, the arrow's tip and the space behind that.
    static let aroundLabel = 6
    /// More dashes at both ends of a label, which look well.
    private static let dashesAroundLabel = 6
    /// No gap is narrower.
    private static let leastGap = 6
    /// Wider ones no eye follows easily.
    private static let mostGap = 44

    /// - Parameters:
    ///   - room: the cells for the columns.
    ///   - label: the longest label.
    ///   - tail: the cells that are wanted behind the last column.
    ///   - squeezes: whether it is made to fit somehow.
    /// - Returns: `nil` where the columns do not fit.
    init?(_ columns: [Column], _ spans: Set<Span>, room: Range<Int>, label: Int, tail wantedTail: Int, squeezes: Bool = false) {
        self.columns = columns
        self.room = room
        end = room.upperBound
        self.wantedTail = wantedTail
        tail = max(columns.last?.head ?? 0, 3)
        gaps = columns.dropLast().map { max($0.head + 2, LadderLayout.leastGap) }
        // The short ones first: they have the least choice.
        for span in spans.sorted(by: { ($0.high - $0.low, $0.low) < ($1.high - $1.low, $1.low) }) where span.low < span.high {
            let crossed = gaps[span.low..<span.high]
            guard let widest = crossed.max(), let place = crossed.firstIndex(of: widest) else { continue }
            gaps[place] = max(widest, label + LadderLayout.aroundLabel + 1)
            channels.insert(place)
        }
        guard room.count - tail - gaps.reduce(0, +) < 0 else { return }
        guard squeezes else { return nil }
        gaps = gaps.map { _ in max(2, (room.count - tail) / gaps.count) }
    }

    /// With the room that is left given to the gaps: to what stands around labels, then to the narrow ones, which are hard to
    /// read.
    func settled() -> LadderLayout {
        var layout = self
        var spare = room.count - tail - gaps.reduce(0, +)
        spare -= min(spare, max(0, wantedTail - tail))
        for place in channels.sorted() {
            let more = min(spare, LadderLayout.dashesAroundLabel)
            layout.gaps[place] += more
            spare -= more
        }
        while spare > 0, let narrowest = layout.gaps.indices.min(by: { (layout.gaps[$0], $0) < (layout.gaps[$1], $1) }),
            layout.gaps[narrowest] < LadderLayout.mostGap
        {
            layout.gaps[narrowest] += 1
            spare -= 1
        }
        layout.places = columns.isEmpty ? [] : [room.lowerBound]
        for gap in layout.gaps { layout.places.append(layout.places[layout.places.count - 1] + gap) }
        if let last = layout.places.last { layout.end = min(end, last + max(tail, wantedTail)) }
        return layout
    }
}
