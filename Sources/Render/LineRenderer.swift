import Demux
import Wire

/// One line a frame: number, time, from, to, who gets it, by which rule, and then what it is.
///
/// Columns grow to the longest entry seen and never shrink.
public struct LineRenderer: ~Copyable {
    public let options: TextOptions
    let signs: Signs
    private var first: Timestamp?
    private var previous: Timestamp?
    private var numberWidth = 4
    private var timeWidth: Int
    /// The finest seen. Like the columns it grows and never shrinks.
    private var fractionDigits: Int
    private var sequenceWidth = 2
    private var acknowledgmentWidth = 2
    var widths: ColumnWidths
    private var middles = MiddleCache()
    private let flagWords = FlagWords()
    private let isWide: Bool
    private let isNarrow: Bool
    private let words = Words()
    private var needsHeader: Bool
    var explained = ExplainedLookups()
    /// Where the last frame's look-up stands in the output.
    public private(set) var lookupText = 0..<0
    /// What became of the frame's fragment. Of a frame that is none it is the one before's, and nobody looks here.
    var fate = FragmentFate.none
    /// What the kernel said of the frame; nobody looks here where it is not asked.
    var hostRemarks = HostLineRemarks()

    public init(options: TextOptions) {
        self.options = options
        widths = ColumnWidths(address: options.addressWidth)
        needsHeader = options.showsHeader
        isWide = options.isWide && !options.isQuiet
        isNarrow = options.isNarrow
        signs = options.hasUnicode ? .unicode : .ascii
        fractionDigits = options.fractionDigits
        timeWidth = options.fractionDigits + 2
        if options.timeFormat == .epoch { timeWidth = options.fractionDigits + 11 }
        if options.timeFormat == .dateAndTime { timeWidth = options.fractionDigits + 20 }
    }

    /// The line that names the columns. Stands before the first frame, whose addresses it has room for.
    private func renderHeader(into out: inout OutputBuffer) {
        let start = out.count
        out.append(spaces: numberWidth - 1)
        out.append("#  ")
        if options.timeFormat != .none {
            let label = options.timeFormat == .dateAndTime ? "UTC" : "seconds"
            out.append(label)
            out.append(spaces: timeWidth - label.count + 2)
        }
        out.append("from")
        out.append(spaces: widths.from - 4 + arrowWidth)
        out.append("to")
        out.append(spaces: widths.to - 2)
        out.append(signs.delivers)
        out.append("who")
        out.append(spaces: widths.who - 2)
        out.append("rule")
        if !isNarrow {
            let end = out.count
            out.append(spaces: widths.rule - 2)
            if options.hasProcesses {
                out.append("process")
                out.append(spaces: widths.process - 6)
            }
            out.append("segment")
            // Where segments find no room either, they stand on lines of their own.
            if let columns = options.columns, Columns.count(out, from: start) > columns { out.truncate(to: end) }
        }
        out.append(UInt8(ascii: "\n"))
    }

    var arrowWidth: Int { options.hasUnicode ? 3 : 4 }

    /// All that is to be shown of one frame. The packet is not changed, see ``SocketTable/deliver(_:_:number:foresight:into:)``.
    ///
    /// - Parameters:
    ///   - time: `nil` where the capture has none for it.
    ///   - digits: how fine the time is, behind the point.
    ///   - commentary: what the capture says of it, for ``TextOptions/verbosity``.
    public mutating func render(
        _ packet: inout Packet, _ bytes: Span<UInt8>, number: UInt64, time: Timestamp?, digits: Int = 6,
        _ delivery: inout Delivery,
        _ table: inout SocketTable, _ fate: FragmentFate = .none, commentary: FrameCommentary? = nil,
        into out: inout OutputBuffer
    ) {
        if digits > fractionDigits {
            timeWidth += digits - fractionDigits
            fractionDigits = digits
        }
        if packet.isFragment { self.fate = fate }
        if options.asksKernel { hostRemarks = LineRenderer.remarks(delivery, table, namesQueue: options.columns == nil || !options.hasProcesses) }
        let lookup = options.explains ? prepareLookup(delivered(packet), delivery, table, number: number) : nil
        if needsHeader {
            needsHeader = false
            let ends = EndTexts(delivered(packet))
            widths.grow(from: ends.source.utf8.count, to: ends.destination.utf8.count)
            renderHeader(into: &out)
        }
        if options.showsEvents { renderOpenings(table.events, table, into: &out) }
        renderLine(&packet, bytes, number: number, time: time, &delivery, &table, into: &out)
        if let lookup {
            let start = out.count
            renderLookup(lookup, delivered(packet), delivery, table, number: number, into: &out)
            lookupText = start..<out.count
        }
        if options.verbosity > 0 || options.showsLinkLayer {
            renderDetails(packet, bytes, commentary, into: &out)
        }
        if let dump = options.dump { renderDump(packet, bytes, dump, into: &out) }
        if options.showsEvents { renderEndings(table.events, into: &out) }
    }

