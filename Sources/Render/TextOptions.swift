/// How frames are shown as text.
public struct TextOptions: Sendable {
    /// tcpdump's `-t`, `-tt` and so on; without any, seconds since the first frame shown.
    public enum TimeFormat: Sendable {
        case sinceFirst
        case none
        case epoch
        case sincePrevious
        case dateAndTime
    }

    /// tcpdump's `-x`, `-xx`, `-X`, `-XX`, `-A`.
    public struct Dump: Equatable, Sendable {
        public var hasLinkLayer = false
        public var hasHex = true
        public var hasText = false
        public init(hasLinkLayer: Bool = false, hasHex: Bool = true, hasText: Bool = false) {
            self.hasLinkLayer = hasLinkLayer
            self.hasHex = hasHex
            self.hasText = hasText
        }
    }

    /// The terminal's width; `nil` for a pipe or a file, which gets everything.
    public var columns: Int?
    /// How many columns an address has room for before a longer one was seen.
    public var addressWidth = 14
    public var hasUnicode = true
    public var hasColor = false
    /// Whether the first line names the columns.
    public var showsHeader = false
    /// Whether sockets are announced as they come and go, on lines of their own.
    public var showsEvents = false
    public var explains = false
    /// Whether each look-up is explained in full, also one that was before: each frame may be looked at alone.
    public var repeatsLookups = false
    /// Whether the kernel is asked, live: then lines name the process that holds the socket.
    public var asksKernel = false
    /// The sockets are those of a stage's hosts, into which nobody else can look.
    public var isOfStage = false
    public var isQuiet = false
    public var verbosity = 0
    public var showsLinkLayer = false
    public var absoluteSequence = false
    public var timeFormat = TimeFormat.sinceFirst
    /// 6 for microseconds, 9 for nanoseconds. Frames with finer times make it finer.
    public var fractionDigits = 6
    public var dump: Dump?
    public var verifiesChecksums = true
    /// The name of a port in the services database, where names are wanted.
    public var serviceName: (@Sendable (_ port: UInt16, _ transport: String) -> String?)?

    public init() {}

    /// From this width on a line names the protocol and has sequence and acknowledgment numbers.
    var isWide: Bool { columns.map { $0 >= 120 } ?? true }
    /// From this width on a line has a column for the process.
    var hasProcesses: Bool { asksKernel && !isQuiet && (columns.map { $0 >= 140 } ?? true) }
    /// Below this width the segment stands on a second line.
    var isNarrow: Bool { columns.map { $0 < 92 } ?? false }
}

/// The signs of the text output, in UTF-8 and for terminals without it.
struct Signs {
    let arrow: StaticString
    let delivers: StaticString
    let nobody: StaticString
    let minus: StaticString
    let unequal: StaticString
    let winner: StaticString
    let cut: StaticString
    /// The kernel said so.
    let sure: StaticString

    static let unicode = Signs(
        arrow: " → ", delivers: " ⇒ ", nobody: "–", minus: "−", unequal: "≠", winner: "◀", cut: "…", sure: "✓")
    static let ascii = Signs(
        arrow: " -> ", delivers: " => ", nobody: "-", minus: "-", unequal: "x", winner: "<", cut: "...", sure: "!")
}

/// Colours from the user's own sixteen: one hue a connection, red for nobody alone. No blue, which is unreadable on black.
enum Hue {
    static let reset: StaticString = "\u{1b}[0m"
    static let bold: StaticString = "\u{1b}[1m"
    static let dim: StaticString = "\u{1b}[2m"
    static let nobody: StaticString = "\u{1b}[31m"
    private static let connections: [StaticString] = ["\u{1b}[36m", "\u{1b}[33m", "\u{1b}[35m", "\u{1b}[32m"]

    static func of(_ conversationID: UInt64) -> StaticString {
        connections[Int((conversationID &- 1) % UInt64(connections.count))]
    }
}
