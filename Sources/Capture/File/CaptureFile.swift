import Wire

/// A saved capture: pcap or pcapng, plain or compressed, from a file, a pipe or memory.
@safe public final class CaptureFile: FrameSource {
    public let name: String
    public let linkType: LinkType
    /// What is to be told before the first frame is read.
    public let notice: String?
    public var isLive: Bool { false }
    public let snapshotLength: Int
    /// 6 for a pcap file with microseconds. In a pcapng file each interface has its own, and finer ones may come.
    public let fractionDigits: Int
    @usableFromInline let canWait: Bool
    private let limit: Int
    /// Behind a pointer, so that nothing is checked or counted for each frame as it is for a class's own properties.
    @usableFromInline let state: UnsafeMutablePointer<CaptureFileState>

    /// Opens a file, or standard input where the path is `-`.
    ///
    /// - Parameter snapshotLength: no more of each frame is given than this, as if it had been captured so.
    public convenience init(path: String, snapshotLength: Int = InterfaceOptions.wholeFrames) throws(CaptureError) {
        let name = path == "-" ? "standard input" : path
        try self.init(try DescriptorSource(path: path, name: name), name: name, snapshotLength: snapshotLength)
    }

    /// Reads a capture from wherever its bytes come from.
    ///
    /// - Parameter name: what it is called in errors.
    public init(
        _ source: any ByteSource, name: String, snapshotLength limit: Int = InterfaceOptions.wholeFrames
    ) throws(CaptureError) {
        self.name = name
        var buffer = ReadBuffer(source)
        let opened = try OpenedCapture(&buffer, name: name)
        linkType = opened.linkType
        snapshotLength = min(limit, opened.snapshotLength)
        notice = opened.notice
        fractionDigits = opened.fractionDigits
        canWait = buffer.canWait
        // All of any frame: of a few link types frames may be longer than what is captured at most of others.
        self.limit = limit >= InterfaceOptions.wholeFrames ? Int.max : limit
        let state = UnsafeMutablePointer<CaptureFileState>.allocate(capacity: 1)
        unsafe state.initialize(to: CaptureFileState(buffer, opened.kind))
        unsafe self.state = unsafe state
    }

    deinit {
        unsafe state.deinitialize(count: 1)
        unsafe state.deallocate()
    }

    /// Whether the next frame may have to be waited for: time to show what there is.
    @inlinable @inline(__always)
    public var mayWait: Bool {
        guard canWait else { return false }
        return unsafe state.pointee.mayWait
    }

    /// Not inlined elsewhere: what is known of the frame goes to `body` in registers, not through memory
    /// (docs/architecture.md, "Written narrow, read wide").
    public func next(_ body: (FrameInfo, Span<UInt8>) -> Void) throws(CaptureError) -> FrameStep {
        guard let frame = unsafe try state.pointee.next(name) else { return .end }
        let bytes = unsafe UnsafeBufferPointer(start: frame.bytes, count: frame.count < limit ? frame.count : limit)
        body(frame.info, unsafe bytes.span)
        return .frame
    }

    /// What the file says of the frame that ``next(_:)`` gives, asked within its closure. What the file says of itself
    /// is told once.
    public func annotations(of info: FrameInfo) -> FrameAnnotations { unsafe state.pointee.annotations(info) }
}
