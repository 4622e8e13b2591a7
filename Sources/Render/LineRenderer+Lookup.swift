import Demux
import Wire

/// Which look-up was explained at which frame, so that it is not explained twice.
struct ExplainedLookups {
    private struct Entry {
        var conversationID: UInt64 = 0
        var receiver: SocketName?
        var rule = Rule.noPorts
        var evidence = Evidence.presumed
        var frame: UInt64 = 0
    }

    /// Two entries a conversation, by direction.
    private var entries: [Entry] = []

    /// The frame at which this look-up was explained, or `nil`; then it is entered as explained at `number`.
    mutating func frame(_ delivery: Delivery, number: UInt64) -> UInt64? {
        guard delivery.slot >= 0, delivery.rule != .closedPort, delivery.rule != .icmpError else { return nil }
        let place = Int(delivery.slot) * 2 + Int(delivery.direction & 1)
        while entries.count <= place { entries.append(contentsOf: repeatElement(Entry(), count: max(64, entries.count))) }
        let entry = entries[place]
        if entry.conversationID == delivery.conversationID, entry.receiver == delivery.receiver?.name,
            entry.rule == delivery.rule, entry.evidence == delivery.evidence, entry.frame != 0
        {
            return entry.frame
        }
        entries[place] = Entry(
            conversationID: delivery.conversationID, receiver: delivery.receiver?.name, rule: delivery.rule,
            evidence: delivery.evidence, frame: number)
        return nil
    }
}

extension LineRenderer {
    /// The look-up as a table in the frame's own columns: what each candidate accepts, in the order of the rule.
    mutating func renderLookup(
        _ packet: Packet, _ delivery: Delivery, _ table: borrowing SocketTable, number: UInt64,
        into out: inout OutputBuffer
    ) {
        switch delivery.rule {
        case .fragment:
            appendNote("waits at the IP layer until the datagram is whole: later fragments have no ports", into: &out)
            return
        case .noPorts:
            appendNote("no port in it: it is for the kernel itself, not for a TCP or UDP socket", into: &out)
            return
        case .icmpError:
            explainError(delivery, into: &out)
            return
        default:
            break
        }
        if let frame = explained.frame(delivery, number: number) {
            appendNote("as frame \(frame)", into: &out)
            return
        }
        let (candidates, others) = table.candidates(packet, delivery)
        for candidate in candidates { renderCandidate(candidate, packet, delivery, number, into: &out) }
        if others > 0 { appendNote("and \(others) more with less in common", into: &out) }
        explainOutcome(packet, delivery, hasListener: candidates.contains { $0.socket.local == packet.endpoints?.destination }, into: &out)
    }

    private func appendNote(_ text: String, into out: inout OutputBuffer) {
        out.append("      ")
        out.append(text)
        out.append(UInt8(ascii: "\n"))
    }

    /// Where the `from` column begins: after number, time and the spaces between.
    private var indent: Int { 6 }
    private var labelWidth: Int { 10 }

    private func renderCandidate(
        _ candidate: Candidate, _ packet: Packet, _ delivery: Delivery, _ number: UInt64, into out: inout OutputBuffer
    ) {
        let socket = candidate.socket
        out.append(spaces: indent)
        appendPadded(socket.name.kind.word, labelWidth, into: &out)
        appendPadded(socket.remote?.description ?? "any", widths.from, into: &out)
        out.append(signs.arrow)
        appendPadded(socket.local.description, widths.to, into: &out)
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
        out.append(UInt8(ascii: "\n"))
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
        case .listener: return "its port; a listener takes any sender"
        case .datagram: return "UDP asks where to, never who from"
        case .groupDelivery: return "every socket that is bound to the port gets a copy"
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
        switch socket.name.kind {
        case .listener:
            if candidate.why == .connectedFirst { return "fits too, but connected ones go first" }
            if socket.local == source { return "\(socket.local.port) is where it comes from, not goes" }
            return "it listens on \(socket.local.port)"
        case .datagram:
            if socket.local == source { return "\(socket.local.port) is where it comes from, not goes" }
            return "it is bound to \(socket.local.port)"
        case .connected:
            guard let remote = socket.remote else { return "" }
            if socket.local == source, remote == destination { return "it is the other end" }
            if socket.local != destination { return "it has port \(socket.local.port)" }
            if remote.port == source.port { return "same ports, but its peer is at \(remote.address)" }
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

    private func explainOutcome(_ packet: Packet, _ delivery: Delivery, hasListener: Bool, into out: inout OutputBuffer) {
        guard let ends = packet.endpoints else { return }
        if delivery.rule == .closedPort {
            let isTCP = packet.upperLayer == .tcp
            let nobody = hasListener ? "none accepts it" : isTCP ? "nobody listens there" : "nobody is bound there"
            let answer =
                delivery.refusedBy == 0
                ? "its connection has ended"
                : isTCP
                    ? "the kernel itself answers RST in frame \(delivery.refusedBy)"
                    : "the kernel itself answers ICMP in frame \(delivery.refusedBy)"
            appendNote("\(nobody): \(answer)", into: &out)
        } else if delivery.rule == .datagram {
            appendNote("answer to \(ends.source): recvfrom() hands the sender's address to the program", into: &out)
        }
    }
}
