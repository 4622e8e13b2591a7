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
