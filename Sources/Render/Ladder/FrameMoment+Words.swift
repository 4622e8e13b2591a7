import Demux
import Timeline
import Wire

extension FrameMoment {
    /// What stands on its arrow. Of a fragment no length is told: what it carries is not counted before it is whole.
    var label: String { rule == .fragment ? "\(transport?.name ?? "IP") fragment" : segment }

    /// `seq 1 ack 15`; empty for what has none.
    var numbers: String {
        guard let flags else { return "" }
        return flags.contains(.ack) ? "seq \(sequence) ack \(acknowledgment)" : "seq \(sequence)"
    }

    /// The rule, as a line of text has it.
    var ruleWord: String {
        switch rule {
        case .closedPort: "nobody"
        case .noPorts: ""
        // What the kernel's table says more of them is a matter of the look-up.
        case .listenerAddress, .listenerWildcard: Rule.listener.word
        case .datagramAddress, .datagramWildcard, .datagramConnected: Rule.datagram.word
        default: rule.word
        }
    }

    /// What is to be said of the receiver beside it, the more telling first: the first that fits is shown.
    func notes(_ receiver: SocketMoment?) -> [String] {
        if isQueueFull { return ["dropped: the accept queue is full", "queue full"] }
        guard let receiver else {
            return rule == .closedPort ? (to.map { ["nobody has :\($0.port)"] } ?? []) + ["nobody"] : []
        }
        if rule == .reusePortGroup, receivers.count > 1 {
            let names = receivers.prefix(4).map(\.description).joined(separator: ", ")
            return ["one of \(names)\(receivers.count > 4 ? " and \(receivers.count - 4) more" : "")", "one of \(receivers.count)"]
        }
        if let opened = opened.first(where: { $0.name == receiver.name }), opened.name.kind == .connected, let maker = receiver.madeBy {
            let new = "new, made by \(maker)"
            return (receiver.waiting == nil ? [] : ["\(new), waits to be accepted"]) + [new, "new"]
        }
        if corrects > 0 { return ["corrects frame \(corrects)", "corrects \(corrects)"] }
        if isUntold { return ["its program is not told", "not told"] }
        return []
    }
}

extension SocketEnding {
    /// What became of the socket, in a word or two.
    var word: String {
        switch self {
        case .closed, .destroyed: "closed"
        case .timeWait: "TIME_WAIT"
        case .reset: "reset"
        case .refused: "refused"
        case .gone: "gone"
        case .disproved: "was never there"
        case .replaced: "replaced"
        }
    }
}
