/// The frame that a reader came to. Its bytes stay in the reader's buffer, until it reads on.
@safe
struct FileFrame {
    var info: FrameInfo
    var bytes: UnsafeMutablePointer<UInt8>
    var count: Int
}
