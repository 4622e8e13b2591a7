/// The protocol field before a packet on a point-to-point link (RFC 1661 §2), behind the address and control bytes of
/// HDLC-like framing (RFC 1662 §3.1), which may be left out.
public struct PPPHeader: Equatable, Sendable {
    /// How many bytes the header takes: 1 to 4, both fields may be compressed.
    public let length: UInt8
    public let `protocol`: PPPProtocol

    /// - Parameter isFramed: whether address and control may stand in front.
    init(_ bytes: Span<UInt8>, in extent: Extent, isFramed: Bool) throws(Stop) {
        let available = extent.available(of: bytes.count)
        var length = 0
        // RFC 1662 §3.1: "All-Stations" and "Unnumbered Information"; RFC 1661 §6.6 lets them be left out.
        if isFramed, available > 0, bytes[extent.start] == 0xff { length = 2 }
        guard available > length else { throw extent.truncated(.ppp, needed: length + 1, of: bytes.count) }
        let first = bytes[extent.start + length]
        // RFC 1661 §2: only the last byte of the field is odd, so that one byte says that it is the whole.
        if first & 1 == 1 {
            self.length = UInt8(length + 1)
            `protocol` = PPPProtocol(rawValue: UInt16(first))
            return
        }
        guard available >= length + 2 else { throw extent.truncated(.ppp, needed: length + 2, of: bytes.count) }
        self.length = UInt8(length + 2)
        `protocol` = PPPProtocol(rawValue: bytes.uint16(at: extent.start + length))
    }
}

/// What a point-to-point link carries (IANA, "PPP DLL Protocol Numbers").
public struct PPPProtocol: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let ipv4 = PPPProtocol(rawValue: 0x0021)
    public static let ipv6 = PPPProtocol(rawValue: 0x0057)

    private static let names: [UInt16: String] = [
        0x0001: "padding", 0x0003: "ROHC", 0x0021: "IPv4", 0x0023: "OSI", 0x0025: "XNS IDP", 0x0027: "DECnet", 0x0029: "AppleTalk",
        0x002b: "IPX", 0x002d: "compressed TCP/IP", 0x002f: "uncompressed TCP/IP", 0x0031: "bridging", 0x003d: "multilink",
        0x003f: "NetBIOS", 0x0053: "encryption", 0x0057: "IPv6", 0x0059: "multiplexing", 0x00fb: "single link compression",
        0x00fd: "compression", 0x0201: "spanning tree", 0x0281: "MPLS", 0x0283: "MPLS multicast", 0x8021: "IPCP", 0x8023: "OSINLCP",
        0x8027: "DNCP", 0x8029: "ATCP", 0x802b: "IPXCP", 0x8031: "bridging control", 0x803f: "NBFCP", 0x8053: "ECP", 0x8057: "IPv6CP",
        0x80fd: "CCP", 0x8281: "MPLSCP", 0xc021: "LCP", 0xc023: "PAP", 0xc025: "link quality", 0xc029: "CBCP", 0xc02b: "BACP",
        0xc02d: "BAP", 0xc223: "CHAP", 0xc227: "EAP",
    ]

    public var name: String? { PPPProtocol.names[rawValue] }
}

extension PPPProtocol: CustomStringConvertible {
    /// `0xc021 (LCP)`.
    public var description: String { "0x" + hexDigits(UInt64(rawValue), 4) + (name.map { " (\($0))" } ?? "") }
}

/// A PPP over Ethernet header (RFC 2516 §4).
///
///     0       1       2               4               6
///     |ver|typ| code  | session       | length        |
public struct PPPoEHeader: Equatable, Sendable {
    public static let length = 6

    public let version: UInt8
    public let type: UInt8
    /// 0 in a session; what a discovery packet asks or offers.
    public let code: UInt8
    public let session: UInt16
    /// In bytes, without this header.
    public let payloadLength: UInt16

    init(_ bytes: Span<UInt8>, in extent: Extent) throws(Stop) {
        guard extent.available(of: bytes.count) >= PPPoEHeader.length else {
            throw extent.truncated(.pppoe, needed: PPPoEHeader.length, of: bytes.count)
        }
        let start = extent.start
        version = bytes[start] >> 4
        type = bytes[start] & 0xf
        code = bytes[start + 1]
        session = bytes.uint16(at: start + 2)
        payloadLength = bytes.uint16(at: start + 4)
    }

    /// What a discovery packet is (RFC 2516 §5).
    public var codeName: String? {
        switch code {
        case 0x00: "session"
        case 0x07: "offer"
        case 0x09: "initiation"
        case 0x19: "request"
        case 0x65: "session confirmation"
        case 0xa7: "termination"
        default: nil
        }
    }
}
