import Timeline

/// Draws a timeline as a sequence chart: a column a socket, time downwards, an arrow a frame, and beside the sockets what their
/// programs call.
public struct LadderRenderer {
    /// How wide a chart is where nobody says it, as in a pipe.
    public static let defaultWidth = 100
    /// Narrower than this nothing can be drawn; wider than this an eye does not follow a line.
    private static let widths = 40...400

    private let options: TextOptions

    public init(options: TextOptions) {
        self.options = options
    }

    /// Draws it whole. No line is wider than the terminal that the options tell of.
    public func render(_ timeline: Timeline, into out: inout OutputBuffer) {
        var drawing = drawing(of: timeline)
        while drawing.draw(into: &out) {}
    }

    /// The same in parts, of which each may be written before the next is drawn.
    public func drawing(of timeline: Timeline) -> LadderDrawing {
        let width = min(max(options.columns ?? LadderRenderer.defaultWidth, LadderRenderer.widths.lowerBound), LadderRenderer.widths.upperBound)
        return LadderDrawing(timeline, options, width: width)
    }
}

/// A chart that is drawn section by section.
public struct LadderDrawing {
    private let cast: LadderCast
    private let plan: LadderPlan
    private var painter: LadderPainter
    private var next = 0

    init(_ timeline: Timeline, _ options: TextOptions, width: Int) {
        cast = LadderCast(timeline)
        let page = LadderPage(cast, options, width: width)
        plan = LadderPlan(cast, page)
        painter = LadderPainter(cast, page, options)
    }

    /// Draws the next section.
    ///
    /// - Returns: whether there are more.
    public mutating func draw(into out: inout OutputBuffer) -> Bool {
        if next == 0, !cast.timeline.title.isEmpty { painter.title(cast.timeline.title, into: &out) }
        if next < cast.timeline.moments.count {
            let section = plan.section(from: next)
            painter.paint(section, into: &out)
            next = section.moments.upperBound
        }
        guard next >= cast.timeline.moments.count else { return true }
        painter.end(into: &out)
        return false
    }
}

/// What of the page is whose: the numbers at the left, the calls of the first column, the columns, the rules at the right.
struct LadderPage {
    let width: Int
    let numberWidth: Int
    let room: Range<Int>
    /// The cells behind the last column, for what stands beside it.
    let tail: Int
    /// Whether the rule stands at the right: where there is room for it.
    let hasRules: Bool
    /// Whether arrows have sequence numbers where there is room for them.
    let hasNumbers: Bool
    let hasUnicode: Bool

    /// A longer label is cut; room for a shorter one is kept all the same, for `SYN ACK`.
    static let longestLabel = 24
    static let shortestLabel = 7
    private static let longestNumbers = 28
    /// For `new, made by L1` behind the sign of where it arrives.
    private static let roomForNote = 19

    init(_ cast: LadderCast, _ options: TextOptions, width: Int) {
        self.width = width
        hasUnicode = options.hasUnicode
        var (rule, call, answer) = (0, 0, 0)
        for (index, moment) in cast.timeline.moments.enumerated() {
            switch moment {
            case .frame(let frame):
                rule = max(rule, frame.ruleWord.unicodeScalars.count)
            case .call(let moment):
                // Only those who ask have nobody at their left.
                let actor = Int(cast.steps[index].from)
                guard actor >= 0 else { break }
                let width = moment.text().unicodeScalars.count
                if cast.actors[actor].isServer { answer = max(answer, width) } else { call = max(call, width) }
            case .printed, .said, .shown, .heading, .died, .ended: break
            }
        }
        numberWidth = max(4, "\(cast.highestNumber)".count)
        hasRules = width >= 92 && rule > 0 && !options.isQuiet
        tail = max(LadderPage.roomForNote, min(answer + 3, width / 5))
        // Where many must stand beside one another, calls stand between them.
        let most = width >= 120 ? width / 4 : width >= 92 && cast.actors.count <= 4 ? 21 : 0
        let margin = call > 0 ? min(call + 2, most) : 0
        room = (numberWidth + 2 + margin)..<(hasRules ? width - rule - 2 : width)
        hasNumbers = width >= 120 && !options.isQuiet
    }

    static func width(ofLabel frame: FrameMoment) -> Int { min(frame.label.unicodeScalars.count, longestLabel) }
    static func width(ofNumbers frame: FrameMoment) -> Int { min(frame.numbers.unicodeScalars.count, longestNumbers) }
}
