import Demux
import Wire

/// Which look-up was explained at which frame, so that it is not explained twice.
struct ExplainedLookups {
    private struct Entry {
        var conversationID: UInt64 = 0
        var receiver: SocketName?
        var rule = Rule.noPorts
        var evidence = Evidence.presumed
        /// The table's generation, and the losers' names: what else a look-up depends on.
        var generation: UInt64 = 0
        var candidates: [SocketName] = []
        var frame: UInt64 = 0
    }

    /// Two entries a conversation, by direction.
    private var entries: [Entry] = []

    /// The frame at which this very look-up was explained, or `nil`; then it is entered as explained at `number`.
    ///
    /// - Parameter candidates: asked for only where a socket came or went since.
    mutating func frame(
        _ delivery: Delivery, number: UInt64, generation: UInt64, candidates: () -> [SocketName]
    ) -> UInt64? {
        guard delivery.slot >= 0, delivery.rule != .closedPort, delivery.rule != .icmpError else { return nil }
        let place = Int(delivery.slot) * 2 + Int(delivery.direction & 1)
        while entries.count <= place { entries.append(contentsOf: repeatElement(Entry(), count: max(64, entries.count))) }
        let entry = entries[place]
        let isSame =
            entry.conversationID == delivery.conversationID && entry.receiver == delivery.receiver?.name
            && entry.rule == delivery.rule && entry.evidence == delivery.evidence && entry.frame != 0
        if isSame, entry.generation == generation { return entry.frame }
        let names = candidates()
        if isSame, entry.candidates == names {
            entries[place].generation = generation
            return entry.frame
        }
        entries[place] = Entry(
            conversationID: delivery.conversationID, receiver: delivery.receiver?.name, rule: delivery.rule,
            evidence: delivery.evidence, generation: generation, candidates: names, frame: number)
        return nil
    }
}

extension LineRenderer {
    /// A look-up that is to be shown under its frame.
    struct Lookup {
        var candidates: [Candidate] = []
        var others = 0
        /// The frame at which the same look-up was shown.
        var sameAs: UInt64?
    }

    /// Finds what is to be shown of a look-up. Stands before the line, so that the columns grow for both.
    mutating func prepareLookup(
        _ packet: Packet, _ delivery: Delivery, _ table: borrowing SocketTable, number: UInt64
    ) -> Lookup {
        switch delivery.rule {
        case .fragment, .noPorts, .icmpError: return Lookup()
        default: break
        }
        var found: (shown: [Candidate], others: Int)?
        let sameAs = options.repeatsLookups ? nil : explained.frame(delivery, number: number, generation: table.generation) {
            let candidates = table.candidates(packet, delivery)
            found = candidates
            return candidates.shown.map(\.socket.name)
        }
        if let sameAs { return Lookup(sameAs: sameAs) }
        let (candidates, others) = found ?? table.candidates(packet, delivery)
        for candidate in candidates {
            let socket = candidate.socket
            widths.grow(from: LineRenderer.peer(candidate)?.description.utf8.count ?? 0, to: localText(candidate).utf8.count)
            widths.grow(who: socket.name.description.utf8.count + 1, rule: 0)
        }
        return Lookup(candidates: candidates, others: others)
    }

    /// The look-up as a table in the frame's own columns: what each candidate accepts, in the order of the rule.
    func renderLookup(
        _ lookup: Lookup, _ packet: Packet, _ delivery: Delivery, _ table: borrowing SocketTable, number: UInt64,
        into out: inout OutputBuffer
    ) {
        switch delivery.rule {
        case .fragment:
            appendNote(reasonForFragment, into: &out)
            return
        case .noPorts:
            appendNote(reasonForNoPorts(packet), into: &out)
            return
        case .icmpError:
            explainError(delivery, into: &out)
            return
        default:
            break
        }
        if let frame = lookup.sameAs {
            appendNote("as frame \(frame)", into: &out)
            return
        }
        for candidate in lookup.candidates { renderCandidate(candidate, packet, delivery, number, into: &out) }
        if lookup.others > 0 { appendNote("and \(lookup.others) more with less in common", into: &out) }
        let isBound = lookup.candidates.contains { $0.socket.local == packet.endpoints?.destination }
        let isServer = lookup.candidates.contains { $0.wins && $0.socket.isServer }
        explainOutcome(packet, delivery, isBound: isBound, isServer: isServer, into: &out)
        explainKernel(delivery, table, into: &out)
    }

