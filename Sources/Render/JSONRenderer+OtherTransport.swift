import Wire

// ICMP's fields by type, and the transports that no socket of the table has. A cut header has the fields that are whole.

extension JSONRenderer {
    static func icmp(_ message: ICMPMessage, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        switch message {
        case .echo(let identifier, let sequence), .addressMask(let identifier, let sequence, _),
            .timestamps(let identifier, let sequence, _, _, _):
            json.field("ident", identifier, &out)
            json.field("seq", sequence, &out)
            if case .addressMask(_, _, let mask?) = message { json.field("address_mask", mask.description, &out) }
            if case .timestamps(_, _, let originate, let receive, let transmit) = message {
                if let originate { json.field("originate_timestamp", originate, &out) }
                if let receive { json.field("receive_timestamp", receive, &out) }
                if let transmit { json.field("transmit_timestamp", transmit, &out) }
            }
        case .extendedEcho(let identifier, let sequence):
            json.field("ident", identifier, &out)
            json.object("ext", &out) { json, out in
                json.object("echo", &out) { json, out in json.field("seq", sequence, &out) }
            }
        case .tooBig(let mtu): json.field("mtu", mtu, &out)
        case .redirect4(let gateway): json.field("redir_gw", gateway.description, &out)
        case .parameterProblem(let pointer): json.field("pointer", pointer, &out)
        case .routerAdvertisement4(let count, let words, let lifetime):
            json.field("num_addrs", count, &out)
            json.field("addr_entry_size", words, &out)
            json.field("lifetime", lifetime, &out)
        // Bytes there, and so a string of them.
        case .unused(let word): json.field("unused", LineRenderer.digits(UInt64(word), 8), &out)
        case .none, .routerAdvertisement6, .neighborSolicitation, .neighborAdvertisement, .redirect6, .listener, .listenerQuery2, .listenerReport2: break
        }
    }

    static func icmpv6(_ message: ICMPMessage, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        switch message {
        case .echo(let identifier, let sequence):
            json.object("echo", &out) { json, out in
                json.field("identifier", identifier, &out)
                json.field("sequence_number", sequence, &out)
            }
        case .extendedEcho(let identifier, let sequence):
            json.object("echo", &out) { json, out in json.field("identifier", identifier, &out) }
            json.object("ext", &out) { json, out in
                json.object("echo", &out) { json, out in json.field("seq", sequence, &out) }
            }
        case .tooBig(let mtu): json.field("mtu", mtu, &out)
        case .parameterProblem(let pointer): json.field("pointer", pointer, &out)
        case .listener(let delay, let group):
            json.object("mld", &out) { json, out in
                json.field("maximum_response_delay", delay, &out)
                if let group { json.field("multicast_address", group.description, &out) }
            }
        case .listenerQuery2(let code, let group):
            json.object("mld", &out) { json, out in
                json.field("maximum_response_code", code, &out)
                if let group { json.field("multicast_address", group.description, &out) }
            }
        case .listenerReport2(let records):
            json.object("mldr", &out) { json, out in json.field("nb_mcast_records", records, &out) }
        case .routerAdvertisement6, .neighborSolicitation, .neighborAdvertisement, .redirect6:
            json.object("nd", &out) { json, out in neighborDiscovery(message, &json, &out) }
            // Wireshark's path of this one stands elsewhere.
            if case .redirect6(_, let destination?) = message {
                json.object("rd", &out) { json, out in
                    json.object("na", &out) { json, out in json.field("destination_address", destination.description, &out) }
                }
            }
        case .none, .unused, .redirect4, .timestamps, .addressMask, .routerAdvertisement4: break
        }
    }

    private static func neighborDiscovery(_ message: ICMPMessage, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        switch message {
        case .routerAdvertisement6(let hopLimit, let flags, let lifetime, let reachable, let retransmit):
            json.object("ra", &out) { json, out in
                json.field("cur_hop_limit", hopLimit, &out)
                json.field("flag", flags, &out)
                json.field("router_lifetime", lifetime, &out)
                if let reachable { json.field("reachable_time", reachable, &out) }
                if let retransmit { json.field("retrans_timer", retransmit, &out) }
            }
        case .neighborSolicitation(let target?):
            json.object("ns", &out) { json, out in json.field("target_address", target.description, &out) }
        case .neighborAdvertisement(let flags, let target):
            json.object("na", &out) { json, out in
                json.field("flag", flags, &out)
                if let target { json.field("target_address", target.description, &out) }
            }
        case .redirect6(let target?, _):
            json.object("rd", &out) { json, out in json.field("target_address", target.description, &out) }
        default: break
        }
    }

    static func sctp(_ header: SCTPHeader, _ status: ChecksumStatus, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.field("srcport", header.sourcePort, &out)
        json.field("dstport", header.destinationPort, &out)
        if header.wholeBytes >= 8 { json.field("verification_tag", header.verificationTag, &out) }
        guard header.wholeBytes >= 12 else { return }
        json.field("checksum", header.checksum, &out)
        json.field("checksum_status", status.rawValue, &out)
        if let type = header.firstChunk { json.field("chunk_type", type, &out) }
    }

    static func dccp(_ header: DCCPHeader, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.field("srcport", header.sourcePort, &out)
        json.field("dstport", header.destinationPort, &out)
        // Wireshark counts in fours.
        if header.wholeBytes >= 5 { json.field("data_offset", header.headerLength / 4, &out) }
        if header.wholeBytes >= 8 { json.field("checksum", header.checksum, &out) }
        if header.wholeBytes >= 9 { json.field("type", header.type, &out) }
    }

    static func igmp(
        _ header: IGMPHeader, _ group: IPAddress?, _ status: ChecksumStatus, _ json: inout JSONWriter, _ out: inout OutputBuffer
    ) {
        if header.version > 0 { json.field("version", header.version, &out) }
        json.field("type", header.type, &out)
        if let time = header.responseTime { json.field("max_resp", time, &out) }
        json.field("checksum", header.checksum, &out)
        json.field("checksum_status", status.rawValue, &out)
        if let group { json.field("maddr", group.description, &out) }
        if let count = header.recordCount { json.field("num_grp_recs", count, &out) }
    }

    static func gre(
        _ header: GREHeader, _ bytes: Span<UInt8>, _ status: ChecksumStatus, _ json: inout JSONWriter, _ out: inout OutputBuffer
    ) {
        json.field("flags_and_version", header.flagsAndVersion, &out)
        json.field("proto", header.type.rawValue, &out)
        if let checksum = header.checksum(in: bytes) {
            json.field("checksum", checksum, &out)
            json.field("checksum_status", status.rawValue, &out)
        }
        if let key = header.key(in: bytes), header.version == 0 { json.field("key", key, &out) }
        if let key = header.key(in: bytes), header.version == 1 {
            // RFC 2637 §4.1: the upper half is a length, the lower the call.
            json.object("key", &out) { json, out in
                json.field("payload_length", key >> 16, &out)
                json.field("call_id", key & 0xffff, &out)
            }
        }
        if let sequence = header.sequence(in: bytes) { json.field("sequence_number", sequence, &out) }
    }
}
