import Capture
import Demux
import HostSockets
import Platform
import Render
import Timeline
import Wire

/// The one loop: frames in, decoded, reassembled, demultiplexed, rendered, written.
///
/// From a file a SYN or a datagram to a port not yet known is held, with what follows, until it is answered; a live
/// capture shows each frame as it comes, and the frame that disproves a presumption says so.
public struct Inspection: ~Copyable {
    /// How many frames, and how long in capture time, a question is held open.
    static let longestHold = (frames: 32, nanoseconds: Int64(1_000_000_000))
    private static let flushAt = 1 << 15

    private let showsSockets: Bool
    private let isLineBuffered: Bool
    private let isLive: Bool
    private let output: Int32
    private var reassembler = Reassembler()
    private var table = SocketTable()
    private var renderer: FrameRenderer
    private var out = OutputBuffer(capacity: 2 * Inspection.flushAt)
    private var packet = Packet()
    private var delivery = Delivery()
    private var held = HeldFrames(capacity: Inspection.longestHold.frames + 1)
    private var question: Question?
    /// How many of the held frames were searched for an answer to the question.
    private var searched = 0
    /// What the kernel says; `nil` where it is not asked.
    private var attribution: Attribution?
    /// Gets what would be written; `nil` where it is written.
    private let storybook: Storybook?

    /// - Parameters:
    ///   - facts: the machine's kernel, for a live capture; `nil` where it is not asked.
    ///   - device: the interface that is captured on, by index; 0 for all.
    ///   - output: the descriptor that lines are written to; it stays the caller's.
    ///   - storybook: keeps the frames with their lines, which then are not written.
    public init(
        options: InspectionOptions, isLive: Bool, facts: (any HostFacts)? = nil, device: UInt32 = 0, output: Int32,
        storybook: Storybook? = nil
    ) {
        self.storybook = storybook
        attribution = facts.map { Attribution($0, device: device, options) }
        showsSockets = options.showsSockets
        isLineBuffered = options.isLineBuffered
        self.isLive = isLive
        self.output = output
        renderer = FrameRenderer(options)
    }

    /// Whether what a capture says of a frame is shown, and so wanted by ``take(_:_:commentary:)``.
    var showsCommentary: Bool { renderer.showsCommentary }

    /// Takes the next frame.
    ///
    /// - Throws: ``SystemError`` where the output cannot be written.
    public mutating func take(
        _ info: FrameInfo, _ bytes: Span<UInt8>, commentary: FrameCommentary? = nil
    ) throws(SystemError) {
        packet.decode(bytes, linkType: info.linkType, originalLength: info.originalLength)
        if attribution != nil {
            takeAttributed(info, bytes, commentary)
        } else if packet.isFragment {
            takeFragment(info, bytes, commentary)
        } else if held.isEmpty {
            let outcome = table.deliver(&packet, bytes, number: info.number, foresight: foresight, into: &delivery)
            if outcome == .decided {
                renderer.render(&packet, bytes, info, &delivery, &table, .none, commentary, into: &out)
                if storybook != nil { tell(packet, .none, bytes, info) }
            } else {
                hold(info, .none, bytes, commentary)
            }
        } else {
            held.append(info, packet, .none, bytes, commentary)
            settle(isEnd: false)
        }
        if isLineBuffered || out.count >= Inspection.flushAt { try flush() }
    }

    /// What a live capture's deliveries rest on; `nil` where the kernel was not asked.
    public var evidence: EvidenceReport? { attribution?.report }

    /// How long the source may be quiet, in milliseconds, before ``rest()`` is to be called all the same, so that sockets are
    /// known before something comes to them; `nil` for ever.
    var patience: Int32? { attribution == nil ? nil : 50 }

    /// Readable when ``rest()`` has something to hear; -1 for never.
    var attention: Int32 { attribution?.facts.descriptor ?? -1 }

