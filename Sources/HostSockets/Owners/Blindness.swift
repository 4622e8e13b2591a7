/// What a reading of `/proc` could not see, and which right would give more.
public struct Blindness: Equatable, Sendable {
    /// Processes that are shown, but not their descriptors: those of other users, or of a container's host.
    public internal(set) var deniedProcesses = 0
    /// Processes of other users are not even shown (`hidepid=invisible`, proc(5)).
    public internal(set) var isProcHidden = false

    init(deniedProcesses: Int = 0, isProcHidden: Bool = false) {
        self.deniedProcesses = deniedProcesses
        self.isProcHidden = isProcHidden
    }

    public var isBlind: Bool { deniedProcesses > 0 || isProcHidden }

    /// What to tell the user; `nil` where everything was seen.
    ///
    /// To open another user's folder of descriptors takes CAP_DAC_READ_SEARCH, and to read where one leads
    /// CAP_SYS_PTRACE (proc(5), ptrace(2) "Ptrace access mode checking").
    public var notice: String? {
        guard isBlind else { return nil }
        let whom =
            deniedProcesses == 0
            ? "processes of other users are hidden (hidepid)"
            : "\(deniedProcesses) process\(deniedProcesses == 1 ? "" : "es") cannot be looked into"
        return "\(whom), and who owns a socket may be missing: CAP_SYS_PTRACE with CAP_DAC_READ_SEARCH, as root has them, shows more"
    }
}
