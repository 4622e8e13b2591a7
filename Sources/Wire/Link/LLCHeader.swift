/// A logical link control header (IEEE 802.2 §3), and the SNAP header that may stand behind it (IEEE 802 §10.3;
/// RFC 1042).
///
///     0       1       2                  3                 6       8
///     | DSAP  | SSAP  | control, 1 or 2  | organization    | type  |
public struct LLCHeader: Equatable, Sendable {
    /// With a control field of one byte.
    public static let minimumLength = 3
    static let snapLength = 5

    public let destinationSAP: UInt8
    public let sourceSAP: UInt8
    public let control: UInt16
    public let snap: SNAP?

    /// Who numbers the protocols, and the protocol's number.
    public struct SNAP: Equatable, Sendable {
        /// 24 bits (IEEE 802 §8.2).
        public let organization: UInt32
        public let type: EtherType

        /// Whether ``type`` is an EtherType: RFC 1042 gives the organization 0, IEEE 802.1H 00-00-F8 for bridges.
        public var isEtherType: Bool { organization == 0 || organization == 0x0000f8 }
    }

    /// IEEE 802.2 §5.4: one byte in an unnumbered frame, two in the others.
    private static func controlLength(_ first: UInt8) -> Int { first & 3 == 3 ? 1 : 2 }

    public var length: Int {
        2 + LLCHeader.controlLength(UInt8(truncatingIfNeeded: control)) + (snap == nil ? 0 : LLCHeader.snapLength)
    }

    /// Whether data of the service access point follows: an information frame or an unnumbered one (UI).
    var carriesData: Bool { control & 1 == 0 || control & 0xef == 0x03 }

    init(_ bytes: Span<UInt8>, in extent: Extent) throws(Stop) {
        let available = extent.available(of: bytes.count)
        guard available >= LLCHeader.minimumLength else {
            throw extent.truncated(.llc, needed: LLCHeader.minimumLength, of: bytes.count)
        }
        let start = extent.start
        destinationSAP = bytes[start]
        sourceSAP = bytes[start + 1]
        let controlLength = LLCHeader.controlLength(bytes[start + 2])
        guard available >= 2 + controlLength else {
            throw extent.truncated(.llc, needed: 2 + controlLength, of: bytes.count)
        }
        control = controlLength == 1 ? UInt16(bytes[start + 2]) : UInt16(bytes[start + 2]) | UInt16(bytes[start + 3]) << 8
        // RFC 1042: both are 170, in a UI frame.
        guard destinationSAP == 0xaa, sourceSAP == 0xaa, control & 0xef == 0x03 else {
            snap = nil
            return
        }
        let needed = 2 + controlLength + LLCHeader.snapLength
        guard available >= needed else { throw extent.truncated(.llc, needed: needed, of: bytes.count) }
        snap = SNAP(
            organization: UInt32(bytes[start + 3]) << 16 | UInt32(bytes.uint16(at: start + 4)),
            type: EtherType(rawValue: bytes.uint16(at: start + 6)))
    }

    private static let names: [UInt8: String] = [
        0x00: "null", 0x02: "LLC management", 0x06: "IPv4", 0x0e: "PROWAY", 0x42: "spanning tree", 0x4e: "EIA RS-511", 0x7e: "X.25",
        0x80: "XNS", 0x8e: "PROWAY", 0x98: "ARP", 0xaa: "SNAP", 0xbc: "VINES", 0xe0: "IPX", 0xf0: "NetBIOS", 0xf4: "LAN management",
        0xfe: "OSI network layer", 0xff: "global",
    ]

    /// The name of a service access point.
    static func name(_ accessPoint: UInt8) -> String? { names[accessPoint] }
}
