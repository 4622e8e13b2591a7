/// Why decoding of a packet ended before its payload: at which layer, and for which of three reasons.
///
/// The three stay apart down to the printed line: a packet that was not captured whole is not a broken one,
/// and neither is one that uses what portwatch does not know.
public struct Stop: Error, Equatable, Sendable {
    public let layer: Layer
    public let reason: Reason

    public init(_ layer: Layer, _ reason: Reason) {
        self.layer = layer
        self.reason = reason
    }

    public enum Reason: Equatable, Sendable {
        /// The header needs more bytes than there are; `bound` says who set the limit.
        case truncated(needed: Int, available: Int, bound: Bound)
        /// The header contradicts itself.
        case malformed(Field, value: UInt32)
        /// What comes next is outside of what portwatch decodes.
        case unsupported(Numbering, number: UInt32)
    }

    /// A layer as decoded, by Wireshark's name of the protocol.
    public enum Layer: String, Sendable {
        case frame, eth, null, loop, raw, sll, ip, ipv6, tcp, udp, icmp, icmpv6
        case vlan, llc, ppp, arp, udplite, sctp, dccp, igmp, gre, vxlan
        case pppoe = "pppoes"
        case hdlc = "chdlc"
    }

    /// The same of a quote that the message has more of: the capture cut it, not who quoted.
    var boundByCapture: Stop {
        guard case .truncated(let needed, let available, .quote) = reason else { return self }
        return Stop(layer, .truncated(needed: needed, available: available, bound: .captured))
    }

    /// Who says where the bytes end.
    public enum Bound: String, Sendable {
        case captured = "captured"
        case frameLength = "in the frame"
        case ipv4TotalLength = "within the IPv4 total length"
        case ipv6PayloadLength = "within the IPv6 payload length"
        case quote = "quoted"
        case ieee8023Length = "within the 802.3 length"
        case pppoeLength = "within the PPPoE length"
        case tunnel = "in the tunnel"
    }

    /// A header's field, by its name in the RFC.
    public enum Field: String, Sendable {
        case version
        case headerLength = "header length"
        case totalLength = "total length"
        case dataOffset = "data offset"
        case length
        case extensionLength = "extension header length"
        case addressLength = "length of its addresses"
        case checksumCoverage = "checksum coverage"
    }

    /// Which numbers an unsupported number belongs to.
    public enum Numbering: String, Sendable {
        case linkType = "link type"
        case etherType = "EtherType"
        case addressFamily = "address family"
        case ipProtocol = "IP protocol"
        case pppProtocol = "PPP protocol"
        case hdlcProtocol = "HDLC protocol"
        case sap = "LLC SAP"
        case organization = "SNAP organization"
        case hardwareType = "hardware type"
        case cookedProtocol = "cooked protocol"
        case greFlags = "GRE flags"
        /// Tunnels in tunnels: deeper than ``Packet/deepestTunnel``.
        case tunnels
    }
}

extension Stop: CustomStringConvertible {
    /// `truncated`, `malformed` or `unsupported`: the word that the JSON lines have, too.
    public var kind: String {
        switch reason {
        case .truncated: "truncated"
        case .malformed: "malformed"
        case .unsupported: "unsupported"
        }
    }

    /// What exactly: `20 bytes needed, 12 captured`, `header length 8`, `EtherType 0x0806 (ARP)`.
    public var detail: String {
        switch reason {
        case .truncated(let needed, let available, let bound):
            return "\(needed) bytes needed, \(available) \(bound.rawValue)"
        case .malformed(let field, let value):
            return "\(field.rawValue) \(value)"
        case .unsupported(let numbering, let number):
            return Stop.text(numbering, number)
        }
    }

    private static func text(_ numbering: Numbering, _ number: UInt32) -> String {
        let short = UInt16(truncatingIfNeeded: number)
        switch numbering {
        case .etherType: return "\(numbering.rawValue) \(EtherType(rawValue: short))"
        case .ipProtocol: return "\(numbering.rawValue) \(IPProtocol(rawValue: UInt8(truncatingIfNeeded: number)))"
        case .linkType: return "\(numbering.rawValue) \(LinkType(rawValue: number))"
        case .pppProtocol: return "\(numbering.rawValue) \(PPPProtocol(rawValue: short))"
        case .sap:
            let name = LLCHeader.name(UInt8(truncatingIfNeeded: number)).map { " (\($0))" } ?? ""
            return "\(numbering.rawValue) 0x\(hexDigits(UInt64(number), 2))\(name)"
        case .hdlcProtocol, .greFlags, .cookedProtocol: return "\(numbering.rawValue) 0x\(hexDigits(UInt64(number), 4))"
        case .organization: return "\(numbering.rawValue) 0x\(hexDigits(UInt64(number), 6))"
        case .addressFamily, .hardwareType: return "\(numbering.rawValue) \(number)"
        case .tunnels: return "a tunnel within \(number - 1) tunnels"
        }
    }

    public var description: String { "\(layer.rawValue) \(kind): \(detail)" }
}
