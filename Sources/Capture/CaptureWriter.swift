import CPcap
import Glibc
import Wire

/// A capture file that is written, in the pcap format, through libpcap.
@safe public final class CaptureWriter {
    public let path: String
    private let linkType: LinkType
    private let dumper: OpaquePointer
    private let file: UnsafeMutablePointer<FILE>
    private let fractionIsNanoseconds: Bool
    private var closed = false

    /// Creates the file, or takes standard output where the path is `-`, and writes its header.
    public init(path: String, like source: any FrameSource, snapshotLength: Int) throws(CaptureError) {
        self.path = path
        linkType = source.linkType
        fractionIsNanoseconds = source.fractionDigits > 6
        let precision = fractionIsNanoseconds ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO
        guard let dead = unsafe pcap_open_dead_with_tstamp_precision(
            Int32(source.linkType.rawValue), Int32(snapshotLength), UInt32(precision))
        else { throw CaptureError(path, "out of memory") }
        let handle = unsafe PcapHandle(owning: dead)
        guard let file = unsafe path == "-" ? fdopen(dup(1), "w") : fopen(path, "we") else {
            throw CaptureError(path, unsafe String(cString: strerror(errno)))
        }
        unsafe self.file = file
        guard let dumper = unsafe pcap_dump_fopen(handle.pointer, file) else {
            let reason = handle.lastError
            unsafe fclose(file)
            throw CaptureError(path, reason)
        }
        unsafe self.dumper = dumper
    }

    deinit {
        if !closed { unsafe pcap_dump_close(dumper) }
    }

    /// Writes one frame.
    ///
    /// - Throws: as soon as the system refuses, which may be some frames later: the file is buffered. And for a frame
    ///   whose link type is not the first's, or whose time is none that a pcap file can hold.
    public func write(_ info: FrameInfo, _ bytes: Span<UInt8>) throws(CaptureError) {
        guard info.linkType == linkType else {
            throw CaptureError(
                name, "frame \(info.number) has link type \(info.linkType), and a pcap file has only one: here \(linkType)")
        }
        var header = pcap_pkthdr()
        let nanoseconds = info.time.nanoseconds
        // draft-ietf-opsawg-pcap §5: unsigned 32 bits of seconds.
        guard nanoseconds >= 0, nanoseconds / 1_000_000_000 <= UInt32.max else {
            throw CaptureError(name, "frame \(info.number) was seen before 1970 or after 2106, and a pcap file has no such times")
        }
        let seconds = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        header.ts.tv_sec = Int(seconds.quotient)
        header.ts.tv_usec = Int(fractionIsNanoseconds ? seconds.remainder : seconds.remainder / 1000)
        header.caplen = UInt32(truncatingIfNeeded: bytes.count)
        header.len = UInt32(truncatingIfNeeded: info.originalLength)
        unsafe bytes.withUnsafeBufferPointer { unsafe pcap_dump(UnsafeMutablePointer<UInt8>(dumper), &header, $0.baseAddress) }
        if unsafe ferror(file) != 0 { throw failure() }
    }

    /// Hands what is buffered to the system. The corresponding C function is `pcap_dump_flush`.
    public func flush() throws(CaptureError) {
        errno = 0
        if unsafe pcap_dump_flush(dumper) != 0 { throw failure() }
    }

    /// Flushes and closes.
    public func close() throws(CaptureError) {
        guard !closed else { return }
        try flush()
        closed = true
        unsafe pcap_dump_close(dumper)
    }

    private var name: String { path == "-" ? "standard output" : path }

    private func failure() -> CaptureError {
        CaptureError(name, errno != 0 ? unsafe String(cString: strerror(errno)) : "cannot be written")
    }
}
