import Wire

/// Reads the blocks of a pcapng file (draft-ietf-opsawg-pcapng), from one buffer to the next frame.
///
/// ```
/// block: type 4 | length of all 4 | body | length of all 4
/// ```
@safe
struct PcapngReader {
    static let sectionHeader: UInt32 = 0x0a0d_0d0a
    /// Of any block. Wireshark's limit too; libpcap begins with it.
    static let longestBlock = 1 << 24
    /// A file of nothing but interfaces must not take all memory.
    static let mostInterfaces = 1 << 16
    /// Nor one whose names and comments are long, or many.
    static let longestText = 500
    static let mostDetails = 100

    enum BlockType {
        static let interface: UInt32 = 1
        static let packet: UInt32 = 2
        static let simplePacket: UInt32 = 3
        static let enhancedPacket: UInt32 = 6

        static func hasFrame(_ type: UInt32) -> Bool { type == packet || type == simplePacket || type == enhancedPacket }
    }

    /// What is needed of an interface for each frame.
    struct Interface {
        let linkType: LinkType
        /// As the block says: 0 is no limit.
        let snapshotLength: Int
        let longest: Int
        let clock: InterfaceClock
        let fixup: PseudoHeaderFixup?
    }

    let name: String
    /// Of this section.
    var interfaces: [Interface] = []
    var descriptions: [CaptureFileInterface] = []
    var isSwapped = false
    /// Whether the file's first section is still to come.
    var isFirst = true
    /// What the file says of itself that was not asked for yet.
    var preamble: [CaptureDetail] = []
    /// The last time that was too far for a ``Timestamp``.
    private(set) var farTime: (seconds: Int64, nanoseconds: UInt64) = (0, 0)
    /// The options of the last frame's block, if there are comments in them.
    var options: (start: UnsafeMutablePointer<UInt8>?, count: Int) = (nil, 0)
    /// Where options overran a block first: what they belong to can be used, so that it is told in the end.
    var complaint: CaptureError?
    var longestBlock = PcapngReader.longestBlock
    private(set) var frames: UInt64 = 0
    /// Blocks up to the first frame: they are told by their number, later ones by the frame before them.
    private var blocks = 0

    init(name: String) {
        self.name = name
    }

    // MARK: Frames

    private static let enhancedLength = 32

    /// The next frame, if it is as most are: whole in the buffer, in an enhanced packet block without options.
    ///
    /// ```
    /// type 4 | length 4 | interface 4 | ticks, high 4, low 4 | captured 4 | original 4 | bytes, padded to four | length 4
    /// ```
    @inline(__always)
    mutating func takePlain(_ buffer: inout ReadBuffer) -> FileFrame? {
        let fixed = PcapngReader.enhancedLength
        guard buffer.count >= fixed, long(buffer, 0) == BlockType.enhancedPacket else { return nil }
        let length = Int(long(buffer, 4))
        let captured = Int(long(buffer, 20))
        guard length <= buffer.count, length &- fixed == (captured &+ 3) & ~3, long(buffer, length &- 4) == UInt32(length) else {
            return nil
        }
        let index = Int(long(buffer, 8))
        guard index < interfaces.count, captured <= interfaces[index].longest else { return nil }
        let ticks = UInt64(long(buffer, 12)) << 32 | UInt64(long(buffer, 16))
        let frame = unsafe take(
            captured: captured, original: Int(long(buffer, 24)), from: index, ticks: ticks, at: buffer.first + 28)
        buffer.skip(length)
        return frame
    }

    /// A frame as its block describes it; the bytes and the interface have been checked.
    @inline(__always)
    mutating func take(
        captured: Int, original: Int, from index: Int, ticks: UInt64, at bytes: UnsafeMutablePointer<UInt8>
    ) -> FileFrame {
        frames &+= 1
        let (time, isExact) = interfaces[index].clock.time(ticks)
        var notes: FrameNotes = []
        if !isExact {
            notes = .clampedTime
            farTime = interfaces[index].clock.parts(ticks)
        }
        let limit = interfaces[index].snapshotLength
        if limit > 0, captured > limit { notes.insert(.beyondSnapshotLength) }
        let info = FrameInfo(
            number: frames, time: time, originalLength: original, linkType: interfaces[index].linkType,
            interface: Int32(truncatingIfNeeded: index), fractionDigits: interfaces[index].clock.fractionDigits, notes: notes)
        let frame = unsafe FileFrame(info: info, bytes: bytes, count: captured)
        return interfaces[index].fixup == nil ? frame : fixed(frame, interfaces[index])
    }

    @inline(never)
    private func fixed(_ frame: FileFrame, _ interface: Interface) -> FileFrame {
        var frame = frame
        interface.fixup?.apply(&frame)
        return frame
    }

