import Demux

/// How a live capture's frames were delivered: on which evidence, and what the kernel and the rule had to say.
public struct EvidenceReport: Sendable {
    public init() {}

    public internal(set) var kernel: UInt64 = 0
    public internal(set) var capture: UInt64 = 0
    public internal(set) var presumed: UInt64 = 0
    /// To another machine, whose kernel cannot be asked.
    public internal(set) var elsewhere: UInt64 = 0
    /// The socket was gone, or another had taken its place, before it could be asked for.
    public internal(set) var tooLate: UInt64 = 0
    /// How often notices of destroyed sockets were lost, because more came than there was room for.
    public internal(set) var lostNotices: UInt64 = 0
    public internal(set) var agreed: UInt64 = 0
    public internal(set) var disagreed: UInt64 = 0
    /// First segments of which the kernel could not be asked in time.
    public internal(set) var notCompared: UInt64 = 0
    /// Each disagreement in words, as many as are kept.
    public internal(set) var disagreements: [String] = []
    /// Sockets of this machine that were seen, and those of which a process was.
    public internal(set) var sockets: UInt64 = 0
    public internal(set) var owned: UInt64 = 0
    /// Sockets that a process holds which may not be looked into.
    public internal(set) var unseen: UInt64 = 0
    /// Packets that were not shown: of others' sockets, and of sockets whose holder was gone before it could be asked for.
    public internal(set) var others: UInt64 = 0
    public internal(set) var unknown: UInt64 = 0
    public internal(set) var scans = 0
    /// Why a part of it could not be seen.
    public internal(set) var notices: [String] = []

    /// What is told at the end: nothing where nothing was looked up.
    public var lines: [String] {
        let all = kernel + capture + presumed
        guard all > 0 else { return notices }
        var lines: [String] = []
        var parts = ["\(EvidenceReport.share(kernel, all)) by the kernel's word"]
        if capture > 0 { parts.append("\(EvidenceReport.share(capture, all)) as the capture shows") }
        if presumed > 0 { parts.append("\(EvidenceReport.share(presumed, all)) presumed") }
        lines.append("\(all) packet\(all == 1 ? "" : "s") delivered: " + parts.joined(separator: ", "))
        if tooLate > 0 { lines.append("\(tooLate) of them: the kernel was asked a moment too late to be sure") }
        if lostNotices > 0 { lines.append("the kernel's notices of destroyed sockets came faster than they were read: some were lost") }
        if elsewhere > 0 { lines.append("\(elsewhere) packet\(elsewhere == 1 ? "" : "s") to other machines, whose kernels cannot be asked") }
        if agreed + disagreed > 0 {
            let first = agreed + disagreed
            lines.append("the rule and the kernel agree on \(agreed) of \(first) first segment\(first == 1 ? "" : "s")"
                    + (notCompared > 0 ? "; \(notCompared) more were over before they could be compared" : ""))
        }
        if others > 0 { lines.append("\(others) packet\(others == 1 ? " is" : "s are") not shown: of other processes' sockets") }
        if unknown > 0 {
            lines.append("\(unknown) packet\(unknown == 1 ? " is" : "s are") not shown: whoever held the sockets was gone before it could be asked; without --mine they are shown")
        }
        if sockets > 0 { lines.append("a process was seen of \(owned) of \(sockets) socket\(sockets == 1 ? "" : "s")") }
        return lines + disagreements + notices
    }

    private static func share(_ part: UInt64, _ whole: UInt64) -> String {
        let tenths = (part * 1000 + whole / 2) / whole
        // Never 100 % of less than all, nor 0 % of some.
        let shown = part < whole && tenths == 1000 ? 999 : part > 0 && tenths == 0 ? 1 : tenths
        return "\(part) (\(shown / 10).\(shown % 10) %)"
    }
}
