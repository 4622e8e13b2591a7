/// A UDP header (RFC 768).
///
///     0               2               4               6               8
///     | source port   | destination p.| length        | checksum      |
///
/// A cut header keeps what is whole: ``wholeBytes`` says how far, and four bytes suffice to demultiplex.
public struct UDPHeader: Equatable, Sendable {
    public static let length = 8

    /// Where the header begins in the frame.
    public let offset: UInt16
    /// How many of the eight bytes are there: 8, or fewer (at least 4) where the packet was cut.
    public let wholeBytes: UInt8
    public let sourcePort: UInt16
    public let destinationPort: UInt16
    /// In bytes, header included.
    public let length: UInt16
    public let checksum: UInt16

    @inline(__always)
    init(_ bytes: Span<UInt8>, in extent: Extent) throws(Stop) {
        let available = extent.available(of: bytes.count)
        let start = extent.start
        guard available >= 4 else {
            throw extent.truncated(.udp, needed: UDPHeader.length, of: bytes.count)
        }
        offset = UInt16(truncatingIfNeeded: start)
        wholeBytes = UInt8(min(available, UDPHeader.length))
        sourcePort = bytes.uint16(at: start)
        destinationPort = bytes.uint16(at: start + 2)
        length = available >= 6 ? bytes.uint16(at: start + 4) : 0
        checksum = available >= 8 ? bytes.uint16(at: start + 6) : 0
    }
}
