import Timeline

/// A moment of a timeline with its text for one terminal.
public struct Telling: Sendable {
    public let moment: Moment
    /// Whole lines, the sockets that came and went among them.
    public let text: String
    /// Of a frame: the look-up, as `--explain` has it.
    public let lookup: String
    /// Where the look-up stands in the text, in bytes; at its end without this.
    public let lookupPlace: Int?
    /// The socket table at that moment; empty where it is not kept.
    public internal(set) var sockets: String

    public init(_ moment: Moment, text: String, lookup: String = "", lookupPlace: Int? = nil, sockets: String = "") {
        self.moment = moment
        self.text = text
        self.lookup = lookup
        self.lookupPlace = lookupPlace
        self.sockets = sockets
    }

    /// Whether it has a look-up that does not point at an earlier frame's.
    public var isExplainedFirst: Bool { lookup.split(separator: "\n").count > 1 }

    /// The text with the look-up where it belongs: between the frame and the sockets that end with it.
    public var explained: String {
        guard !lookup.isEmpty else { return text }
        guard let lookupPlace, lookupPlace <= text.utf8.count else { return text + lookup }
        let place = text.utf8.index(text.startIndex, offsetBy: lookupPlace)
        return text[..<place] + lookup + text[place...]
    }
}

/// What was told so far, to be shown in another order than it came in, or in another form.
public final class Storybook {
    public var timeline: Timeline
    public private(set) var tellings: [Telling] = []
    /// Whether each moment has the socket table of its time.
    public let keepsSockets: Bool
    /// Whether texts, look-ups and the frames' bytes are kept; a chart is drawn from the timeline alone.
    public let keepsTexts: Bool
    /// Gets each telling as it comes.
    public var onTelling: ((Telling) -> Void)?
    /// Gets the output when all is told, before the tables are written, and again as long as it says that there is more.
    public var onEnd: ((inout OutputBuffer) -> Bool)?
    /// Whether nobody wants to hear more: what fills it may end.
    public var isAbandoned = false

    public init(_ timeline: Timeline, keepsSockets: Bool, keepsTexts: Bool = true) {
        self.timeline = timeline
        self.keepsSockets = keepsSockets
        self.keepsTexts = keepsTexts
    }

    /// Gets each telling instead of the book, while it is to be kept back.
    public var diversion: ((Telling) -> Void)?
    /// Whether a telling would only be counted.
    public var onlyCounts: Bool { timeline.isFull && onTelling == nil }

    public func add(_ telling: Telling) {
        if let diversion { return diversion(telling) }
        var telling = telling
        // A call changes nothing that the table shows.
        if keepsSockets, telling.sockets.isEmpty { telling.sockets = tellings.last?.sockets ?? "" }
        let before = timeline.moments.count
        timeline.append(telling.moment)
        if keepsTexts, timeline.moments.count > before { tellings.append(telling) }
        onTelling?(telling)
    }

    /// Counts a telling for which there is no room.
    public func leaveOut() {
        timeline.leaveOut()
    }

    /// What has a text, as the moments of a story are told one by one: acknowledgments that a scene passes over have none.
    public var told: Storybook {
        let told = Storybook(Timeline(title: timeline.title, like: timeline), keepsSockets: keepsSockets)
        for telling in tellings where !telling.text.isEmpty { told.add(telling) }
        return told
    }
}
