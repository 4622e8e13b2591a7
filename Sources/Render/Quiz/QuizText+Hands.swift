import Timeline

extension QuizText {
    /// A show of hands as bars, a line each time that it was taken: before the pairs have talked, and after.
    public func bars(_ hands: [[Int]]) -> [String] {
        let most = max(1, hands.joined().max() ?? 0)
        let names = hands.count == 1 ? ["hands"] : ["before", "after"]
        let votes = hands.map { " \($0.reduce(0, +)) votes" }
        let number = "\(most)".count
        let count = hands.first?.count ?? 0
        // The name, then for each letter itself, its bar and its number, with spaces between.
        let room = (columns - 9 - (votes.map(\.count).max() ?? 0)) / max(1, count) - 2 - 1 - number - 2
        return zip(zip(names, hands), votes).map { named, votes in
            let cells = named.1.enumerated().map { place, hands in
                let bar = bar(hands, of: most, room: min(24, max(1, room)))
                return "\(QuizQuestion.letter(place)) " + QuizText.left(bar + " \(hands)", min(24, max(1, room)) + 1 + number)
            }
            return " " + QuizText.left(named.0, 8) + cells.joined(separator: "  ") + votes
        }
    }

    private func bar(_ hands: Int, of most: Int, room: Int) -> String {
        guard hands > 0 else { return "" }
        guard hasUnicode else { return String(repeating: "#", count: max(1, hands * room / most)) }
        // In eighths of a column, so that small differences show.
        let eighths = max(1, hands * room * 8 / most)
        let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
        return String(repeating: "█", count: eighths / 8) + rest
    }
}
