/// A tag that says which virtual network a frame belongs to (IEEE 802.1Q §9.6).
///
///     0                        2       4
///     | priority, DEI, network | type  |
///
/// It stands between the addresses and the type that the frame would have without it; tags may be stacked.
public struct VLANTag: Equatable, Sendable {
    public static let length = 4

    /// The virtual network's number: 12 bits. 0 stands for none, then the tag is there for its priority.
    public let identifier: UInt16
    /// 0 to 7 (IEEE 802.1Q §6.9.3).
    public let priority: UInt8
    /// Whether it may be dropped first; once the canonical format indicator.
    public let isDropEligible: Bool
    /// What follows: a type, or a length below 1501.
    public let type: EtherType

    init(_ bytes: Span<UInt8>, in extent: Extent) throws(Stop) {
        guard extent.available(of: bytes.count) >= VLANTag.length else {
            throw extent.truncated(.vlan, needed: VLANTag.length, of: bytes.count)
        }
        let control = bytes.uint16(at: extent.start)
        identifier = control & 0xfff
        priority = UInt8(truncatingIfNeeded: control >> 13)
        isDropEligible = control & 0x1000 != 0
        type = EtherType(rawValue: bytes.uint16(at: extent.start + 2))
    }
}
