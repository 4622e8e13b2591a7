/// What ends a run other than success.
enum CommandFailure: Error {
    /// The command line is wrong: exit status 64.
    case usage(String, CommandSpec)
    /// It failed: exit status 1.
    case failed(String, hint: String?)
    /// It failed, and standard error has it already.
    case told
    /// All was said; this is the exit status.
    case ended(Int32)
}

/// Exit statuses, of which 64 is `EX_USAGE` of sysexits.h.
enum ExitStatus {
    static let success: Int32 = 0
    static let failure: Int32 = 1
    /// Of `which`, where ``failure`` says that nobody gets it.
    static let noAnswer: Int32 = 2
    static let usage: Int32 = 64
}