    /// The pieces of fixed form go in through cursors, which have room for the longest of each.
    private static let roomForStart = 128 + MiddleCache.longest

    private mutating func renderLine(
        _ packet: inout Packet, _ bytes: Span<UInt8>, number: UInt64, time: Timestamp?, _ delivery: inout Delivery,
        _ table: inout SocketTable, into out: inout OutputBuffer
    ) {
        let start = out.count
        if options.timeFormat == .dateAndTime {
            out.write(reserving: LineRenderer.roomForStart) { putNumber(number, &$0) }
            renderDate(time, into: &out)
        }
        var isMiddleKnown = false
        out.write(reserving: LineRenderer.roomForStart) { cursor in
            if options.timeFormat != .dateAndTime {
                putNumber(number, &cursor)
                putTime(time, &cursor)
            }
            isMiddleKnown = delivery.slot >= 0 && middles.put(delivery, widths.generation, &cursor)
        }
        if !isMiddleKnown { renderMiddle(packet, delivery, table, into: &out) }
        if options.hasProcesses { renderProcess(delivery, table, into: &out) }
        let middleEnd = out.count
        if isNarrow { breakLine(into: &out) }
        var segmentStart = isNarrow ? out.count - 6 : start
        renderSegment(&packet, bytes, &delivery, lineStart: segmentStart, into: &out)
        if let columns = options.columns {
            if !isNarrow, Columns.count(out, from: start) > columns {
                // Long addresses or a remark leave no room for it: it stands as on a narrower terminal.
                out.truncate(to: middleEnd)
                breakLine(into: &out)
                segmentStart = out.count - 6
                renderSegment(&packet, bytes, &delivery, lineStart: segmentStart, into: &out)
            }
            // A line that has who gets the frame is never broken by this: it would not have come out of what is above.
            Columns.wrap(&out, from: segmentStart, columns: columns, indent: 8)
        }
        out.append(UInt8(ascii: "\n"))
    }

    /// Goes on in the next line, below the number.
    private func breakLine(into out: inout OutputBuffer) {
        out.trimSpaces()
        out.append("\n      ")
    }

    /// Ends a line of text that began at `start`. What a terminal has no room for goes on in the next, indented.
    func endLine(from start: Int, indent: Int, into out: inout OutputBuffer) {
        if let columns = options.columns { Columns.wrap(&out, from: start, columns: columns, indent: indent) }
        out.append(UInt8(ascii: "\n"))
    }

    /// How many columns number and time take, with the spaces behind them.
    var startWidth: Int { numberWidth + 2 + (options.timeFormat == .none ? 0 : timeWidth + 2) }

    @inline(__always)
    private mutating func putNumber(_ number: UInt64, _ cursor: inout OutputCursor) {
        numberWidth = max(numberWidth, cursor.put(decimal: number, width: numberWidth))
        cursor.put(words.gap)
    }

    // MARK: Time

    @inline(__always)
    private mutating func putTime(_ time: Timestamp?, _ cursor: inout OutputCursor) {
        guard let time else {
            if options.timeFormat != .none { cursor.put(spaces: timeWidth + 2) }
            return
        }
        let origin = first ?? time
        let before = previous ?? time
        if first == nil { first = time }
        previous = time
        switch options.timeFormat {
        case .none, .dateAndTime: return
        case .sinceFirst: putSeconds(time - origin, &cursor)
        case .sincePrevious: putSeconds(time - before, &cursor)
        case .epoch: putSeconds(time.nanoseconds, &cursor)
        }
        cursor.put(words.gap)
    }

