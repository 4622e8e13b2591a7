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
    /// RFC 7413 §4.1.1, under its own number or the experimental one with its identifier: how many bytes the cookie
    /// has, 0 where one is asked for.
    case fastOpen(cookieLength: UInt8)
    /// RFC 2385 §3.0.
    case md5Signature
    /// RFC 5925 §2.2.
    case authentication(keyID: UInt8, nextKeyID: UInt8)
    /// RFC 5482 §3: in minutes or in seconds.
    case userTimeout(UInt16, isMinutes: Bool)
    /// RFC 8684 §3: what kind of message.
    case multipath(subtype: UInt8, length: UInt8)
    case other(kind: UInt8, length: UInt8)
    /// The length contradicts the header, and nothing after it can be read; or it contradicts the kind alone.
    case malformed(kind: UInt8, length: UInt8)

    public struct SACKBlock: Equatable, Sendable {
        public let left: UInt32
        public let right: UInt32

        public init(left: UInt32, right: UInt32) {
            self.left = left
            self.right = right
        }
    }

    /// Reads a header's options, as far as they were captured.
    public static func all(of header: TCPHeader, in bytes: Span<UInt8>) -> [TCPOption] {
        all(in: header.options, of: bytes, end: Int(header.offset) + Int(header.headerLength))
    }

    /// Reads the options that stand in `range`, as far as they were captured, and never past it. One that was cut is none:
    /// malformed is only what contradicts the header as it was sent.
    ///
    /// - Parameter end: where the header ends, if that is not the end of `range`.
    public static func all(in range: ByteRange, of bytes: Span<UInt8>, end: Int? = nil) -> [TCPOption] {
        let part = range.clamped(to: bytes.count)
        let end = end ?? range.end
        var options: [TCPOption] = []
        var offset = part.lowerBound
        while offset < part.upperBound, let option = next(bytes, &offset, captured: part.upperBound, end: end) {
            options.append(option)
            if case .endOfList = option { break }
        }
        return options
    }

    /// RFC 7413 appendix: what stood for fast open before it had a number (RFC 6994).
    private static let fastOpenIdentifier: UInt16 = 0xf989

    /// - Returns: `nil` for one that was cut.
    private static func next(_ bytes: Span<UInt8>, _ offset: inout Int, captured: Int, end: Int) -> TCPOption? {
        let start = offset
        let kind = bytes[start]
        offset += 1
        if kind == 0 { return .endOfList }
        if kind == 1 { return .noOperation }
        // Where the length is nonsense nobody knows where the next would begin.
        offset = captured
        guard start + 1 < captured else { return captured < end ? nil : .malformed(kind: kind, length: 0) }
        let length = bytes[start + 1]
        guard length >= 2, start + Int(length) <= end else { return .malformed(kind: kind, length: length) }
        guard start + Int(length) <= captured else { return nil }
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
        case (19, 18): return .md5Signature
        case (28, 4): return .userTimeout(bytes.uint16(at: start + 2) & 0x7fff, isMinutes: bytes[start + 2] & 0x80 != 0)
        case (29, 4...): return .authentication(keyID: bytes[start + 2], nextKeyID: bytes[start + 3])
        case (30, 3...): return .multipath(subtype: bytes[start + 2] >> 4, length: length)
        // RFC 7413 §4.1.1: "Cookie: 0 or 4 to 16 bytes", and even.
        case (34, 2), (34, 6), (34, 8), (34, 10), (34, 12), (34, 14), (34, 16), (34, 18): return .fastOpen(cookieLength: length - 2)
        case (253...254, 4...) where bytes.uint16(at: start + 2) == fastOpenIdentifier: return .fastOpen(cookieLength: length - 4)
        case (2, _), (3, _), (4, _), (5, _), (8, _), (19, _), (28, _), (29, _), (30, _), (34, _): return .malformed(kind: kind, length: length)
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
        case .md5Signature: 19
        case .userTimeout: 28
        case .authentication: 29
        case .multipath: 30
        case .fastOpen: 34
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
        case .fastOpen(let length): length == 0 ? "fast open, cookie wanted" : "fast open, cookie of \(length) B"
        case .md5Signature: "MD5 signature"
        case .authentication(let keyID, let nextKeyID): "authentication, key \(keyID), next \(nextKeyID)"
        case .userTimeout(let time, let isMinutes): "user timeout \(time) \(isMinutes ? "min" : "s")"
        case .multipath(let subtype, let length): "MPTCP \(TCPOption.multipathName(subtype)), \(length) B"
        case .other(let kind, let length): (TCPOption.names[kind] ?? "option \(kind)") + ", \(length) B"
        case .malformed(let kind, let length): "malformed option \(kind), length \(length)"
        }
    }
}

extension TCPOption {
    /// RFC 8684 §8.2, "MPTCP Option Subtypes".
    private static let multipathNames = ["capable", "join", "DSS", "add address", "remove address", "priority", "fail", "fast close", "reset"]
    fileprivate static func multipathName(_ subtype: UInt8) -> String {
        Int(subtype) < multipathNames.count ? multipathNames[Int(subtype)] : "subtype \(subtype)"
    }

    /// Those that are named and no more.
    fileprivate static let names: [UInt8: String] = [
        6: "echo", 7: "echo reply", 9: "partial order permitted", 10: "partial order profile", 11: "connection count",
        12: "new connection count", 13: "connection count echo", 14: "alternate checksum request", 15: "alternate checksum data",
        20: "SCPS capabilities", 21: "SNACK", 22: "record boundaries", 23: "corruption experienced", 27: "quick start",
        69: "encryption negotiation", 76: "Riverbed probe", 78: "Riverbed transparency", 172: "accurate ECN order 0",
        174: "accurate ECN order 1", 253: "experiment 1", 254: "experiment 2",
    ]
}
