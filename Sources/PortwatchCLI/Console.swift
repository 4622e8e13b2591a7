import Capture
import Glibc
import Platform

/// Data goes to standard output, notices and counters to standard error.
struct Console: Sendable {
    func print(_ text: String, terminator: String = "\n") throws(CommandFailure) {
        do {
            try writeAll(STDOUT_FILENO, text + terminator)
        } catch where error.code == EPIPE {
            return
        } catch {
            throw .failed("standard output: \(error.reason)", hint: nil)
        }
    }

    /// A line on standard error. If that is closed, nobody wants to know.
    func notice(_ text: String) {
        try? writeAll(STDERR_FILENO, text + "\n")
    }

    /// The counters of a live capture, in tcpdump's words.
    func report(_ taken: UInt64, _ interface: CaptureInterface) {
        notice(counted(taken, "captured"))
        guard let counts = try? interface.counts() else { return }
        notice(counted(UInt64(counts.receivedByFilter), "received by filter"))
        notice(counted(UInt64(counts.droppedByKernel), "dropped by kernel"))
        if counts.droppedByInterface > 0 { notice(counted(UInt64(counts.droppedByInterface), "dropped by interface")) }
    }

    private func counted(_ count: UInt64, _ what: String) -> String { "\(count) packet\(count == 1 ? "" : "s") \(what)" }
}
