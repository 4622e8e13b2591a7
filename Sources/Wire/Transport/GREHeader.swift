/// A generic routing encapsulation header (RFC 2784 §2.1, RFC 2890 §2; version 1: RFC 2637 §4.1).
///
///     0               2               4
///     | flags, version| EtherType     | checksum? | key? | sequence? | acknowledgment?
public struct GREHeader: Equatable, Sendable {
    /// Without the optional fields.
    public static let minimumLength = 4
    /// Version 0 with all that RFC 2890 knows, and version 1 with all that RFC 2637 knows.
    private static let flags0: UInt16 = 0xb000
    private static let flags1: UInt16 = 0x3081

    /// Where the header begins in the frame.
    public let offset: UInt16
    public let flagsAndVersion: UInt16
    public let type: EtherType

    init(_ bytes: Span<UInt8>, in extent: Extent) throws(Stop) {
        guard extent.available(of: bytes.count) >= GREHeader.minimumLength else {
            throw extent.truncated(.gre, needed: GREHeader.minimumLength, of: bytes.count)
        }
        offset = UInt16(truncatingIfNeeded: extent.start)
        flagsAndVersion = bytes.uint16(at: extent.start)
        type = EtherType(rawValue: bytes.uint16(at: extent.start + 2))
    }

    public var version: UInt8 { UInt8(truncatingIfNeeded: flagsAndVersion & 7) }
    public var hasChecksum: Bool { flagsAndVersion & 0x8000 != 0 }
    public var hasKey: Bool { flagsAndVersion & 0x2000 != 0 }
    public var hasSequence: Bool { flagsAndVersion & 0x1000 != 0 }
    private var hasAcknowledgment: Bool { version == 1 && flagsAndVersion & 0x0080 != 0 }

    /// Whether the flags are those that say how long the header is. RFC 2784 §2.3: what has others (a source route of
    /// RFC 1701) is discarded by who does not know them.
    var isKnown: Bool {
        switch version {
        case 0: flagsAndVersion & ~GREHeader.flags0 == 0
        case 1: flagsAndVersion & ~GREHeader.flags1 == 0 && hasKey
        default: false
        }
    }

    /// In bytes, with the fields that the flags announce.
    public var length: Int {
        GREHeader.minimumLength + 4 * [hasChecksum, hasKey, hasSequence, hasAcknowledgment].count(where: { $0 })
    }

    private var keyOffset: Int { Int(offset) + GREHeader.minimumLength + (hasChecksum ? 4 : 0) }

    /// The optional fields, as far as the frame has them.
    public func checksum(in bytes: Span<UInt8>) -> UInt16? {
        let place = Int(offset) + GREHeader.minimumLength
        return hasChecksum && place + 2 <= bytes.count ? bytes.uint16(at: place) : nil
    }

    public func key(in bytes: Span<UInt8>) -> UInt32? {
        hasKey && keyOffset + 4 <= bytes.count ? bytes.uint32(at: keyOffset) : nil
    }

    public func sequence(in bytes: Span<UInt8>) -> UInt32? {
        let place = keyOffset + (hasKey ? 4 : 0)
        return hasSequence && place + 4 <= bytes.count ? bytes.uint32(at: place) : nil
    }
}

/// A header of a virtual Ethernet over UDP (RFC 7348 §5).
///
///     0       1                       4                       7
///     | flags | reserved              | network identifier    | reserved
public struct VXLANHeader: Equatable, Sendable {
    public static let length = 8
    public static let port: UInt16 = 4789

    public let flags: UInt16
    /// The virtual network's number: 24 bits.
    public let network: UInt32

    /// `nil` where it is cut, or the flag is missing that says that the network's number is valid.
    init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard range.count >= VXLANHeader.length, bytes[range.lowerBound] & 0x08 != 0 else { return nil }
        flags = bytes.uint16(at: range.lowerBound)
        network = bytes.uint32(at: range.lowerBound + 4) >> 8
    }
}
