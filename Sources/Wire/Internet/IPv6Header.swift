/// An IPv6 header (RFC 8200 §3), and what its extension headers say of the packet as a whole.
///
///     0               4               6       7       8
///     |ver|class|flow | payload length| next  | hops  |
///     | source, 16 bytes                              |
///     | destination, 16 bytes                         |
public struct IPv6Header: Equatable, Sendable {
    public static let length = 40

    public let trafficClass: UInt8
    public let flowLabel: UInt32
    /// In bytes, without this header. 0 where a card did the segmentation, or with a jumbo option.
    public let payloadLength: UInt16
    public let nextHeader: IPProtocol
    public let hopLimit: UInt8
    public let source: IPAddress
    public let destination: IPAddress
    /// The upper layer, after all extension headers that could be walked.
    public internal(set) var upperLayer: IPProtocol
    /// How many bytes of extension headers stand between this header and the upper layer.
    public internal(set) var extensionsLength: UInt16 = 0
    public internal(set) var fragment: IPv6Fragment?

    init(_ bytes: Span<UInt8>, in extent: Extent) throws(Stop) {
        guard extent.available(of: bytes.count) >= IPv6Header.length else {
            throw extent.truncated(.ipv6, needed: IPv6Header.length, of: bytes.count)
        }
        let start = extent.start
        let first = bytes.uint32(at: start)
        guard first >> 28 == 6 else { throw Stop(.ipv6, .malformed(.version, value: first >> 28)) }
        trafficClass = UInt8(truncatingIfNeeded: first >> 20)
        flowLabel = first & 0xf_ffff
        payloadLength = bytes.uint16(at: start + 4)
        nextHeader = IPProtocol(rawValue: bytes[start + 6])
        hopLimit = bytes[start + 7]
        source = IPAddress(ipv6High: bytes.uint64(at: start + 8), low: bytes.uint64(at: start + 16))
        destination = IPAddress(ipv6High: bytes.uint64(at: start + 24), low: bytes.uint64(at: start + 32))
        upperLayer = nextHeader
    }

    public var isFragment: Bool { fragment.map { $0.offset != 0 || $0.more } ?? false }
}

/// The fields of a fragment header (RFC 8200 §4.5).
public struct IPv6Fragment: Equatable, Sendable {
    public static let length = 8

    /// Where this fragment's payload belongs, in bytes; the field counts in eights.
    public let offset: UInt16
    public let more: Bool
    public let identification: UInt32
}

extension IPv6Header {
    /// Walks the extension headers (RFC 8200 §4) and moves `extent` to the upper layer.
    ///
    /// Each step goes on by at least eight bytes, so that the walk ends with the packet. A header that is cut
    /// leaves ``upperLayer`` at the last next-header known.
    mutating func walkExtensions(_ bytes: Span<UInt8>, _ extent: inout Extent) throws(Stop) {
        let first = extent.start
        while true {
            let needed: Int
            switch upperLayer {
            case .hopByHop, .routing, .destinationOptions, .authentication:
                guard extent.available(of: bytes.count) >= 2 else {
                    throw extent.truncated(.ipv6, needed: 8, of: bytes.count)
                }
                let length = Int(bytes[extent.start + 1])
                // RFC 8200 counts in eights without the first eight; RFC 4302 §2.2 in fours without the first two.
                needed = upperLayer == .authentication ? (length + 2) * 4 : (length + 1) * 8
            case .fragment:
                needed = IPv6Fragment.length
            default:
                return
            }
            guard extent.available(of: bytes.count) >= needed else {
                throw extent.truncated(.ipv6, needed: needed, of: bytes.count)
            }
            if upperLayer == .fragment {
                let offset = bytes.uint16(at: extent.start + 2)
                fragment = IPv6Fragment(
                    offset: offset & 0xfff8, more: offset & 1 == 1, identification: bytes.uint32(at: extent.start + 4))
            }
            upperLayer = IPProtocol(rawValue: bytes[extent.start])
            extent.start += needed
            extensionsLength = UInt16(truncatingIfNeeded: extent.start - first)
            // What follows a later fragment is the middle of something, not a header (RFC 8200 §4.5).
            if let fragment, fragment.offset != 0 { return }
        }
    }
}