    /// The source is quiet: the kernel may have destroyed sockets meanwhile.
    public mutating func rest() throws(SystemError) {
        attribution?.hear()
        attribution?.seekOwners(&table)
        try flush()
    }

    /// Tells of the sockets that the kernel has destroyed until now, where nothing more is on its way here.
    public mutating func tellEndings() {
        attribution?.hear()
        guard let storybook, attribution?.hasEnding == true else { return }
        table.clearEvents()
        attribution?.settle(before: .max, &table)
        var ended: [SocketName] = []
        for case .ended(let reference, _) in table.events { ended.append(reference.name) }
        if ended.isEmpty { return }
        renderer.renderEndings(table, into: &out)
        storybook.add(Telling(.ended(ended), text: out.takeText()))
    }

    /// Datagrams of which fragments never came.
    public var incompleteDatagrams: UInt64 { reassembler.incomplete }

    /// Shows what is still held, and the tables.
    public mutating func finish() throws(SystemError) {
        settle(isEnd: true)
        attribution?.end(&table)
        if showsSockets {
            renderer.renderSockets(table, into: &out)
        }
        try flush()
    }

    /// Writes what is rendered.
    public mutating func flush() throws(SystemError) {
        let output = self.output
        try out.drain { (bytes) throws(SystemError) in try writeAll(output, bytes) }
    }

    /// How much of a frame is kept, for its bytes to be looked at.
    private static let keptOfFrame = 2_048

    /// Keeps a frame that was rendered, with its text.
    @inline(never)
    private mutating func tell(_ packet: Packet, _ fate: FragmentFate, _ bytes: Span<UInt8>, _ info: FrameInfo) {
        guard let storybook else { return }
        let place = renderer.lookupText
        let text = out.takeText()
        if storybook.timeline.isFull {
            // It is counted, and need not be made ready.
            return storybook.add(Telling(.frame(FrameMoment()), text: text))
        }
        let utf8 = text.utf8
        let (start, end) = (utf8.index(utf8.startIndex, offsetBy: place.lowerBound), utf8.index(utf8.startIndex, offsetBy: place.upperBound))
        let time = info.notes.contains(.noTime) ? nil : info.time
        let whole = fate.whole
        let moment = FrameMoment(
            whole.map(\.packet) ?? packet, bytes, whole: whole?.bytes, number: info.number, time: time, linkType: info.linkType,
            originalLength: UInt32(clamping: info.originalLength), delivery, table, kept: Inspection.keptOfFrame)
        if storybook.keepsSockets { renderer.renderSockets(table, into: &out) }
        let lookup = String(text[start..<end])
        storybook.add(
            Telling(
                .frame(moment), text: String(text[..<start]) + String(text[end...]), lookup: lookup, lookupPlace: place.lowerBound,
                sockets: out.takeText()))
    }

    private var foresight: Foresight { isLive ? .unavailable : .unknown }

    // MARK: Fragments

    @inline(never)
    private mutating func takeFragment(_ info: FrameInfo, _ bytes: Span<UInt8>, _ commentary: FrameCommentary?) {
        let fate = reassembler.take(packet, bytes, number: info.number, time: info.time)
        guard held.isEmpty else {
            held.append(info, packet, fate, bytes, commentary)
            settle(isEnd: false)
            return
        }
        if deliver(packet, fate, bytes, info.number, foresight) == .decided {
            renderer.render(&packet, bytes, info, &delivery, &table, fate, commentary, into: &out)
            if storybook != nil { tell(packet, fate, bytes, info) }
        } else {
            hold(info, fate, bytes, commentary)
        }
    }

    /// Delivers what a frame brings to the sockets: its packet, or the datagram that it completes.
    private mutating func deliver(
        _ packet: borrowing Packet, _ fate: FragmentFate, _ bytes: Span<UInt8>, _ number: UInt64, _ foresight: Foresight
    ) -> SocketTable.Outcome {
        if let whole = fate.whole {
            var datagram = whole.packet
            let itsBytes = whole.bytes
            let outcome = table.deliver(&datagram, itsBytes.span, number: number, foresight: foresight, into: &delivery)
            if outcome == .decided {
                var packet = copy packet
                table.numberCompleting(&packet, bytes, number: number, &delivery)
            }
            return outcome
        }
        var packet = copy packet
        return table.deliver(&packet, bytes, number: number, foresight: foresight, into: &delivery)
    }

