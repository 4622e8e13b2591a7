/// The kind of link-layer header that a frame begins with: libpcap's `DLT_` number on Linux.
public struct LinkType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
    @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    @inlinable @inline(__always) public static var null: LinkType { LinkType(0) }
    @inlinable @inline(__always) public static var ethernet: LinkType { LinkType(1) }
    @inlinable @inline(__always) public static var raw: LinkType { LinkType(12) }
    @inlinable @inline(__always) public static var loop: LinkType { LinkType(108) }
    @inlinable @inline(__always) public static var linuxCooked: LinkType { LinkType(113) }
    @inlinable @inline(__always) public static var ipv4: LinkType { LinkType(228) }
    @inlinable @inline(__always) public static var ipv6: LinkType { LinkType(229) }
    @inlinable @inline(__always) public static var linuxCooked2: LinkType { LinkType(276) }
}

extension LinkType: CustomStringConvertible {
    private static let names: [LinkType: String] = [
        .null: "BSD null", .ethernet: "Ethernet", .raw: "raw IP", .loop: "OpenBSD loop",
        .linuxCooked: "Linux cooked v1", .linuxCooked2: "Linux cooked v2", .ipv4: "raw IPv4", .ipv6: "raw IPv6",
        LinkType(14): "raw IP", LinkType(101): "raw IP",
        LinkType(9): "PPP", LinkType(105): "IEEE 802.11", LinkType(127): "802.11 with radiotap",
        LinkType(189): "USB", LinkType(220): "USB", LinkType(249): "USB", LinkType(253): "netlink",
    ]

    /// The number, and the name where there is one: `1 (Ethernet)`.
    public var description: String {
        LinkType.names[self].map { "\(rawValue) (\($0))" } ?? "\(rawValue)"
    }
}
