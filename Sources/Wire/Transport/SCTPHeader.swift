/// An SCTP common header (RFC 9260 §3.1), and the type of the first chunk behind it.
///
///     0               2               4               8               12
///     | source port   | destination p.| verification  | checksum      | type …
///
/// A cut header keeps what is whole: ``wholeBytes`` says how far.
public struct SCTPHeader: Equatable, Sendable {
    public static let length = 12

    /// Where the header begins in the frame.
    public let offset: UInt16
    /// How many of the 12 bytes are there: 12, or fewer (at least 4) where the packet was cut.
    public let wholeBytes: UInt8
    public let sourcePort: UInt16
    public let destinationPort: UInt16
    public let verificationTag: UInt32
    /// CRC32c, the low byte first (RFC 9260 appendix A); here as the bytes stand.
    public let checksum: UInt32
    /// `nil` where no chunk was captured.
    public let firstChunk: UInt8?

    init(_ bytes: Span<UInt8>, in extent: Extent) throws(Stop) {
        let available = extent.available(of: bytes.count)
        let start = extent.start
        guard available >= 4 else { throw extent.truncated(.sctp, needed: SCTPHeader.length, of: bytes.count) }
        offset = UInt16(truncatingIfNeeded: start)
        wholeBytes = UInt8(min(available, SCTPHeader.length))
        sourcePort = bytes.uint16(at: start)
        destinationPort = bytes.uint16(at: start + 2)
        verificationTag = available >= 8 ? bytes.uint32(at: start + 4) : 0
        checksum = available >= 12 ? bytes.uint32(at: start + 8) : 0
        // A chunk's own header has four bytes.
        firstChunk = available >= SCTPHeader.length + 4 ? bytes[start + SCTPHeader.length] : nil
    }

    /// IANA, "SCTP Chunk Types".
    private static let names: [UInt8: String] = [
        0: "DATA", 1: "INIT", 2: "INIT ACK", 3: "SACK", 4: "HEARTBEAT", 5: "HEARTBEAT ACK", 6: "ABORT", 7: "SHUTDOWN", 8: "SHUTDOWN ACK",
        9: "ERROR", 10: "COOKIE ECHO", 11: "COOKIE ACK", 12: "ECNE", 13: "CWR", 14: "SHUTDOWN COMPLETE", 15: "AUTH", 64: "I-DATA",
        128: "ASCONF ACK", 130: "RE-CONFIG", 132: "PAD", 192: "FORWARD TSN", 193: "ASCONF", 194: "I-FORWARD TSN",
    ]

    /// `INIT`, `chunk type 77`; `nil` where there is none.
    public var firstChunkName: String? { firstChunk.map { SCTPHeader.names[$0] ?? "chunk type \($0)" } }
}

/// The checksum of SCTP: a CRC with Castagnoli's polynomial, bits reflected (RFC 9260 appendix A).
enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { (index: UInt32) in
        (0..<8).reduce(index) { (rest, _) in rest & 1 == 1 ? rest >> 1 ^ 0x82f6_3b78 : rest >> 1 }
    }

    /// Of the bytes in `range`, those in `zeroed` counted as zeros.
    static func of(_ bytes: Span<UInt8>, _ range: Range<Int>, zeroed: Range<Int>) -> UInt32 {
        let table = CRC32C.table
        var rest = UInt32.max
        for offset in range {
            let byte = zeroed.contains(offset) ? 0 : bytes[offset]
            rest = table[Int(UInt8(truncatingIfNeeded: rest) ^ byte)] ^ rest >> 8
        }
        return ~rest
    }
}