    @inline(__always)
    private mutating func putSeconds(_ nanoseconds: Int64, _ cursor: inout OutputCursor) {
        let (seconds, fraction) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        let sign = nanoseconds < 0 ? 1 : 0
        let width = OutputCursor.digits(seconds) + 1 + fractionDigits + sign
        cursor.put(spaces: timeWidth - width)
        if sign > 0 { cursor.put(UInt8(ascii: "-")) }
        cursor.put(decimal: seconds)
        cursor.put(UInt8(ascii: "."))
        cursor.put(
            decimal: fractionDigits == 6 ? fraction / 1000 : fraction, zeroPaddedTo: fractionDigits)
        timeWidth = max(timeWidth, width)
    }

    private func renderDate(_ time: Timestamp?, into out: inout OutputBuffer) {
        guard let time else {
            out.append(spaces: timeWidth + 2)
            return
        }
        let date = CalendarTime(time)
        out.append(date.text)
        out.append(UInt8(ascii: "."))
        out.append(
            decimal: fractionDigits == 6 ? date.fraction / 1000 : date.fraction,
            zeroPaddedTo: fractionDigits)
        out.append("  ")
    }

    // MARK: From, to, who, rule

    private mutating func renderMiddle(
        _ packet: Packet, _ delivery: Delivery, _ table: borrowing SocketTable, into out: inout OutputBuffer
    ) {
        let start = out.count
        let ends = EndTexts(delivered(packet))
        widths.grow(from: ends.source.utf8.count, to: ends.destination.utf8.count)
        let who = whoText(delivery, table.remarks)
        let rule = ruleText(packet, delivery)
        widths.grow(who: who.columns, rule: rule.utf8.count)

        let (sourceIsServer, destinationIsServer) = servers(delivery, table)
        appendHued(ends.source, delivery, isBold: sourceIsServer, into: &out)
        out.append(spaces: widths.from - ends.source.utf8.count)
        if ends.source.isEmpty, ends.destination.isEmpty {
            out.append(spaces: arrowWidth)
        } else {
            out.append(signs.arrow)
        }
        appendHued(ends.destination, delivery, isBold: destinationIsServer, into: &out)
        out.append(spaces: widths.to - ends.destination.utf8.count)
        out.append(signs.delivers)
        appendHued(who.text, delivery, isBold: destinationIsServer, into: &out)
        out.append(spaces: widths.who - who.columns + 1)
        appendHued(rule, delivery, isBold: false, into: &out)
        out.append(spaces: widths.rule - rule.utf8.count + 2)
        // Of several receivers not all are in the middle's key.
        if delivery.slot >= 0, table.remarks.receivers.isEmpty { middles.store(delivery, widths.generation, from: start, of: out) }
    }

    private func whoText(_ delivery: Delivery, _ remarks: HostRemarks) -> (text: String, columns: Int) {
        let sign =
            switch delivery.evidence {
            case .presumed: "?"
            case .capture: ""
            case .kernel: "\(signs.sure)"
            }
        if let receiver = delivery.receiver {
            // The first of those that get a copy, or of the group of which one gets it.
            let more = remarks.receivers.count > 1 ? "+\(remarks.receivers.count - 1)" : ""
            let text = receiver.name.description + more + sign
            return (text, text.unicodeScalars.count)
        }
        switch delivery.rule {
        case .closedPort: return ("\(signs.nobody)" + sign, 1 + sign.unicodeScalars.count)
        case .fragment, .noPorts: return ("", 0)
        default: return ("?", 1)
        }
    }

    private func ruleText(_ packet: Packet, _ delivery: Delivery) -> String {
        switch delivery.rule {
        case .closedPort: "nobody"
        // It has ports, but an association is no matter of the socket table.
        case .noPorts: packet.ports == nil ? delivery.rule.word : "untracked"
        // What the kernel's table says more of them stands in the look-up and in JSON.
        case .listenerAddress, .listenerWildcard: Rule.listener.word
        case .datagramAddress, .datagramWildcard, .datagramConnected: Rule.datagram.word
        default: delivery.rule.word
        }
    }

    private func servers(_ delivery: Delivery, _ table: borrowing SocketTable) -> (source: Bool, destination: Bool) {
        guard options.hasColor else { return (false, false) }
        return (
            delivery.sender.map { table.socket($0).isServer } ?? false,
            delivery.receiver.map { table.socket($0).isServer } ?? false
        )
    }

