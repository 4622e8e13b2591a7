import Demux

/// Answers look-ups from memory: the kernel's twin for tests.
public struct SocketsInMemory: KernelLookup {
    /// What to answer; a question that is not here is answered with nobody.
    public var answers: [LookupQuestion: HostSocket] = [:]
    /// What to fail with, instead of answering.
    public var failure: NetlinkError?
    /// What was asked, in order.
    public private(set) var asked: [LookupQuestion] = []

    public init(_ answers: [LookupQuestion: HostSocket] = [:]) {
        self.answers = answers
    }

    public mutating func socket(for question: LookupQuestion) throws(NetlinkError) -> HostSocket? {
        asked.append(question)
        if let failure { throw failure }
        return answers[question]
    }
}
