import Wire

/// What is known of a frame beside its bytes.
public struct FrameInfo: Equatable, Sendable {
    /// Its place in the source, from 1, counted before any filter of a file.
    public var number: UInt64
    public var time: Timestamp
    /// How long it was on the wire, in bytes, by the word of the source.
    public var originalLength: Int
    public var linkType: LinkType

    public init(number: UInt64, time: Timestamp, originalLength: Int, linkType: LinkType) {
        self.number = number
        self.time = time
        self.originalLength = originalLength
        self.linkType = linkType
    }
}

/// What one step through a source gave.
public enum FrameStep: Sendable {
    case frame
    /// Nothing waits just now; more may come.
    case quiet
    case end
}

/// Where frames come from: a file or an interface.
///
/// The bytes reach the caller only inside the closure, as a span, so that nobody can keep them: the buffer is reused.
public protocol FrameSource: AnyObject {
    /// The link type of the frames; for a file of several, that of the first.
    var linkType: LinkType { get }
    /// 6 where times are in microseconds, 9 where they are finer.
    var fractionDigits: Int { get }
    /// Whether frames come as they happen. If not, what follows can be read before a frame is shown.
    var isLive: Bool { get }
    /// Gives the next frame to `body`, once, or says that there is none.
    func next(_ body: (FrameInfo, Span<UInt8>) -> Void) throws(CaptureError) -> FrameStep
}
