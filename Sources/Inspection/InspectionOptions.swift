import Render

/// What an inspection shows, and when it writes.
public struct InspectionOptions: Sendable {
    public var text = TextOptions()
    /// JSON lines instead of text.
    public var isJSON = false
    /// Whether frames are shown; if not, only the table at the end.
    public var showsFrames = true
    public var showsSockets = false
    /// Whether each frame is written at once, not when the source goes quiet or the buffer is full.
    public var isLineBuffered = false

    /// Whether the kernel is asked about each frame, not only when its last answer is old: where a socket changes hands
    /// between two frames.
    public var asksAlways = false
    /// Live, where the kernel is asked: whose sockets' frames are shown; `nil` for everybody's.
    public var isMine: (@Sendable (_ process: Int32) -> Bool)?
    /// A process that is likely to hold what is seen, or whose children are.
    public var likelyOwner: Int32?

    public init() {}
}
