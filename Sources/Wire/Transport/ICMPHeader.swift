/// The common start of ICMP (RFC 792) and ICMPv6 (RFC 4443 §2.1) messages.
///
///     0       1       2               4               8
///     | type  | code  | checksum      | rest of header|
public struct ICMPHeader: Equatable, Sendable {
    /// With the four bytes whose meaning depends on the type.
    public static let length = 8

    public let version: IPAddress.Version
    /// Where the header begins in the frame.
    public let offset: UInt16
    public let type: UInt8
    public let code: UInt8
    public let checksum: UInt16

    init(_ bytes: Span<UInt8>, in extent: Extent, version: IPAddress.Version) throws(Stop) {
        guard extent.available(of: bytes.count) >= 4 else {
            throw extent.truncated(version == .four ? .icmp : .icmpv6, needed: ICMPHeader.length, of: bytes.count)
        }
        self.version = version
        offset = UInt16(truncatingIfNeeded: extent.start)
        type = bytes[extent.start]
        code = bytes[extent.start + 1]
        checksum = bytes.uint16(at: extent.start + 2)
    }

    /// Whether the message is about another packet and quotes its beginning (RFC 792; RFC 4443 §2.4).
    public var quotes: Bool {
        switch version {
        case .four: type == 3 || type == 4 || type == 5 || type == 11 || type == 12
        case .six: type >= 1 && type <= 4
        }
    }

    /// How many bytes the quote has, where the message says so; behind them stand extensions (RFC 4884 §4).
    ///
    /// 0 where it does not: then all that follows is the quote. Which field says so depends on version and type, and in
    /// the other types it means something else.
    func quoteLength(_ bytes: Span<UInt8>) -> Int {
        let start = Int(offset)
        guard start + ICMPHeader.length <= bytes.count else { return 0 }
        switch (version, type) {
        case (.four, 3), (.four, 11), (.four, 12): return Int(bytes[start + 5]) * 4
        case (.six, 1), (.six, 3): return Int(bytes[start + 4]) * 8
        default: return 0
        }
    }

    /// The quoted packet did not arrive: any error but source quench and redirect, which ask for slower packets and
    /// another way and let this one pass (RFC 792).
    public var saysLost: Bool {
        quotes && !(version == .four && (type == 4 || type == 5))
    }

    /// Port unreachable: nobody is bound there (RFC 1122 §4.1.3.1; RFC 4443 §3.1).
    public var saysPortUnreachable: Bool {
        version == .four ? type == 3 && code == 3 : type == 1 && code == 4
    }
}

extension ICMPHeader: CustomStringConvertible {
    private static let types4: [UInt8: String] = [
        0: "echo reply", 3: "unreachable", 4: "source quench", 5: "redirect", 8: "echo request",
        9: "router advertisement", 10: "router solicitation", 11: "time exceeded", 12: "parameter problem",
        13: "timestamp request", 14: "timestamp reply", 15: "information request", 16: "information reply", 17: "address mask request",
        18: "address mask reply", 30: "traceroute", 37: "domain name request", 38: "domain name reply", 40: "security failure",
        42: "extended echo request", 43: "extended echo reply",
    ]
    private static let types6: [UInt8: String] = [
        1: "unreachable", 2: "packet too big", 3: "time exceeded", 4: "parameter problem", 128: "echo request",
        129: "echo reply", 130: "multicast listener query", 131: "multicast listener report",
        132: "multicast listener done", 133: "router solicitation", 134: "router advertisement",
        135: "neighbor solicitation", 136: "neighbor advertisement", 137: "redirect", 138: "router renumbering",
        139: "node information query", 140: "node information reply", 141: "inverse neighbor solicitation",
        142: "inverse neighbor advertisement", 143: "multicast listener report v2", 144: "home agent request", 145: "home agent reply",
        146: "mobile prefix solicitation", 147: "mobile prefix advertisement", 148: "certification path solicitation",
        149: "certification path advertisement", 151: "multicast router advertisement", 152: "multicast router solicitation",
        153: "multicast router termination", 155: "RPL control", 157: "duplicate address request", 158: "duplicate address confirmation",
        160: "extended echo request", 161: "extended echo reply",
    ]
    /// What is unreachable, or why, by code (IANA, "ICMP Parameters"; RFC 4443 §3.1).
    private static let unreachable4 = [
        "net unreachable", "host unreachable", "protocol unreachable", "port unreachable", "fragmentation needed",
        "source route failed", "net unknown", "host unknown", "source isolated", "net prohibited", "host prohibited",
        "net unreachable for this service", "host unreachable for this service", "administratively prohibited",
        "host precedence violation", "precedence cutoff",
    ]
    private static let unreachable6 = [
        "no route", "administratively prohibited", "beyond scope", "address unreachable", "port unreachable",
        "source policy failed", "route rejected", "source routing header error",
    ]

    /// `ICMP port unreachable`, `ICMPv6 echo request`, `ICMP type 42 code 0`.
    public var description: String {
        let family = version == .four ? "ICMP" : "ICMPv6"
        let reasons = version == .four ? ICMPHeader.unreachable4 : ICMPHeader.unreachable6
        if type == (version == .four ? 3 : 1), Int(code) < reasons.count {
            return "\(family) \(reasons[Int(code)])"
        }
        guard let name = (version == .four ? ICMPHeader.types4 : ICMPHeader.types6)[type] else {
            return "\(family) type \(type) code \(code)"
        }
        return "\(family) \(name)" + (code == 0 ? "" : ", code \(code)")
    }
}
