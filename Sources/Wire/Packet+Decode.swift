extension Packet {
    /// Decodes a frame into this value, whatever was in it before.
    ///
    /// Never fails as a whole: what could be read is there, and ``stop`` says why it ended early.
    ///
    /// - Parameters:
    ///   - bytes: the captured bytes.
    ///   - linkType: the kind of header that they begin with.
    ///   - originalLength: the frame's length on the wire. Smaller than the captured one in some files; then the
    ///     captured one counts.
    public mutating func decode(_ bytes: Span<UInt8>, linkType: LinkType, originalLength: Int) {
        let length = max(originalLength, bytes.count)
        self.linkType = linkType
        capturedLength = UInt32(truncatingIfNeeded: bytes.count)
        self.originalLength = UInt32(truncatingIfNeeded: originalLength)
        clearLayers()
        do {
            try decodeLink(bytes, Extent(start: 0, limit: length, bound: .frameLength))
        } catch {
            end(with: error)
        }
    }

    /// Decodes the packet that an ICMP error quotes: the beginning of what somebody sent (RFC 792; RFC 4443 §2.4 (c)).
    ///
    /// - Parameter bytes: those of the frame that this packet was decoded from.
    /// - Returns: `nil` where nothing is quoted.
    public func quoted(in bytes: Span<UInt8>) -> Packet? {
        guard case .icmp(let header) = transport, header.quotes, !payload.isEmpty else { return nil }
        var inner = Packet()
        let captured = payload.clamped(to: bytes.count)
        inner.linkType = linkType
        inner.originalLength = originalLength
        inner.depth = depth
        inner.marks = .quote
        // The quote ends where the message does, whatever a link layer may have put behind it; or earlier, where
        // extensions follow. What was captured of it may be less.
        let message = captured.lowerBound + Int(payloadLength)
        let length = header.quoteLength(bytes)
        let limit = length > 0 ? min(message, captured.lowerBound + length) : message
        let end = min(captured.upperBound, limit)
        inner.capturedLength = UInt32(truncatingIfNeeded: end)
        let quote = bytes.extracting(0..<end)
        do {
            let extent = Extent(start: captured.lowerBound, limit: limit, bound: .quote)
            switch header.version {
            case .four: try inner.decodeIPv4(quote, extent)
            case .six: try inner.decodeIPv6(quote, extent)
            }
        } catch {
            inner.end(with: end < limit ? error.boundByCapture : error)
        }
        return inner
    }

    private mutating func clearLayers() {
        linkOffset = 0
        depth = 0
        marks = []
        link = .none
        internetOffset = 0
        internet = .none
        transport = .none
        fourTuple = .none
        payload = .empty
        payloadLength = 0
        isFragment = false
        remark = nil
        stop = nil
    }

    /// What lies in `extent` is payload, or what nobody here can decode.
    @inline(__always)
    mutating func setPayload(_ bytes: Span<UInt8>, _ extent: Extent) {
        payload = ByteRange(offset: extent.start, count: extent.available(of: bytes.count))
        payloadLength = UInt32(truncatingIfNeeded: max(0, extent.limit - extent.start))
    }

    /// Enters why decoding stopped. Where a header contradicts itself nobody knows what it carries.
    mutating func end(with reason: Stop) {
        stop = reason
        if case .malformed = reason.reason {
            payload = .empty
            payloadLength = 0
        }
    }

    /// Whether a length beyond `extent` contradicts what is outside. A fragment, a quote and a packet longer than
    /// its frame are the beginning of something that is longer.
    func isWhole(_ extent: Extent) -> Bool {
        !isFragment && extent.bound != .quote && remark != .lengthBeyondFrame
    }
}

// MARK: Internet layer

extension Packet {
    mutating func decodeIPv4(_ bytes: Span<UInt8>, _ extent: Extent) throws(Stop) {
        setPayload(bytes, extent)
        internetOffset = UInt16(truncatingIfNeeded: extent.start)
        var header = try IPv4Header(bytes, in: extent)
        internet = .ipv4(header)
        isFragment = header.isFragment
        let headerLength = Int(header.headerLength)
        guard headerLength >= IPv4Header.minimumLength else {
            throw Stop(.ip, .malformed(.headerLength, value: UInt32(headerLength)))
        }
        var inner = extent
        let total = Int(header.totalLength)
        if total == 0 {
            remark = .lengthZero
        } else if total < headerLength {
            throw Stop(.ip, .malformed(.totalLength, value: UInt32(total)))
        } else {
            bind(&inner, to: extent.start + total, by: .ipv4TotalLength)
        }
        inner.start += headerLength
        guard extent.available(of: bytes.count) >= headerLength else {
            setPayload(bytes, inner)
            throw extent.truncated(.ip, needed: headerLength, of: bytes.count)
        }
        if header.protocol == .authentication, header.fragmentOffset == 0 {
            setPayload(bytes, inner)
            defer { internet = .ipv4(header) }
            try header.walkAuthentication(bytes, &inner)
        }
        try decodeTransport(header.upperLayer, bytes, inner, version: .four, fragmentOffset: header.fragmentOffset)
    }

