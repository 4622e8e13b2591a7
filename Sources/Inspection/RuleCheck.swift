import Demux
import HostSockets
import Wire

/// Holds the rule (``HostTable``) against the kernel's look-up, on the first segment of each conversation.
struct RuleCheck {
    /// Where the two differ: all that is needed to study it.
    struct Disagreement: Sendable {
        let frame: UInt64
        let question: LookupQuestion
        let kernel: HostSocket?
        let rule: HostDelivery

        var sentence: String {
            func words(_ socket: HostSocket) -> String { "the socket of cookie \(socket.cookie) on \(socket.local)" }
            let others = rule.candidates.map { "\(words($0.socket)): \($0.why.rawValue)" }
            let transport = question.transport == .udp ? "UDP" : "TCP"
            let said = rule.sockets.isEmpty ? "nobody" : rule.sockets.map(words).joined(separator: " or ")
            return "frame \(frame), \(transport) \(question.source) to \(question.destination) over interface \(question.device): "
                + "the kernel says \(kernel.map(words) ?? "nobody"), the rule \(said) (\(rule.rule.word))"
                + (others.isEmpty ? "" : "; the others: " + others.joined(separator: ", "))
        }
    }

    private(set) var agreed: UInt64 = 0
    private(set) var disagreements: [Disagreement] = []
    private(set) var disagreed: UInt64 = 0
    private var listeners = HostModel()
    private var datagrams = HostModel()

    private static let mostAttempts = 3
    private static let mostKept = 100

    /// What the rule says, where it names the kernel's answer; `nil` where the two differ.
    ///
    /// - Parameters:
    ///   - isSYN: whether a listener alone may get it: then the kernel was asked with source port 0.
    ///   - winner: the kernel's answer.
    mutating func check(
        _ question: LookupQuestion, isSYN: Bool, _ winner: HostSocket?, frame: UInt64, _ facts: any HostFacts
    ) throws(NetlinkError) -> HostDelivery? {
        var winner = winner
        var said: HostDelivery?
        for attempt in 0..<RuleCheck.mostAttempts {
            // A socket may come or go between the two: both are asked again.
            if attempt > 0 { winner = try facts.socket(for: question) }
            let table = try model(question.transport, isFresh: attempt > 0, winner, facts)
            let rule = isSYN ? table.listener(for: question) : table.lookup(question)
            said = rule
            let isSame = winner.map { rule.naming($0.cookie) != nil } ?? rule.sockets.isEmpty
            if isSame {
                agreed += 1
                return rule
            }
        }
        disagreed += 1
        if let said, disagreements.count < RuleCheck.mostKept {
            disagreements.append(Disagreement(frame: frame, question: question, kernel: winner, rule: said))
        }
        return nil
    }

    private mutating func model(
        _ transport: IPProtocol, isFresh: Bool, _ winner: HostSocket?, _ facts: any HostFacts
    ) throws(NetlinkError) -> HostTable {
        let read: () throws(NetlinkError) -> [HostSocket] = { () throws(NetlinkError) in try facts.bound(transport) }
        if transport == .udp { return try datagrams.table(facts, mustHave: winner?.cookie, isFresh: isFresh, read: read) }
        return try listeners.table(facts, mustHave: winner?.cookie, isFresh: isFresh, read: read)
    }
}
