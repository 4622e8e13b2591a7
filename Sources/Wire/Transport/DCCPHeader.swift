/// A DCCP generic header (RFC 4340 §5.1).
///
///     0               2               4       5       6               8
///     | source port   | destination p.| offset| CC,cov| checksum      |rs,type,X …
///
/// A cut header keeps what is whole: ``wholeBytes`` says how far.
public struct DCCPHeader: Equatable, Sendable {
    /// With short sequence numbers.
    public static let minimumLength = 12

    /// Where the header begins in the frame.
    public let offset: UInt16
    /// How many of the first 12 bytes are there: 12, or fewer (at least 4) where the packet was cut.
    public let wholeBytes: UInt8
    public let sourcePort: UInt16
    public let destinationPort: UInt16
    /// In bytes, options included; the field counts in fours.
    public let headerLength: UInt16
    public let checksum: UInt16
    /// Four bits.
    public let type: UInt8

    init(_ bytes: Span<UInt8>, in extent: Extent) throws(Stop) {
        let available = extent.available(of: bytes.count)
        let start = extent.start
        guard available >= 4 else { throw extent.truncated(.dccp, needed: DCCPHeader.minimumLength, of: bytes.count) }
        offset = UInt16(truncatingIfNeeded: start)
        wholeBytes = UInt8(min(available, DCCPHeader.minimumLength))
        sourcePort = bytes.uint16(at: start)
        destinationPort = bytes.uint16(at: start + 2)
        headerLength = available >= 5 ? UInt16(bytes[start + 4]) * 4 : 0
        checksum = available >= 8 ? bytes.uint16(at: start + 6) : 0
        type = available >= 9 ? bytes[start + 8] >> 1 & 0xf : 0
    }

    /// RFC 4340 §5.1, table 1.
    private static let names = [
        "Request", "Response", "Data", "Ack", "DataAck", "CloseReq", "Close", "Reset", "Sync", "SyncAck",
    ]

    /// `Request`, `type 12`.
    public var typeName: String { Int(type) < DCCPHeader.names.count ? DCCPHeader.names[Int(type)] : "type \(type)" }
}
