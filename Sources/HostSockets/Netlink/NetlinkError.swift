import Platform

/// Why the kernel's answer could not be had.
public enum NetlinkError: Error, Equatable, Sendable {
    /// A call failed.
    case system(SystemError)
    /// The kernel answered the request with an error: which request, and its number.
    case refused(SystemError)
    /// No answer came in time.
    case timedOut
    /// The kernel had more to say than there was room for, and dropped some of it (`ENOBUFS`, `NLMSG_OVERRUN`).
    case overrun
    /// The table changed under each of many readings (`NLM_F_DUMP_INTR`).
    case neverConsistent
    /// A message was longer than the room for it.
    case truncated
    /// An answer contradicts itself: what of it.
    case malformed(String)
}

extension NetlinkError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .system(let error): error.description
        case .refused(let error): "the kernel refuses \(error.call): \(error.reason)"
        case .timedOut: "the kernel does not answer"
        case .overrun: "the kernel had more to say than was read in time"
        case .neverConsistent: "the table changes faster than it can be read"
        case .truncated: "the kernel's answer is longer than the room for it"
        case .malformed(let what): "the kernel's answer cannot be read: \(what)"
        }
    }
}
