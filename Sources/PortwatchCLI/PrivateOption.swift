import Glibc
import Platform

/// `--private`, of all commands that have it.
enum PrivateOption {
    /// Enters a private network namespace where the command line says so. Before anything is opened.
    ///
    /// - Parameter tellsWayIn: tells how other programs get in.
    static func apply(_ line: ParsedCommandLine, _ console: Console, tellsWayIn: Bool = false) throws(CommandFailure) {
        guard line.options.contains(where: { $0.id == .privateNetwork }) else { return }
        let isRoot = geteuid() == 0
        do {
            try PrivateNetwork.enter()
        } catch {
            throw .failed("--private: \(error.reason)", hint: error.hint)
        }
        if tellsWayIn {
            let way = isRoot ? "sudo nsenter -n -t \(getpid())" : "nsenter -U -n -t \(getpid()) --preserve-credentials"
            console.notice("in a private network namespace; into it from elsewhere: \(way) COMMAND")
        }
    }
}
