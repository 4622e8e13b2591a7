import CPlatform
import Glibc

/// Which of the two processes a ``fork()`` has returned in.
public enum Forked: Equatable, Sendable {
    case child
    /// The parent, with the child's process number.
    case parent(Int32)
}

/// Makes a child process that is this one once more. The corresponding C function is `fork`.
///
/// The child has one thread, and whatever another thread held locked stays locked in it for ever (fork(2), pthread_atfork(3)):
/// so there must be no other. It must end with ``leave(_:)``.
///
/// - Throws: ``SystemError`` with `EAGAIN` or `ENOMEM` where there can be no more processes.
public func fork() throws(SystemError) -> Forked {
    precondition(threadCount == 1, "fork with \(threadCount) threads")
    let child = try retrying("fork") { Glibc.fork() }
    return child == 0 ? .child : .parent(child)
}

/// Ends a forked child: nothing that its parent has buffered is written once more. The corresponding C function is `_exit`.
public func leave(_ status: Int32) -> Never {
    _exit(status)
}

/// How many threads this process has; 0 where `/proc` does not say.
public var threadCount: Int {
    var status = stat()
    // A folder has two links, and one more for each folder in it.
    return unsafe stat("/proc/self/task", &status) == 0 ? Int(status.st_nlink) - 2 : 0
}

/// How a child has ended.
public enum ChildEnd: Equatable, Sendable {
    case exited(status: Int32)
    case killed(signal: Int32)
}

/// Takes in a child that has ended, so that its number is free again. The corresponding C function is `waitpid`.
///
/// - Parameters:
///   - child: which; -1 for any.
///   - waits: whether for one to end.
/// - Returns: `nil` where none has ended, or there is none.
@discardableResult
public func reap(_ child: Int32 = -1, waits: Bool = false) -> (child: Int32, end: ChildEnd)? {
    var status: Int32 = 0
    guard let reaped = try? retrying("waitpid", { unsafe waitpid(child, &status, waits ? 0 : WNOHANG) }), reaped > 0 else { return nil }
    // WIFEXITED, WEXITSTATUS and WTERMSIG of wait(2) are macros that Swift does not see.
    let signal = status & 0x7f
    return (reaped, signal == 0 ? .exited(status: status >> 8 & 0xff) : .killed(signal: signal))
}

/// Sends a signal to a process, if it still is. The corresponding C function is `kill`.
public func signal(_ process: Int32, _ number: Int32) {
    _ = kill(process, number)
}

/// From here on this process gets a signal when its parent ends. The corresponding C function is `prctl`.
///
/// - Parameter parent: the process that forked it, which may have ended already: then the signal comes at once.
public func endWithParent(_ parent: Int32? = nil, by signal: Int32 = SIGTERM) {
    pw_end_with_parent(parent ?? getppid(), signal)
}

/// This process's number. The corresponding C function is `getpid`.
public var processNumber: Int32 { getpid() }

/// Closes what a child has from its parent and does not need, while its owner lives on in the parent.
public func closeInherited(_ descriptor: Int32) {
    _ = Glibc.close(descriptor)
}

/// The two ends of a pipe, close-on-exec. The corresponding C function is `pipe`.
public struct PipeEnds: ~Copyable, Sendable {
    public let reading: Descriptor
    public let writing: Descriptor

    public init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        try retrying("pipe") { unsafe pipe(&ends) }
        for number in ends { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
        reading = Descriptor(owning: ends[0])
        writing = Descriptor(owning: ends[1])
    }

    /// One end is kept, the other closed.
    public consuming func keepReading() -> Descriptor { reading }
    public consuming func keepWriting() -> Descriptor { writing }
}

/// Lets this process have as many descriptors open as the system allows it (`RLIMIT_NOFILE`, getrlimit(2)).
public func raiseDescriptorLimit() {
    pw_raise_descriptor_limit()
}
