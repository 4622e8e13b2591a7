import Wire

/// What a file says of itself before its frames.
extension PcapngReader {
    /// ```
    /// type 4 | length 4 | byte order 4 | major 2 | minor 2 | section length 8 | options | length 4
    /// ```
    mutating func takeSection(_ length: Int, _ buffer: borrowing ReadBuffer) throws(CaptureError) {
        guard length >= 28 else { throw lie("is too short for a section's header: \(length) bytes") }
        let (major, minor) = (short(buffer, 12), short(buffer, 14))
        // 1.2 is what some writers of other blocks say; it differs in nothing. Of a later section libpcap wants no more
        // than the major version.
        guard major == 1, minor == 0 || minor == 2 || !isFirst else {
            throw CaptureError(name, "a section of pcapng version \(major).\(minor), which is not known")
        }
        isFirst = false
        interfaces.removeAll(keepingCapacity: true)
        descriptions.removeAll(keepingCapacity: true)
        preamble.removeAll()
        let isSwapped = self.isSwapped
        let isWhole = buffer.withBytes(24..<length - 4) { bytes in
            PcapngOptions.walk(bytes, isSwapped: isSwapped) { code, value in
                guard let text = PcapngReader.keptText(value) else { return }
                switch code {
                case PcapngOptions.Code.comment: tell("section", text)
                case PcapngOptions.Code.hardware: tell("section", "hardware: \(text)")
                case PcapngOptions.Code.system: tell("section", "system: \(text)")
                case PcapngOptions.Code.application: tell("section", "written by: \(text)")
                default: break
                }
            }
        }
        if !isWhole { complain("\(place) is a section's header whose options overrun it") }
    }

    /// ```
    /// type 4 | length 4 | link type 2 | reserved 2 | snapshot length 4 | options | length 4
    /// ```
    mutating func takeInterface(_ length: Int, _ buffer: borrowing ReadBuffer) throws(CaptureError) {
        guard length >= 20 else { throw lie("is too short for an interface: \(length) bytes") }
        guard interfaces.count < PcapngReader.mostInterfaces else {
            throw CaptureError(name, "a section has more than \(PcapngReader.mostInterfaces) interfaces")
        }
        var description = CaptureFileInterface(index: interfaces.count)
        var resolution: UInt8?
        var offset: UInt64?
        let isSwapped = self.isSwapped
        let isWhole = buffer.withBytes(16..<length - 4) { bytes in
            PcapngOptions.walk(bytes, isSwapped: isSwapped) { code, value in
                switch code {
                case PcapngOptions.Code.name: description.name = description.name ?? PcapngReader.keptText(value)
                case PcapngOptions.Code.description:
                    description.description = description.description ?? PcapngReader.keptText(value)
                case PcapngOptions.Code.timeResolution where value.count == 1: resolution = resolution ?? value[0]
                case PcapngOptions.Code.timeOffset: offset = offset ?? PcapngOptions.wideNumber(value, isSwapped: isSwapped)
                case PcapngOptions.Code.comment:
                    if let text = PcapngReader.keptText(value) { tell("interface", "\(description.index): \(text)") }
                default: break
                }
            }
        }
        // Its resolution may be among what is missing: no time could be trusted.
        guard isWhole else { throw lie("is an interface whose options overrun it") }
        let linkType = LinkType(inFile: UInt32(short(buffer, 8)))
        let longest = linkType.longestFrame
        longestBlock = max(longestBlock, longest + (1 << 17))
        interfaces.append(
            Interface(
                linkType: linkType, snapshotLength: Int(long(buffer, 12)), longest: longest,
                clock: InterfaceClock(resolution: resolution ?? 6, offset: Int64(bitPattern: offset ?? 0)),
                fixup: PseudoHeaderFixup(linkType, isSwapped: isSwapped)))
        descriptions.append(description)
    }

    private static func keptText(_ value: Span<UInt8>) -> String? { PcapngOptions.text(value, limit: longestText) }

    /// Of a section that says more than anybody reads, only the beginning is kept.
    private mutating func tell(_ subject: String, _ text: String) {
        if preamble.count < PcapngReader.mostDetails { preamble.append(CaptureDetail(subject: subject, text: text)) }
    }

    mutating func complain(_ what: String) {
        if complaint == nil { complaint = CaptureError(name, what) }
    }
}
