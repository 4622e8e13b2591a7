extension Packet {
    mutating func decodeLink(_ bytes: Span<UInt8>, _ extent: Extent) throws(Stop) {
        switch linkType {
        case .ethernet:
            try decodeEthernet(bytes, extent)
        case .null, .loop:
            try decodeNull(bytes, extent)
        case .linuxCooked, .linuxCooked2:
            try decodeCooked(bytes, extent)
        case .raw, LinkType(14), LinkType(101):
            try decodeRaw(bytes, extent)
        case .ipv4:
            try decodeIPv4(bytes, extent)
        case .ipv6:
            try decodeIPv6(bytes, extent)
        default:
            try decodeOtherLink(bytes, extent)
        }
    }

    @inline(__always)
    mutating func decodeEthernet(_ bytes: Span<UInt8>, _ extent: Extent) throws(Stop) {
        let header = try EthernetHeader(bytes, in: extent)
        link = .ethernet(header)
        linkOffset = UInt16(truncatingIfNeeded: extent.start)
        try decode(header.type, from: .eth, bytes, extent.after(EthernetHeader.length))
    }

    @inline(__always)
    private mutating func decode(
        _ type: EtherType, from layer: Stop.Layer, _ bytes: Span<UInt8>, _ extent: Extent
    ) throws(Stop) {
        switch type {
        case .ipv4: try decodeIPv4(bytes, extent)
        case .ipv6: try decodeIPv6(bytes, extent)
        default: try decodeLinkHeaders(LinkWalk(.type(type), in: extent, from: layer), bytes)
        }
    }

    private mutating func decodeCooked(_ bytes: Span<UInt8>, _ extent: Extent) throws(Stop) {
        let header = try CookedHeader(bytes, in: extent, version: linkType == .linuxCooked ? 1 : 2)
        link = .cooked(header)
        let inner = extent.after(header.length)
        switch Packet.next(after: header) {
        case .type(let type): try decode(type, from: .sll, bytes, inner)
        case let next: try decodeLinkHeaders(LinkWalk(next, in: inner, from: .sll), bytes)
        }
    }

    /// What stands behind a cooked header.
    ///
    /// Below 0x0600 the field has the kernel's own numbers (`ETH_P_` in if_ether.h), which are no lengths. Of some kinds of
    /// hardware it is no EtherType at all (LINKTYPE_LINUX_SLL in the tcpdump project's list).
    private static func next(after header: CookedHeader) -> LinkWalk.Next {
        switch header.hardwareType {
        // Frame relay, 802.11 with radiotap, netlink: a header of their own comes first.
        case 770, 803, 824: return .unsupported(.hardwareType, UInt32(header.hardwareType))
        // GRE: its protocol type, which agrees with EtherTypes where it is IP (RFC 2784 §2.4).
        case 778 where ![.ipv4, .ipv6, .arp].contains(header.type):
            return .unsupported(.etherType, UInt32(header.type.rawValue))
        default: break
        }
        switch header.type.rawValue {
        case 0x0600...: return .type(header.type)
        // ETH_P_802_2.
        case 4: return .llc
        // ETH_P_WAN_PPP.
        case 7: return .framedPPP
        default: return .unsupported(.cookedProtocol, UInt32(header.type.rawValue))
        }
    }

    private mutating func decodeNull(_ bytes: Span<UInt8>, _ extent: Extent) throws(Stop) {
        let layer: Stop.Layer = linkType == .null ? .null : .loop
        let header = try NullHeader(bytes, in: extent, layer: layer)
        link = .null(header)
        let inner = extent.after(NullHeader.length)
        switch header.version {
        case .four: try decodeIPv4(bytes, inner)
        case .six: try decodeIPv6(bytes, inner)
        case nil:
            setPayload(bytes, inner)
            throw Stop(layer, .unsupported(.addressFamily, number: header.family))
        }
    }

    /// A frame that is an IP packet: its first four bits say which.
    private mutating func decodeRaw(_ bytes: Span<UInt8>, _ extent: Extent) throws(Stop) {
        guard bytes.count > extent.start else { throw extent.truncated(.raw, needed: 1, of: bytes.count) }
        switch bytes[extent.start] >> 4 {
        case 4: try decodeIPv4(bytes, extent)
        case 6: try decodeIPv6(bytes, extent)
        case let version:
            throw Stop(.raw, .malformed(.version, value: UInt32(version)))
        }
    }

    @inline(never)
    private mutating func decodeOtherLink(_ bytes: Span<UInt8>, _ extent: Extent) throws(Stop) {
        guard let walk = pointToPoint(bytes, extent) else {
            setPayload(bytes, extent)
            throw Stop(.frame, .unsupported(.linkType, number: linkType.rawValue))
        }
        try decodeLinkHeaders(walk, bytes)
    }

    /// The first step into a frame of a point-to-point link.
    private func pointToPoint(_ bytes: Span<UInt8>, _ extent: Extent) -> LinkWalk? {
        var extent = extent
        let next: LinkWalk.Next
        switch linkType {
        case .ppp, .pppSerial: next = .framedPPP
        case .pppoe: next = .pppoe
        case .ciscoHDLC: next = .hdlc
        case .pppWithDirection:
            next = .framedPPP
            extent.start += min(1, extent.available(of: bytes.count))
        case .pppd:
            next = .ppp
            let count = extent.available(of: bytes.count)
            // Direction, and then the control byte.
            extent.start += min(count, count >= 2 && bytes[extent.start + 1] == 0x03 ? 2 : 1)
        default: return nil
        }
        return LinkWalk(next, in: extent, from: .frame)
    }
}

