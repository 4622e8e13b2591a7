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
    public let sockets: String

    public init(_ moment: Moment, text: String, lookup: String = "", lookupPlace: Int? = nil, sockets: String = "") {
        self.moment = moment
        self.text = text
        self.lookup = lookup
        self.lookupPlace = lookupPlace
        self.sockets = sockets
    }

    /// The text with the look-up where it belongs: under the frame's line.
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
    /// Gets each telling as it comes.
    public var onTelling: ((Telling) -> Void)?
    /// Whether nobody wants to hear more: what fills it may end.
    public var isAbandoned = false

    public init(_ timeline: Timeline, keepsSockets: Bool) {
        self.timeline = timeline
        self.keepsSockets = keepsSockets
    }

    /// Whether a telling would only be counted.
    public var onlyCounts: Bool { timeline.isFull && onTelling == nil }

    public func add(_ telling: Telling) {
        let before = timeline.moments.count
        timeline.append(telling.moment)
        if timeline.moments.count > before { tellings.append(telling) }
        onTelling?(telling)
    }

    /// Counts a telling for which there is no room.
    public func leaveOut() {
        timeline.leaveOut()
    }
}
