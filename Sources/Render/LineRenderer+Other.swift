import Demux
import Wire

// What is neither TCP nor UDP, in the line and under it.

extension LineRenderer {
    /// `ICMP echo request id 7 seq 1`, `ICMP port unreachable for UDP …`.
    @inline(never)
    func renderICMP(_ header: ICMPHeader, _ packet: Packet, _ bytes: Span<UInt8>, into out: inout OutputBuffer) {
        guard !options.isQuiet else { return out.append(header.description) }
        out.append(summary(header, packet, bytes))
        renderQuote(packet, bytes, into: &out)
    }

    private func renderQuote(_ packet: Packet, _ bytes: Span<UInt8>, into out: inout OutputBuffer) {
        guard let inner = packet.quoted(in: bytes), inner.source != nil else { return }
        let ends = EndTexts(inner)
        out.append(" for ")
        if let name = inner.upperLayer?.name {
            out.append(name)
            out.append(UInt8(ascii: " "))
        }
        out.append(ends.source)
        out.append(signs.arrow)
        out.append(ends.destination)
        if inner.ports == nil, let stop = inner.stop { out.append(" (\(stop))") }
    }

    /// What has another transport header, or none that is decoded here.
    @inline(never)
    func renderOther(
        _ packet: Packet, _ bytes: Span<UInt8>, _ delivery: Delivery, lineStart: Int, into out: inout OutputBuffer
    ) {
        if packet.isFragment, packet.transport == .none, let layer = packet.upperLayer {
            out.append(layer.name ?? layer.description)
            out.append(" fragment")
        } else if packet.marks.contains(.tunnel) {
            renderTunnel(packet, bytes, into: &out)
        } else {
            out.append(summary(packet, bytes))
            if case .udpLite = packet.transport { renderPayload(packet, bytes, delivery, lineStart: lineStart, into: &out) }
        }
    }

    private func renderPayload(
        _ packet: Packet, _ bytes: Span<UInt8>, _ delivery: Delivery, lineStart: Int, into out: inout OutputBuffer
    ) {
        guard options.columns == nil else { return renderPreview(packet, bytes, delivery, lineStart: lineStart, into: &out) }
        guard !options.isQuiet, !packet.payload.isEmpty else { return }
        let payload = packet.payload.clamped(to: bytes.count)
        let preview = payload.lowerBound..<min(payload.upperBound, payload.lowerBound + LineRenderer.longestPreview)
        out.append(" \"")
        out.append(escaped: bytes.extracting(preview))
        out.append(UInt8(ascii: "\""))
        if preview.count < Int(packet.payloadLength) { out.append(signs.cut) }
    }

    /// `GRE, inside: 10.1.1.1:80 → 10.1.1.2:1234 TCP SYN`.
    @inline(never)
    func renderTunnel(_ packet: Packet, _ bytes: Span<UInt8>, into out: inout OutputBuffer) {
        out.append(summary(packet, bytes))
        var packet = packet
        while !options.isQuiet, let inner = packet.tunnelled(in: bytes) {
            out.append(", inside: ")
            packet = inner
            if let stop = inner.stop, inner.source == nil, inner.link == .none {
                out.append("\(stop)")
                continue
            }
            let ends = EndTexts(inner)
            if !ends.source.isEmpty, inner.arp(in: bytes) == nil {
                out.append(ends.source)
                out.append(signs.arrow)
                out.append(ends.destination)
                out.append(UInt8(ascii: " "))
            }
            out.append(summary(inner, bytes))
            if let stop = inner.stop, inner.transport != .none || stop.kind != "unsupported" { out.append(" (\(stop))") }
        }
    }

    private func summary(_ header: ICMPHeader, _ packet: Packet, _ bytes: Span<UInt8>) -> String {
        let message = packet.icmpMessage(in: bytes).brief
        guard !message.isEmpty else { return header.description }
        return header.description + (header.description.contains(",") ? ", " : " ") + message
    }

    /// A packet in a few words, without its ends.
    private func summary(_ packet: Packet, _ bytes: Span<UInt8>) -> String {
        switch packet.transport {
        case .tcp(let header):
            return "TCP \(header.hasFlags ? header.flags.description : "flags not captured")"
                + (packet.payloadLength > 0 ? " \(packet.payloadLength) B" : "")
        case .udp:
            return "UDP \(packet.payloadLength) B" + (packet.vxlan(in: bytes).map { ", VXLAN \($0.network)" } ?? "")
        case .udpLite: return "UDP-Lite \(packet.payloadLength) B"
        case .sctp(let header): return "SCTP " + (header.firstChunkName ?? "without a chunk")
        case .dccp(let header): return header.wholeBytes < 9 ? "DCCP" : "DCCP \(header.typeName)"
        case .igmp(let header): return header.description
        case .gre(let header):
            if let stop = packet.stop, case .unsupported = stop.reason { return "GRE \(stop.detail)" }
            return header.type == .ppp && !packet.marks.contains(.tunnel) ? "GRE acknowledgment" : "GRE"
        case .icmp(let header):
            return summary(header, packet, bytes)
        case .none: break
        }
        if let arp = packet.arp(in: bytes) { return arp.description }
        if let stop = packet.stop, case .unsupported = stop.reason { return stop.detail }
        if packet.marks.contains(.arp) { return "ARP" }
        return packet.upperLayer.map { $0.name ?? $0.description } ?? "\(packet.capturedLength) B captured"
    }
}

