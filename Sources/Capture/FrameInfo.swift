import Wire

/// What is known of a frame beside its bytes.
public struct FrameInfo: Equatable, Sendable {
    /// Its place in the source, from 1, counted before any filter of a file.
    public var number: UInt64
    public var time: Timestamp
    /// How long it was on the wire, in bytes, by the word of the source.
    public var originalLength: Int
    public var linkType: LinkType
    /// The place of its interface in its section of a pcapng file, from 0; -1 where the source tells of none.
    public var interface: Int32
    /// How fine its time is: 6 digits behind the point for microseconds and coarser, 9 for anything finer.
    public var fractionDigits: UInt8
    public var notes: FrameNotes

    @inlinable
    public init(
        number: UInt64, time: Timestamp, originalLength: Int, linkType: LinkType, interface: Int32 = -1,
        fractionDigits: UInt8 = 6, notes: FrameNotes = []
    ) {
        self.number = number
        self.time = time
        self.originalLength = originalLength
        self.linkType = linkType
        self.interface = interface
        self.fractionDigits = fractionDigits
        self.notes = notes
    }
}

/// What is odd about a frame's record in its file, or more than usual.
public struct FrameNotes: OptionSet, Sendable {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The fraction of its second was a second or more.
    public static let carriedSecond = FrameNotes(rawValue: 1 << 0)
    /// The file has no time for it: a simple packet block.
    public static let noTime = FrameNotes(rawValue: 1 << 1)
    /// A time before 1678 or after 2262, of which the nearest is given that 64 bits of nanoseconds hold.
    public static let clampedTime = FrameNotes(rawValue: 1 << 2)
    /// More of it was captured than the file or the interface says is ever captured.
    public static let beyondSnapshotLength = FrameNotes(rawValue: 1 << 3)
    /// The options of its block do not fit the block.
    public static let badOptions = FrameNotes(rawValue: 1 << 4)
    /// Somebody wrote comments about it, see ``FrameAnnotations``.
    public static let comments = FrameNotes(rawValue: 1 << 5)

    /// What there is to be said about the frame, in words.
    public var remarks: [String] {
        var words: [String] = []
        if contains(.carriedSecond) { words.append("the record's fraction of a second is a second or more; carried over") }
        if contains(.noTime) { words.append("a simple packet block: the capture has no time for it") }
        if contains(.clampedTime) { words.append("the time is too far from 1970 for nanoseconds in 64 bits; the nearest is shown") }
        if contains(.beyondSnapshotLength) { words.append("longer than the capture's snapshot length") }
        if contains(.badOptions) { words.append("the options of the frame's block overrun it") }
        return words
    }
}

/// What a file says of a frame beyond ``FrameInfo``.
public struct FrameAnnotations: Sendable {
    public var interface: CaptureFileInterface?
    /// The time of a frame of ``FrameNotes/clampedTime``.
    public var farTime: (seconds: Int64, nanoseconds: UInt64)?
    /// What somebody wrote about the frame (pcapng's `opt_comment`).
    public var comments: [String] = []
    /// What the file says of its section and of interfaces that it had not told of before.
    public var preamble: [CaptureDetail] = []
}

/// Something that a file says of itself: `section`, `written by: Dumpcap`.
public struct CaptureDetail: Equatable, Sendable {
    public let subject: String
    public let text: String
}

/// An interface, as a pcapng file describes it.
public struct CaptureFileInterface: Equatable, Sendable {
    /// Its place in its section, from 0.
    public let index: Int
    public internal(set) var name: String?
    public internal(set) var description: String?
}
