import Demux
import Timeline
import Wire

/// What of a quiz stands on a screen or a worksheet: the question's frame without who gets it, the choices under the frame's
/// own columns, and after the answer the look-up.
public struct QuizText {
    public let timeline: Timeline
    let tellings: [Telling]
    let signs: Signs
    let hasUnicode: Bool
    public let columns: Int
    private let first: Timestamp?
    /// Below this width the segment stands on a line of its own, as everywhere.
    private var isNarrow: Bool { columns < 92 }

    public init(_ storybook: Storybook, hasUnicode: Bool, columns: Int) {
        timeline = storybook.timeline
        tellings = storybook.tellings
        self.hasUnicode = hasUnicode
        self.columns = columns
        signs = hasUnicode ? .unicode : .ascii
        first = timeline.frames.first { $0.time != nil }?.time
    }

    public func frame(_ place: Int) -> FrameMoment? {
        guard timeline.moments.indices.contains(place), case .frame(let frame) = timeline.moments[place] else { return nil }
        return frame
    }

    func telling(_ place: Int) -> Telling? { tellings.indices.contains(place) ? tellings[place] : nil }

    /// How many moments before a question are shown with it.
    public static let mostBefore = 6

    // MARK: Columns

    /// The widths that a question and all that stands under it share.
    struct Widths {
        var number = 4
        var time = 8
        var from = 14
        var to = 14

        /// Where addresses begin.
        var start: Int { number + 2 + time + 2 }
    }

    func widths(_ question: QuizQuestion) -> Widths {
        var widths = Widths()
        let before = Array(max(0, question.moment - QuizText.mostBefore)...question.moment)
        let shown = before + (question.reply.map { [$0] } ?? [])
        for frame in shown.compactMap({ frame($0) }) {
            widths.number = max(widths.number, "\(frame.number)".count)
            widths.time = max(widths.time, time(frame).count)
            widths.from = max(widths.from, frame.from?.description.count ?? 0)
            widths.to = max(widths.to, frame.to?.description.count ?? 0)
        }
        for case .socket(let socket) in question.choices {
            widths.from = max(widths.from, socket.from?.description.count ?? 0)
            widths.to = max(widths.to, socket.to.description.count)
        }
        return widths
    }

    private func time(_ frame: FrameMoment) -> String {
        guard let time = frame.time, let first else { return "" }
        let nanoseconds = time - first
        let (seconds, fraction) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        let digits = "\(fraction / 1000)"
        return (nanoseconds < 0 ? "-" : "") + "\(seconds)." + String(repeating: "0", count: 6 - digits.count) + digits
    }

    // MARK: A frame

    /// The line of a frame: with `?` for who gets it, or with who, or without a word of it.
    func lines(_ frame: FrameMoment, who: String?, rule: String = "", _ widths: Widths) -> [String] {
        var line = QuizText.right("\(frame.number)", widths.number) + "  " + QuizText.right(time(frame), widths.time) + "  "
        line += QuizText.left(frame.from?.description ?? "", widths.from)
        line += frame.from == nil ? String(repeating: " ", count: arrow.count) : arrow
        line += QuizText.left(frame.to?.description ?? "", widths.to)
        if let who { line += delivers + QuizText.left(who, 4) + " " }
        if !rule.isEmpty { line += QuizText.left(rule, 10) + "  " }
        if who == nil { line += String(repeating: " ", count: delivers.count + 5) }
        if isNarrow {
            let indent = "      "
            return [QuizText.trimmed(line), indent + segment(frame, room: columns - indent.count)]
        }
        return [line + segment(frame, room: columns - line.count)]
    }

    var arrow: String { "\(signs.arrow)" }
    private var delivers: String { "\(signs.delivers)" }

    /// `PSH ACK 18 B "GET / HTTP/1.0"…`, not longer than there is room.
    private func segment(_ frame: FrameMoment, room: Int) -> String {
        let words = frame.segment
        // The quoted packet of an ICMP error is no text.
        guard !frame.preview.isEmpty, frame.from != nil else { return words }
        var shown = ""
        var count = 0
        let most = room - words.count - 3 - "\(signs.cut)".count
        for byte in frame.preview {
            let piece = QuizText.escaped([byte])
            guard shown.count + piece.count <= min(most, LineRenderer.longestPreview) else { break }
            shown += piece
            count += 1
        }
        guard count > 0 else { return words }
        return words + " \"\(shown)\"" + (count < frame.payloadLength ? "\(signs.cut)" : "")
    }

    private static func escaped(_ bytes: [UInt8]) -> String {
        var out = OutputBuffer(capacity: 64)
        out.append(escaped: bytes.span)
        return out.takeText()
    }

    // MARK: Words

    static func left(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
    static func right(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }

    static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    /// What a participant of a scene is called.
    func participant(_ place: Int) -> String {
        timeline.participants.indices.contains(place) ? timeline.participants[place].name : "process \(place + 1)"
    }
}
