import Wire

extension Packet {
    /// Where a packet from a cut frame contradicts the one from the whole frame, each as a sentence. What the cut one does
    /// not show is no contradiction.
    ///
    /// - Parameters:
    ///   - bytes: those of the cut frame.
    ///   - whole: the packet from the whole frame, decoded as of the same original length.
    public func contradictions(_ bytes: Span<UInt8>, _ whole: Packet, _ wholeBytes: Span<UInt8>) -> [String] {
        var found: [String] = []
        func compare(_ holds: Bool, _ what: String) {
            if !holds { found.append("\(what): \(self) is not \(whole)") }
        }
        compare(link == .none || link == whole.link, "link layer")
        compareInternet(bytes, whole, wholeBytes, compare)
        compareTransport(bytes, whole, wholeBytes, compare)
        compareStop(whole, compare)
        if let inner = tunnelled(in: bytes) {
            guard let other = whole.tunnelled(in: wholeBytes) else { return found + ["a tunnel: \(self) is not \(whole)"] }
            found += inner.contradictions(bytes, other, wholeBytes)
        }
        return found
    }

    private func compareInternet(_ bytes: Span<UInt8>, _ whole: Packet, _ wholeBytes: Span<UInt8>, _ compare: (Bool, String) -> Void) {
        switch (internet, whole.internet) {
        case (.none, _): return
        case (.ipv4(let one), .ipv4(let other)):
            compare(one.source == other.source && one.destination == other.destination, "addresses")
            compare(one.totalLength == other.totalLength && one.headerLength == other.headerLength, "lengths")
            compare(one.identification == other.identification && one.flagsAndOffset == other.flagsAndOffset, "fragment")
            compare(one.protocol == other.protocol && one.timeToLive == other.timeToLive && one.checksum == other.checksum, "fields")
            compare(isFragment == whole.isFragment && fragmentPlace == whole.fragmentPlace, "fragment's place")
        case (.ipv6(let one), .ipv6(let other)):
            compare(one.source == other.source && one.destination == other.destination, "addresses")
            compare(one.payloadLength == other.payloadLength && one.nextHeader == other.nextHeader, "lengths")
            compare(one.flowLabel == other.flowLabel && one.trafficClass == other.trafficClass && one.hopLimit == other.hopLimit, "fields")
            // One that divides nothing gives way to one that does, which may be cut.
            compare(!one.isFragment || one.fragment == other.fragment, "fragment header")
            compare(one.extensionsLength <= other.extensionsLength, "extension headers")
            compare(!isFragment || whole.isFragment, "fragment")
        default: compare(false, "IP header")
        }
        compare(internetOffset == whole.internetOffset, "where the IP header begins")
        let options = ipv4Options(in: bytes)
        compare(whole.ipv4Options(in: wholeBytes).starts(with: options), "options")
        if transport != .none { compare(upperLayer == whole.upperLayer && remark == whole.remark, "upper layer") }
    }

    private func compareTransport(_ bytes: Span<UInt8>, _ whole: Packet, _ wholeBytes: Span<UInt8>, _ compare: (Bool, String) -> Void) {
        switch (transport, whole.transport) {
        case (.none, _): return
        case (.tcp(let one), .tcp(let other)):
            compareTCP(one, other, compare)
            let options = TCPOption.all(of: one, in: bytes)
            compare(TCPOption.all(of: other, in: wholeBytes).starts(with: options), "options")
        case (.udp(let one), .udp(let other)), (.udpLite(let one), .udpLite(let other)):
            compare(one.sourcePort == other.sourcePort && one.destinationPort == other.destinationPort, "ports")
            compare(one.wholeBytes < 6 || one.length == other.length, "length")
            compare(one.wholeBytes < 8 || one.checksum == other.checksum, "checksum")
        case (.icmp(let one), .icmp(let other)): compare(one.type == other.type && one.code == other.code && one.checksum == other.checksum, "ICMP")
        case (.sctp(let one), .sctp(let other)): compare(one.wholeBytes < 12 || one.checksum == other.checksum, "SCTP")
        case (.dccp(let one), .dccp(let other)): compare(one.wholeBytes < 12 || one.type == other.type && one.headerLength == other.headerLength, "DCCP")
        case (.igmp(let one), .igmp(let other)): compare(one.type == other.type && one.checksum == other.checksum, "IGMP")
        case (.gre(let one), .gre(let other)): compare(one == other, "GRE")
        default: compare(false, "transport")
        }
        compare(ports == nil || fourTuple == whole.fourTuple, "four-tuple")
        if let quote = quoted(in: bytes) {
            guard let wholeQuote = whole.quoted(in: wholeBytes) else { return compare(false, "quote") }
            // A quote ends where the capture does, so that how long it is by its own word is all that both know.
            compare(quote.source == nil || quote.source == wholeQuote.source && quote.destination == wholeQuote.destination, "quoted addresses")
            compare(quote.endpoints == nil || quote.fourTuple == wholeQuote.fourTuple, "quoted four-tuple")
        }
    }

    private func compareTCP(_ one: TCPHeader, _ other: TCPHeader, _ compare: (Bool, String) -> Void) {
        let whole = one.wholeBytes
        compare(one.offset == other.offset && whole <= other.wholeBytes, "where it begins")
        compare(one.sourcePort == other.sourcePort && one.destinationPort == other.destinationPort, "ports")
        compare(whole < 8 || one.sequence == other.sequence, "sequence number")
        compare(whole < 12 || one.acknowledgment == other.acknowledgment, "acknowledgment number")
        compare(!one.hasFlags || one.flags == other.flags && one.headerLength == other.headerLength, "flags")
        compare(whole < 16 || one.window == other.window, "window")
        compare(whole < 18 || one.checksum == other.checksum, "checksum")
        compare(whole < 20 || one.urgentPointer == other.urgentPointer, "urgent pointer")
    }

    private func compareStop(_ whole: Packet, _ compare: (Bool, String) -> Void) {
        if case .truncated(_, _, .captured)? = stop?.reason { return }
        // What is not for want of captured bytes was said of the packet, and both have that.
        if case .truncated? = stop?.reason {
            // With more of its bytes a header may say that it is longer still, or contradict itself.
            return compare(whole.stop?.layer == stop?.layer, "what there is no room for")
        }
        compare(stop == whole.stop, "why decoding stopped")
        compare(payload.offset == whole.payload.offset && payloadLength == whole.payloadLength, "payload")
        compare(payload.count <= whole.payload.count, "payload's length")
    }
}
