import Glibc
import Platform
import Render

/// Where `sockets` and `which` write, and in which signs.
struct HostOutput {
    /// The terminal's width; `nil` for a pipe or a file.
    let columns: Int?
    let hasUnicode: Bool

    init() {
        let isTerminal = Terminal.isTerminal(STDOUT_FILENO)
        columns = isTerminal ? Terminal.columns(STDOUT_FILENO) ?? environment("COLUMNS").flatMap { Int($0) } ?? 80 : nil
        // The console's font has neither ⇒ nor ≠.
        hasUnicode = Terminal.localeIsUTF8 && environment("TERM") != "linux"
    }

    func write(_ out: inout OutputBuffer) throws(CommandFailure) {
        do {
            try out.drain { (bytes) throws(SystemError) in try writeAll(STDOUT_FILENO, bytes) }
        } catch where error.code == EPIPE {
            return
        } catch {
            throw .failed("standard output: \(error.reason)", hint: nil)
        }
    }
}
