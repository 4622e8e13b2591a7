import CPcap
import Glibc
import Wire

/// A saved capture, read through libpcap.
@safe public final class CaptureFile: FrameSource {
    private static let bufferSize = 1 << 16

    public let name: String
    public let linkType: LinkType
    public let fractionDigits: Int
    public var isLive: Bool { false }
    let handle: PcapHandle
    private let limit: Int
    private let file: UnsafeMutablePointer<FILE>
    private let isRegular: Bool
    private var number: UInt64 = 0

    /// Opens a file, or standard input where the path is `-`.
    ///
    /// - Parameter snapshotLength: no more of each frame is given than this, as if it had been captured so.
    public init(path: String, snapshotLength: Int = InterfaceOptions.wholeFrames) throws(CaptureError) {
        name = path == "-" ? "standard input" : path
        limit = snapshotLength
        let file = unsafe try CaptureFile.open(path)
        // glibc's own 4 KiB cost a system call for every dozen frames. It keeps to a buffer of the size that it was given.
        let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: CaptureFile.bufferSize)
        unsafe setvbuf(file, buffer, _IOFBF, CaptureFile.bufferSize)
        let magic: [UInt8]
        do {
            magic = unsafe try CaptureFile.peek(file, name)
        } catch {
            unsafe fclose(file)
            unsafe buffer.deallocate()
            throw error
        }
        var message = PcapMessage()
        // Nanoseconds are asked for always: libpcap scales microseconds up, and never cuts a finer time.
        guard let pointer = unsafe pcap_fopen_offline_with_tstamp_precision(
            file, UInt32(PCAP_TSTAMP_PRECISION_NANO), &message.characters)
        else {
            unsafe fclose(file)
            unsafe buffer.deallocate()
            throw CaptureError(name, "not a capture that libpcap reads: \(message.text)")
        }
        handle = unsafe PcapHandle(owning: pointer, buffer: buffer)
        unsafe self.file = file
        var status = stat()
        isRegular = unsafe fstat(fileno(file), &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        linkType = handle.linkType
        fractionDigits = CaptureFile.hasMicroseconds(magic) ? 6 : 9
    }

    public var snapshotLength: Int { min(limit, handle.snapshotLength) }

    /// Whether the next read may have to wait for whoever writes to the pipe: time to show what there is.
    ///
    /// Whole frames may still be in the buffer, but so may half a one, and that would be waited for.
    public var mayWait: Bool {
        guard !isRegular else { return false }
        var waiting = unsafe pollfd(fd: fileno(file), events: Int16(POLLIN), revents: 0)
        return unsafe poll(&waiting, 1, 0) == 0
    }

    public func next(_ body: (FrameInfo, Span<UInt8>) -> Void) throws(CaptureError) -> FrameStep {
        let number = self.number + 1
        let linkType = self.linkType
        let limit = self.limit
        let record = handle.next { seconds, fraction, originalLength, bytes in
            let time = Timestamp(seconds: seconds, nanoseconds: fraction)
            let info = FrameInfo(number: number, time: time, originalLength: originalLength, linkType: linkType)
            body(info, bytes.extracting(first: limit))
        }
        let step = try handle.step(record, of: name)
        if step == .frame { self.number = number }
        return step
    }

    private static func open(_ path: String) throws(CaptureError) -> UnsafeMutablePointer<FILE> {
        var status = stat()
        if path != "-" {
            guard unsafe stat(path, &status) == 0 else { throw CaptureError(path, unsafe String(cString: strerror(errno))) }
            if status.st_mode & S_IFMT == S_IFDIR { throw CaptureError(path, "a directory, not a capture file") }
        } else if isatty(0) == 1 {
            throw CaptureError("standard input", "a terminal, not a capture file", hint: "give it one: portwatch -r - < FILE")
        }
        let file = unsafe path == "-" ? fdopen(dup(0), "r") : fopen(path, "re")
        guard let file = unsafe file else { throw CaptureError(path, unsafe String(cString: strerror(errno))) }
        return unsafe file
    }

    /// The first four bytes, put back: libpcap keeps the resolution of times to itself.
    ///
    /// glibc takes back what was just read by moving its pointer, so that four bytes are as safe as one.
    private static func peek(_ file: UnsafeMutablePointer<FILE>, _ name: String) throws(CaptureError) -> [UInt8] {
        var magic = [UInt8](repeating: 0, count: 4)
        let count = unsafe fread(&magic, 1, 4, file)
        if unsafe ferror(file) != 0 { throw CaptureError(name, unsafe String(cString: strerror(errno))) }
        if count == 0 { throw CaptureError(name, "empty, not a capture file") }
        for byte in magic[..<count].reversed() where unsafe ungetc(Int32(byte), file) == EOF {
            throw CaptureError(name, "cannot be read from its start")
        }
        return magic
    }

    /// The magic numbers of pcap files with microseconds, in both byte orders (draft-ietf-opsawg-pcap §4), and that
    /// of the modified format of Kuznetzov.
    private static func hasMicroseconds(_ magic: [UInt8]) -> Bool {
        let number = magic.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return [0xa1b2_c3d4, 0xd4c3_b2a1, 0xa1b2_cd34, 0x34cd_b2a1].contains(number)
    }
}
