import Wire

/// Some link types have numbers in the byte order of the machine that captured. They are turned to this machine's, as
/// libpcap does, so that whoever decodes them, or reads what is written, need not know where they came from.
@safe
struct PseudoHeaderFixup {
    private enum Kind {
        case firewallLog, cooked, cooked2, usb, usbMapped, netfilterLog
    }

    private let kind: Kind
    private let isSwapped: Bool

    /// - Returns: `nil` where there is nothing to be done, which is usual.
    init?(_ linkType: LinkType, isSwapped: Bool) {
        switch linkType.rawValue {
        case 117 where isSwapped: kind = .firewallLog
        case 113 where isSwapped: kind = .cooked
        case 276 where isSwapped: kind = .cooked2
        case 189 where isSwapped: kind = .usb
        case 220: kind = .usbMapped
        case 239 where isSwapped: kind = .netfilterLog
        default: return nil
        }
        self.isSwapped = isSwapped
    }

    @inline(never)
    func apply(_ frame: inout FileFrame) {
        var bytes = unsafe UnsafeMutableBufferPointer(start: frame.bytes, count: frame.count).mutableSpan
        if isSwapped { swapNumbers(&bytes, originalLength: frame.info.originalLength) }
        if kind == .usbMapped { fixLength(&frame.info, bytes.span) }
    }

    private func swapNumbers(_ bytes: inout MutableSpan<UInt8>, originalLength: Int) {
        let limit = min(bytes.count, originalLength)
        switch kind {
        case .firewallLog: PseudoHeaderFixup.swapFirewallLog(&bytes, limit)
        case .cooked: PseudoHeaderFixup.swapCooked(&bytes, limit, protocolAt: 14, headerLength: 16)
        case .cooked2: PseudoHeaderFixup.swapCooked(&bytes, limit, protocolAt: 0, headerLength: 20)
        case .usb: PseudoHeaderFixup.swapUSB(&bytes, isMapped: false)
        case .usbMapped: PseudoHeaderFixup.swapUSB(&bytes, isMapped: true)
        case .netfilterLog: PseudoHeaderFixup.swapNetfilterLog(&bytes, limit)
        }
    }

    /// Turns the bytes of a number around, if all of it is there.
    private static func swap(_ bytes: inout MutableSpan<UInt8>, _ offset: Int, _ size: Int, within limit: Int) -> Bool {
        guard offset + size <= limit else { return false }
        for index in 0..<size / 2 { bytes.swapAt(offset + index, offset + size - 1 - index) }
        return true
    }

    /// The user and process numbers of OpenBSD's packet filter log, if its header, whose length comes first, has them.
    private static func swapFirewallLog(_ bytes: inout MutableSpan<UInt8>, _ limit: Int) {
        guard limit >= 1 else { return }
        let length = Int(bytes[0])
        for offset in [44, 48, 52, 56] {
            guard offset + 4 <= length, swap(&bytes, offset, 4, within: limit) else { return }
        }
    }

    /// The identifier of a CAN frame behind a cooked header (Ethernet types 0x000c and 0x000d).
    private static func swapCooked(_ bytes: inout MutableSpan<UInt8>, _ limit: Int, protocolAt offset: Int, headerLength: Int) {
        guard limit >= headerLength, bytes[offset] == 0, bytes[offset + 1] == 0x0c || bytes[offset + 1] == 0x0d else { return }
        _ = swap(&bytes, headerLength, 4, within: limit)
    }

    /// ```
    /// id 8 | event, transfer, endpoint, device 4 | bus 2 | setup flag, data flag 2 | seconds 8 | microseconds 4
    /// | status 4 | URB length 4 | data length 4 | setup 8, or errors 4 and descriptors 4
    /// | interval 4 | first frame 4 | flags 4 | descriptors here 4 | each: status 4, offset 4, length 4, padding 4
    /// ```
    private static func swapUSB(_ bytes: inout MutableSpan<UInt8>, isMapped: Bool) {
        let limit = bytes.count
        for (offset, size) in [(0, 8), (12, 2), (16, 8), (24, 4), (28, 4), (32, 4), (36, 4)] {
            guard swap(&bytes, offset, size, within: limit) else { return }
        }
        let isIsochronous = bytes[9] == 0
        if isIsochronous {
            guard swap(&bytes, 40, 4, within: limit), swap(&bytes, 44, 4, within: limit) else { return }
        }
        guard isMapped else { return }
        for offset in [48, 52, 56, 60] {
            guard swap(&bytes, offset, 4, within: limit) else { return }
        }
        guard isIsochronous else { return }
        let descriptors = Int(word(bytes.span, 60))
        var offset = 64
        for _ in 0..<descriptors {
            for field in 0..<3 {
                guard swap(&bytes, offset + field * 4, 4, within: limit) else { return }
            }
            offset += 16
        }
    }

    /// A header of four bytes, then fields: length 2 | type 2 | value, padded to four.
    private static func swapNetfilterLog(_ bytes: inout MutableSpan<UInt8>, _ limit: Int) {
        guard limit >= 4, bytes[1] == 0 else { return }
        var offset = 4
        while offset + 4 <= bytes.count {
            bytes.swapAt(offset, offset + 1)
            bytes.swapAt(offset + 2, offset + 3)
            let length = Int(bytes[offset]) | Int(bytes[offset + 1]) << 8
            // In sixteen bits, as libpcap: a length next to 65536 is padded to 0, and ends it.
            let padded = (length + 3) & ~3 & 0xffff
            guard padded >= 4, offset + padded <= limit else { return }
            offset += padded
        }
    }

    /// What is there of a number, in this machine's order.
    private static func word(_ bytes: Span<UInt8>, _ offset: Int) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
    }

    /// Old versions of libpcap took an incoming isochronous transfer for as long as its buffer. It is as long as the end
    /// of its last descriptor that brought something. Lengths are reckoned in 32 bits, as libpcap does.
    private func fixLength(_ info: inout FrameInfo, _ bytes: Span<UInt8>) {
        let header: UInt32 = 64
        guard bytes.count >= Int(header) else { return }
        let isIncomingCompletion = bytes[8] == UInt8(ascii: "C") && bytes[9] == 0 && bytes[10] & 0x80 != 0
        let hasData = bytes[15] == 0
        guard hasData, isIncomingCompletion else { return }
        let descriptors = PseudoHeaderFixup.word(bytes, 60)
        let fixed = header &+ descriptors &* 16
        guard info.originalLength == Int(fixed &+ PseudoHeaderFixup.word(bytes, 32)) else { return }
        var end: UInt32 = 0
        var offset = Int(header)
        for _ in 0..<descriptors {
            guard offset + 16 <= bytes.count else { break }
            let size = PseudoHeaderFixup.word(bytes, offset + 8)
            if size != 0 { end = max(end, PseudoHeaderFixup.word(bytes, offset + 4) &+ size) }
            offset += 16
        }
        if Int(fixed &+ end) >= bytes.count { info.originalLength = Int(fixed &+ end) }
        info.originalLength = max(info.originalLength, bytes.count)
    }
}
