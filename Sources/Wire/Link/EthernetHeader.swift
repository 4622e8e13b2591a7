/// An Ethernet II header (IEEE 802.3 §3.1.1; RFC 894).
///
///     0                6                12      14
///     | destination    | source         | type  |
public struct EthernetHeader: Equatable, Sendable {
    public static let length = 14

    public let destination: HardwareAddress
    public let source: HardwareAddress
    public let type: EtherType

    init(_ bytes: Span<UInt8>, in extent: Extent) throws(Stop) {
        guard extent.available(of: bytes.count) >= EthernetHeader.length else {
            throw extent.truncated(.eth, needed: EthernetHeader.length, of: bytes.count)
        }
        destination = HardwareAddress(rawValue: bytes.uint48(at: extent.start))
        source = HardwareAddress(rawValue: bytes.uint48(at: extent.start + 6))
        type = EtherType(rawValue: bytes.uint16(at: extent.start + 12))
    }
}

/// A 48-bit hardware address (IEEE 802-2014 §8).
public struct HardwareAddress: RawRepresentable, Hashable, Sendable {
    /// The six bytes, the first sent the most significant.
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// A group address: multicast or broadcast, the first bit sent is 1.
    public var isGroup: Bool { rawValue >> 40 & 1 == 1 }
}

extension HardwareAddress: CustomStringConvertible {
    /// `02:00:00:00:00:01`.
    public var description: String {
        stride(from: 40, through: 0, by: -8).map { shift in
            let byte = rawValue >> UInt64(shift) & 0xff
            return (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined(separator: ":")
    }
}
