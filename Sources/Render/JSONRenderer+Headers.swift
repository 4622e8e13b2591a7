import Wire

// The link and internet layers, each field at its path of Wireshark.

extension JSONRenderer {
    func link(_ packet: Packet, _ bytes: Span<UInt8>, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        if case .ethernet(let header) = packet.link {
            json.object("eth", &out) { json, out in
                json.field("src", header.source.description, &out)
                json.field("dst", header.destination.description, &out)
                json.field(header.type.isLength ? "len" : "type", header.type.rawValue, &out)
            }
        }
        let headers = packet.linkHeaders(in: bytes)
        if !headers.isEmpty { JSONRenderer.link(headers, &json, &out) }
        if let arp = packet.arp(in: bytes) { JSONRenderer.arp(arp, &json, &out) }
    }

    private static func link(_ headers: [LinkHeader], _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        let tags = headers.compactMap { if case .vlan(let tag) = $0 { tag } else { nil } }
        if !tags.isEmpty {
            json.key("vlan", &out)
            json.array(&out) { json, out in
                for tag in tags { json.object(&out) { json, out in fields(of: tag, &json, &out) } }
            }
        }
        // Of each kind the first: only tags are stacked.
        var seen: Set<String> = []
        for header in headers {
            switch header {
            case .vlan: break
            case .llc(let llc) where seen.insert("llc").inserted:
                json.object("llc", &out) { json, out in fields(of: llc, &json, &out) }
            case .pppoe(let pppoe) where seen.insert("pppoe").inserted:
                json.object("pppoe", &out) { json, out in
                    json.field("code", pppoe.code, &out)
                    json.field("session_id", pppoe.session, &out)
                    json.field("payload_length", pppoe.payloadLength, &out)
                }
            case .ppp(let ppp) where seen.insert("ppp").inserted:
                json.object("ppp", &out) { json, out in json.field("protocol", ppp.protocol.rawValue, &out) }
            case .hdlc(let type) where seen.insert("hdlc").inserted:
                json.object("chdlc", &out) { json, out in json.field("protocol", type.rawValue, &out) }
            case .llc, .pppoe, .ppp, .hdlc: break
            }
        }
    }

    private static func fields(of tag: VLANTag, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.field("id", tag.identifier, &out)
        json.field("priority", tag.priority, &out)
        json.field("dei", tag.isDropEligible, &out)
        json.field(tag.type.isLength ? "len" : "etype", tag.type.rawValue, &out)
    }

    private static func fields(of llc: LLCHeader, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.field("dsap", llc.destinationSAP, &out)
        json.field("ssap", llc.sourceSAP, &out)
        json.field("control", llc.control, &out)
        guard let snap = llc.snap else { return }
        json.field("oui", snap.organization, &out)
        json.field(snap.isEtherType ? "type" : "pid", snap.type.rawValue, &out)
    }

    private static func arp(_ arp: ARPPacket, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.object("arp", &out) { json, out in
            json.field("opcode", arp.opcode.rawValue, &out)
            party("src", arp.sender, &json, &out)
            party("dst", arp.target, &json, &out)
            json.object("hw", &out) { json, out in
                json.field("type", arp.hardwareType, &out)
                json.field("size", arp.hardwareLength, &out)
            }
            json.object("proto", &out) { json, out in
                json.field("type", arp.protocolType.rawValue, &out)
                json.field("size", arp.protocolLength, &out)
            }
        }
    }

    private static func party(
        _ key: StaticString, _ party: ARPPacket.Party, _ json: inout JSONWriter, _ out: inout OutputBuffer
    ) {
        json.object(key, &out) { json, out in
            if let hardware = party.hardware { json.field("hw_mac", hardware.description, &out) }
            if let address = party.address { json.field("proto_ipv4", address.description, &out) }
        }
    }

