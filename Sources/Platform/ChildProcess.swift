import CPlatform
import Glibc

/// A command that runs as a child of this process, from being made ready to the end of all that descends from it.
///
/// Made while there is one thread, and before anything is opened that the command is not to inherit. One at a time: its
/// descendants stay this process's own when their parents end, and ``reap()`` takes in every child there is.
public struct ChildProcess: ~Copyable {
    public let identity: Int32
    /// What the command ended with, 128 + N after signal N; `nil` while it has not ended.
    public private(set) var exitStatus: Int32?
    private let channel: Descriptor

    /// Forks a child that waits for ``begin()``, and ends by itself if that never comes.
    ///
    /// - Parameter words: the command and its arguments; without a `/` in it, the command is looked for in PATH.
    public init(_ words: [String]) throws(SystemError) {
        try retrying("prctl(PR_SET_CHILD_SUBREAPER)") { pw_become_subreaper() }
        let strings = CStrings(words)
        var channel: Int32 = -1
        identity = try retrying("fork") { unsafe pw_start_held(strings.pointers, &channel) }
        self.channel = Descriptor(owning: channel)
    }

    /// Lets the child become the command, with standard input, output and error as they are and no signal blocked.
    ///
    /// - Throws: why it did not, in `execvp`; the child has then ended, or is about to.
    public func begin() throws(SystemError) {
        do {
            let go: InlineArray<1, UInt8> = [1]
            try writeAll(channel.rawValue, go.span)
        } catch where error.code == EPIPE {
            // A signal has ended it already; the exit status tells.
            return
        }
        var code: Int32 = 0
        let count = try retrying("read") { unsafe read(channel.rawValue, &code, MemoryLayout<Int32>.size) }
        // The channel is closed by what becomes another program.
        if count == MemoryLayout<Int32>.size { throw SystemError(code, in: "execvp") }
    }

    /// Sends the command a signal, unless it has ended. The corresponding C function is `kill`.
    public func send(_ signal: Int32) {
        if exitStatus == nil { _ = kill(identity, signal) }
    }

    /// Takes in every child that has ended: to be called on SIGCHLD, of which several become one.
    ///
    /// - Returns: whether there is a child left.
    @discardableResult
    public mutating func reap() -> Bool {
        while true {
            var status: Int32 = 0
            let child = unsafe pw_reap(&status)
            guard child > 0 else { return child == 0 }
            if child == identity { exitStatus = status }
        }
    }
}
