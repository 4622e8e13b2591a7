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

    public init() {}
}