    private func appendHued(_ text: String, _ delivery: Delivery, isBold: Bool, into out: inout OutputBuffer) {
        guard options.hasColor, delivery.slot >= 0 || delivery.rule == .closedPort else {
            out.append(text)
            return
        }
        let isNobody = delivery.rule == .closedPort && (text == "nobody" || text.hasPrefix("\(signs.nobody)"))
        out.append(isNobody ? Hue.nobody : Hue.of(delivery.conversationID))
        if isBold { out.append(Hue.bold) }
        out.append(text)
        out.append(Hue.reset)
    }

    // MARK: The segment

    static let longestPreview = 48
    private static let roomForSegment = 160 + OutputCursor.roomForEscaped(LineRenderer.longestPreview)

    @inline(__always)
    mutating func renderSegment(
        _ packet: inout Packet, _ bytes: Span<UInt8>, _ delivery: inout Delivery, lineStart: Int, into out: inout OutputBuffer
    ) {
        switch packet.transport {
        case .tcp(let header):
            if !header.hasFlags {
                out.append(isWide ? "TCP flags not captured" : "flags not captured")
            } else if !flagWords.has(header.flags) {
                out.append(isWide ? "TCP \(header.flags)" : header.flags.description)
            }
            out.write(reserving: LineRenderer.roomForSegment) { cursor in
                if header.hasFlags { putTCP(header, packet.payloadLength, delivery, &cursor) }
                if packet.payloadLength > 0 { putLength(packet, &cursor) }
                if options.columns == nil { putPreview(packet, bytes, &cursor) }
            }
            if options.columns != nil { renderPreview(packet, bytes, delivery, lineStart: lineStart, into: &out) }
        case .udp where packet.marks.contains(.tunnel):
            renderTunnel(packet, bytes, into: &out)
        case .udp:
            out.write(reserving: LineRenderer.roomForSegment) { cursor in
                cursor.put(words.udp)
                putLength(packet, &cursor)
                if options.columns == nil { putPreview(packet, bytes, &cursor) }
            }
            if options.columns != nil { renderPreview(packet, bytes, delivery, lineStart: lineStart, into: &out) }
        case .icmp(let header):
            renderICMP(header, packet, bytes, into: &out)
        case .none, .udpLite, .sctp, .dccp, .igmp, .gre:
            renderOther(packet, bytes, delivery, lineStart: lineStart, into: &out)
        }
        if hasRemarks(packet, delivery) { renderRemarks(packet, delivery, into: &out) }
        if options.asksKernel { out.append(hostRemarks.text) }
        if packet.isFragment, let whole = fate.whole { renderWhole(whole, delivery, lineStart: lineStart, into: &out) }
    }

    @inline(__always)
    private func hasRemarks(_ packet: Packet, _ delivery: Delivery) -> Bool {
        packet.stop != nil || packet.isFragment || delivery.replyTo != 0 || delivery.corrects != 0
    }

    @inline(__always)
    private mutating func putTCP(
        _ header: TCPHeader, _ payloadLength: UInt32, _ delivery: Delivery, _ cursor: inout OutputCursor
    ) {
        if flagWords.has(header.flags) {
            if isWide { cursor.put(words.tcp) }
            flagWords.put(header.flags, isPadded: isWide, &cursor)
        }
        // Of a first fragment the numbers are not followed: they are once the segment is whole.
        guard isWide, delivery.rule != .fragment || options.absoluteSequence else { return }
        var sequence = delivery.relativeSequence
        var acknowledgment = delivery.relativeAcknowledgment
        if options.absoluteSequence {
            sequence = header.sequence.rawValue
            acknowledgment = header.flags.contains(.ack) ? header.acknowledgment.rawValue : 0
        }
        cursor.put(words.sequence)
        sequenceWidth = max(sequenceWidth, cursor.put(decimal: UInt64(sequence), paddedTo: sequenceWidth))
        cursor.put(words.acknowledgment)
        let digits = cursor.put(
            decimal: UInt64(acknowledgment), paddedTo: payloadLength > 0 ? acknowledgmentWidth + 2 : 0)
        acknowledgmentWidth = max(acknowledgmentWidth, digits)
    }

    @inline(__always)
    private func putLength(_ packet: Packet, _ cursor: inout OutputCursor) {
        cursor.put(UInt8(ascii: " "))
        cursor.put(decimal: UInt64(packet.payloadLength))
        cursor.put(words.bytes)
    }

