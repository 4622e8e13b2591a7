import Demux
import HostSockets
import Wire

/// Puts the kernel's word in the place of what a live capture lets one infer: for each packet to or from this machine
/// the real socket, and who holds it.
///
/// The kernel is asked at the first packet of each direction of a conversation, and again when its answer is old: not
/// for each packet. What it says is of the moment of asking, up to 10 ms after the frame: a SYN is asked with source
/// port 0, which finds the listener also when the connection is there already; of a socket that is gone by then the
/// kernel's notice of its end tells; and where nothing tells, the delivery stays as the capture shows it.
struct Attribution {
    /// What was found for one direction of a conversation.
    private struct Judged {
        var conversationID: UInt64 = 0
        var receiver: SocketReference?
        var rule = Rule.noPorts
        var evidence = Evidence.presumed
        /// The time of the frames from which on the kernel is asked again.
        var goodUntil: Int64 = .min
    }

    let facts: any HostFacts
    /// The interface that is captured on; 0 for all.
    let device: UInt32
    let explains: Bool
    let asksAlways: Bool
    let isMine: (@Sendable (Int32) -> Bool)?
    let likelyOwners: [Int32]
    /// By conversation whether it is one of those that are shown.
    var shown: [Shown] = []
    var kin: Set<Int32> = []
    var rules = RuleCheck()
    /// All sockets, for the candidates that are shown.
    var all = HostModel()
    var gone = RecentlyGone()
    private var judged: [Judged] = []
    /// Since when listeners and datagram sockets are known.
    var bounds = BoundSockets()
    /// Destroyed sockets whose last frames may still be on their way here, the oldest first.
    private var ending: [(cookie: UInt64, time: Int64)] = []
    /// What was answered before the packet was delivered.
    var foreseen: (number: UInt64, answer: Answer)?
    /// Connected sockets that the kernel has named, by the question that finds them; kept where each frame is asked about.
    var found: Set<LookupQuestion> = []
    var counts = EvidenceReport()
    private var counted: Set<UInt64> = []
    private var owned: Set<UInt64> = []
    var failure: NetlinkError?
    /// The processes that held the last sockets, the latest last.
    var recentOwners: [Int32] = []
    /// Sockets whose owners are to be sought when the last scan of `/proc` is old enough.
    var ownerless: [SocketReference] = []
    static let mostRecentOwners = 8
    static let mostOwnerless = 1_024

    /// How long an answer is believed, by what it is about: who holds a socket may change; a connection that waits is
    /// accepted soon.
    private static let ownerInterval: Int64 = 100_000_000
    private static let queueInterval: Int64 = 1_000_000
    private static let ownerlessInterval: Int64 = 10_000_000
    /// Sockets that are counted one by one.
    private static let mostCounted = 1_000_000

    init(_ facts: any HostFacts, device: UInt32, _ options: InspectionOptions) {
        self.facts = facts
        self.device = device
        explains = options.text.explains
        asksAlways = options.asksAlways
        isMine = options.isMine
        likelyOwners = options.likelyOwner.map { [$0] } ?? []
        hear()
    }

    // MARK: Destroyed sockets

    var hasEnding: Bool { !ending.isEmpty }

    /// Hears what the kernel has destroyed.
    mutating func hear() {
        do {
            var heard: [HostSocket] = []
            let hasLost = try facts.drainDestroyed { heard.append($0) }
            // Read after the notices: none of them may seem to be older than it is.
            let now = facts.now
            for socket in heard {
                gone.add(socket, at: now)
                ending.append((socket.cookie, now))
            }
            if hasLost { counts.lostNotices += 1 }
            try bounds.refresh(facts, isFresh: asksAlways)
        } catch {
            failure = error
        }
    }

    /// Ends the sockets that were destroyed before a frame of that time.
    mutating func settle(before time: Int64, _ table: inout SocketTable) {
        var count = 0
        while count < ending.count, ending[count].time < time {
            table.destroy(cookie: ending[count].cookie)
            count += 1
        }
        ending.removeFirst(count)
    }

    /// The capture is over: all that was destroyed has ended.
    mutating func end(_ table: inout SocketTable) {
        seekOwners(&table)
        hear()
        settle(before: .max, &table)
    }

    // MARK: One packet

    /// Corrects the delivery of a packet by what the kernel says.
    mutating func attribute(
        _ packet: borrowing Packet, _ bytes: Span<UInt8>, number: UInt64, time: Int64, _ delivery: inout Delivery,
        _ table: inout SocketTable
    ) {
        switch delivery.rule {
        case .noPorts, .fragment: return
        case .icmpError: attributeError(packet, bytes, number: number, time: time, &delivery, &table)
        default:
            if !recall(time, &delivery, table) { judge(packet, number: number, time: time, &delivery, &table) }
            if explains, delivery.evidence == .kernel { explain(packet, number: number, delivery, &table) }
        }
        count(delivery)
    }