    // MARK: Live, with the kernel

    /// The kernel answers what a file's next frames would: nothing is held.
    @inline(never)
    private mutating func takeAttributed(_ info: FrameInfo, _ bytes: Span<UInt8>, _ commentary: FrameCommentary?) {
        let time = info.time.nanoseconds
        if attribution?.hasEnding == true {
            table.clearEvents()
            attribution?.settle(before: time, &table)
            renderer.renderEndings(table, into: &out)
        }
        table.clearRemarks()
        let fate = packet.isFragment ? reassembler.take(packet, bytes, number: info.number, time: info.time) : .none
        if let whole = fate.whole {
            var packet = whole.packet
            let bytes = whole.bytes
            attribute(&packet, bytes.span, info)
        } else {
            var packet = packet
            attribute(&packet, bytes, info)
        }
        if attribution?.isShown(delivery, table) == false { return }
        renderer.render(&packet, bytes, info, &delivery, &table, fate, commentary, into: &out)
        if storybook != nil { tell(packet, fate, bytes, info) }
    }

    private mutating func attribute(_ packet: inout Packet, _ bytes: Span<UInt8>, _ info: FrameInfo) {
        let time = info.time.nanoseconds
        if table.deliver(&packet, bytes, number: info.number, foresight: .unknown, into: &delivery) == .undecided {
            let foresight = attribution?.foresee(packet, number: info.number, time: time) ?? .unavailable
            _ = table.deliver(&packet, bytes, number: info.number, foresight: foresight, into: &delivery)
        }
        attribution?.attribute(packet, bytes, number: info.number, time: time, &delivery, &table)
    }

    // MARK: Holding

    private mutating func hold(_ info: FrameInfo, _ fate: FragmentFate, _ bytes: Span<UInt8>, _ commentary: FrameCommentary?) {
        held.append(info, packet, fate, bytes, commentary)
        ask()
    }

    /// What is asked is about the first of the held frames.
    private mutating func ask() {
        question = held[0].withDelivered { packet, _ in Question(packet) }
        searched = 1
    }

    /// Shows held frames, from the first, as far as their deliveries can be decided.
    private mutating func settle(isEnd: Bool) {
        while !held.isEmpty {
            var foresight = Foresight.unknown
            if question != nil {
                guard let answer = answer(isEnd: isEnd) else { return }
                foresight = answer
                question = nil
            }
            let frame = held[0]
            var packet = frame.packet
            let bytes = frame.bytes.span.extracting(0..<frame.count)
            if deliver(packet, frame.fate, bytes, frame.info.number, foresight) == .undecided {
                ask()
                continue
            }
            renderer.render(&packet, bytes, frame.info, &delivery, &table, frame.fate, frame.commentary, into: &out)
            if storybook != nil { tell(packet, frame.fate, bytes, frame.info) }
            held.removeFirst()
        }
    }

    /// What the frames behind the first say to its question; `nil` while that may still come.
    private mutating func answer(isEnd: Bool) -> Foresight? {
        guard let question else { return .unanswered }
        while searched < held.count {
            let frame = held[searched]
            if frame.info.time - held[0].info.time > Inspection.longestHold.nanoseconds { return .unanswered }
            searched += 1
            let answer = frame.withDelivered { packet, bytes in
                question.answer(packet, bytes, number: frame.info.number)
            }
            if let answer { return answer }
        }
        let waited = held[held.count - 1].info.time - held[0].info.time
        return isEnd || held.isFull || waited >= Inspection.longestHold.nanoseconds ? .unanswered : nil
    }
}
