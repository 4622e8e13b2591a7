/// What a ``CaptureFile`` reads with.
@safe @usableFromInline
struct CaptureFileState: ~Copyable {
    private var buffer: ReadBuffer
    private var number: UInt64 = 0
    /// One of the two readers is in use. They are used in their places: what is optional or an enum's would be copied.
    private let isPcapng: Bool
    private let pcap: PcapReader
    private var pcapng: PcapngReader

    init(_ buffer: consuming ReadBuffer, _ kind: OpenedCapture.Kind) {
        self.buffer = buffer
        switch kind {
        case .pcap(let reader): (isPcapng, pcap, pcapng) = (false, reader, PcapngReader(name: ""))
        case .pcapng(let reader): (isPcapng, pcap, pcapng) = (true, .unused, reader)
        }
    }

    /// The next frame, if there is one. A value, inlined, so that it goes on in registers (docs/architecture.md, "Written
    /// narrow, read wide").
    @inline(__always)
    mutating func next(_ name: borrowing String) throws(CaptureError) -> FileFrame? {
        if isPcapng {
            if let frame = pcapng.takePlain(&buffer) { return frame }
            return try pcapng.next(&buffer)
        }
        while true {
            if let frame = pcap.take(&buffer, number: number &+ 1) {
                number &+= 1
                return frame
            }
            guard try pcap.more(&buffer, number &+ 1, copy name) else { return nil }
        }
    }

    @usableFromInline
    var mayWait: Bool {
        let isReady = isPcapng ? pcapng.isReady(buffer) : pcap.isReady(buffer)
        return !isReady && buffer.mayWait
    }

    mutating func annotations(_ info: FrameInfo) -> FrameAnnotations {
        var annotations = FrameAnnotations()
        let index = Int(info.interface)
        if pcapng.descriptions.indices.contains(index) { annotations.interface = pcapng.descriptions[index] }
        if info.notes.contains(.comments) { annotations.comments = pcapng.comments() }
        if info.notes.contains(.clampedTime) { annotations.farTime = pcapng.farTime }
        annotations.preamble = pcapng.preamble
        pcapng.preamble = []
        return annotations
    }
}
