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
    /// How many stations a routing header still names (RFC 8200 §4.4): above 0 the destination is not the last.
    public internal(set) var segmentsLeft: UInt8 = 0

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
        source = IPAddress(ipv6: bytes, at: start + 8)
        destination = IPAddress(ipv6: bytes, at: start + 24)
        upperLayer = nextHeader
    }

    public var isFragment: Bool { fragment?.isPart ?? false }
}

/// The fields of a fragment header (RFC 8200 §4.5).
public struct IPv6Fragment: Equatable, Sendable {
    public static let length = 8

    /// Offset and the M flag, as they stand.
    private let offsetAndMore: UInt16
    /// How many bytes of extension headers there are up to the end of this one: what stands behind it is fragmented.
    public let headersLength: UInt16
    public let identification: UInt32

    public init(offset: UInt16, more: Bool, identification: UInt32, headersLength: UInt16 = UInt16(IPv6Fragment.length)) {
        offsetAndMore = offset & 0xfff8 | (more ? 1 : 0)
        self.identification = identification
        self.headersLength = headersLength
    }

    /// Where this fragment's payload belongs, in bytes; the field counts in eights.
    public var offset: UInt16 { offsetAndMore & 0xfff8 }
    public var more: Bool { offsetAndMore & 1 == 1 }
    /// Whether the packet is a part of a larger one.
    public var isPart: Bool { offsetAndMore != 0 }
}

extension IPv6Header {
    /// The length in a jumbo payload option (RFC 2675 §2) of a hop-by-hop header at the start of `extent`.
    ///
    /// It counts as ``payloadLength`` does. One that the ordinary field could hold is nonsense, and not taken.
    func jumboLength(_ bytes: Span<UInt8>, _ extent: Extent) -> Int? {
        let available = extent.available(of: bytes.count)
        guard nextHeader == .hopByHop, available >= 8 else { return nil }
        let end = extent.start + min(available, (Int(bytes[extent.start + 1]) + 1) * 8)
        var offset = extent.start + 2
        while offset + 6 <= end {
            switch (bytes[offset], bytes[offset + 1]) {
            case (0, _): offset += 1
            case (0xc2, 4):
                let length = Int(bytes.uint32(at: offset + 2))
                return length > UInt16.max ? length : nil
            case (_, let length): offset += 2 + Int(length)
            }
        }
        return nil
    }

    /// Walks the extension headers (RFC 8200 §4) and moves `extent` to the upper layer.
    ///
    /// Each step goes on by at least eight bytes, so that the walk ends with the packet. A header that is cut
    /// leaves ``upperLayer`` at its own number. More of them than a payload length can count are nonsense.
    ///
    /// - Returns: the offset in the last fragment header: where it is not 0, what follows is the middle of something, not a
    ///   header (RFC 8200 §4.5), whichever of several fragment headers says so.
    mutating func walkExtensions(_ bytes: Span<UInt8>, _ extent: inout Extent) throws(Stop) -> Int {
        let first = extent.start
        while true {
            let start = extent.start
            let needed: Int
            switch upperLayer {
            case .hopByHop, .routing, .destinationOptions:
                guard extent.available(of: bytes.count) >= 2 else {
                    throw extent.truncated(.ipv6, needed: 8, of: bytes.count)
                }
                // RFC 8200 §4.3: "in 8-octet units, not including the first 8 octets".
                needed = (Int(bytes[start + 1]) + 1) * 8
            case .authentication:
                needed = try AuthenticationHeader.length(bytes, extent, layer: .ipv6)
            case .fragment:
                needed = IPv6Fragment.length
            default:
                return 0
            }
            try extent.skip(needed, .ipv6, of: bytes.count)
            if upperLayer == .routing { segmentsLeft = bytes[start + 3] }
            var offset = 0
            if upperLayer == .fragment {
                let field = bytes.uint16(at: start + 2)
                let next = IPv6Fragment(
                    offset: field, more: field & 1 == 1, identification: bytes.uint32(at: start + 4),
                    headersLength: UInt16(truncatingIfNeeded: extent.start - first))
                // The first of several counts, unless it says that it is no part of anything (RFC 6946).
                if !isFragment, fragment == nil || next.isPart { fragment = next }
                offset = Int(next.offset)
            }
            upperLayer = IPProtocol(rawValue: bytes[start])
            extensionsLength = UInt16(truncatingIfNeeded: extent.start - first)
            if offset != 0 { return offset }
        }
    }
}

extension IPv6Header {
    /// The destination that a routing header leads to, which the pseudo-header has (RFC 8200 §8.1).
    ///
    /// - Parameter start: where the extension headers begin.
    /// - Returns: `nil` for a kind of routing header that does not say so, or where it was not captured.
    func finalDestination(_ bytes: Span<UInt8>, at start: Int) -> IPAddress? {
        guard segmentsLeft > 0 else { return destination }
        var offset = start
        var kind = nextHeader
        let end = min(start + Int(extensionsLength), bytes.count)
        var last: IPAddress?
        while offset + 8 <= end {
            let length =
                kind == .fragment ? IPv6Fragment.length
                : kind == .authentication ? (Int(bytes[offset + 1]) + 2) * 4 : (Int(bytes[offset + 1]) + 1) * 8
            if kind == .routing, bytes[offset + 3] > 0, length >= 24, offset + length <= end {
                switch bytes[offset + 2] {
                // RFC 2460 §4.4 and RFC 6275 §6.4: the last address; RFC 8754 §2: the first, the list is backwards.
                case 0, 2: last = IPAddress(ipv6: bytes, at: offset + length - 16)
                case 4: last = IPAddress(ipv6: bytes, at: offset + 8)
                default: return nil
                }
            }
            kind = IPProtocol(rawValue: bytes[offset])
            offset += length
        }
        return last
    }
}
