/// An IPv4 header (RFC 791 §3.1).
///
///     0       1       2               4               6               8
///     |ver|IHL| DS    | total length  | identification|flg| offset    |
///     | TTL   | proto | checksum      | source                        |
///     | destination                   | options …                     |
public struct IPv4Header: Equatable, Sendable {
    /// Without options.
    public static let minimumLength = 20

    /// In bytes, options included; the field counts in fours. Below 20 the packet is malformed.
    public let headerLength: UInt8
    /// Differentiated services and congestion notification (RFC 2474, RFC 3168).
    public let differentiatedServices: UInt8
    /// In bytes, header included. 0 where a card did the segmentation.
    public let totalLength: UInt16
    public let identification: UInt16
    /// Three bits of flags and thirteen of offset, as they stand.
    public let flagsAndOffset: UInt16
    public let timeToLive: UInt8
    public let `protocol`: IPProtocol
    /// The same, or what follows the authentication headers that could be walked.
    public internal(set) var upperLayer: IPProtocol
    public let checksum: UInt16
    public let source: UInt32
    public let destination: UInt32

    @inline(__always)
    init(_ bytes: Span<UInt8>, in extent: Extent) throws(Stop) {
        guard extent.available(of: bytes.count) >= IPv4Header.minimumLength else {
            throw extent.truncated(.ip, needed: IPv4Header.minimumLength, of: bytes.count)
        }
        let start = extent.start
        guard bytes[start] >> 4 == 4 else {
            throw Stop(.ip, .malformed(.version, value: UInt32(bytes[start] >> 4)))
        }
        headerLength = (bytes[start] & 0xf) * 4
        differentiatedServices = bytes[start + 1]
        totalLength = bytes.uint16(at: start + 2)
        identification = bytes.uint16(at: start + 4)
        flagsAndOffset = bytes.uint16(at: start + 6)
        timeToLive = bytes[start + 8]
        `protocol` = IPProtocol(rawValue: bytes[start + 9])
        upperLayer = `protocol`
        checksum = bytes.uint16(at: start + 10)
        source = bytes.uint32(at: start + 12)
        destination = bytes.uint32(at: start + 16)
    }

    public var sourceAddress: IPAddress { IPAddress(ipv4: source) }
    public var destinationAddress: IPAddress { IPAddress(ipv4: destination) }
    public var dontFragment: Bool { flagsAndOffset & 0x4000 != 0 }
    public var moreFragments: Bool { flagsAndOffset & 0x2000 != 0 }
    /// Where this fragment's payload belongs, in bytes; the field counts in eights.
    public var fragmentOffset: Int { Int(flagsAndOffset & 0x1fff) * 8 }
    public var isFragment: Bool { flagsAndOffset & 0x3fff != 0 }
}

extension IPv4Header {
    /// Walks authentication headers (RFC 4302 §3.1.1) and moves `extent` to the upper layer.
    mutating func walkAuthentication(_ bytes: Span<UInt8>, _ extent: inout Extent) throws(Stop) {
        while upperLayer == .authentication {
            let start = extent.start
            try extent.skip(AuthenticationHeader.length(bytes, extent, layer: .ip), .ip, of: bytes.count)
            upperLayer = IPProtocol(rawValue: bytes[start])
        }
    }

    /// The destination that the packet has in the end: that of the header, or the last of a source route that has
    /// addresses left (RFC 791 §3.1). `nil` where the route was not captured or is nonsense.
    func finalDestination(_ bytes: Span<UInt8>, at start: Int) -> UInt32? {
        let end = min(start + Int(headerLength), bytes.count)
        var offset = start + IPv4Header.minimumLength
        while offset + 3 <= end, bytes[offset] != 0 {
            if bytes[offset] == 1 {
                offset += 1
                continue
            }
            let length = Int(bytes[offset + 1])
            // Loose and strict; the pointer counts from 1 and is beyond the option once all addresses are used.
            if bytes[offset] == 131 || bytes[offset] == 137 {
                let pointer = bytes[offset + 2]
                guard pointer <= length else { return destination }
                guard pointer >= 4, pointer % 4 == 0, length >= 7, length % 4 == 3, offset + length <= end else { return nil }
                return bytes.uint32(at: offset + length - 4)
            }
            offset += max(2, length)
        }
        return destination
    }
}
