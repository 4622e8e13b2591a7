import CPcap
import Capture
import Glibc
import Wire

/// A frame that was read, with its bytes.
struct ReadFrame: Equatable {
    var info: FrameInfo
    let bytes: [UInt8]
}

/// What libpcap reads of a capture in memory: the referee.
struct LibpcapReading {
    struct Frame {
        var seconds: Int
        var nanoseconds: Int
        let originalLength: Int
        let linkType: LinkType
        let bytes: [UInt8]
    }

    var frames: [Frame] = []
    var error: String?
    var linkType: LinkType?
    var snapshotLength = 0

    init(_ bytes: [UInt8]) {
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        defer { copy.deallocate() }
        _ = copy.initialize(from: bytes)
        // fmemopen takes no empty buffer.
        guard !bytes.isEmpty, let file = fmemopen(copy.baseAddress, bytes.count, "r") else {
            error = "empty"
            return
        }
        var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard let handle = pcap_fopen_offline_with_tstamp_precision(file, UInt32(PCAP_TSTAMP_PRECISION_NANO), &message) else {
            error = message.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
            fclose(file)
            return
        }
        defer { pcap_close(handle) }
        linkType = LinkType(rawValue: UInt32(bitPattern: pcap_datalink(handle)))
        snapshotLength = Int(pcap_snapshot(handle))
        let isPcapng = bytes.starts(with: [0x0a, 0x0d, 0x0d, 0x0a])
        var header: UnsafeMutablePointer<pcap_pkthdr>?
        var data: UnsafePointer<UInt8>?
        while true {
            let status = pcap_next_ex(handle, &header, &data)
            guard status == 1, let header = header?.pointee, let data else {
                if status != PCAP_ERROR_BREAK { error = String(cString: pcap_geterr(handle)) }
                return
            }
            var frame = Frame(
                seconds: header.ts.tv_sec, nanoseconds: header.ts.tv_usec, originalLength: Int(header.len),
                linkType: linkType ?? .null, bytes: Array(UnsafeBufferPointer(start: data, count: Int(header.caplen))))
            if !isPcapng { LibpcapReading.makeUnsigned(&frame, isNanoseconds: LibpcapReading.isFine(bytes)) }
            frames.append(frame)
        }
    }

    private static func isFine(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0x4d, 0x3c, 0xb2, 0xa1]) || bytes.starts(with: [0xa1, 0xb2, 0x3c, 0x4d])
    }

    /// A pcap record's times are unsigned; libpcap takes them for signed where they are in this machine's byte order.
    private static func makeUnsigned(_ frame: inout Frame, isNanoseconds: Bool) {
        frame.seconds = Int(UInt32(truncatingIfNeeded: frame.seconds))
        let unit = isNanoseconds ? 1 : 1_000
        frame.nanoseconds = Int(UInt32(truncatingIfNeeded: frame.nanoseconds / unit)) * unit
    }
}

/// Compares what we read of a capture with what libpcap reads of it.
///
/// - Parameter comparesTimes: not where ticks are finer than 2⁻³⁴ s, with which libpcap overflows 64 bits.
/// - Returns: the first difference, in words. There may be these:
///   Where libpcap stops, we may read on, since we read more (several link types, odd versions).
///   Frames longer than the capture's snapshot length libpcap cuts; we give what there is, as Wireshark does.
///   Options that overrun their block, and the end of the first block, libpcap does not look at; we tell of them in the end.
func difference(
    _ ours: (frames: [ReadFrame], error: CaptureError?), _ libpcap: LibpcapReading, comparesTimes: Bool = true
) -> String? {
    if libpcap.error == nil, let error = ours.error, !error.reason.contains("options of"), !error.reason.contains("first block") { return "ours fails: \(error)" }
    if ours.frames.count < libpcap.frames.count { return "ours has \(ours.frames.count) frames, libpcap \(libpcap.frames.count)" }
    if libpcap.error == nil, ours.frames.count != libpcap.frames.count {
        return "ours has \(ours.frames.count) frames, libpcap \(libpcap.frames.count)"
    }
    for (our, its) in zip(ours.frames, libpcap.frames) {
        let number = our.info.number
        let time = Timestamp(seconds: its.seconds, nanoseconds: its.nanoseconds)
        if comparesTimes, our.info.time != time, !our.info.notes.contains(.clampedTime) { return "frame \(number): \(our.info.time), libpcap \(time)" }
        if our.info.originalLength != its.originalLength {
            return "frame \(number): length \(our.info.originalLength), libpcap \(its.originalLength)"
        }
        if our.info.linkType != its.linkType { return "frame \(number): \(our.info.linkType), libpcap \(its.linkType)" }
        let isCut = our.info.notes.contains(.beyondSnapshotLength) && its.bytes.count == libpcap.snapshotLength
        if isCut ? !our.bytes.starts(with: its.bytes) : our.bytes != its.bytes {
            return "frame \(number): other bytes, \(our.bytes.count) and \(its.bytes.count)"
        }
    }
    for (index, frame) in ours.frames.enumerated() where frame.info.number != UInt64(index + 1) { return "numbers" }
    return nil
}
