import Wire

/// Reads the records of a pcap file (draft-ietf-opsawg-pcap §4, §5), from one buffer to the next frame.
///
/// ```
/// header: magic 4 | major 2 | minor 2 | zone 4 | accuracy 4 | snapshot length 4 | link type 4
/// record: seconds 4 | fraction 4 | captured length 4 | original length 4 | bytes
/// ```
@safe
struct PcapReader {
    static let fileHeaderLength = 24
    private static let recordHeaderLength = 16
    /// Kuznetzov's patch adds an interface index, the protocol, the packet's type and padding.
    private static let patchedHeaderLength = 24

    /// Which of a record's two lengths comes first.
    private enum LengthOrder {
        case capturedFirst
        /// Before version 2.3.
        case originalFirst
        /// Version 2.3 was written with both: the smaller is the captured one.
        case either
    }

    struct Version: CustomStringConvertible {
        let major: UInt16
        let minor: UInt16
        /// 543.0 is what DG/UX wrote. Others libpcap refuses; Wireshark reads them, and they have what 2.4 would have.
        var isKnown: Bool { major == 2 && minor <= 4 || major == 543 && minor == 0 }
        var description: String { "\(major).\(minor)" }
    }

    let linkType: LinkType
    let snapshotLength: Int
    let fractionDigits: UInt8
    let version: Version
    private let isSwapped: Bool
    private let order: LengthOrder
    private let headerLength: Int
    private let longest: Int
    private let fractionsInSecond: UInt32
    private let nanosecondsInFraction: Int
    private let fixup: PseudoHeaderFixup?

    /// Whether a file that begins with these four bytes is one.
    static func recognizes(_ magic: UInt32) -> Bool { Magic(magic) != nil || Magic(magic.byteSwapped) != nil }

    /// The first four bytes, as written in the byte order of the machine that wrote them.
    private enum Magic: UInt32 {
        case microseconds = 0xa1b2_c3d4
        case nanoseconds = 0xa1b2_3c4d
        case patched = 0xa1b2_cd34

        init?(_ number: UInt32) { self.init(rawValue: number) }
    }

    /// Stands where there is no such file.
    static let unused = PcapReader()

    private init() {
        (linkType, snapshotLength, fractionDigits, version) = (.null, 0, 6, Version(major: 2, minor: 4))
        (isSwapped, order, headerLength, longest) = (false, .capturedFirst, PcapReader.recordHeaderLength, 0)
        (fractionsInSecond, nanosecondsInFraction, fixup) = (1_000_000, 1_000, nil)
    }

    /// Takes the file's header from the buffer.
    init(_ buffer: inout ReadBuffer, name: String) throws(CaptureError) {
        guard try buffer.fill(PcapReader.fileHeaderLength) else {
            throw CaptureError(name, "cut off within its header: of \(PcapReader.fileHeaderLength) bytes there are \(buffer.count)")
        }
        let first = buffer.load(0, as: UInt32.self)
        let isSwapped = Magic(first) == nil
        guard let magic = Magic(isSwapped ? first.byteSwapped : first) else { throw CaptureError(name, "not a pcap file") }
        func short(_ offset: Int) -> UInt16 {
            let number = buffer.load(offset, as: UInt16.self)
            return isSwapped ? number.byteSwapped : number
        }
        func long(_ offset: Int) -> UInt32 {
            let number = buffer.load(offset, as: UInt32.self)
            return isSwapped ? number.byteSwapped : number
        }
        version = Version(major: short(4), minor: short(6))
        switch (version.major, version.minor) {
        case (0...1, _): throw CaptureError(name, "a pcap file of version \(version), which is older than can be read")
        case (2, 0...2), (543, 0): order = .originalFirst
        case (2, 3): order = .either
        default: order = .capturedFirst
        }
        // The six bits above it are the length of the frame check sequence, and whether that is told.
        linkType = LinkType(inFile: long(20) & 0x03ff_ffff)
        longest = linkType.longestFrame
        let isPatched = magic == .patched
        headerLength = isPatched ? PcapReader.patchedHeaderLength : PcapReader.recordHeaderLength
        // As libpcap has it: the cooked frames of that patch have an Ethernet header more than was captured.
        let extra = isPatched && linkType == .ethernet ? 14 : 0
        snapshotLength = min(linkType.snapshotLength(inFile: long(16)) + extra, Int(Int32.max))
        let isFine = magic == .nanoseconds
        fractionDigits = isFine ? 9 : 6
        fractionsInSecond = isFine ? 1_000_000_000 : 1_000_000
        nanosecondsInFraction = isFine ? 1 : 1_000
        self.isSwapped = isSwapped
        fixup = PseudoHeaderFixup(linkType, isSwapped: isSwapped)
        buffer.skip(PcapReader.fileHeaderLength)
    }

