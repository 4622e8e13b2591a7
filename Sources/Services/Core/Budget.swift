import Platform
import Synchronization

/// Memory that all connections of a server share, over the processes that it forks, too: each takes its part of it, and gives
/// it back with its end.
final class Budget: Sendable {
    private let taken: SharedCounter
    private let limit: Int

    /// - Throws: ``SystemError`` where there is no memory to share.
    init(_ limit: Int) throws(SystemError) {
        taken = try SharedCounter()
        self.limit = limit
    }

    /// One connection's part, given back with its last copy. A process that is killed gives nothing back.
    final class Share: Sendable {
        private let budget: Budget
        private let mine = Atomic(0)

        private static let step = 65_536

        init(of budget: Budget) {
            self.budget = budget
        }

        deinit {
            budget.taken.add(-mine.load(ordering: .relaxed))
        }

        /// - Returns: whether there is so much.
        func grow(to bytes: Int) -> Bool {
            let mine = mine.load(ordering: .relaxed)
            guard bytes > mine else { return true }
            // In steps, so that an item more is no matter for all processes.
            let more = (bytes - mine + Share.step - 1) / Share.step * Share.step
            guard budget.taken.add(more) <= budget.limit else {
                budget.taken.add(-more)
                return false
            }
            self.mine.store(mine + more, ordering: .relaxed)
            return true
        }
    }
}
