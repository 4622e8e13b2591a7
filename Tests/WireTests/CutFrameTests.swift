import Testing
import Wire

/// A capture that was cut says less than the whole one, and nothing else.
@Suite struct `Cut frames` {
    @Test(arguments: Kind.all) func `agree with the whole one in all that both show`(_ kind: Kind) {
        let whole = decode(kind.frame, as: kind.linkType)
        for count in 0...kind.frame.count {
            let bytes = Array(kind.frame.prefix(count))
            let cut = decode(kind.frame, as: kind.linkType, captured: count)
            expectAgreement(cut, bytes, whole, kind.frame, "\(kind) cut to \(count)")
            // A snap length is no contradiction.
            if whole.stop == nil { #expect(cut.stop.map { $0.kind == "truncated" } ?? true, "\(kind) cut to \(count)") }
        }
    }

    private func expectAgreement(_ cut: Packet, _ bytes: [UInt8], _ whole: Packet, _ frame: [UInt8], _ comment: Comment) {
        if cut.link != .none { #expect(cut.link == whole.link, comment) }
        #expect(Array(whole.headers(in: frame).prefix(cut.headers(in: bytes).count)) == cut.headers(in: bytes), comment)
        expectAgreement(cut.arpPacket(in: bytes), whole.arpPacket(in: frame), comment)
        expectInternetAgreement(cut, bytes, whole, frame, comment)
        expectTransportAgreement(cut, whole, comment)
        if !cut.payload.isEmpty, name(cut.transport) == name(whole.transport), cut.upperLayer == whole.upperLayer, whole.stop == nil, cut.stop == nil {
            #expect(cut.payload.offset == whole.payload.offset && cut.payloadLength == whole.payloadLength, comment)
        }
        #expect(cut.payload.isEmpty || cut.payload.end <= bytes.count, comment)
        for status in [cut.transportChecksumStatus(bytes.span), cut.internetChecksumStatus(bytes.span)] where status != .unverified {
            #expect([whole.transportChecksumStatus(frame.span), whole.internetChecksumStatus(frame.span)].contains(status), comment)
        }
        if let inner = cut.inner(in: bytes), let other = whole.inner(in: frame) {
            expectAgreement(inner, bytes, other, frame, comment)
        } else {
            #expect(cut.inner(in: bytes) == nil, comment)
        }
        if let inner = cut.quote(in: bytes), let other = whole.quote(in: frame) {
            expectAgreement(inner, bytes, other, frame, comment)
        } else {
            #expect(cut.quote(in: bytes) == nil, comment)
        }
    }

    private func expectAgreement(_ cut: ARPPacket?, _ whole: ARPPacket?, _ comment: Comment) {
        guard let cut else { return }
        #expect(cut.opcode == whole?.opcode && cut.hardwareType == whole?.hardwareType && cut.protocolType == whole?.protocolType, comment)
        for (one, other) in [(cut.sender, whole?.sender), (cut.target, whole?.target)] {
            #expect(one.hardware == nil || one.hardware == other?.hardware, comment)
            #expect(one.address == nil || one.address == other?.address, comment)
        }
    }

    private func expectInternetAgreement(_ cut: Packet, _ bytes: [UInt8], _ whole: Packet, _ frame: [UInt8], _ comment: Comment) {
        switch (cut.internet, whole.internet) {
        case (.none, _): break
        case (.ipv4(let one), .ipv4(let other)):
            #expect(one.source == other.source && one.destination == other.destination && one.totalLength == other.totalLength, comment)
            #expect(one.identification == other.identification && one.flagsAndOffset == other.flagsAndOffset, comment)
            #expect(one.protocol == other.protocol && one.headerLength == other.headerLength && one.checksum == other.checksum, comment)
            #expect(one.upperLayer == other.upperLayer || one.upperLayer == .authentication, comment)
            let read = cut.ipv4Options(in: bytes.span).filter { !$0.isMalformed }
            #expect(Array(whole.ipv4Options(in: frame.span).prefix(read.count)) == read, comment)
        case (.ipv6(let one), .ipv6(let other)):
            #expect(one.source == other.source && one.destination == other.destination && one.payloadLength == other.payloadLength, comment)
            #expect(one.nextHeader == other.nextHeader && one.hopLimit == other.hopLimit && one.flowLabel == other.flowLabel, comment)
            #expect(one.fragment == nil || one.fragment == other.fragment, comment)
            let read = cut.ipv6Extensions(in: bytes.span)
            #expect(Array(whole.ipv6Extensions(in: frame.span).prefix(read.count)) == read, comment)
        default: Issue.record(comment)
        }
        if cut.internet != .none { #expect(cut.internetOffset == whole.internetOffset && cut.isFragment == whole.isFragment || cut.stop != nil, comment) }
    }

    private func name(_ transport: Packet.Transport) -> Substring { "\(transport)".prefix { $0 != "(" } }

    private func expectTransportAgreement(_ cut: Packet, _ whole: Packet, _ comment: Comment) {
        if cut.transport == .none { return }
        #expect(name(cut.transport) == name(whole.transport), comment)
        if cut.ports != nil { #expect(cut.fourTuple == whole.fourTuple, comment) }
        switch (cut.transport, whole.transport) {
        case (.tcp(let one), .tcp(let other)):
            #expect(one.wholeBytes < 8 || one.sequence == other.sequence, comment)
            #expect(one.wholeBytes < 12 || one.acknowledgment == other.acknowledgment, comment)
            #expect(!one.hasFlags || one.flags == other.flags && one.headerLength == other.headerLength, comment)
            #expect(one.wholeBytes < 20 || one.urgentPointer == other.urgentPointer && one.checksum == other.checksum, comment)
        case (.udp(let one), .udp(let other)), (.udpLite(let one), .udpLite(let other)):
            #expect(one.wholeBytes < 8 || one == other, comment)
        case (.icmp(let one), .icmp(let other)): #expect(one == other, comment)
        case (.sctp(let one), .sctp(let other)):
            #expect(one.wholeBytes < 12 || one.verificationTag == other.verificationTag && one.checksum == other.checksum, comment)
            #expect(one.firstChunk == nil || one.firstChunk == other.firstChunk, comment)
        case (.dccp(let one), .dccp(let other)): #expect(one.wholeBytes < 12 || one == other, comment)
        case (.igmp(let one), .igmp(let other)): #expect(one.wholeBytes < 8 || one == other, comment)
        case (.gre(let one), .gre(let other)): #expect(one == other, comment)
        default: break
        }
    }
}
