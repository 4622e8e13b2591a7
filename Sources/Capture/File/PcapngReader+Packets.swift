import Wire

/// The blocks with frames, each in any shape: with options, and with lengths that contradict the block's.
extension PcapngReader {
    mutating func takeFrame(
        _ type: UInt32, _ length: Int, _ buffer: borrowing ReadBuffer
    ) throws(CaptureError) -> FileFrame {
        type == BlockType.simplePacket ? try takeSimple(length, buffer) : try takeFull(type, length, buffer)
    }

    /// An enhanced packet block, or the obsolete packet block, which counts lost frames in half the room for the interface.
    ///
    /// ```
    /// type 4 | length 4 | interface 4, or interface 2, lost 2 | ticks, high 4, low 4 | captured 4 | original 4
    /// | bytes, padded to four | options | length 4
    /// ```
    private mutating func takeFull(
        _ type: UInt32, _ length: Int, _ buffer: borrowing ReadBuffer
    ) throws(CaptureError) -> FileFrame {
        let dataOffset = 28
        guard length >= dataOffset + 4 else { throw lie("is too short for a packet: \(length) bytes") }
        let index = type == BlockType.packet ? Int(short(buffer, 8)) : Int(long(buffer, 8))
        let captured = Int(long(buffer, 20))
        try check(captured, room: length - dataOffset - 4, from: index)
        let ticks = UInt64(long(buffer, 12)) << 32 | UInt64(long(buffer, 16))
        var frame = unsafe take(
            captured: captured, original: Int(long(buffer, 24)), from: index, ticks: ticks, at: buffer.first + dataOffset)
        let start = dataOffset + (captured + 3) & ~3
        if start < length - 4 { takeOptions(start..<length - 4, buffer, &frame) }
        return frame
    }

    /// ```
    /// type 4 | length 4 | original 4 | bytes, padded to four | length 4
    /// ```
    ///
    /// It belongs to the section's first interface, whose snapshot length bounds what was captured, and has no time:
    /// libpcap gives it the time 0, and so it is here.
    private mutating func takeSimple(_ length: Int, _ buffer: borrowing ReadBuffer) throws(CaptureError) -> FileFrame {
        let dataOffset = 12
        guard length >= dataOffset + 4 else { throw lie("is too short for a packet: \(length) bytes") }
        guard let interface = interfaces.first else { throw lie("is a packet of an interface that was not described: 0") }
        let original = Int(long(buffer, 8))
        let captured = min(original, interface.linkType.snapshotLength(inFile: UInt32(interface.snapshotLength)))
        try check(captured, room: length - dataOffset - 4, from: 0)
        var frame = unsafe take(captured: captured, original: original, from: 0, ticks: 0, at: buffer.first + dataOffset)
        frame.info.notes.insert(.noTime)
        return frame
    }

    private func check(_ captured: Int, room: Int, from index: Int) throws(CaptureError) {
        guard index < interfaces.count else { throw lie("is a packet of an interface that was not described: \(index)") }
        guard captured <= room else { throw lie("has room for \(room) bytes of a frame and says that there are \(captured)") }
        let longest = interfaces[index].longest
        guard captured <= longest else {
            throw lie("says that its frame has \(captured) bytes, and a frame has \(longest) at most")
        }
    }

    /// Only notes that there are comments: they are read when somebody wants to see them.
    private mutating func takeOptions(_ range: Range<Int>, _ buffer: borrowing ReadBuffer, _ frame: inout FileFrame) {
        var hasComment = false
        let isSwapped = self.isSwapped
        let isWhole = buffer.withBytes(range) { bytes in
            PcapngOptions.walk(bytes, isSwapped: isSwapped) { code, _ in
                if code == PcapngOptions.Code.comment { hasComment = true }
            }
        }
        if hasComment {
            frame.info.notes.insert(.comments)
            unsafe options = (buffer.first + range.lowerBound, range.count)
        }
        guard !isWhole else { return }
        // The frame itself is fine, and libpcap reads on.
        frame.info.notes.insert(.badOptions)
        complain("the options of frame \(frame.info.number)'s block overrun it")
    }

    /// The comments of the last frame, whose options are still in the buffer.
    func comments() -> [String] {
        var comments: [String] = []
        let bytes = unsafe UnsafeBufferPointer(start: options.start, count: options.count)
        _ = PcapngOptions.walk(unsafe bytes.span, isSwapped: isSwapped) { code, value in
            if code == PcapngOptions.Code.comment, let text = PcapngOptions.text(value) { comments.append(text) }
        }
        return comments
    }
}