    /// What a pipe gets of the payload: its first 48 bytes.
    @inline(__always)
    private func putPreview(_ packet: Packet, _ bytes: Span<UInt8>, _ cursor: inout OutputCursor) {
        guard !options.isQuiet, !packet.payload.isEmpty else { return }
        let preview = LineRenderer.preview(packet, bytes.count)
        cursor.put(words.quote)
        cursor.put(escaped: bytes.extracting(preview))
        cursor.put(UInt8(ascii: "\""))
        if preview.count < Int(packet.payloadLength) { cursor.put(signs.cut) }
    }

    @inline(__always)
    private static func preview(_ packet: Packet, _ captured: Int) -> Range<Int> {
        let payload = packet.payload.clamped(to: captured)
        return payload.lowerBound..<min(payload.upperBound, payload.lowerBound + longestPreview)
    }

    /// What a terminal gets of the payload: never so much that the line would be longer than it is wide.
    func renderPreview(
        _ packet: Packet, _ bytes: Span<UInt8>, _ delivery: Delivery, lineStart: Int, into out: inout OutputBuffer
    ) {
        guard !options.isQuiet, !packet.payload.isEmpty, let columns = options.columns else { return }
        let preview = LineRenderer.preview(packet, bytes.count)
        let end = out.count
        // What stands behind it is written first, to see how much room it takes.
        if hasRemarks(packet, delivery) { renderRemarks(packet, delivery, into: &out) }
        if options.asksKernel { out.append(hostRemarks.text) }
        let remarks = Columns.count(out, from: end)
        out.truncate(to: end)
        out.append(" \"")
        let room = columns - Columns.count(out, from: lineStart) - 1 - remarks
        // Less than a few characters say nothing.
        guard room >= 8 || out.count - end + preview.count <= room else {
            out.truncate(to: end)
            return
        }
        appendCut(
            bytes.extracting(preview), room: room, isWhole: preview.count == Int(packet.payloadLength), into: &out)
    }

    /// Appends as much as fits `room` columns together with the closing quote and, where something is left out, the sign for that.
    private func appendCut(_ preview: Span<UInt8>, room: Int, isWhole: Bool, into out: inout OutputBuffer) {
        let start = out.count
        out.append(escaped: preview)
        if isWhole, out.count - start + 1 <= room + 1 {
            out.append(UInt8(ascii: "\""))
            return
        }
        let cutWidth = options.hasUnicode ? 1 : 3
        let limit = max(0, room - cutWidth)
        if out.count - start > limit {
            // Escapes are not cut in two: byte by byte until the next would not fit.
            out.truncate(to: start)
            for index in preview.indices {
                let before = out.count
                out.append(escaped: preview.extracting(index..<index + 1))
                if out.count - start > limit {
                    out.truncate(to: before)
                    break
                }
            }
        }
        out.append(UInt8(ascii: "\""))
        out.append(signs.cut)
    }

    private func renderRemarks(_ packet: Packet, _ delivery: Delivery, into out: inout OutputBuffer) {
        if packet.isFragment { renderFragmentPlace(packet, into: &out) }
        if delivery.corrects != 0 {
            out.append("  corrects frame ")
            out.append(decimal: delivery.corrects)
            if case .tcp(let header) = packet.transport, header.flags.contains(.syn) {
                out.append(": both ends open actively")
            } else {
                out.append(": nobody was there")
            }
        } else if delivery.replyTo != 0, delivery.rule == .icmpError || delivery.sender == nil {
            out.append("  answers frame ")
            out.append(decimal: delivery.replyTo)
        }
        if let stop = packet.stop {
            out.append("  [")
            out.append(stop.kind)
            if case .unsupported = stop.reason {} else {
                out.append(UInt8(ascii: " "))
                out.append(stop.layer.rawValue)
                out.append(": ")
                out.append(stop.detail)
            }
            out.append(UInt8(ascii: "]"))
        }
    }
}

/// The fixed words of every line.
private struct Words {
    let gap = ShortText("  ")
    let tcp = ShortText("TCP ")
    let udp = ShortText("UDP")
    let sequence = ShortText("  seq ")
    let acknowledgment = ShortText(" ack ")
    let bytes = ShortText(" B")
    let quote = ShortText(" \"")
}