// MARK: Between the first header and what is carried

extension Packet {
    /// Tags, 802.2 headers, PPP and what follows them.
    @inline(never)
    mutating func decodeLinkHeaders(_ first: LinkWalk, _ bytes: Span<UInt8>) throws(Stop) {
        var walk = first
        do {
            while try walk.step(bytes) != nil { marks.insert(.linkHeaders) }
        } catch {
            if walk.extent.start > first.extent.start { marks.insert(.linkHeaders) }
            setPayload(bytes, walk.extent)
            throw error
        }
        switch walk.next {
        case .ipv4: try decodeIPv4(bytes, walk.extent)
        case .ipv6: try decodeIPv6(bytes, walk.extent)
        case .arp: try decodeARP(bytes, walk.extent)
        case .type, .llc, .framedPPP, .ppp, .hdlc, .pppoe, .unsupported: break
        }
    }

    private mutating func decodeARP(_ bytes: Span<UInt8>, _ extent: Extent) throws(Stop) {
        marks.insert(.arp)
        let length = try ARPPacket.length(bytes, extent)
        // Where the lengths of the addresses contradict the frame's nobody knows which addresses they are.
        guard extent.start + length <= extent.limit else {
            throw Stop(.arp, .malformed(.addressLength, value: UInt32(length)))
        }
        guard extent.available(of: bytes.count) >= length else {
            throw extent.truncated(.arp, needed: length, of: bytes.count)
        }
    }

    /// The headers between the frame's first and what it carries: tags, 802.2, PPP. As far as they were captured.
    ///
    /// - Parameter bytes: those of the frame that this packet was decoded from.
    public func linkHeaders(in bytes: Span<UInt8>) -> [LinkHeader] {
        marks.contains(.linkHeaders) ? walkAgain(bytes).headers : []
    }

    /// Only the tags of them, outermost first.
    public func vlanTags(in bytes: Span<UInt8>) -> [VLANTag] {
        linkHeaders(in: bytes).compactMap { if case .vlan(let tag) = $0 { tag } else { nil } }
    }

    /// The address resolution packet that the frame carries, as far as it was captured.
    public func arp(in bytes: Span<UInt8>) -> ARPPacket? {
        guard marks.contains(.arp) else { return nil }
        var isWhole = true
        if case .malformed? = stop?.reason { isWhole = false }
        return ARPPacket(bytes, in: walkAgain(bytes).extent, isWhole: isWhole)
    }

    private func walkAgain(_ bytes: Span<UInt8>) -> (headers: [LinkHeader], extent: Extent) {
        let limit = min(bytes.count, Int(capturedLength))
        var extent = Extent(start: Int(linkOffset), limit: limit, bound: .captured)
        let first: LinkWalk?
        switch link {
        case .ethernet(let header):
            extent.start += EthernetHeader.length
            first = LinkWalk(.type(header.type), in: extent, from: .eth)
        case .cooked(let header):
            extent.start += header.length
            first = LinkWalk(Packet.next(after: header), in: extent, from: .sll)
        case .none: first = pointToPoint(bytes, extent)
        case .null: first = nil
        }
        var headers: [LinkHeader] = []
        guard var walk = first else { return (headers, extent) }
        while let header = try? walk.step(bytes) { headers.append(header) }
        return (headers, walk.extent)
    }
}
