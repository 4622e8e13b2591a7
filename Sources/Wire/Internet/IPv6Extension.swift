/// An extension header of an IPv6 packet (RFC 8200 §4), or an authentication header before an upper layer.
/// Decoded only when shown; what the packet as a whole needs of them is in ``IPv6Header``.
public struct IPv6Extension: Equatable, Sendable {
    public let kind: IPProtocol
    /// In bytes.
    public let length: Int
    public let nextHeader: IPProtocol
    /// Of a routing header (RFC 8200 §4.4): its type, and how many stations are left.
    public let routing: (type: UInt8, segmentsLeft: UInt8)?

    public static func == (one: IPv6Extension, other: IPv6Extension) -> Bool {
        one.kind == other.kind && one.length == other.length && one.nextHeader == other.nextHeader
            && one.routing?.type == other.routing?.type && one.routing?.segmentsLeft == other.routing?.segmentsLeft
    }

    /// Wireshark's name of the header's protocol.
    public var filterName: String {
        switch kind {
        case .hopByHop: "ipv6.hopopts"
        case .routing: "ipv6.routing"
        case .fragment: "ipv6.fraghdr"
        case .destinationOptions: "ipv6.dstopts"
        default: "ah"
        }
    }
}

extension Packet {
    /// The extension headers that were walked over, in their order.
    public func ipv6Extensions(in bytes: Span<UInt8>) -> [IPv6Extension] {
        guard case .ipv6(let header) = internet, header.extensionsLength > 0 else { return [] }
        var offset = Int(internetOffset) + IPv6Header.length
        let end = min(offset + Int(header.extensionsLength), bytes.count)
        var kind = header.nextHeader
        var list: [IPv6Extension] = []
        while offset + 8 <= end {
            let unit = kind == .authentication ? (Int(bytes[offset + 1]) + 2) * 4 : (Int(bytes[offset + 1]) + 1) * 8
            let length = kind == .fragment ? IPv6Fragment.length : unit
            let next = IPProtocol(rawValue: bytes[offset])
            let routing = kind == .routing ? (bytes[offset + 2], bytes[offset + 3]) : nil
            list.append(IPv6Extension(kind: kind, length: length, nextHeader: next, routing: routing))
            offset += length
            kind = next
        }
        return list
    }
}

extension IPv6Extension: CustomStringConvertible {
    private static let routingNames: [UInt8: String] = [
        0: "source route", 2: "mobility", 3: "RPL", 4: "segment routing", 5: "CRH-16", 6: "CRH-32",
    ]

    /// `hop-by-hop options 8 B`, `routing type 4 (segment routing), 2 left, 40 B`.
    public var description: String {
        guard let routing else {
            let name = kind == .fragment ? "fragment" : kind == .authentication ? "authentication" : kind.name ?? "\(kind)"
            return "\(name) \(length) B"
        }
        let name = IPv6Extension.routingNames[routing.type].map { " (\($0))" } ?? ""
        return "routing type \(routing.type)\(name), \(routing.segmentsLeft) left, \(length) B"
    }
}
