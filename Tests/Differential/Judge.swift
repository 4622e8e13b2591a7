import Demux
import Glibc
import Wire

/// One segment: what the model says, what the kernel answers, who has really got it.
struct Trial {
    let question: LookupQuestion
    let model: HostDelivery
    /// `nil` where the kernel cannot be asked.
    var kernel: Diag.Answer??
    var real: [HostSocket] = []
    var wasRefused = false
    private(set) var number: UInt64 = 0

    init(_ question: LookupQuestion, _ model: HostDelivery) {
        self.question = question
        self.model = model
    }

    /// Over IPv6 an error goes out where the datagram came in, and may find no way from there.
    func mayBeSilent(_ network: Network) -> Bool {
        let (from, to) = (question.source.address, question.destination.address)
        return question.transport == .udp && to.version == .six && !to.isMulticast && network.owner(of: to) != network.owner(of: from)
    }

    /// What the datagram carries.
    mutating func number(_ judge: Judge) -> UInt64 {
        number = judge.nextNumber()
        return number
    }
}

/// Compares and counts.
final class Judge {
    enum Kind: String, CaseIterable {
        case datagram, group, connection, data, request, error
        case timeWait = "TIME_WAIT"
    }

    /// A hang ends here, in milliseconds; nothing is measured with it.
    private static let patience: Int32 = 5_000
    private(set) var segments = 0
    private(set) var disagreements = 0
    private(set) var counts: [Kind: Int] = [:]
    private(set) var rules: [Rule: Int] = [:]
    private var number: UInt64 = 0
    private let mostShown: Int
    /// Whether each change is told, and each segment.
    var isTracing = false
    /// Where it stands, so that it can be repeated.
    var place = ""

    init(mostShown: Int) { self.mostShown = mostShown }

    func nextNumber() -> UInt64 {
        number += 1
        return number
    }

    func count(_ kind: Kind) {
        segments += 1
        counts[kind, default: 0] += 1
    }

    func skip() {}

    func trace(_ line: @autoclosure () -> String) {
        if isTracing { say("    " + line()) }
    }

    // MARK: - Waiting

    func ready(_ handles: [Handle], for events: Int32) -> [Int] { poll(handles, events, 0) }

    /// - Returns: whether one of them became ready.
    func wait(_ handles: [Handle], for events: Int32) -> Bool { !poll(handles, events, Judge.patience).isEmpty }

    private func poll(_ handles: [Handle], _ events: Int32, _ patience: Int32) -> [Int] {
        var list = handles.map { pollfd(fd: $0.descriptor, events: Int16(events), revents: 0) }
        guard Glibc.poll(&list, nfds_t(list.count), patience) > 0 else { return [] }
        return list.indices.filter { Int32(list[$0].revents) & (events | POLLERR | POLLHUP) != 0 }
    }

    // MARK: - Judging

    func received(_ number: UInt64, _ socket: HostSocket, _ trial: inout Trial, _ world: World) {
        if number == trial.number { trial.real.append(socket) } else { stray(number, socket, world) }
    }

    func stray(_ number: UInt64, _ socket: HostSocket, _ world: World) {
        guard number != 0, number != .max else { return }
        disagree("datagram \(number)", "came late, or twice, to \(socket.words)", world)
    }

    func judge(_ trial: Trial, _ world: World) {
        trace("\(trial.question.words) => \(trial.model.receiver.words)")
        let isMany = trial.model.rule == .groupDelivery
        count(trial.question.transport == .udp ? (isMany ? .group : .datagram) : trial.model.rule == .fourTuple ? .data : .connection)
        rules[trial.model.rule, default: 0] += 1
        let cookies = Set(trial.model.sockets.map(\.cookie))
        let real = trial.real.map(\.cookie)
        var wrong: [String] = []
        if let kernel = trial.kernel {
            let fits = kernel.map { cookies.contains($0.cookie) } ?? cookies.isEmpty
            if !fits { wrong.append("the kernel's look-up") }
            if !isMany, real != (kernel.map { [$0.cookie] } ?? []) { wrong.append("look-up and delivery") }
        }
        switch trial.model.receiver {
        case .nobody(let answer):
            if !real.isEmpty { wrong.append("the delivery") }
            if trial.wasRefused != (answer != .nothing), !trial.mayBeSilent(world.network) { wrong.append("the answer") }
        case .socket, .group:
            if real.count != 1 || !cookies.contains(real[0]) { wrong.append("the delivery") }
        case .several:
            if real.count != cookies.count || Set(real) != cookies { wrong.append("the delivery") }
        }
        checkCandidates(trial, world, &wrong)
        guard !wrong.isEmpty else { return }
        disagree(
            "\(trial.question.words): \(wrong.joined(separator: ", "))",
            """
            model:   \(trial.model.receiver.words) by \(trial.model.rule.word)
              kernel:  \(trial.kernel.map { $0.map { "\($0.cookie) in state \($0.state)" } ?? "nobody" } ?? "not asked")
              real:    \(trial.real.map(\.words).joined(separator: ", "))\(trial.wasRefused ? " refused" : "")
            """, world)
    }

    /// Each socket on the port has won or lost.
    private func checkCandidates(_ trial: Trial, _ world: World, _ wrong: inout [String]) {
        let all = (world.datagrams.map(\.socket) + world.listeners.map(\.socket))
            .filter { $0.transport == trial.question.transport && $0.local.port == trial.question.destination.port }
        let listed = Set(trial.model.sockets.map(\.cookie) + trial.model.candidates.map(\.socket.cookie))
        if !all.allSatisfy({ listed.contains($0.cookie) }) { wrong.append("a candidate is missing") }
    }

    func disagree(_ what: String, _ how: String, _ world: World) {
        disagreements += 1
        guard disagreements <= mostShown else { return }
        say("\(place), disagreement about \(what)\n  \(how)\n  sockets, as they came:")
        for tried in world.datagrams + world.listeners { say("    \(tried.socket.words)") }
        for pair in world.pairs { say("    \(pair.serverTold.words)") }
    }
}

extension LookupQuestion {
    var words: String { "\(transport == .tcp ? "tcp" : "udp") \(source) > \(destination) on \(device)" }
}

extension HostSocket {
    var words: String {
        var text = "\(cookie): \(transport == .tcp ? "tcp" : "udp")\(family.rawValue) \(local)"
        if let remote { text += " - \(remote)" }
        if isIPv6Only { text += " v6only" }
        if device != 0 { text += " device=\(device)" }
        if reusesPort == true { text += " reuseport" }
        return text
    }
}

extension HostDelivery.Receiver {
    var words: String {
        switch self {
        case .socket(let socket): socket.words
        case .group(let members): "one of " + members.map { "\($0.cookie)" }.joined(separator: " ")
        case .several(let sockets): "each of " + sockets.map { "\($0.cookie)" }.joined(separator: " ")
        case .nobody(let answer): "nobody (\(answer.rawValue))"
        }
    }
}
