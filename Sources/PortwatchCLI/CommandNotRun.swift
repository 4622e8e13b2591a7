import Glibc
import Platform

/// Why a command does not run, in the words and with the exit statuses of a shell.
struct CommandNotRun {
    /// 127 where there is no such command, 126 where there is and it does not run (POSIX, env(1)).
    let exitStatus: Int32
    let description: String

    init(_ name: String, _ error: SystemError) {
        let isPath = name.utf8.contains(UInt8(ascii: "/"))
        switch error.code {
        case ENOENT where isPath && CommandNotRun.exists(name):
            exitStatus = 126
            description = "\(name): cannot be run: the interpreter that it names is not there"
        case ENOENT:
            exitStatus = 127
            description = "\(name): " + (isPath ? error.reason : "no such command in PATH")
        // A folder of PATH that may not be searched is told in the same way; then there is nothing to see in any.
        case EACCES where !isPath && !CommandNotRun.isInPath(name):
            exitStatus = 127
            description = "\(name): no such command in PATH"
        default:
            exitStatus = 126
            description = "\(name): cannot be run: \(error.reason)"
        }
    }

    private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    private static func isInPath(_ name: String) -> Bool {
        let folders = environment("PATH")?.split(separator: ":", omittingEmptySubsequences: false) ?? ["/bin", "/usr/bin"]
        return folders.contains { exists($0.isEmpty ? name : "\($0)/\(name)") }
    }
}
