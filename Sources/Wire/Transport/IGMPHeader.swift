/// The start of an IGMP message (RFC 1112 appendix I, RFC 2236 §2, RFC 9776 §4).
///
///     0       1       2               4               8
///     | type  | delay | checksum      | group         | version 3: more …
public struct IGMPHeader: Equatable, Sendable {
    public static let length = 8

    /// Where the header begins in the frame.
    public let offset: UInt16
    /// How many of the eight bytes are there: 8, or fewer (at least 4) where the packet was cut.
    public let wholeBytes: UInt8
    public let type: UInt8
    /// How long an answer may wait, as it stands: ``responseTime`` says what it means.
    public let maximumResponse: UInt8
    public let checksum: UInt16
    /// Of a report of version 3 the number of its group records, else the group.
    public let group: UInt32
    /// Of which version the message is; 0 for a type that none has.
    public let version: UInt8

    init(_ bytes: Span<UInt8>, in extent: Extent) throws(Stop) {
        let available = extent.available(of: bytes.count)
        let start = extent.start
        guard available >= 4 else { throw extent.truncated(.igmp, needed: IGMPHeader.length, of: bytes.count) }
        offset = UInt16(truncatingIfNeeded: start)
        wholeBytes = UInt8(min(available, IGMPHeader.length))
        type = bytes[start]
        maximumResponse = bytes[start + 1]
        checksum = bytes.uint16(at: start + 2)
        group = available >= 8 ? bytes.uint32(at: start + 4) : 0
        switch type {
        // RFC 9776 §7.1: 12 bytes or more are version 3, eight with a code of 0 are version 1.
        case 0x11: version = extent.limit - start >= 12 ? 3 : maximumResponse == 0 ? 1 : 2
        case 0x12: version = 1
        case 0x16, 0x17: version = 2
        case 0x22: version = 3
        default: version = 0
        }
    }

    public var isReportOfVersion3: Bool { type == 0x22 }
    /// The group, in the messages that have one there.
    public var groupAddress: IPAddress? { wholeBytes < 8 || version == 0 || isReportOfVersion3 ? nil : IPAddress(ipv4: group) }
    /// The group of a report's first record (RFC 9776 §4.2.4): behind its type, two lengths and before its sources.
    ///
    /// - Parameter end: where the message ends; what a link layer put behind it is no record.
    public func firstGroup(in bytes: Span<UInt8>, end: Int) -> IPAddress? {
        let place = Int(offset) + IGMPHeader.length + 4
        guard let count = recordCount, count > 0, place + 4 <= min(end, bytes.count) else { return nil }
        return IPAddress(ipv4: bytes.uint32(at: place))
    }
    /// How long an answer may wait, in tenths of a second (RFC 9776 §4.1.1); `nil` in messages that do not say.
    public var responseTime: UInt32? {
        switch version {
        case 2: UInt32(maximumResponse)
        // From 128 on four bits of mantissa, with a one in front, and three of exponent.
        case 3 where type == 0x11:
            maximumResponse < 128
                ? UInt32(maximumResponse) : UInt32(maximumResponse & 0xf | 0x10) << (UInt32(maximumResponse >> 4 & 7) + 3)
        default: nil
        }
    }
    /// How many groups a report of version 3 speaks of.
    public var recordCount: UInt16? { wholeBytes >= 8 && isReportOfVersion3 ? UInt16(truncatingIfNeeded: group) : nil }

    /// IANA, "IGMP Type Numbers".
    private static let names: [UInt8: String] = [
        0x11: "query", 0x12: "report", 0x13: "DVMRP", 0x14: "PIM version 1", 0x15: "Cisco trace", 0x16: "report", 0x17: "leave",
        0x1e: "multicast traceroute response", 0x1f: "multicast traceroute", 0x22: "report", 0x30: "router advertisement",
        0x31: "router solicitation", 0x32: "router termination",
    ]
}

extension IGMPHeader: CustomStringConvertible {
    /// `IGMP v2 report 224.0.0.251`, `IGMP v3 report, 2 groups`, `IGMP type 0x77`.
    public var description: String {
        guard let name = IGMPHeader.names[type] else { return "IGMP type 0x" + hexDigits(UInt64(type), 2) }
        let text = "IGMP " + (version == 0 ? "" : "v\(version) ") + name
        if let count = recordCount { return "\(text), \(count) group\(count == 1 ? "" : "s")" }
        guard version > 0, let groupAddress, !groupAddress.isWildcard else { return text }
        return "\(text) \(groupAddress)"
    }
}