    /// What the kernel was asked, and said.
    private func explainKernel(_ delivery: Delivery, _ table: borrowing SocketTable, into out: inout OutputBuffer) {
        if hostRemarks.remarks.isTooLate { appendNote("kernel: asked a moment too late to be sure", into: &out) }
        guard delivery.evidence == .kernel else { return }
        guard let receiver = delivery.receiver, let host = table.host(receiver) else {
            if delivery.receiver == nil { appendNote("kernel: asked by sock_diag, nobody", into: &out) }
            return
        }
        if hostRemarks.remarks.receivers.count > 1 {
            let names = hostRemarks.remarks.receivers.map { $0.name.description }.joined(separator: ", ")
            appendNote("kernel: asked by sock_diag, one of the group \(names): a hash of the four-tuple decides", into: &out)
        } else {
            appendNote("kernel: asked by sock_diag, \(receiver.name), inode \(host.socket.inode), cookie \(host.socket.cookie)", into: &out)
        }
    }

    private func localText(_ candidate: Candidate) -> String {
        candidate.host?.localText ?? candidate.socket.local.description
    }

    /// Whether a datagram socket is connected, only the kernel shows.
    private static func peer(_ candidate: Candidate) -> Endpoint? { candidate.host?.remote ?? candidate.socket.remote }

    private var reasonForFragment: String {
        switch fate {
        case .overlaps, .discarded, .unfit: "no look-up: the IP layer discards it"
        case .none, .waits, .duplicate, .completes: "no look-up for a fragment: the IP layer puts the datagram together first"
        }
    }

    private func reasonForNoPorts(_ packet: Packet) -> String {
        switch packet.stop?.reason {
        case _ where packet.ports != nil: "it has ports, but \(packet.upperLayer?.name ?? "its protocol") has sockets of its own, which are not followed"
        case .truncated: "its ports were not captured"
        case .malformed: "it contradicts itself before its ports"
        case .unsupported: "its ports, if it has any, are not decoded"
        case nil: "no ports in it: it is for the kernel itself, not for a TCP or UDP socket"
        }
    }

    private func appendNote(_ text: String, into out: inout OutputBuffer) {
        let start = out.count
        out.append("      ")
        out.append(text)
        endLine(from: start, indent: 8, into: &out)
    }

    /// How the kind of a candidate is indented, so that what it accepts stands in the frame's own columns.
    private var indent: Int { max(2, startWidth - labelWidth) }
    private var labelWidth: Int { 10 }

    private func renderCandidate(
        _ candidate: Candidate, _ packet: Packet, _ delivery: Delivery, _ number: UInt64, into out: inout OutputBuffer
    ) {
        let socket = candidate.socket
        let start = out.count
        out.append(spaces: indent)
        appendPadded(socket.name.kind.word, labelWidth, into: &out)
        appendPadded(LineRenderer.peer(candidate)?.description ?? "any", widths.from, into: &out)
        out.append(signs.arrow)
        appendPadded(localText(candidate), widths.to, into: &out)
        out.append(spaces: 3)
        let name = socket.name.description
        out.append(name)
        out.append(spaces: widths.who - 1 - name.utf8.count)
        if candidate.wins {
            out.append(signs.winner)
        } else {
            out.append(UInt8(ascii: " "))
        }
        out.append(UInt8(ascii: " "))
        appendSign(candidate.acceptsSource, into: &out)
        out.append(UInt8(ascii: " "))
        appendSign(candidate.acceptsDestination, into: &out)
        out.append("  ")
        out.append(reason(candidate, packet, delivery, number))
        endLine(from: start, indent: indent + labelWidth, into: &out)
    }

    private func appendPadded(_ text: String, _ width: Int, into out: inout OutputBuffer) {
        out.append(text)
        out.append(spaces: width - text.utf8.count)
    }

    private func appendSign(_ isEqual: Bool, into out: inout OutputBuffer) {
        if isEqual {
            out.append(UInt8(ascii: "="))
        } else {
            out.append(signs.unequal)
        }
    }

    private func reason(_ candidate: Candidate, _ packet: Packet, _ delivery: Delivery, _ number: UInt64) -> String {
        guard let ends = packet.endpoints else { return "" }
        return candidate.wins
            ? reasonToWin(candidate.socket, delivery, number) : reasonToLose(candidate, ends.source, ends.destination)
    }

