/// What stands behind the checksum of an ICMP or ICMPv6 message, by its type (RFC 792, RFC 4443, RFC 4861, RFC 2710).
/// Decoded only when shown; `nil` or missing is what was cut off.
public enum ICMPMessage: Equatable, Sendable {
    /// Nothing that is decoded here, or nothing captured.
    case none
    case echo(identifier: UInt16, sequence: UInt16)
    /// Four bytes that mean nothing, in an error.
    case unused(UInt32)
    /// The largest packet that the next link takes.
    case tooBig(mtu: UInt32)
    case redirect4(gateway: IPAddress)
    case parameterProblem(pointer: UInt32)
    /// Milliseconds since midnight UTC, if the sender's clock knows that (RFC 792).
    case timestamps(identifier: UInt16, sequence: UInt16, originate: UInt32?, receive: UInt32?, transmit: UInt32?)
    case addressMask(identifier: UInt16, sequence: UInt16, mask: IPAddress?)
    /// RFC 1256 §3.1.
    case routerAdvertisement4(count: UInt8, entryWords: UInt8, lifetime: UInt16)
    /// RFC 4861 §4.2: times in milliseconds, the lifetime in seconds.
    case routerAdvertisement6(hopLimit: UInt8, flags: UInt8, lifetime: UInt16, reachable: UInt32?, retransmit: UInt32?)
    case neighborSolicitation(target: IPAddress?)
    /// The flags are router, solicited and override, from the left.
    case neighborAdvertisement(flags: UInt32, target: IPAddress?)
    case redirect6(target: IPAddress?, destination: IPAddress?)
    /// RFC 2710 §3. The delay in milliseconds.
    case listener(delay: UInt16, group: IPAddress?)
    /// A query of version 2, told by its length (RFC 9777 §8.1). From 32768 on the code is no longer a number of
    /// milliseconds but a floating-point one (§5.1.3).
    case listenerQuery2(code: UInt16, group: IPAddress?)
    /// RFC 9777 §5.2.
    case listenerReport2(records: UInt16)
    /// RFC 8335 §2.
    case extendedEcho(identifier: UInt16, sequence: UInt8)
}

extension Packet {
    /// What the ICMP message says, as far as it was captured.
    public func icmpMessage(in bytes: Span<UInt8>) -> ICMPMessage {
        guard case .icmp(let header) = transport else { return .none }
        let end = min(payload.end, bytes.count)
        let start = Int(header.offset)
        guard end - start >= ICMPHeader.length else { return .none }
        let message = ICMPBytes(start: start, end: end, length: payload.start + Int(payloadLength) - start)
        return header.version == .four ? message.version4(header, bytes) : message.version6(header, bytes)
    }
}

/// Reads fields of a message of which the first eight bytes are there.
private struct ICMPBytes {
    let start: Int
    let end: Int
    /// How long the message is, captured or not.
    let length: Int

    private func number(_ offset: Int, _ bytes: Span<UInt8>) -> UInt32? {
        start + offset + 4 <= end ? bytes.uint32(at: start + offset) : nil
    }

    private func address4(_ offset: Int, _ bytes: Span<UInt8>) -> IPAddress? { number(offset, bytes).map(IPAddress.init(ipv4:)) }

    private func address6(_ offset: Int, _ bytes: Span<UInt8>) -> IPAddress? {
        let place = start + offset
        guard place + 16 <= end else { return nil }
        return IPAddress(ipv6High: bytes.uint64(at: place), low: bytes.uint64(at: place + 8))
    }

    func version4(_ header: ICMPHeader, _ bytes: Span<UInt8>) -> ICMPMessage {
        let (first, second) = (bytes.uint16(at: start + 4), bytes.uint16(at: start + 6))
        switch header.type {
        // An information request and its reply have an echo's fields, and no more.
        case 0, 8, 15, 16: return .echo(identifier: first, sequence: second)
        // RFC 1191 §4 gives the last two of the unused bytes a meaning.
        case 3 where header.code == 4: return .tooBig(mtu: UInt32(second))
        case 3, 4, 11: return .unused(bytes.uint32(at: start + 4))
        case 5: return .redirect4(gateway: IPAddress(ipv4: bytes.uint32(at: start + 4)))
        case 9: return .routerAdvertisement4(count: bytes[start + 4], entryWords: bytes[start + 5], lifetime: second)
        case 12: return .parameterProblem(pointer: UInt32(bytes[start + 4]))
        case 13, 14:
            return .timestamps(
                identifier: first, sequence: second, originate: number(8, bytes), receive: number(12, bytes), transmit: number(16, bytes))
        case 17, 18: return .addressMask(identifier: first, sequence: second, mask: address4(8, bytes))
        case 42, 43: return .extendedEcho(identifier: first, sequence: bytes[start + 6])
        default: return .none
        }
    }

    func version6(_ header: ICMPHeader, _ bytes: Span<UInt8>) -> ICMPMessage {
        let word = bytes.uint32(at: start + 4)
        let (first, second) = (UInt16(word >> 16), UInt16(word & 0xffff))
        switch header.type {
        case 1, 3: return .unused(word)
        case 2: return .tooBig(mtu: word)
        case 4: return .parameterProblem(pointer: word)
        case 128, 129: return .echo(identifier: first, sequence: second)
        case 130 where length >= 28: return .listenerQuery2(code: first, group: address6(8, bytes))
        case 130, 131, 132: return .listener(delay: first, group: address6(8, bytes))
        case 134:
            return .routerAdvertisement6(
                hopLimit: bytes[start + 4], flags: bytes[start + 5], lifetime: second, reachable: number(8, bytes),
                retransmit: number(12, bytes))
        case 135: return .neighborSolicitation(target: address6(8, bytes))
        case 136: return .neighborAdvertisement(flags: word, target: address6(8, bytes))
        case 137: return .redirect6(target: address6(8, bytes), destination: address6(24, bytes))
        case 143: return .listenerReport2(records: second)
        case 160, 161: return .extendedEcho(identifier: first, sequence: bytes[start + 6])
        default: return .none
        }
    }
}

extension ICMPMessage {
    /// What a line says of it behind the type's name; empty where the name says it all.
    public var brief: String {
        switch self {
        case .none, .unused, .routerAdvertisement4, .routerAdvertisement6: ""
        case .echo(let identifier, let sequence): "id \(identifier) seq \(sequence)"
        case .extendedEcho(let identifier, let sequence): "id \(identifier) seq \(sequence)"
        case .timestamps(let identifier, let sequence, _, _, _): "id \(identifier) seq \(sequence)"
        case .addressMask(let identifier, let sequence, let mask):
            "id \(identifier) seq \(sequence)" + (mask.map { $0.isWildcard ? "" : " mask \($0)" } ?? "")
        case .tooBig(let mtu): "mtu \(mtu)"
        case .redirect4(let gateway): "to \(gateway)"
        case .parameterProblem(let pointer): "at \(pointer)"
        case .neighborSolicitation(let target): target.map { "who has \($0)" } ?? ""
        case .neighborAdvertisement(_, let target): target.map { "here is \($0)" } ?? ""
        case .redirect6(let target, let destination): (destination.map { "\($0) " } ?? "") + (target.map { "to \($0)" } ?? "")
        case .listener(_, let group), .listenerQuery2(_, let group): group.map { $0.isWildcard ? "" : "\($0)" } ?? ""
        case .listenerReport2(let records): "\(records) group\(records == 1 ? "" : "s")"
        }
    }
}
