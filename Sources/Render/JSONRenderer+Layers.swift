import Wire

extension JSONRenderer {
    /// The layers as they were decoded, outermost first, by Wireshark's names: `eth:ip:tcp`.
    static func layers(_ packet: Packet, _ bytes: Span<UInt8>) -> String {
        var names: [String] = []
        append(packet, bytes, to: &names)
        return names.joined(separator: ":")
    }

    private static func append(_ packet: Packet, _ bytes: Span<UInt8>, to names: inout [String]) {
        switch packet.link {
        case .none: break
        case .ethernet: names.append("eth")
        case .null: names.append(packet.linkType == .loop ? "loop" : "null")
        case .cooked: names.append("sll")
        }
        let headers = packet.linkHeaders(in: bytes)
        names += headers.map(name)
        if case .none = packet.link, headers.isEmpty, packet.depth == 0, packet.source != nil,
            packet.linkType != .ipv4, packet.linkType != .ipv6
        { names.append("raw") }
        if packet.marks.contains(.arp) { names.append("arp") }
        switch packet.internet {
        case .none: break
        case .ipv4(let header):
            names.append("ip")
            if header.protocol == .authentication, header.upperLayer != .authentication { names.append("ah") }
        case .ipv6:
            names.append("ipv6")
            names += packet.ipv6Extensions(in: bytes).map(\.filterName)
        }
        if let name = name(packet.transport) { names.append(name) }
        guard let inner = packet.tunnelled(in: bytes) else { return }
        if packet.vxlan(in: bytes) != nil { names.append("vxlan") }
        append(inner, bytes, to: &names)
    }

    private static func name(_ header: LinkHeader) -> String {
        switch header {
        case .vlan: "vlan"
        case .llc: "llc"
        case .pppoe: "pppoes"
        case .ppp: "ppp"
        case .hdlc: "chdlc"
        }
    }

    private static func name(_ transport: Packet.Transport) -> String? {
        switch transport {
        case .none: nil
        case .tcp: "tcp"
        case .udp: "udp"
        case .udpLite: "udplite"
        case .icmp(let header): header.version == .four ? "icmp" : "icmpv6"
        case .sctp: "sctp"
        case .dccp: "dccp"
        case .igmp: "igmp"
        case .gre: "gre"
        }
    }
}
