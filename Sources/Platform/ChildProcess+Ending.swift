import Glibc

extension ChildProcess {
    /// How long whoever is asked to end has time for it.
    private static let grace = Duration.seconds(1)
    /// How long is tried to kill what does not die: it waits for a device, or has another user's rights.
    private static let patience = Duration.seconds(1)

    /// Ends the command and all that descends from it, as far as they are still there: SIGTERM, after a second SIGKILL.
    ///
    /// - Parameter signals: receives SIGCHLD; other signals that wait are taken as well.
    /// - Returns: those that could not be ended.
    public mutating func endAll(_ signals: borrowing SignalReceiver) -> [Int32] {
        guard reap() else { return [] }
        let tree = ProcessTree()
        for process in tree.descendants() {
            _ = kill(process, SIGTERM)
            // A stopped one gets it when it goes on.
            _ = kill(process, SIGCONT)
        }
        if waitForAll(signals, atMost: ChildProcess.grace) { return [] }
        let clock = ContinuousClock()
        let deadline = clock.now + ChildProcess.patience
        // More than once: a process may fork while the list is read.
        repeat {
            for process in tree.descendants() { _ = kill(process, SIGKILL) }
            if waitForAll(signals, atMost: .milliseconds(10)) { return [] }
        } while clock.now < deadline
        return tree.descendants()
    }

    /// - Returns: whether all have ended.
    private mutating func waitForAll(_ signals: borrowing SignalReceiver, atMost time: Duration) -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + time
        while true {
            while signals.next() != nil {}
            if !reap() { return true }
            let left = clock.now.duration(to: deadline).inMilliseconds
            if left <= 0 { return false }
            var awaited = [Awaited(signals.rawDescriptor, for: .readable)]
            guard (try? waitUntilReady(&awaited, milliseconds: left)) != nil else { return false }
        }
    }
}
