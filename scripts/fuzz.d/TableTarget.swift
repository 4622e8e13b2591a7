@testable import Demux
import Hostile
@testable import Wire

/// Frames into the socket table and the reassembler, both small, so that they are soon full.
enum TableTarget {
    static func run(_ input: [UInt8]) throws(Finding) {
        var data = FuzzData(input)
        var run = TableRun(&data)
        var feed = FrameFeed(data)
        while let frame = feed.next() { try run.take(frame) }
        try run.finish()
    }
}

/// The same frames into a table and into another that hashes by other keys.
private struct TableRun: ~Copyable {
    private var table: SocketTable
    private var other: SocketTable
    private var reassembler: Reassembler
    private let memory: Int
    private let isLive: Bool
    /// What is said of the future, right or wrong, where the table asks.
    private let answers: UInt8
    private var frames = 0

    init(_ data: inout FuzzData) {
        var limits = SocketTable.Limits()
        let size = data.byte()
        limits.conversations = Int(size & 0x0f)
        limits.endedSockets = Int(size >> 4)
        limits.idleListeners = Int(data.byte() & 3)
        if size == 0xff { limits = SocketTable.Limits() }
        table = SocketTable(limits: limits)
        other = SocketTable(limits: limits)
        let choice = data.byte()
        memory = 600 << Int(choice & 7)
        var bounds = Reassembler.Limits()
        bounds.memory = memory
        reassembler = Reassembler(limits: bounds)
        isLive = choice & 0x80 != 0
        answers = data.byte()
    }

    mutating func take(_ frame: FrameFeed.Frame) throws(Finding) {
        frames += 1
        var packet = Packet()
        packet.decode(frame.bytes.span, linkType: frame.info.linkType, originalLength: frame.info.originalLength)
        let fate = reassembler.take(packet, frame.bytes.span, number: frame.info.number, time: frame.info.time)
        try expectBounds()
        if let whole = fate.whole {
            let bytes = whole.bytes
            try expectWhole(whole)
            try deliver(whole.packet, bytes.span, frame.info.number)
        } else {
            try deliver(packet, frame.bytes.span, frame.info.number)
        }
        if frames % 16 == 0 { try expectInvariants() }
    }

    func finish() throws(Finding) {
        try expectInvariants()
        try check(summary(table) == summary(other), "other keys, another table")
    }

    // MARK: The reassembler

    private func expectBounds() throws(Finding) {
        try check(reassembler.memory <= memory && reassembler.memory >= 0, "\(reassembler.memory) bytes wait, \(memory) may")
        // Each that waits takes 256 bytes at least.
        try check(reassembler.remembered <= max(1024, 4 * (memory / 256 + 1)) + 1, "\(reassembler.remembered) places in the order")
    }

    private func expectWhole(_ whole: ReassembledDatagram) throws(Finding) {
        try check(!whole.packet.isFragment, "a whole datagram is a fragment: \(whole.packet)")
        try check(whole.frames.count >= 2 && whole.frames.allSatisfy { $0 >= 1 && $0 <= UInt64(frames) }, "frames \(whole.frames)")
        try check(whole.payloadLength <= 0xffff && whole.bytes.count <= 0x1ffff, "\(whole.payloadLength) bytes of payload")
    }

    // MARK: The table

    private mutating func deliver(_ packet: Packet, _ bytes: Span<UInt8>, _ number: UInt64) throws(Finding) {
        var (packet, same) = (packet, packet)
        var (delivery, otherDelivery) = (Delivery(), Delivery())
        var foresight: Foresight = isLive ? .unavailable : .unknown
        let before = summary(table)
        if table.deliver(&packet, bytes, number: number, foresight: foresight, into: &delivery) == .undecided {
            try check(!isLive, "undecided, live")
            try check(summary(table) == before, "undecided, and yet something changed")
            foresight = answer(number)
            let outcome = table.deliver(&packet, bytes, number: number, foresight: foresight, into: &delivery)
            try check(outcome == .decided, "undecided again")
        }
        // The other table is not asked first.
        _ = other.deliver(&same, bytes, number: number, foresight: foresight, into: &otherDelivery)
        try check(packet == same, "the packet was changed")
        try check(delivery == otherDelivery, "\(delivery) is not \(otherDelivery)")
        try check(table.events == other.events, "\(table.events) is not \(other.events)")
        try expectSound(packet, delivery, number)
    }

