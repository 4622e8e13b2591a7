import Demux
import Wire

extension LineRenderer {
    /// The headers' fields, a line a header: `-e` the link layer's, `-v` the others', `-vv` all and the frame's.
    func renderDetails(
        _ packet: Packet, _ bytes: Span<UInt8>, _ commentary: FrameCommentary?, into out: inout OutputBuffer
    ) {
        if let commentary, options.verbosity > 0 { renderCommentary(commentary, into: &out) }
        if options.verbosity > 1 {
            line("frame", "\(packet.originalLength) B on the wire, \(packet.capturedLength) B captured, link type \(packet.linkType)", into: &out)
        }
        if options.showsLinkLayer || options.verbosity > 1 {
            renderLink(packet, into: &out)
            renderLinkHeaders(packet, bytes, into: &out)
        }
        if options.verbosity > 0 {
            if !(options.showsLinkLayer || options.verbosity > 1) { renderLinkHeaders(packet, bytes, into: &out) }
            renderHeaders(packet, bytes, into: &out)
            if packet.isFragment, let whole = fate.whole { renderWholeDetails(whole, into: &out) }
        }
    }

    /// The headers above the link layer, and then those of the packet inside or quoted.
    func renderHeaders(_ packet: Packet, _ bytes: Span<UInt8>, hasInternet: Bool = true, into out: inout OutputBuffer) {
        if let arp = packet.arp(in: bytes) { line("ARP", text(arp), into: &out) }
        if hasInternet { renderInternet(packet, bytes, into: &out) }
        renderTransport(packet, bytes, into: &out)
        if hasInternet, let remark = packet.remark { line("note", remark.rawValue, into: &out) }
        if let inner = packet.quoted(in: bytes) {
            line("quotes", "", into: &out)
            renderHeaders(inner, bytes, into: &out)
        } else if let inner = packet.tunnelled(in: bytes) {
            line("inside", packet.vxlan(in: bytes).map { "VXLAN \($0.network)" } ?? "", into: &out)
            if case .ethernet = inner.link {
                renderLink(inner, into: &out)
                renderLinkHeaders(inner, bytes, into: &out)
            }
            renderHeaders(inner, bytes, into: &out)
            if let stop = inner.stop { line("stopped", stop.description, into: &out) }
        }
    }

    /// What the capture says: of itself, the interface, the frame.
    private func renderCommentary(_ commentary: FrameCommentary, into out: inout OutputBuffer) {
        func show(_ label: String, _ text: String) {
            line(label, text.shown(hasUnicode: options.hasUnicode), into: &out)
        }
        for (subject, text) in commentary.preamble { show(subject, text) }
        if let index = commentary.interfaceID, commentary.interfaceName ?? commentary.interfaceDescription != nil {
            let words = ["\(index)", commentary.interfaceName, commentary.interfaceDescription].compactMap { $0 }
            show("interface", words.joined(separator: ", "))
        }
        for comment in commentary.comments { show("comment", comment) }
        for remark in commentary.remarks { show("note", remark) }
    }

    func line(_ label: String, _ text: String, into out: inout OutputBuffer) {
        let start = out.count
        out.append("      ")
        out.append(label)
        if !text.isEmpty { out.append(spaces: 10 - label.utf8.count) }
        out.append(text)
        endLine(from: start, indent: 16, into: &out)
    }

    var arrow: String { "\(signs.arrow)" }

    private func renderLink(_ packet: Packet, into out: inout OutputBuffer) {
        switch packet.link {
        case .none:
            if options.showsLinkLayer, packet.marks.isDisjoint(with: [.linkHeaders, .arp]), packet.source != nil {
                line("link", "none: the frame is an IP packet", into: &out)
            }
        case .ethernet(let header):
            line("Ethernet", "\(header.source)\(arrow)\(header.destination), type \(header.type), \(packet.originalLength - UInt32(packet.linkOffset)) B", into: &out)
        case .null(let header):
            line("null", "address family \(header.family), \(packet.originalLength) B", into: &out)
        case .cooked(let header):
            var words = ["type \(header.type)", "packet type \(header.packetType) (\(word(header.direction)))"]
            if let source = header.source { words.insert("from \(source)", at: 0) }
            if let index = header.interfaceIndex { words.append("interface \(index)") }
            words.append("\(packet.originalLength) B")
            line("cooked v\(header.version)", words.joined(separator: ", "), into: &out)
        }
    }

    private func word(_ direction: CookedHeader.Direction?) -> String {
        switch direction {
        case .host: "to us"
        case .broadcast: "broadcast"
        case .multicast: "multicast"
        case .otherHost: "to another host"
        case .outgoing: "from us"
        case nil: "unknown"
        }
    }