    /// - Parameter whole: the datagram that the packet completes, if it does.
    func internet(
        _ packet: Packet, _ bytes: Span<UInt8>, _ whole: ReassembledDatagram?, _ json: inout JSONWriter,
        _ out: inout OutputBuffer
    ) {
        switch packet.internet {
        case .none: return
        case .ipv4(let header):
            let status = verifiesChecksums ? packet.internetChecksumStatus(bytes) : .unverified
            let options = packet.ipv4Options(in: bytes)
            json.object("ip", &out) { json, out in
                JSONRenderer.ipv4(header, status, &json, &out)
                if !options.isEmpty { JSONRenderer.ipv4(options, &json, &out) }
                if let whole { JSONRenderer.reassembled(whole, &json, &out) }
            }
        case .ipv6(let header):
            let extensions = packet.ipv6Extensions(in: bytes)
            json.object("ipv6", &out) { json, out in
                JSONRenderer.ipv6(header, &json, &out)
                if let routing = extensions.lazy.compactMap(\.routing).first {
                    json.object("routing", &out) { json, out in
                        json.field("type", routing.type, &out)
                        json.field("segleft", routing.segmentsLeft, &out)
                    }
                }
                if let whole { JSONRenderer.reassembled(whole, &json, &out) }
            }
        }
    }

    /// Of the frame that completes a datagram: the frames that it is from, and how long its payload is.
    private static func reassembled(_ whole: ReassembledDatagram, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.key("fragment", &out)
        json.array(&out) { json, out in
            for frame in whole.frames { json.number(frame, &out) }
        }
        json.object("reassembled", &out) { json, out in json.field("length", whole.payloadLength, &out) }
    }

    private static func ipv4(
        _ header: IPv4Header, _ status: ChecksumStatus, _ json: inout JSONWriter, _ out: inout OutputBuffer
    ) {
        json.field("hdr_len", header.headerLength, &out)
        json.field("dsfield", header.differentiatedServices, &out)
        json.field("len", header.totalLength, &out)
        json.field("id", header.identification, &out)
        json.object("flags", &out) { json, out in
            json.field("df", header.dontFragment, &out)
            json.field("mf", header.moreFragments, &out)
        }
        json.field("frag_offset", header.fragmentOffset, &out)
        json.field("ttl", header.timeToLive, &out)
        json.field("proto", header.protocol.rawValue, &out)
        json.field("checksum", header.checksum, &out)
        json.field("checksum_status", status.rawValue, &out)
        json.field("src", header.sourceAddress.description, &out)
        json.field("dst", header.destinationAddress.description, &out)
    }

    /// The types in their order; of what repeats, the first.
    private static func ipv4(_ options: [IPv4Option], _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.object("opt", &out) { json, out in
            json.key("type", &out)
            json.array(&out) { json, out in
                for option in options where !option.isMalformed { json.number(option.type, &out) }
            }
            var seen: Set<UInt8> = []
            for option in options {
                switch option {
                case .route(_, let addresses, _) where seen.insert(7).inserted:
                    json.key("addr", &out)
                    json.array(&out) { json, out in
                        for address in addresses { json.string(IPAddress(ipv4: address).description, &out) }
                    }
                case .timestamps(let times, let overflow) where seen.insert(68).inserted:
                    json.field("overflow", overflow, &out)
                    json.key("time_stamp", &out)
                    json.array(&out) { json, out in
                        for time in times { json.number(time.time, &out) }
                    }
                case .routerAlert(let value) where seen.insert(148).inserted: json.field("ra", value, &out)
                case .malformed(let type, let length) where seen.insert(255).inserted:
                    json.object("malformed", &out) { json, out in
                        json.field("type", type, &out)
                        json.field("len", length, &out)
                    }
                case .route, .timestamps, .routerAlert, .malformed, .endOfList, .noOperation, .other: break
                }
            }
        }
    }

    private static func ipv6(_ header: IPv6Header, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.field("tclass", header.trafficClass, &out)
        json.field("flow", header.flowLabel, &out)
        json.field("plen", header.payloadLength, &out)
        json.field("nxt", header.nextHeader.rawValue, &out)
        json.field("proto", header.upperLayer.rawValue, &out)
        json.field("hlim", header.hopLimit, &out)
        json.field("src", header.source.description, &out)
        json.field("dst", header.destination.description, &out)
        if let fragment = header.fragment {
            json.object("fraghdr", &out) { json, out in
                json.field("offset", fragment.offset, &out)
                json.field("more", fragment.more, &out)
                json.field("ident", fragment.identification, &out)
            }
        }
    }
}