    /// Any answer that a reader of the file may have found.
    private func answer(_ number: UInt64) -> Foresight {
        switch UInt64(answers) &* 7 &+ number &* 3 & 7 {
        case 0...2: .accepted
        case 3, 4: .refused(frame: number + 1)
        case 5: .crossed
        default: .unanswered
        }
    }

    /// Who is named exists, accepts the packet, and what it says of other frames lies in the right direction.
    private func expectSound(_ packet: Packet, _ delivery: Delivery, _ number: UInt64) throws(Finding) {
        for reference in [delivery.sender, delivery.receiver].compactMap(\.self) {
            try check(table.socket(reference).name == reference.name, "\(reference) is another socket's slot")
        }
        try check(delivery.replyTo < number && delivery.corrects < number, "answers the future: \(delivery)")
        try check(delivery.slot < 0 || table.conversations[Int(delivery.slot)].id == delivery.conversationID, "\(delivery)")
        if let ends = packet.endpoints, !packet.isFragment {
            if let receiver = delivery.receiver.map({ table.socket($0) }) {
                try check(receiver.local == ends.destination, "\(receiver.name) at \(receiver.local) gets what goes to \(ends.destination)")
                try check(receiver.remote == nil || receiver.remote == ends.source, "\(receiver.name) gets from \(ends.source)")
            }
            if let sender = delivery.sender.map({ table.socket($0) }) {
                try check(sender.local == ends.source, "\(sender.name) at \(sender.local) sends from \(ends.source)")
            }
        }
        let candidates = table.candidates(packet, delivery)
        try check(candidates.shown.count { $0.wins } <= 1, "several win")
    }

    private func expectInvariants() throws(Finding) {
        let broken = table.brokenInvariants
        try check(broken.isEmpty, broken.joined(separator: "; "))
        try check(table.conversations.count <= table.limits.conversations, "\(table.conversations.count) conversations")
        let room = 3 * table.limits.conversations + table.limits.endedSockets + table.limits.idleListeners + 8
        try check(table.sockets.count <= room, "\(table.sockets.count) sockets, room for \(room)")
    }

    /// What a table is: the events of the last packet aside, all that later deliveries and listings depend on.
    private func summary(_ table: borrowing SocketTable) -> [UInt64] {
        var words: [UInt64] = []
        func add(_ number: some BinaryInteger) { words.append(UInt64(truncatingIfNeeded: number)) }
        func add(_ traffic: Traffic) {
            add(traffic.segments)
            add(traffic.bytes)
        }
        add(table.generation)
        add(table.notListed)
        add(table.nobody.tcp)
        add(table.nobody.udp)
        for number in [table.conversationCount, table.numberedCount, table.listenerCount, table.evictionHand, table.index.count] { add(number) }
        add(table.nextConversationID)
        add(table.streams.tcp)
        add(table.streams.udp)
        for socket in table.sockets {
            add(socket.name.number)
            add(socket.name.kind.rawValue)
            add(socket.state.rawValue)
            add(socket.evidence.rawValue)
            add(socket.references)
            add((socket.isFree ? 2 : 0) + (socket.isEnded ? 1 : 0))
            add(socket.received)
            add(socket.sent)
        }
        for conversation in table.conversations {
            add(conversation.id)
            add(conversation.lastFrame)
            add(conversation.stream.number)
            add(conversation.phase.rawValue)
            add(conversation.isInUse ? 1 : 0)
            for end in 0...1 {
                add(conversation.ends[end].next.rawValue)
                add(conversation.ends[end].base.rawValue)
                add(conversation.ends[end].sent)
            }
        }
        return words
    }
}
