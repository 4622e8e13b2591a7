/// The kind of link-layer header that a frame begins with: libpcap's `DLT_` number on Linux.
public struct LinkType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    public static let null = LinkType(0)
    public static let ethernet = LinkType(1)
    public static let raw = LinkType(12)
    public static let loop = LinkType(108)
    public static let linuxCooked = LinkType(113)
    public static let ipv4 = LinkType(228)
    public static let ipv6 = LinkType(229)
    public static let linuxCooked2 = LinkType(276)
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