    // MARK: Blocks

    /// A number in the section's byte order.
    @inline(__always)
    func long(_ buffer: borrowing ReadBuffer, _ offset: Int) -> UInt32 {
        let number = buffer.load(offset, as: UInt32.self)
        return isSwapped ? number.byteSwapped : number
    }

    @inline(__always)
    func short(_ buffer: borrowing ReadBuffer, _ offset: Int) -> UInt16 {
        let number = buffer.load(offset, as: UInt16.self)
        return isSwapped ? number.byteSwapped : number
    }

    /// Goes over blocks of any kind, to the next with a frame.
    @inline(never)
    mutating func next(_ buffer: inout ReadBuffer) throws(CaptureError) -> FileFrame? {
        unsafe options = (nil, 0)
        while let block = try wholeBlock(&buffer) {
            defer { buffer.skip(block.length) }
            if BlockType.hasFrame(block.type) {
                return try takeFrame(block.type, block.length, buffer)
            }
            try takeOther(block.type, block.length, buffer)
        }
        if let complaint {
            self.complaint = nil
            throw complaint
        }
        return nil
    }

    /// Reads up to the first interface, whose link type is the file's, or to the end.
    mutating func begin(_ buffer: inout ReadBuffer) throws(CaptureError) {
        while interfaces.isEmpty, let block = try wholeBlock(&buffer) {
            if BlockType.hasFrame(block.type) { throw CaptureError(name, "a packet block comes before any interface") }
            try takeOther(block.type, block.length, buffer)
            buffer.skip(block.length)
        }
    }

    private mutating func takeOther(_ type: UInt32, _ length: Int, _ buffer: borrowing ReadBuffer) throws(CaptureError) {
        switch type {
        case PcapngReader.sectionHeader: try takeSection(length, buffer)
        case BlockType.interface: try takeInterface(length, buffer)
        // Names, statistics, secrets, journals, custom and unknown blocks have no frame.
        default: break
        }
    }

    /// The block at the front, once all of it is in the buffer, with the length that it takes there.
    private mutating func wholeBlock(_ buffer: inout ReadBuffer) throws(CaptureError) -> (type: UInt32, length: Int)? {
        guard try buffer.fill(12) else {
            if buffer.count == 0 { return nil }
            blocks += 1
            throw CaptureError(name, "cut off within \(place): of its 12 bytes or more there are \(buffer.count)")
        }
        blocks += 1
        if buffer.load(0, as: UInt32.self) == PcapngReader.sectionHeader { try turn(buffer) }
        let said = Int(long(buffer, 4))
        // Some writers left the padding out of the length but not out of the block. Wireshark reads those too.
        let length = (said + 3) & ~3
        guard length >= 12 else { throw lie("says that it has \(said) bytes, and none has fewer than 12") }
        guard length <= longestBlock else { throw lie("says that it has \(said) bytes, more than any should have") }
        guard try buffer.fill(length) else {
            throw CaptureError(name, "cut off within \(place): of \(length) bytes there are \(buffer.count)")
        }
        let again = Int(long(buffer, length - 4))
        // Either may leave the padding out.
        if (again + 3) & ~3 != length {
            let what = "says that it has \(said) bytes at its start and \(again) at its end"
            // libpcap does not look at the end of the very first block, and reads on.
            guard isFirst, buffer.load(0, as: UInt32.self) == PcapngReader.sectionHeader else { throw lie(what) }
            complain("the first block \(what)")
        }
        return (long(buffer, 0), length)
    }

    /// Sets the byte order from a section's header: only there can it change.
    private mutating func turn(_ buffer: borrowing ReadBuffer) throws(CaptureError) {
        switch buffer.load(8, as: UInt32.self) {
        case 0x1a2b_3c4d: isSwapped = false
        case 0x4d3c_2b1a: isSwapped = true
        default: throw lie("begins a section and has no byte order")
        }
    }

    func lie(_ what: String) -> CaptureError { CaptureError(name, "\(place) \(what)") }

    /// Which block it is that was read last.
    var place: String {
        if frames > 0 { return "the block after frame \(frames)" }
        return blocks == 1 ? "the first block" : "block \(blocks)"
    }

    /// Whether the next frame, or what is wrong with a block, is in the buffer.
    func isReady(_ buffer: borrowing ReadBuffer) -> Bool {
        var offset = 0
        while buffer.count - offset >= 12 {
            let type = long(buffer, offset)
            let length = (Int(long(buffer, offset + 4)) + 3) & ~3
            if type == PcapngReader.sectionHeader { return false }
            if length < 12 || length > longestBlock { return true }
            if length > buffer.count - offset { return false }
            if BlockType.hasFrame(type) { return true }
            offset += length
        }
        return false
    }
}
