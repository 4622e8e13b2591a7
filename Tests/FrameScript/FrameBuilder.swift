import Wire

/// Puts headers around payload, innermost first. Lengths and checksums are right; what a test wants wrong it changes.
public enum FrameBuilder {
    // MARK: Transport

    /// A TCP segment (RFC 9293 §3.1) without options.
    public static func tcp(
        _ source: Endpoint, _ destination: Endpoint, _ flags: TCPFlags, sequence: UInt32 = 0, acknowledgment: UInt32 = 0,
        payload: [UInt8] = []
    ) -> [UInt8] {
        var segment = bytes(source.port) + bytes(destination.port) + bytes(sequence) + bytes(acknowledgment)
        segment += bytes(5 << 12 | flags.rawValue) + bytes(UInt16(65_535))
        segment += [0, 0, 0, 0] + payload
        setChecksum(&segment, at: 16, pseudoHeader(source.address, destination.address, .tcp, segment.count))
        return segment
    }

    /// A UDP datagram (RFC 768).
    ///
    /// - Parameter isOffloaded: whether the checksum is that of the pseudo-header alone, as a sender leaves it to its card.
    public static func udp(
        _ source: Endpoint, _ destination: Endpoint, payload: [UInt8], isOffloaded: Bool = false
    ) -> [UInt8] {
        var datagram = bytes(source.port) + bytes(destination.port) + bytes(UInt16(8 + payload.count)) + [0, 0] + payload
        let pseudoHeader = pseudoHeader(source.address, destination.address, .udp, datagram.count)
        if isOffloaded {
            var sum: [UInt8] = [0, 0]
            setChecksum(&sum, at: 0, pseudoHeader)
            datagram.replaceSubrange(6..<8, with: sum.map { ~$0 })
        } else {
            setChecksum(&datagram, at: 6, pseudoHeader)
        }
        return datagram
    }

    /// A UDP-Lite datagram (RFC 3828) whose checksum covers all of it.
    public static func udpLite(_ source: Endpoint, _ destination: Endpoint, payload: [UInt8]) -> [UInt8] {
        var datagram = bytes(source.port) + bytes(destination.port) + [0, 0, 0, 0] + payload
        setChecksum(&datagram, at: 6, pseudoHeader(source.address, destination.address, .udpLite, datagram.count))
        return datagram
    }

    /// An ICMP (RFC 792) or ICMPv6 (RFC 4443) message: type, code, checksum, four unused bytes, the quote.
    public static func icmp(
        _ source: IPAddress, _ destination: IPAddress, type: UInt8, code: UInt8, quote: [UInt8]
    ) -> [UInt8] {
        var message = [type, code, 0, 0, 0, 0, 0, 0] + quote
        let pseudo = source.version == .six ? pseudoHeader(source, destination, .icmpv6, message.count) : []
        setChecksum(&message, at: 2, pseudo)
        return message
    }

    // MARK: Internet

    /// Where a fragment belongs: its offset in bytes, and whether more follow.
    public struct Fragment: Equatable, Sendable {
        public var offset: Int
        public var more: Bool

        public init(offset: Int, more: Bool) {
            self.offset = offset
            self.more = more
        }
    }

    /// An IPv4 (RFC 791) or IPv6 (RFC 8200) packet, whichever the addresses are.
    public static func ip(
        _ source: IPAddress, _ destination: IPAddress, _ number: IPProtocol, _ payload: [UInt8], identification: UInt16 = 0,
        fragment: Fragment? = nil
    ) -> [UInt8] {
        source.version == .four
            ? ipv4(source, destination, number, payload, identification, fragment)
            : ipv6(source, destination, number, payload, identification, fragment)
    }

    private static func ipv4(
        _ source: IPAddress, _ destination: IPAddress, _ number: IPProtocol, _ payload: [UInt8], _ identification: UInt16,
        _ fragment: Fragment?
    ) -> [UInt8] {
        let place = UInt16((fragment?.offset ?? 0) / 8) | (fragment?.more ?? false ? 0x2000 : 0)
        var header: [UInt8] = [0x45, 0] + bytes(UInt16(20 + payload.count)) + bytes(identification) + bytes(place)
        header += [64, number.rawValue, 0, 0] + bytes(source) + bytes(destination)
        setChecksum(&header, at: 10, [])
        return header + payload
    }

    private static func ipv6(
        _ source: IPAddress, _ destination: IPAddress, _ number: IPProtocol, _ payload: [UInt8], _ identification: UInt16,
        _ fragment: Fragment?
    ) -> [UInt8] {
        var next = number
        var payload = payload
        if let fragment {
            let place = UInt16(fragment.offset) | (fragment.more ? 1 : 0)
            payload = [number.rawValue, 0] + bytes(place) + bytes(UInt32(identification)) + payload
            next = .fragment
        }
        return [0x60, 0, 0, 0] + bytes(UInt16(payload.count)) + [next.rawValue, 64] + bytes(source) + bytes(destination)
            + payload
    }

    // MARK: Link

    /// An Ethernet frame around an IP packet. Group addresses of IP become group addresses of the link (RFC 1112 §6.4,
    /// RFC 2464 §7); a subnet's broadcast is told by the link alone.
    public static func ethernet(_ packet: [UInt8], to destination: IPAddress, isBroadcast: Bool = false) -> [UInt8] {
        let low = bytes(destination).suffix(3)
        var target: [UInt8] = [0x02, 0, 0] + low
        if isBroadcast || destination.isLimitedBroadcast {
            target = [UInt8](repeating: 0xff, count: 6)
        } else if destination.isMulticast {
            target = destination.version == .four ? [0x01, 0x00, 0x5e] + low : [0x33, 0x33] + bytes(destination).suffix(4)
        }
        let type: UInt16 = destination.version == .four ? 0x0800 : 0x86dd
        return target + [0x02, 0, 0, 0, 0, 0x99] + bytes(type) + packet
    }

    // MARK: Bytes

    private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
        (0..<(number.bitWidth / 8)).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    private static func bytes(_ address: IPAddress) -> [UInt8] {
        address.version == .four ? bytes(UInt32(address.low)) : bytes(address.high) + bytes(address.low)
    }

    private static func pseudoHeader(
        _ source: IPAddress, _ destination: IPAddress, _ number: IPProtocol, _ length: Int
    ) -> [UInt8] {
        bytes(source) + bytes(destination) + [0, number.rawValue] + bytes(UInt16(length))
    }

    /// RFC 1071, as its §4.1 has it: no wiser than needed, so that it can judge the one that is.
    private static func setChecksum(_ message: inout [UInt8], at place: Int, _ pseudoHeader: [UInt8]) {
        var sum: UInt32 = 0
        for part in [pseudoHeader, message] {
            for (index, byte) in part.enumerated() { sum += index % 2 == 0 ? UInt32(byte) << 8 : UInt32(byte) }
        }
        while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
        let checksum = UInt16(~sum & 0xffff)
        message[place] = UInt8(checksum >> 8)
        message[place + 1] = UInt8(checksum & 0xff)
    }
}
