import Glibc
import Inspection
import Platform

/// The command of `portwatch -- COMMAND`: the capture lives as long as it does, and portwatch ends as it did.
final class WatchedCommand {
    private var child: ChildProcess
    private let name: String
    private let console: Console

    var identity: Int32 { child.identity }

    /// What the receiver of signals must have.
    static let signals = [SIGCHLD]

    /// Makes it ready to run: it has only what is open now, and nothing of the capture's.
    init(_ words: [String], _ console: Console) throws(CommandFailure) {
        name = words[0]
        self.console = console
        do {
            child = try ChildProcess(words)
        } catch {
            throw .failed("\(words[0]): it cannot be started: \(error.reason)", hint: nil)
        }
    }

    /// - Throws: the exit status 127 or 126, and the reason was told.
    func begin() throws(CommandFailure) {
        do {
            try child.begin()
        } catch {
            let failure = CommandNotRun(name, error)
            console.notice("portwatch: \(failure.description)")
            throw .ended(failure.exitStatus)
        }
    }

    /// The capture ends with the command. What the terminal sends on Ctrl-C has reached the command as well.
    func take(_ signal: Int32) -> CaptureRun.AfterSignal {
        switch signal {
        case SIGCHLD:
            child.reap()
            return child.exitStatus == nil ? .goOn : .end
        case SIGTERM, SIGHUP:
            child.send(signal)
            return .goOn
        default: return .goOn
        }
    }

    /// Ends the command, where it goes on still, and what it left behind.
    ///
    /// - Returns: its exit status.
    func end(_ signals: borrowing SignalReceiver) -> Int32 {
        let left = child.endAll(signals)
        if !left.isEmpty {
            let numbers = left.map(String.init).joined(separator: ", ")
            console.notice("portwatch: \(name): could not be ended: process\(left.count == 1 ? "" : "es") \(numbers)")
        }
        return child.exitStatus ?? ExitStatus.failure
    }
}