// MARK: Under the line

extension LineRenderer {
    /// Tags, 802.2 headers and PPP, a line each.
    func renderLinkHeaders(_ packet: Packet, _ bytes: Span<UInt8>, into out: inout OutputBuffer) {
        for header in packet.linkHeaders(in: bytes) {
            switch header {
            case .vlan(let tag):
                line(
                    "VLAN",
                    "\(tag.identifier), priority \(tag.priority)\(tag.isDropEligible ? ", may be dropped" : ""), type \(tag.type)", into: &out)
            case .llc(let llc):
                var text = "DSAP \(hex(UInt64(llc.destinationSAP), 2)), SSAP \(hex(UInt64(llc.sourceSAP), 2)), control \(hex(UInt64(llc.control), 2))"
                if let snap = llc.snap { text += ", SNAP organization \(hex(UInt64(snap.organization), 6)), type \(snap.type)" }
                line("LLC", text, into: &out)
            case .pppoe(let pppoe):
                line(
                    "PPPoE", "\(pppoe.codeName ?? "code \(pppoe.code)"), session \(pppoe.session), payload \(pppoe.payloadLength) B", into: &out)
            case .ppp(let ppp): line("PPP", "protocol \(ppp.protocol)", into: &out)
            case .hdlc(let type): line("HDLC", "type \(type)", into: &out)
            }
        }
    }

    func text(_ arp: ARPPacket) -> String {
        var words = ["\(arp.opcode.name ?? "opcode") (\(arp.opcode.rawValue))"]
        if arp.hardwareType != 1 { words.append("hardware type \(arp.hardwareType)") }
        if arp.protocolType != .ipv4 { words.append("protocol \(arp.protocolType)") }
        for (name, party) in [("sender", arp.sender), ("target", arp.target)] {
            let addresses = [party.hardware?.description, party.address?.description].compactMap { $0 }
            if !addresses.isEmpty { words.append("\(name) " + addresses.joined(separator: " ")) }
        }
        return words.joined(separator: ", ")
    }

    func renderOtherTransport(_ packet: Packet, _ bytes: Span<UInt8>, into out: inout OutputBuffer) {
        var words: [String] = []
        let label: String
        func checksum(_ value: UInt64, _ digits: Int) { words.append("checksum \(hex(value, digits)) (\(status(packet, bytes)))") }
        switch packet.transport {
        case .udpLite(let header):
            label = "UDP-Lite"
            words = [ports(header.sourcePort, header.destinationPort, "udp"), "coverage \(header.length) B"]
            checksum(UInt64(header.checksum), 4)
        case .sctp(let header):
            label = "SCTP"
            words = [ports(header.sourcePort, header.destinationPort, "sctp"), "tag \(hex(UInt64(header.verificationTag), 8))"]
            checksum(UInt64(header.checksum), 8)
            if let name = header.firstChunkName { words.append("first chunk \(name)") }
        case .dccp(let header):
            label = "DCCP"
            words = [ports(header.sourcePort, header.destinationPort, "dccp"), "header \(header.headerLength) B", header.typeName]
        case .igmp(let header):
            label = "IGMP"
            words = ["type \(hex(UInt64(header.type), 2))", "version \(header.version)", "maximum response \(header.maximumResponse)"]
            checksum(UInt64(header.checksum), 4)
            if let group = header.groupAddress { words.append("group \(group)") }
            if let count = header.recordCount { words.append("group records \(count)") }
        case .gre(let header):
            label = "GRE"
            words = ["flags \(hex(UInt64(header.flagsAndVersion), 4))", "type \(header.type)"]
            if let value = header.checksum(in: bytes) { checksum(UInt64(value), 4) }
            if let key = header.key(in: bytes) { words.append("key \(key)") }
            if let sequence = header.sequence(in: bytes) { words.append("sequence \(sequence)") }
        case .none, .tcp, .udp, .icmp: return
        }
        line(label, words.joined(separator: ", "), into: &out)
    }
}
