// The transports beside TCP and UDP, and the tunnels: rare, and out of the way of the others.

extension Packet {
    @inline(never)
    mutating func decodeOther(
        _ number: IPProtocol, _ bytes: Span<UInt8>, _ extent: Extent, version: IPAddress.Version
    ) throws(Stop) {
        let layer: Stop.Layer = version == .four ? .ip : .ipv6
        switch (number, version) {
        case (.udpLite, _): try decodeUDPLite(bytes, extent)
        case (.sctp, _): try decodeSCTP(bytes, extent)
        case (.dccp, _): try decodeDCCP(bytes, extent)
        case (.igmp, .four): try decodeIGMP(bytes, extent)
        case (.gre, _): try decodeGRE(bytes, extent)
        case (.ipv4, _), (.ipv6, _): try enterTunnel(layer)
        // RFC 8200 §4.7: "there is nothing following", and what there is all the same is ignored.
        case (.noNextHeader, .six): return
        default: throw Stop(layer, .unsupported(.ipProtocol, number: UInt32(number.rawValue)))
        }
    }

    private mutating func decodeUDPLite(_ bytes: Span<UInt8>, _ extent: Extent) throws(Stop) {
        let header: UDPHeader
        do {
            header = try UDPHeader(bytes, in: extent)
        } catch {
            throw Stop(.udplite, error.reason)
        }
        transport = .udpLite(header)
        setFourTuple(header.sourcePort, header.destinationPort, .udpLite)
        setPayload(bytes, extent.after(UDPHeader.length))
        guard Int(header.wholeBytes) == UDPHeader.length else {
            throw extent.truncated(.udplite, needed: UDPHeader.length, of: bytes.count)
        }
        // RFC 3828 §3.1: "A Checksum Coverage of zero indicates that the entire UDP-Lite packet is covered"; 1 to 7, or
        // more than the IP length has, must be discarded.
        let coverage = Int(header.length)
        if coverage > 0, coverage < UDPHeader.length || coverage > extent.limit - extent.start && isWhole(extent) {
            throw Stop(.udplite, .malformed(.checksumCoverage, value: UInt32(coverage)))
        }
    }

    private mutating func decodeSCTP(_ bytes: Span<UInt8>, _ extent: Extent) throws(Stop) {
        let header = try SCTPHeader(bytes, in: extent)
        transport = .sctp(header)
        setFourTuple(header.sourcePort, header.destinationPort, .sctp)
        setPayload(bytes, extent.after(SCTPHeader.length))
        guard Int(header.wholeBytes) == SCTPHeader.length else {
            throw extent.truncated(.sctp, needed: SCTPHeader.length, of: bytes.count)
        }
    }

    private mutating func decodeDCCP(_ bytes: Span<UInt8>, _ extent: Extent) throws(Stop) {
        let header = try DCCPHeader(bytes, in: extent)
        transport = .dccp(header)
        setFourTuple(header.sourcePort, header.destinationPort, .dccp)
        let length = Int(header.headerLength)
        guard Int(header.wholeBytes) == DCCPHeader.minimumLength else {
            setPayload(bytes, extent.after(max(length, DCCPHeader.minimumLength)))
            throw extent.truncated(.dccp, needed: DCCPHeader.minimumLength, of: bytes.count)
        }
        if length < DCCPHeader.minimumLength || length > extent.limit - extent.start && isWhole(extent) {
            throw Stop(.dccp, .malformed(.dataOffset, value: UInt32(length)))
        }
        setPayload(bytes, extent.after(length))
        guard extent.available(of: bytes.count) >= length else {
            throw extent.truncated(.dccp, needed: length, of: bytes.count)
        }
    }

    private mutating func decodeIGMP(_ bytes: Span<UInt8>, _ extent: Extent) throws(Stop) {
        let header = try IGMPHeader(bytes, in: extent)
        transport = .igmp(header)
        setPayload(bytes, extent.after(IGMPHeader.length))
        guard Int(header.wholeBytes) == IGMPHeader.length else {
            throw extent.truncated(.igmp, needed: IGMPHeader.length, of: bytes.count)
        }
    }
}

// MARK: Tunnels

extension Packet {
    /// How many tunnels are followed into each other.
    public static let deepestTunnel = 4

