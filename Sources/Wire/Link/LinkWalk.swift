/// A header between a frame's first and what the frame carries.
public enum LinkHeader: Equatable, Sendable {
    case vlan(VLANTag)
    case llc(LLCHeader)
    case pppoe(PPPoEHeader)
    case ppp(PPPHeader)
    /// Cisco's: address, control, and then an EtherType.
    case hdlc(EtherType)
}

/// Steps from one link-layer header to the next, until what is carried is known.
///
/// Each step goes on by at least a byte, so that the walk ends with the frame.
struct LinkWalk {
    /// What the next bytes are.
    enum Next: Equatable {
        case type(EtherType)
        case llc
        /// Address and control may stand in front of the protocol, or Cisco's framing.
        case framedPPP
        case ppp
        case hdlc
        case pppoe
        case ipv4, ipv6, arp
        /// What is outside of what portwatch decodes.
        case unsupported(Stop.Numbering, UInt32)
    }

    private(set) var extent: Extent
    private(set) var next: Next
    /// The header that says what is next.
    private(set) var layer: Stop.Layer

    init(_ next: Next, in extent: Extent, from layer: Stop.Layer) {
        self.next = next
        self.extent = extent
        self.layer = layer
    }

    /// Reads the next header; `nil` where there is none, and ``next`` says what is carried.
    mutating func step(_ bytes: Span<UInt8>) throws(Stop) -> LinkHeader? {
        switch next {
        case .ipv4, .ipv6, .arp: return nil
        case .type(let type): return try step(type, bytes)
        case .llc: return try stepLLC(bytes)
        case .framedPPP: return try stepFramed(bytes)
        case .ppp: return try stepPPP(bytes, isFramed: false)
        case .hdlc: return try stepHDLC(bytes)
        case .pppoe: return try stepPPPoE(bytes)
        case .unsupported(let numbering, let number): throw Stop(layer, .unsupported(numbering, number: number))
        }
    }

    /// Goes on behind a header of `count` bytes, which are there.
    private mutating func advance(_ count: Int, _ layer: Stop.Layer, to next: Next, of captured: Int) throws(Stop) {
        try extent.skip(count, layer, of: captured)
        self.layer = layer
        self.next = next
    }

    private mutating func step(_ type: EtherType, _ bytes: Span<UInt8>) throws(Stop) -> LinkHeader? {
        switch type {
        case .ipv4: next = .ipv4
        case .ipv6: next = .ipv6
        case .arp, .reverseARP: next = .arp
        case .vlan, .serviceVLAN, .vlan9100:
            let tag = try VLANTag(bytes, in: extent)
            try advance(VLANTag.length, .vlan, to: .type(tag.type), of: bytes.count)
            return .vlan(tag)
        case .pppoeSession:
            next = .pppoe
            return try stepPPPoE(bytes)
        case _ where type.isLength:
            bind(to: extent.start + Int(type.rawValue), by: .ieee8023Length)
            // What Novell sent without a header of IEEE 802.2 begins with a checksum field of ones.
            if extent.available(of: bytes.count) >= 2, bytes.uint16(at: extent.start) == 0xffff {
                throw Stop(layer, .unsupported(.sap, number: 0xff))
            }
            // Room for that field and for no LLC header: which of the two it is, bytes that were not captured would say.
            let available = extent.available(of: bytes.count)
            if extent.limit - extent.start == 2, available < 2 {
                throw Stop(.llc, .truncated(needed: 2, available: available, bound: .captured))
            }
            next = .llc
            return try stepLLC(bytes)
        default:
            throw Stop(layer, .unsupported(.etherType, number: UInt32(type.rawValue)))
        }
        return nil
    }

    private mutating func stepLLC(_ bytes: Span<UInt8>) throws(Stop) -> LinkHeader? {
        let header = try LLCHeader(bytes, in: extent)
        let carried: Next
        switch header.snap {
        case let snap? where !snap.isEtherType: carried = .unsupported(.organization, snap.organization)
        // Here it is a type and no length, whatever its value.
        case let snap? where snap.type.rawValue < 0x0600: carried = .unsupported(.etherType, UInt32(snap.type.rawValue))
        case let snap?: carried = .type(snap.type)
        case nil where header.destinationSAP == 0x06 && header.carriesData: carried = .ipv4
        case nil: carried = .unsupported(.sap, UInt32(header.destinationSAP))
        }
        try advance(header.length, .llc, to: carried, of: bytes.count)
        return .llc(header)
    }

    private mutating func stepFramed(_ bytes: Span<UInt8>) throws(Stop) -> LinkHeader? {
        // Cisco's address is 0x0f or 0x8f, where that of PPP is 0xff or left out.
        if extent.available(of: bytes.count) > 0, bytes[extent.start] & 0x7f == 0x0f { return try stepHDLC(bytes) }
        return try stepPPP(bytes, isFramed: true)
    }

    private mutating func stepPPP(_ bytes: Span<UInt8>, isFramed: Bool) throws(Stop) -> LinkHeader? {
        let header = try PPPHeader(bytes, in: extent, isFramed: isFramed)
        let carried: Next
        switch header.protocol {
        case .ipv4: carried = .ipv4
        case .ipv6: carried = .ipv6
        case let other: carried = .unsupported(.pppProtocol, UInt32(other.rawValue))
        }
        try advance(Int(header.length), .ppp, to: carried, of: bytes.count)
        return .ppp(header)
    }

    private mutating func stepHDLC(_ bytes: Span<UInt8>) throws(Stop) -> LinkHeader? {
        guard extent.available(of: bytes.count) >= 4 else { throw extent.truncated(.hdlc, needed: 4, of: bytes.count) }
        let type = EtherType(rawValue: bytes.uint16(at: extent.start + 2))
        // The numbers are EtherTypes where one is in use on such a link, which has no need of tags, sessions or address
        // resolution: 0x8035 is Cisco's own keep-alive here, no RARP. There are no lengths.
        let carried: Next
        switch type {
        case .ipv4: carried = .ipv4
        case .ipv6: carried = .ipv6
        case let other: carried = .unsupported(.hdlcProtocol, UInt32(other.rawValue))
        }
        try advance(4, .hdlc, to: carried, of: bytes.count)
        return .hdlc(type)
    }

    private mutating func stepPPPoE(_ bytes: Span<UInt8>) throws(Stop) -> LinkHeader? {
        let header = try PPPoEHeader(bytes, in: extent)
        try advance(PPPoEHeader.length, .pppoe, to: .ppp, of: bytes.count)
        bind(to: extent.start + Int(header.payloadLength), by: .pppoeLength)
        return .pppoe(header)
    }

    /// Narrows what follows to a length; what is behind it is padding. One beyond the frame does not count.
    private mutating func bind(to end: Int, by bound: Stop.Bound) {
        guard end <= extent.limit else { return }
        extent.limit = end
        extent.bound = bound
    }
}
