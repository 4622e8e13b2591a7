import Wire

/// A capture's kind and what its beginning says.
struct OpenedCapture {
    enum Kind {
        case pcap(PcapReader)
        case pcapng(PcapngReader)
    }

    let kind: Kind
    let linkType: LinkType
    let snapshotLength: Int
    let fractionDigits: Int
    let notice: String?

    init(_ buffer: inout ReadBuffer, name: String) throws(CaptureError) {
        let magic = try OpenedCapture.unpacked(&buffer, name)
        if magic == PcapngReader.sectionHeader {
            var reader = PcapngReader(name: name)
            try reader.begin(&buffer)
            // Without an interface there is no frame to have a link type.
            linkType = reader.interfaces.first?.linkType ?? .ethernet
            snapshotLength = linkType.snapshotLength(inFile: UInt32(reader.interfaces.first?.snapshotLength ?? 0))
            fractionDigits = 9
            notice = nil
            kind = .pcapng(reader)
        } else if PcapReader.recognizes(magic) {
            let reader = try PcapReader(&buffer, name: name)
            linkType = reader.linkType
            snapshotLength = reader.snapshotLength
            fractionDigits = Int(reader.fractionDigits)
            let version = reader.version
            notice = version.isKnown ? nil : "\(name): a pcap file of version \(version), which is not known; read as 2.4"
            kind = .pcap(reader)
        } else {
            throw CaptureError(name, "not a capture file: \(FileKind.seems(buffer))")
        }
    }

    /// The first four bytes, after decompression.
    private static func unpacked(_ buffer: inout ReadBuffer, _ name: String) throws(CaptureError) -> UInt32 {
        try require(4, &buffer, name)
        if let compression = Compression(buffer) {
            try compression.unpack(&buffer, name: name)
            try require(4, &buffer, name)
        }
        return buffer.load(0, as: UInt32.self)
    }
}

extension OpenedCapture {
    private static func require(_ count: Int, _ buffer: inout ReadBuffer, _ name: String) throws(CaptureError) {
        if try buffer.fill(count) { return }
        if buffer.count == 0 { throw CaptureError(name, "empty, not a capture file") }
        throw CaptureError(name, "not a capture file: it has only \(buffer.count) byte\(buffer.count == 1 ? "" : "s")")
    }
}

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

    /// The next frame, if there is one. A value, inlined: what is stored and loaded again in other widths is waited for.
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
