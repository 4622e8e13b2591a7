import Wire

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
    /// 6 where no time is finer than microseconds, else 9.
    var fractionDigits: Int { get }
    /// Whether frames come as they happen. If not, what follows can be read before a frame is shown.
    var isLive: Bool { get }
    /// Gives the next frame to `body`, once, or says that there is none.
    func next(_ body: (FrameInfo, Span<UInt8>) -> Void) throws(CaptureError) -> FrameStep
}