    private func renderInternet(_ packet: Packet, _ bytes: Span<UInt8>, into out: inout OutputBuffer) {
        switch packet.internet {
        case .none:
            return
        case .ipv4(let header):
            var words = [
                "\(header.sourceAddress)\(arrow)\(header.destinationAddress)", "header \(header.headerLength) B",
                "total \(header.totalLength) B", "id \(header.identification)",
            ]
            if header.dontFragment { words.append("DF") }
            if header.moreFragments { words.append("MF") }
            if header.fragmentOffset > 0 { words.append("offset \(header.fragmentOffset)") }
            if header.differentiatedServices != 0 { words.append("DS \(hex(UInt64(header.differentiatedServices), 2))") }
            words.append("ttl \(header.timeToLive)")
            words.append("protocol \(header.protocol)")
            let status = options.verifiesChecksums ? packet.internetChecksumStatus(bytes) : .unverified
            words.append("checksum \(hex(UInt64(header.checksum), 4)) (\(status.rawValue))")
            let list = packet.ipv4Options(in: bytes)
            if !list.isEmpty { words.append("options " + list.map(\.description).joined(separator: ", ")) }
            line("IPv4", words.joined(separator: ", "), into: &out)
        case .ipv6(let header):
            var words = [
                "\(header.source)\(arrow)\(header.destination)", "payload \(header.payloadLength) B",
                "hops \(header.hopLimit)", "next header \(header.nextHeader)",
            ]
            if header.trafficClass != 0 { words.append("class \(hex(UInt64(header.trafficClass), 2))") }
            if header.flowLabel != 0 { words.append("flow \(hex(UInt64(header.flowLabel), 5))") }
            if header.extensionsLength > 0 {
                let list = packet.ipv6Extensions(in: bytes).map(\.description).joined(separator: "; ")
                words.append("extension headers \(header.extensionsLength) B (\(list)), then \(header.upperLayer)")
            }
            if let fragment = header.fragment {
                words.append("fragment id \(fragment.identification) offset \(fragment.offset)\(fragment.more ? " more" : "")")
            }
            line("IPv6", words.joined(separator: ", "), into: &out)
        }
    }

    func renderTransport(_ packet: Packet, _ bytes: Span<UInt8>, into out: inout OutputBuffer) {
        switch packet.transport {
        case .none:
            return
        case .tcp(let header):
            guard Int(header.wholeBytes) == TCPHeader.minimumLength else {
                line("TCP", "\(ports(header.sourcePort, header.destinationPort, "tcp")), the rest was not captured", into: &out)
                return
            }
            var words = [
                ports(header.sourcePort, header.destinationPort, "tcp"), "seq \(header.sequence.rawValue)",
                "ack \(header.acknowledgment.rawValue)", "header \(header.headerLength) B", "flags \(header.flags)",
                "window \(header.window)", "checksum \(hex(UInt64(header.checksum), 4)) (\(status(packet, bytes)))",
            ]
            if header.flags.contains(.urg) { words.append("urgent \(header.urgentPointer)") }
            let list = TCPOption.all(of: header, in: bytes)
            if !list.isEmpty { words.append("options " + list.map(\.description).joined(separator: ", ")) }
            line("TCP", words.joined(separator: ", "), into: &out)
        case .udp(let header):
            line(
                "UDP",
                "\(ports(header.sourcePort, header.destinationPort, "udp")), length \(header.length) B, "
                    + "checksum \(hex(UInt64(header.checksum), 4)) (\(status(packet, bytes)))", into: &out)
        case .icmp(let header):
            var words = ["type \(header.type)", "code \(header.code)", "checksum \(hex(UInt64(header.checksum), 4)) (\(status(packet, bytes)))"]
            let message = packet.icmpMessage(in: bytes).brief
            if !message.isEmpty { words.append(message) }
            line(header.version == .four ? "ICMP" : "ICMPv6", words.joined(separator: ", "), into: &out)
        case .udpLite, .sctp, .dccp, .igmp, .gre:
            renderOtherTransport(packet, bytes, into: &out)
        }
    }

    func status(_ packet: Packet, _ bytes: Span<UInt8>) -> String {
        (options.verifiesChecksums ? packet.transportChecksumStatus(bytes) : .unverified).rawValue
    }

    func ports(_ source: UInt16, _ destination: UInt16, _ transport: String) -> String {
        "\(named(source, transport))\(arrow)\(named(destination, transport))"
    }

    /// `80 (http)` where names are wanted and there is one.
    private func named(_ port: UInt16, _ transport: String) -> String {
        guard let name = options.serviceName?(port, transport) else { return "\(port)" }
        return "\(port) (\(name))"
    }

    func hex(_ number: UInt64, _ digits: Int) -> String { "0x" + LineRenderer.digits(number, digits) }

    /// A number in hexadecimal, with at least so many digits.
    static func digits(_ number: UInt64, _ digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
