/// Where a fragment's bytes belong in its datagram (RFC 791 §3.2, RFC 8200 §4.5), and where they stand in its frame.
public struct FragmentPlace: Equatable, Sendable {
    /// In bytes from the start of the datagram's payload.
    public let offset: Int
    /// How many bytes of the payload it carries, by the word of the IP header.
    public let length: Int
    /// Whether it is not the last.
    public let more: Bool
    /// Where they begin in the frame.
    let start: Int

    public var end: Int { offset + length }
}

extension Packet {
    /// `nil` for a packet that is no fragment, or whose IP header contradicts itself.
    public var fragmentPlace: FragmentPlace? {
        guard isFragment else { return nil }
        let headerLength: Int
        let total: Int
        let place: (offset: Int, more: Bool)
        switch internet {
        case .ipv4(let header):
            place = (header.fragmentOffset, header.moreFragments)
            headerLength = Int(header.headerLength)
            guard headerLength >= IPv4Header.minimumLength else { return nil }
            total = Int(header.totalLength)
        case .ipv6(let header):
            guard let fragment = header.fragment else { return nil }
            place = (Int(fragment.offset), fragment.more)
            headerLength = IPv6Header.length + Int(fragment.headersLength)
            total = IPv6Header.length + Int(header.payloadLength)
        case .none:
            return nil
        }
        guard total >= headerLength else { return nil }
        return FragmentPlace(
            offset: place.offset, length: total - headerLength, more: place.more, start: Int(internetOffset) + headerLength)
    }
}
