import Timeline

/// How a chart folds: a terminal has room for a few columns, a capture has hundreds of sockets.
///
/// It is cut into sections, each with the columns of those who take part in it. A section goes on until somebody comes who
/// has no room beside the others; that gives the fewest. Whoever takes part in a conversation comes with those that soon
/// will, so that a connection is not cut in the middle of its handshake.
struct LadderPlan {
    struct Section {
        var moments: Range<Int>
        var layout: LadderLayout
        /// The longest label, by which all are aligned.
        var label: Int
        /// Whether labels have sequence numbers.
        var hasNumbers: Bool
    }

    /// Of all who get a copy of a datagram no more are sure to be shown.
    static let mostReceivers = 3
    /// So many moments later is soon.
    private static let soon = 12

    private let cast: LadderCast
    private let page: LadderPage

    init(_ cast: LadderCast, _ page: LadderPage) {
        self.cast = cast
        self.page = page
    }

    /// The section that begins with that moment.
    func section(from start: Int) -> Section {
        var actors: [Int] = []
        var pairs: Set<LadderLayout.Span> = []
        var (label, numbers) = (LadderPage.shortestLabel, 0)
        var index = start
        let moments = cast.timeline.moments
        while index < moments.count {
            if index > start, case .heading = moments[index] { break }
            let wanted = needed(at: index).filter { !actors.contains($0) }
            let step = cast.steps[index]
            var pair: LadderLayout.Span?
            if step.from >= 0, step.to >= 0 { pair = LadderLayout.Span(low: Int(min(step.from, step.to)), high: Int(max(step.from, step.to))) }
            var longer = label
            if case .frame(let frame) = moments[index] {
                longer = max(label, LadderPage.width(ofLabel: frame))
                numbers = max(numbers, LadderPage.width(ofNumbers: frame))
            }
            if !wanted.isEmpty || longer > label || pair.map({ !pairs.contains($0) }) ?? false {
                let more = pairs.union(pair.map { [$0] } ?? [])
                let ordered = (actors + wanted).sorted { cast.actors[$0].rank < cast.actors[$1].rank }
                let isFirst = actors.isEmpty
                guard layout(ordered, more, longer, squeezes: isFirst) != nil else { break }
                actors = ordered
                pairs = more
                label = longer
            }
            index += 1
        }
        if index < moments.count { index = beginning(of: index, after: start) }
        let range = start..<max(index, start + 1)
        // Who came only to be beside the others, and had no part yet, makes room for them.
        let parts = Set(range.flatMap { takesPart(at: $0) })
        actors.removeAll { !parts.contains($0) }
        if page.hasNumbers, numbers > 0, let wide = layout(actors, pairs, label + 2 + numbers) {
            return Section(moments: range, layout: wide.settled(), label: label + 2 + numbers, hasNumbers: true)
        }
        return Section(moments: range, layout: layout(actors, pairs, label, squeezes: true)!.settled(), label: label, hasNumbers: false)
    }

    /// Where a new section begins that must begin for a moment: with the call that it comes of, and what is said before that.
    private func beginning(of index: Int, after start: Int) -> Int {
        var first = index
        if case .heading = cast.timeline.moments[index] { return index }
        while first > start + 1 {
            switch cast.timeline.moments[first - 1] {
            case .call where cast.steps[first - 1].from == cast.steps[index].from && cast.steps[index].from >= 0: first -= 1
            case .said: first -= 1
            default: return first
            }
        }
        return first
    }

    /// Who has a column at that moment: those whom it is about, and those who go on with the conversation.
    private func needed(at index: Int) -> [Int] {
        var needed = takesPart(at: index)
        for part in cast.parts[cast.steps[index].conversationID] ?? [] where !needed.contains(part.actor) {
            if part.first <= index + LadderPlan.soon, part.last >= index { needed.append(part.actor) }
        }
        return needed
    }

    private func takesPart(at index: Int) -> [Int] {
        let step = cast.steps[index]
        var needed: [Int] = []
        for actor in [step.from, step.to] where actor >= 0 && !needed.contains(Int(actor)) { needed.append(Int(actor)) }
        if case .frame(let frame) = cast.timeline.moments[index], frame.rule == .groupDelivery {
            let receivers = frame.receivers.prefix(LadderPlan.mostReceivers).compactMap { cast.place(of: $0) }
            needed += receivers.filter { !needed.contains($0) }
        }
        return needed
    }

    private func layout(_ ordered: [Int], _ pairs: Set<LadderLayout.Span>, _ label: Int, squeezes: Bool = false) -> LadderLayout? {
        var places: [Int: Int] = [:]
        for (place, actor) in ordered.enumerated() { places[actor] = place }
        let spans = pairs.compactMap { pair -> LadderLayout.Span? in
            guard let one = places[pair.low], let other = places[pair.high] else { return nil }
            return LadderLayout.Span(low: min(one, other), high: max(one, other))
        }
        let columns = ordered.enumerated().map { place, actor in
            LadderLayout.Column(actor: actor, head: width(actor, at: place, of: ordered))
        }
        return LadderLayout(columns, Set(spans), room: page.room, label: label, tail: page.tail, squeezes: squeezes)
    }

    /// A column's own head, or that of its host or its process where it is the only one under it.
    private func width(_ actor: Int, at place: Int, of ordered: [Int]) -> Int {
        var width = cast.actors[actor].title.unicodeScalars.count
        let neighbours = [place - 1, place + 1].filter(ordered.indices.contains).map { cast.actors[ordered[$0]] }
        if !neighbours.contains(where: { $0.host == cast.actors[actor].host }) {
            width = max(width, min(cast.hosts[cast.actors[actor].host].unicodeScalars.count, 16))
        }
        if !neighbours.contains(where: { $0.group == cast.actors[actor].group }) {
            width = max(width, min(cast.groups[cast.actors[actor].group].unicodeScalars.count, 20))
        }
        return width
    }
}
