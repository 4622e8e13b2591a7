/// One option of a TCP header (RFC 9293 §3.2; IANA, "TCP Option Kind Numbers"). Decoded only when shown.
public enum TCPOption: Equatable, Sendable {
    case endOfList
    case noOperation
    case maximumSegmentSize(UInt16)
    /// A shift count (RFC 7323 §2.2): the window is multiplied by 2 to its power.
    case windowScale(shift: UInt8)
    case sackPermitted
    /// Selective acknowledgment (RFC 2018 §3): left edge and right edge of each block.
    case sack([SACKBlock])
    case timestamps(value: UInt32, echoReply: UInt32)
    case other(kind: UInt8, length: UInt8)
    /// The length contradicts the kind or the header; nothing after it can be read.
    case malformed(kind: UInt8, length: UInt8)

    public struct SACKBlock: Equatable, Sendable {
        public let left: UInt32
        public let right: UInt32

        public init(left: UInt32, right: UInt32) {
            self.left = left
            self.right = right
        }
    }

    /// Reads the options that stand in `range`, as far as they were captured, and never past it.
    public static func all(in range: ByteRange, of bytes: Span<UInt8>) -> [TCPOption] {
        let part = range.clamped(to: bytes.count)
        var options: [TCPOption] = []
        var offset = part.lowerBound
        while offset < part.upperBound {
            let option = next(bytes, &offset, part.upperBound)
            options.append(option)
            if case .endOfList = option { break }
            if case .malformed = option { break }
        }
        return options
    }

    private static func next(_ bytes: Span<UInt8>, _ offset: inout Int, _ end: Int) -> TCPOption {
        let start = offset
        let kind = bytes[start]
        offset += 1
        if kind == 0 { return .endOfList }
        if kind == 1 { return .noOperation }
        guard start + 1 < end else { return .malformed(kind: kind, length: 0) }
        let length = bytes[start + 1]
        guard length >= 2, start + Int(length) <= end else { return .malformed(kind: kind, length: length) }
        offset = start + Int(length)
        switch (kind, length) {
        case (2, 4): return .maximumSegmentSize(bytes.uint16(at: start + 2))
        case (3, 3): return .windowScale(shift: bytes[start + 2])
        case (4, 2): return .sackPermitted
        case (5, 10), (5, 18), (5, 26), (5, 34):
            return .sack(stride(from: start + 2, to: start + Int(length), by: 8).map {
                SACKBlock(left: bytes.uint32(at: $0), right: bytes.uint32(at: $0 + 4))
            })
        case (8, 10): return .timestamps(value: bytes.uint32(at: start + 2), echoReply: bytes.uint32(at: start + 6))
        case (2, _), (3, _), (4, _), (5, _), (8, _): return .malformed(kind: kind, length: length)
        default: return .other(kind: kind, length: length)
        }
    }
}

extension TCPOption {
    /// The number of the option (IANA, "TCP Option Kind Numbers").
    public var kind: UInt8 {
        switch self {
        case .endOfList: 0
        case .noOperation: 1
        case .maximumSegmentSize: 2
        case .windowScale: 3
        case .sackPermitted: 4
        case .sack: 5
        case .timestamps: 8
        case .other(let kind, _), .malformed(let kind, _): kind
        }
    }
}

extension TCPOption: CustomStringConvertible {
    public var description: String {
        switch self {
        case .endOfList: "end"
        case .noOperation: "NOP"
        case .maximumSegmentSize(let bytes): "MSS \(bytes)"
        case .windowScale(let shift): "window scale \(shift)"
        case .sackPermitted: "SACK permitted"
        case .sack(let blocks): "SACK " + blocks.map { "\($0.left)-\($0.right)" }.joined(separator: ", ")
        case .timestamps(let value, let echoReply): "timestamps \(value) \(echoReply)"
        case .other(let kind, let length): "option \(kind), \(length) B"
        case .malformed(let kind, let length): "malformed option \(kind), length \(length)"
        }
    }
}