    private mutating func decodeGRE(_ bytes: Span<UInt8>, _ extent: Extent) throws(Stop) {
        let header = try GREHeader(bytes, in: extent)
        transport = .gre(header)
        setPayload(bytes, extent.after(GREHeader.minimumLength))
        guard header.isKnown else { throw Stop(.gre, .unsupported(.greFlags, number: UInt32(header.flagsAndVersion))) }
        setPayload(bytes, extent.after(header.length))
        guard extent.available(of: bytes.count) >= header.length else {
            throw extent.truncated(.gre, needed: header.length, of: bytes.count)
        }
        switch header.type {
        case .ipv4, .ipv6, .bridgedEthernet: try enterTunnel(.gre)
        // RFC 2637 §4.1: without data it is an acknowledgment alone.
        case .ppp: if payloadLength > 0 { try enterTunnel(.gre) }
        default: throw Stop(.gre, .unsupported(.etherType, number: UInt32(header.type.rawValue)))
        }
    }

    private mutating func enterTunnel(_ layer: Stop.Layer) throws(Stop) {
        guard depth < Packet.deepestTunnel else { throw Stop(layer, .unsupported(.tunnels, number: UInt32(depth) + 1)) }
        marks.insert(.tunnel)
    }

    /// A datagram to VXLAN's port, which may be any other datagram as well.
    @inline(never)
    mutating func enterNetwork(_ bytes: Span<UInt8>) {
        let carried = payload.clamped(to: bytes.count)
        guard VXLANHeader(bytes, carried) != nil else {
            // Whether there is one tunnel too many, only bytes that were not captured would say.
            if depth >= Packet.deepestTunnel, stop == nil, carried.count < VXLANHeader.length, payloadLength >= VXLANHeader.length {
                stop = Stop(.vxlan, .truncated(needed: VXLANHeader.length, available: carried.count, bound: .captured))
            }
            return
        }
        if depth < Packet.deepestTunnel {
            marks.insert(.tunnel)
        } else {
            stop = Stop(.vxlan, .unsupported(.tunnels, number: UInt32(depth) + 1))
        }
    }

    /// The header of the virtual network that a datagram is of.
    public func vxlan(in bytes: Span<UInt8>) -> VXLANHeader? {
        guard case .udp(let header) = transport, header.destinationPort == VXLANHeader.port else { return nil }
        return VXLANHeader(bytes, payload.clamped(to: min(bytes.count, Int(capturedLength))))
    }

    /// Decodes the packet inside of a tunnel: IP in IP, GRE, VXLAN.
    ///
    /// - Parameter bytes: those of the frame that this packet was decoded from.
    /// - Returns: `nil` where there is none.
    public func tunnelled(in bytes: Span<UInt8>) -> Packet? {
        guard marks.contains(.tunnel) else { return nil }
        let captured = payload.clamped(to: bytes.count)
        let isQuote = marks.contains(.quote)
        var inner = Packet()
        inner.linkType = .raw
        inner.capturedLength = UInt32(truncatingIfNeeded: captured.upperBound)
        inner.depth = depth + 1
        inner.linkOffset = UInt16(truncatingIfNeeded: captured.lowerBound)
        if isQuote { inner.marks = .quote }
        let limit = isQuote ? captured.upperBound : captured.lowerBound + Int(payloadLength)
        inner.originalLength = UInt32(truncatingIfNeeded: limit)
        let extent = Extent(start: captured.lowerBound, limit: limit, bound: isQuote ? .quote : .tunnel)
        do {
            try inner.decodeTunnelled(self, bytes.extracting(0..<captured.upperBound), extent)
        } catch {
            inner.end(with: error)
        }
        return inner
    }

    private mutating func decodeTunnelled(_ outer: Packet, _ bytes: Span<UInt8>, _ extent: Extent) throws(Stop) {
        switch outer.transport {
        case .gre(let header) where header.type == .ipv6: try decodeIPv6(bytes, extent)
        case .gre(let header) where header.type == .bridgedEthernet:
            linkType = .ethernet
            try decodeEthernet(bytes, extent)
        case .gre(let header) where header.type == .ppp:
            linkType = .ppp
            try decodeLink(bytes, extent)
        case .udp:
            linkType = .ethernet
            try decodeEthernet(bytes, extent.after(VXLANHeader.length))
        case .none where outer.upperLayer == .ipv6: try decodeIPv6(bytes, extent)
        default: try decodeIPv4(bytes, extent)
        }
    }
}