    mutating func decodeIPv6(_ bytes: Span<UInt8>, _ extent: Extent) throws(Stop) {
        setPayload(bytes, extent)
        internetOffset = UInt16(truncatingIfNeeded: extent.start)
        var header = try IPv6Header(bytes, in: extent)
        internet = .ipv6(header)
        var inner = extent.after(IPv6Header.length)
        let length = Int(header.payloadLength)
        if length == 0, let jumbo = header.jumboLength(bytes, inner) {
            bind(&inner, to: inner.start + jumbo, by: .ipv6PayloadLength)
        } else if length == 0, header.nextHeader != .noNextHeader {
            remark = .lengthZero
        } else {
            bind(&inner, to: inner.start + length, by: .ipv6PayloadLength)
        }
        setPayload(bytes, inner)
        let offset: Int
        do {
            offset = try header.walkExtensions(bytes, &inner)
        } catch {
            // Of a header that is cut the first byte says what would follow; but of a fragment's nothing is used, since
            // nobody knows which part it is.
            if case .truncated = error.reason, header.upperLayer != .fragment, inner.available(of: bytes.count) > 0 {
                header.upperLayer = IPProtocol(rawValue: bytes[inner.start])
            }
            setInternet(header)
            throw error
        }
        setInternet(header)
        try decodeTransport(header.upperLayer, bytes, inner, version: .six, fragmentOffset: offset)
    }

    private mutating func setInternet(_ header: IPv6Header) {
        internet = .ipv6(header)
        isFragment = header.isFragment
    }

    /// Narrows an extent to the end that an IP header gives. One beyond the frame is told and does not count;
    /// in a quote it does, since a quote is a beginning by design.
    @inline(__always)
    private mutating func bind(_ extent: inout Extent, to end: Int, by bound: Stop.Bound) {
        if end <= extent.limit {
            extent.limit = end
            extent.bound = bound
        } else if extent.bound == .quote {
            extent.limit = end
        } else {
            remark = .lengthBeyondFrame
        }
    }
}

// MARK: Transport layer

extension Packet {
    @inline(__always)
    private mutating func decodeTransport(
        _ number: IPProtocol, _ bytes: Span<UInt8>, _ extent: Extent, version: IPAddress.Version, fragmentOffset: Int
    ) throws(Stop) {
        setPayload(bytes, extent)
        // The ports are in the first fragment alone; the others are the middle of something.
        if fragmentOffset != 0 { return }
        switch (number, version) {
        case (.tcp, _): try decodeTCP(bytes, extent)
        case (.udp, _): try decodeUDP(bytes, extent)
        case (.icmp, .four), (.icmpv6, .six):
            let header = try ICMPHeader(bytes, in: extent, version: version)
            transport = .icmp(header)
            setPayload(bytes, extent.after(ICMPHeader.length))
            guard extent.available(of: bytes.count) >= ICMPHeader.length else {
                throw extent.truncated(version == .four ? .icmp : .icmpv6, needed: ICMPHeader.length, of: bytes.count)
            }
        default:
            try decodeOther(number, bytes, extent, version: version)
        }
    }

    @inline(__always)
    private mutating func decodeTCP(_ bytes: Span<UInt8>, _ extent: Extent) throws(Stop) {
        var header = try TCPHeader(bytes, in: extent)
        transport = .tcp(header)
        setFourTuple(header.sourcePort, header.destinationPort, .tcp)
        let headerLength = Int(header.headerLength)
        guard Int(header.wholeBytes) == TCPHeader.minimumLength else { throw endWithin(header, bytes, extent) }
        if contradicts(header, extent) {
            header.optionsLength = 0
            transport = .tcp(header)
            throw Stop(.tcp, .malformed(.dataOffset, value: UInt32(headerLength)))
        }
        setPayload(bytes, extent.after(headerLength))
        guard extent.available(of: bytes.count) >= headerLength else {
            throw extent.truncated(.tcp, needed: headerLength, of: bytes.count)
        }
    }

    private func contradicts(_ header: TCPHeader, _ extent: Extent) -> Bool {
        let length = Int(header.headerLength)
        return length < TCPHeader.minimumLength || length > extent.limit - extent.start && isWhole(extent)
    }

    /// Why decoding ends in a header of which not all is there: also one that is cut may contradict itself.
    @inline(never)
    private mutating func endWithin(_ header: TCPHeader, _ bytes: Span<UInt8>, _ extent: Extent) -> Stop {
        let hasRoom = extent.limit - extent.start >= TCPHeader.minimumLength
        if header.hasFlags, hasRoom, contradicts(header, extent) {
            return Stop(.tcp, .malformed(.dataOffset, value: UInt32(header.headerLength)))
        }
        // Without a data offset nobody knows where the payload begins.
        setPayload(bytes, extent.after(header.hasFlags ? Int(header.headerLength) : extent.limit - extent.start))
        return extent.truncated(.tcp, needed: TCPHeader.minimumLength, of: bytes.count)
    }

    @inline(__always)
    private mutating func decodeUDP(_ bytes: Span<UInt8>, _ extent: Extent) throws(Stop) {
        let header = try UDPHeader(bytes, in: extent)
        transport = .udp(header)
        setFourTuple(header.sourcePort, header.destinationPort, .udp)
        var inner = extent.after(UDPHeader.length)
        setPayload(bytes, inner)
        guard Int(header.wholeBytes) == UDPHeader.length else {
            throw extent.truncated(.udp, needed: UDPHeader.length, of: bytes.count)
        }
        let length = Int(header.length)
        // RFC 2675 §4: over IPv6 a length of 0 says that the datagram does not fit the field.
        if length == 0, case .ipv6 = internet { return }
        guard length >= UDPHeader.length else { throw Stop(.udp, .malformed(.length, value: UInt32(length))) }
        let end = extent.start + length
        if end <= inner.limit {
            inner.limit = end
            setPayload(bytes, inner)
        } else if isWhole(extent) {
            throw Stop(.udp, .malformed(.length, value: UInt32(length)))
        }
        if header.destinationPort == VXLANHeader.port { enterNetwork(bytes) }
    }
}
