/// A TCP header (RFC 9293 §3.1).
///
///     0               2               4
///     | source port   | destination p.|
///     | sequence number               |
///     | acknowledgment number         |
///     |off|rsv| flags | window        |
///     | checksum      | urgent pointer|
///     | options …                     |
///
/// A cut header keeps what is whole: ``wholeBytes`` says how far, and four bytes suffice to demultiplex.
public struct TCPHeader: Equatable, Sendable {
    /// Without options.
    public static let minimumLength = 20

    /// Where the header begins in the frame.
    public let offset: UInt16
    /// How many of the first 20 bytes are there: 20, or fewer (at least 4) where the packet was cut.
    public let wholeBytes: UInt8
    /// In bytes, options included; the field counts in fours. Below 20 the segment is malformed.
    public let headerLength: UInt8
    /// How many bytes of options are there to read: none where the data offset is malformed.
    public internal(set) var optionsLength: UInt8
    public let sourcePort: UInt16
    public let destinationPort: UInt16
    public let sequence: SequenceNumber
    public let acknowledgment: SequenceNumber
    public let flags: TCPFlags
    public let window: UInt16
    public let checksum: UInt16
    public let urgentPointer: UInt16

    @inline(__always)
    init(_ bytes: Span<UInt8>, in extent: Extent) throws(Stop) {
        let available = extent.available(of: bytes.count)
        let start = extent.start
        guard available >= 4 else {
            throw extent.truncated(.tcp, needed: TCPHeader.minimumLength, of: bytes.count)
        }
        offset = UInt16(truncatingIfNeeded: start)
        wholeBytes = UInt8(min(available, TCPHeader.minimumLength))
        sourcePort = bytes.uint16(at: start)
        destinationPort = bytes.uint16(at: start + 2)
        sequence = SequenceNumber(available >= 8 ? bytes.uint32(at: start + 4) : 0)
        acknowledgment = SequenceNumber(available >= 12 ? bytes.uint32(at: start + 8) : 0)
        let offsetAndFlags = available >= 14 ? bytes.uint16(at: start + 12) : 0
        headerLength = UInt8(truncatingIfNeeded: offsetAndFlags >> 12) * 4
        optionsLength = UInt8(truncatingIfNeeded: max(0, min(available, Int(headerLength)) - TCPHeader.minimumLength))
        flags = TCPFlags(rawValue: offsetAndFlags & 0xfff)
        window = available >= 16 ? bytes.uint16(at: start + 14) : 0
        checksum = available >= 18 ? bytes.uint16(at: start + 16) : 0
        urgentPointer = available >= 20 ? bytes.uint16(at: start + 18) : 0
    }

    /// Whether the flags were captured, without which a segment's part in its connection is not known.
    @inlinable public var hasFlags: Bool { wholeBytes >= 14 }
    /// Where the options stand, as far as they are there.
    public var options: ByteRange {
        ByteRange(offset: Int(offset) + TCPHeader.minimumLength, count: Int(optionsLength))
    }
}

/// The twelve bits between data offset and window: RFC 9293 §3.1, with RFC 3168's ECE and CWR and AccECN's AE.
public struct TCPFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    @inlinable @inline(__always) public static var fin: TCPFlags { TCPFlags(rawValue: 0x001) }
    @inlinable @inline(__always) public static var syn: TCPFlags { TCPFlags(rawValue: 0x002) }
    @inlinable @inline(__always) public static var rst: TCPFlags { TCPFlags(rawValue: 0x004) }
    @inlinable @inline(__always) public static var psh: TCPFlags { TCPFlags(rawValue: 0x008) }
    @inlinable @inline(__always) public static var ack: TCPFlags { TCPFlags(rawValue: 0x010) }
    @inlinable @inline(__always) public static var urg: TCPFlags { TCPFlags(rawValue: 0x020) }
    @inlinable @inline(__always) public static var ece: TCPFlags { TCPFlags(rawValue: 0x040) }
    @inlinable @inline(__always) public static var cwr: TCPFlags { TCPFlags(rawValue: 0x080) }
    @inlinable @inline(__always) public static var ae: TCPFlags { TCPFlags(rawValue: 0x100) }

    /// In the order in which they are read out: what changes the connection first.
    private static let words: [(TCPFlags, String)] = [
        (.syn, "SYN"), (.fin, "FIN"), (.rst, "RST"), (.psh, "PSH"), (.ack, "ACK"), (.urg, "URG"), (.ece, "ECE"),
        (.cwr, "CWR"), (.ae, "AE"),
    ]
}

extension TCPFlags: CustomStringConvertible {
    /// `SYN ACK`, `PSH ACK`; reserved bits as a number; `no flags` for none.
    public var description: String {
        var words = TCPFlags.words.compactMap { contains($0.0) ? $0.1 : nil }
        if rawValue & 0xe00 != 0 { words.append("reserved 0x" + String(rawValue & 0xe00, radix: 16)) }
        return words.isEmpty ? "no flags" : words.joined(separator: " ")
    }
}