    /// A record's four numbers.
    private struct Record {
        var seconds: UInt32
        var fraction: UInt32
        var captured: UInt32
        var original: UInt32
    }

    @inline(__always)
    private func record(_ buffer: borrowing ReadBuffer) -> Record {
        // Said once, so that it is not checked for each number.
        precondition(buffer.count >= PcapReader.recordHeaderLength)
        var record = Record(
            seconds: buffer.load(0, as: UInt32.self), fraction: buffer.load(4, as: UInt32.self),
            captured: buffer.load(8, as: UInt32.self), original: buffer.load(12, as: UInt32.self))
        if isSwapped {
            record.seconds = record.seconds.byteSwapped
            record.fraction = record.fraction.byteSwapped
            record.captured = record.captured.byteSwapped
            record.original = record.original.byteSwapped
        }
        if order != .capturedFirst, order == .originalFirst || record.captured > record.original {
            swap(&record.captured, &record.original)
        }
        return record
    }

    /// Whether the next frame, or what is wrong with it, is in the buffer.
    func isReady(_ buffer: borrowing ReadBuffer) -> Bool {
        guard buffer.count >= headerLength else { return false }
        let captured = Int(record(buffer).captured)
        return captured > longest || buffer.count - headerLength >= captured
    }

    /// The next frame, if all of it is in the buffer.
    @inline(__always)
    func take(_ buffer: inout ReadBuffer, number: UInt64) -> FileFrame? {
        guard buffer.count >= headerLength else { return nil }
        let record = self.record(buffer)
        let captured = Int(record.captured)
        guard captured <= longest, buffer.count &- headerLength >= captured else { return nil }
        // Both are at most 32 bits: the sum is far from what 64 bits hold.
        let time = Int64(record.seconds) &* 1_000_000_000 &+ Int64(record.fraction) &* Int64(nanosecondsInFraction)
        var notes: FrameNotes = []
        if record.fraction >= fractionsInSecond { notes = .carriedSecond }
        if captured > snapshotLength { notes.insert(.beyondSnapshotLength) }
        let info = FrameInfo(
            number: number, time: Timestamp(nanoseconds: time), originalLength: Int(record.original), linkType: linkType,
            fractionDigits: fractionDigits, notes: notes)
        buffer.skip(headerLength)
        let frame = unsafe FileFrame(info: info, bytes: buffer.first, count: captured)
        buffer.skip(captured)
        return fixup == nil ? frame : fixed(frame)
    }

    @inline(never)
    private func fixed(_ frame: FileFrame) -> FileFrame {
        var frame = frame
        fixup?.apply(&frame)
        return frame
    }

    /// Reads on, to the end of the frame of this number; or says what is wrong.
    ///
    /// - Returns: whether there is more.
    @inline(never)
    func more(_ buffer: inout ReadBuffer, _ number: UInt64, _ name: String) throws(CaptureError) -> Bool {
        var wanted = headerLength
        if buffer.count >= headerLength {
            let captured = Int(record(buffer).captured)
            if captured > longest {
                throw CaptureError(
                    name, "frame \(number) cannot be: its record says \(captured) bytes, and a frame has \(longest) at most")
            }
            wanted += captured
        }
        if try buffer.fill(wanted) { return true }
        if buffer.count == 0 { return false }
        if wanted == headerLength {
            throw CaptureError(name, "cut off within the header of frame \(number)'s record: of \(wanted) bytes there are \(buffer.count)")
        }
        throw CaptureError(
            name, "cut off within frame \(number): of \(wanted - headerLength) bytes there are \(buffer.count - headerLength)")
    }
}