    private func reasonToWin(_ socket: Socket, _ delivery: Delivery, _ number: UInt64) -> String {
        switch delivery.rule {
        case .listener, .listenerAddress, .listenerWildcard: return "its port; a listener takes any sender"
        case .reusePortGroup: return "one of a group that shares the port"
        case .datagramConnected: return "both ends equal: it is connected to the sender"
        case .datagramAddress, .datagramWildcard: return "its port; not connected: it takes any sender"
        case .datagram:
            return socket.isServer ? "its port; not connected: it takes any sender" : "its port; whether it is connected, a capture does not show"
        case .groupDelivery: return "stands for every socket that joined the group on this port: each gets a copy"
        case .timeWait: return "both ends equal; it has ended and takes strays"
        default:
            if socket.firstFrame == number, let maker = socket.madeBy {
                return "made by \(maker), whole with this"
            }
            return socket.local == socket.remote ? "both ends equal: it is connected to itself" : "both ends equal"
        }
    }

    private func reasonToLose(_ candidate: Candidate, _ source: Endpoint, _ destination: Endpoint) -> String {
        let socket = candidate.socket
        switch candidate.why {
        case .otherDevice: return "it is bound to another interface"
        case .v6Only: return "it takes IPv6 alone"
        case .lowerScore: return "fits too, but less closely"
        case .groupMember where socket.name.kind == .datagram: return "fits as well: the kernel chose the other"
        case .groupMember: return "fits too: the hash of the four-tuple chose another of the group"
        case .otherAddress: return "it is bound to \(socket.local.address)"
        case .connectedFirst: return "fits too, but connected ones go first"
        default: break
        }
        switch socket.name.kind {
        case .listener:
            if socket.local == source { return "\(socket.local.port) is where it comes from, not goes" }
            return "it listens on \(socket.local.port)"
        case .datagram:
            if candidate.why == .otherPeer, let peer = LineRenderer.peer(candidate) { return "it is connected to \(peer)" }
            if socket.local == source { return "\(socket.local.port) is where it comes from, not goes" }
            return "it is bound to \(socket.local.port)"
        case .connected:
            guard let remote = socket.remote else { return "" }
            if socket.local == source, remote == destination { return "it is the other end" }
            if socket.local != destination { return "it has port \(socket.local.port)" }
            if remote.port == source.port { return "same ports, but its peer is \(remote.address)" }
            if remote.address == source.address { return "same hosts, but its peer has port \(remote.port)" }
            return "its peer is \(remote)"
        }
    }

    private func explainError(_ delivery: Delivery, into out: inout OutputBuffer) {
        guard let receiver = delivery.receiver else {
            appendNote("the socket that sent the quoted packet is not known", into: &out)
            return
        }
        let told = receiver.name.kind == .datagram ? "; its program is told only if it is connected" : ""
        appendNote("quotes what \(receiver.name) sent: so it is for \(receiver.name)\(told)", into: &out)
    }

    private func explainOutcome(_ packet: Packet, _ delivery: Delivery, isBound: Bool, isServer: Bool, into out: inout OutputBuffer) {
        guard let ends = packet.endpoints else { return }
        if delivery.rule == .closedPort {
            let isTCP = packet.upperLayer == .tcp
            if ends.destination.address.isMulticast {
                appendNote("nobody here has joined the group: the IP layer drops it", into: &out)
                return
            }
            let nobody = isBound ? "none accepts it" : isTCP ? "nobody listens there" : "nobody is bound there"
            let answers = isTCP ? "answers with RST" : "answers with ICMP port unreachable"
            var isReset = false
            if case .tcp(let header) = packet.transport { isReset = header.flags.contains(.rst) }
            // RFC 9293 §3.10.7.1: a RST is never answered.
            let answer = delivery.evidence == .kernel ? "the kernel itself \(isReset ? "drops it" : answers)"
                : delivery.refusedBy == 0 ? "its connection has ended or was never there" : "the kernel itself answers, frame \(delivery.refusedBy)"
            appendNote("\(nobody): \(answer)", into: &out)
        } else if delivery.rule == .datagram, isServer, !packet.marks.contains(.tunnel) {
            appendNote("answer to \(ends.source): recvfrom() hands the sender's address to the program", into: &out)
        }
    }
}