    /// Whether what was found before still holds.
    private func recall(_ time: Int64, _ delivery: inout Delivery, _ table: borrowing SocketTable) -> Bool {
        let place = Attribution.place(delivery)
        guard !asksAlways, place >= 0, place < judged.count else { return false }
        let known = judged[place]
        guard known.conversationID == delivery.conversationID, known.receiver == delivery.receiver, time < known.goodUntil,
            let receiver = known.receiver, table.host(receiver)?.isGone != true
        else { return false }
        delivery.rule = known.rule
        delivery.evidence = known.evidence
        return true
    }

    private mutating func judge(
        _ packet: borrowing Packet, number: UInt64, time: Int64, _ delivery: inout Delivery, _ table: inout SocketTable
    ) {
        guard let ends = packet.endpoints, packet.fourTuple.transport != .udpLite else { return }
        let place = Attribution.place(delivery)
        let isFirst = place < 0 || place >= judged.count || judged[place].conversationID != delivery.conversationID
        hear()
        var query = Query(packet, ends, number: number, time: time)
        query.isSYN = Attribution.isSYN(packet) && delivery.rule != .fourTuple && delivery.rule != .timeWait
        query.isFirst = query.isSYN || isFirst && query.transport == .udp
        query.device = arrivalDevice(ends)
        let answer = foreseen?.number == number ? foreseen!.answer : answer(query)
        foreseen = nil
        let askedAt = facts.now
        apply(answer, query, &delivery, &table)
        identifySender(query, &delivery, &table)
        remember(place, time, askedAt, delivery, table)
    }

    private mutating func remember(_ place: Int, _ time: Int64, _ askedAt: Int64, _ delivery: Delivery, _ table: borrowing SocketTable) {
        guard place >= 0 else { return }
        if place >= judged.count { judged.append(contentsOf: repeatElement(Judged(), count: max(64, place + 1 - judged.count))) }
        var interval = Attribution.ownerInterval
        if let receiver = delivery.receiver, let host = table.host(receiver) {
            if host.ownership == .unknown { interval = min(interval, Attribution.ownerlessInterval) }
            if host.socket.waitsToBeAccepted || host.socket.isHalfOpen { interval = Attribution.queueInterval }
        }
        // What a SYN met says nothing of what comes next.
        let isListeners = delivery.receiver?.name.kind == .listener
        // A datagram socket that is found now had all that came until now; another may connect, or be bound, and take over.
        let isDatagrams = delivery.receiver?.name.kind == .datagram
        judged[place] = Judged(
            conversationID: delivery.conversationID, receiver: delivery.receiver, rule: delivery.rule, evidence: delivery.evidence,
            goodUntil: isListeners ? .min : isDatagrams ? min(askedAt, time + interval) : time + interval)
    }

    private static func place(_ delivery: Delivery) -> Int {
        delivery.slot < 0 ? -1 : Int(delivery.slot) * 2 + Int(delivery.direction & 1)
    }

    static func isSYN(_ packet: borrowing Packet) -> Bool {
        guard case .tcp(let header) = packet.transport else { return false }
        return header.flags.contains(.syn) && !header.flags.contains(.ack)
    }

    // MARK: Counting

    /// What there is to be told of it all.
    var report: EvidenceReport {
        var report = counts
        report.agreed = rules.agreed
        report.disagreed = rules.disagreed
        report.disagreements = rules.disagreements.map(\.sentence)
        report.scans = facts.scans
        report.notices = [counts.unseen > 0 ? facts.blindness : nil, failure.map { "the kernel's socket table: \($0)" }].compactMap { $0 }
        return report
    }

    private mutating func count(_ delivery: Delivery) {
        switch delivery.evidence {
        case .kernel: counts.kernel += 1
        case .capture: counts.capture += 1
        case .presumed: counts.presumed += 1
        }
    }

    /// Counts a socket, and whether anybody was seen to hold it.
    mutating func count(_ host: HostRecord) {
        let cookie = host.socket.cookie
        guard counted.count < Attribution.mostCounted else { return }
        if counted.insert(cookie).inserted {
            counts.sockets += 1
            // Somebody holds it who is not shown.
            if host.ownership == .nobody, host.socket.inode != 0, !host.isGone { counts.unseen += 1 }
        }
        if !host.owners.isEmpty, owned.insert(cookie).inserted { counts.owned += 1 }
    }
}
