/// The Internet checksum (RFC 1071): a ones' complement sum of 16-bit words.
public struct InternetChecksum: Sendable {
    private var sum: UInt64 = 0

    public init() {}

    /// Adds bytes that start at an even place of the message. A last odd byte counts as if a zero followed.
    public mutating func add(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        var offset = range.lowerBound
        // Four bytes at a time: the end-around carries are folded in once, at the end (RFC 1071 §2, "deferred carries").
        while offset + 4 <= range.upperBound {
            sum &+= UInt64(bytes.uint32(at: offset))
            offset += 4
        }
        while offset < range.upperBound {
            let byte = UInt64(bytes[offset])
            sum &+= (offset - range.lowerBound) & 1 == 0 ? byte << 8 : byte
            offset += 1
        }
    }

    public mutating func add(_ word: UInt32) { sum &+= UInt64(word) }

    public mutating func add(_ word: UInt64) {
        add(UInt32(truncatingIfNeeded: word >> 32))
        add(UInt32(truncatingIfNeeded: word))
    }

    /// The sum so far, folded to 16 bits and not complemented.
    public var folded: UInt16 {
        var rest = sum
        while rest >> 16 != 0 { rest = rest & 0xffff &+ rest >> 16 }
        return UInt16(truncatingIfNeeded: rest)
    }
}

/// What a checksum's check gave.
public enum ChecksumStatus: String, Sendable {
    case good
    case bad
    /// Not all of it was captured, it is a fragment, its length is nonsense, its final destination is
    /// not known, or the sender sent none.
    case unverified
    /// The pseudo-header's sum alone: what a sender leaves to its network card, seen where the card had no turn yet.
    case offloaded
}

extension Packet {
    /// Checks the IPv4 header's own checksum. An IPv6 header has none.
    ///
    /// - Parameter bytes: those of the frame that this packet, or the one that quotes it, was decoded from.
    public func internetChecksumStatus(_ bytes: Span<UInt8>) -> ChecksumStatus {
        guard case .ipv4(let header) = internet else { return .unverified }
        let start = Int(internetOffset)
        let end = start + Int(header.headerLength)
        guard Int(header.headerLength) >= IPv4Header.minimumLength, end <= min(bytes.count, Int(capturedLength)) else {
            return .unverified
        }
        // A link layer's length may end before the header does. What is cut behind an authentication header's number is that.
        if case .truncated(Int(header.headerLength), _, _)? = stop?.reason, stop?.layer == .ip, header.protocol != .authentication {
            return .unverified
        }
        var sum = InternetChecksum()
        sum.add(bytes, start..<end)
        return sum.folded == 0xffff ? .good : .bad
    }

    /// Checks the checksum of the TCP, UDP, ICMP or ICMPv6 message.
    ///
    /// The pseudo-header is that of RFC 9293 §3.1, RFC 768 and RFC 8200 §8.1; ICMP over IPv4 has none (RFC 792).
    public func transportChecksumStatus(_ bytes: Span<UInt8>) -> ChecksumStatus {
        // A quote is a beginning: where its length is not said, nobody knows of what.
        if marks.contains(.quote), remark == .lengthZero { return .unverified }
        guard let end = summedEnd, let (start, stored, pseudoHeader, coverage) = summedTransport(bytes) else { return .unverified }
        // Of a quote not the frame counts but the quote, which is what ``capturedLength`` says.
        guard !isFragment, end <= min(bytes.count, Int(capturedLength)), end >= start, let protocolNumber = upperLayer else { return .unverified }
        if case .sctp(let header) = transport { return SCTPHeader.status(header, bytes, start..<end) }

        var pseudo = InternetChecksum()
        if pseudoHeader {
            guard addAddresses(to: &pseudo, bytes) else { return .unverified }
            pseudo.add(UInt32(protocolNumber.rawValue))
            pseudo.add(UInt32(truncatingIfNeeded: end - start))
        }
        var sum = pseudo
        sum.add(bytes, start..<(coverage > 0 ? min(end, start + coverage) : end))
        if sum.folded == 0xffff { return .good }
        return pseudoHeader && stored == pseudo.folded ? .offloaded : .bad
    }

    /// Where the message with the checksum ends; `nil` where nobody knows, or where the checksum itself is cut off.
    private var summedEnd: Int? {
        switch stop?.reason {
        case .unsupported, nil: return payload.start + Int(payloadLength)
        case .truncated, .malformed: break
        }
        // RFC 9293 §3.1: a segment ends where its packet does, whatever its data offset says; a message of ICMP likewise.
        switch transport {
        case .tcp(let header) where header.wholeBytes >= 18: return internetEnd
        case .icmp: return internetEnd
        default: return nil
        }
    }

    /// Where the IP packet ends: by its own word, or with the frame where that says more, or nothing.
    public var internetEnd: Int? {
        if remark == .lengthBeyondFrame || remark == .lengthZero { return Int(max(originalLength, capturedLength)) }
        return switch internet {
        case .ipv4(let header): Int(internetOffset) + Int(header.totalLength)
        case .ipv6(let header): Int(internetOffset) + IPv6Header.length + Int(header.payloadLength)
        case .none: nil
        }
    }

    /// Where the message with the checksum begins, what stands there, whether addresses belong to the sum, and how much
    /// of the message does: 0 for all. `nil` where there is nothing to check.
    private func summedTransport(_ bytes: Span<UInt8>) -> (start: Int, stored: UInt16, hasPseudoHeader: Bool, coverage: Int)? {
        switch transport {
        case .tcp(let header): return (Int(header.offset), header.checksum, true, 0)
        case .udp(let header):
            guard header.checksum != 0 || isChecksumDue else { return nil }
            // Where the datagram is longer than the packet, not all of it is here.
            let length = payload.start + Int(payloadLength) - Int(header.offset)
            return Int(header.length) > length ? nil : (Int(header.offset), header.checksum, true, 0)
        case .udpLite(let header):
            // Where more is covered than the packet has, not all of it is here.
            let length = payload.start + Int(payloadLength) - Int(header.offset)
            return Int(header.length) > length ? nil : (Int(header.offset), header.checksum, true, Int(header.length))
        case .icmp(let header): return (Int(header.offset), header.checksum, header.version == .six, 0)
        case .igmp(let header): return (Int(header.offset), header.checksum, false, 0)
        case .gre(let header): return header.checksum(in: bytes).map { (Int(header.offset), $0, false, 0) }
        case .sctp(let header): return (Int(header.offset), 0, false, 0)
        case .dccp, .none: return nil
        }
    }

    /// Whether a UDP checksum of 0 is wrong. RFC 768: "An all zero transmitted checksum value means that the transmitter
    /// generated no checksum"; RFC 8200 §8.1 does not allow that over IPv6, but for tunnels (RFC 6935 §5).
    private var isChecksumDue: Bool {
        if case .ipv6 = internet { return !marks.contains(.tunnel) }
        return false
    }

    /// RFC 8200 §8.1: the pseudo-header has the final destination, which is not in the header where a source route leads on.
    private func addAddresses(to sum: inout InternetChecksum, _ bytes: Span<UInt8>) -> Bool {
        switch internet {
        case .ipv4(let header):
            guard let final = header.finalDestination(bytes, at: Int(internetOffset)) else { return false }
            sum.add(header.source)
            sum.add(final)
        case .ipv6(let header):
            guard let final = header.finalDestination(bytes, at: Int(internetOffset) + IPv6Header.length) else { return false }
            for word in [header.source.high, header.source.low, final.high, final.low] { sum.add(word) }
        case .none:
            break
        }
        return true
    }
}

extension SCTPHeader {
    /// RFC 9260 §6.8: the checksum is over the whole packet, its own field taken as zeros.
    fileprivate static func status(_ header: SCTPHeader, _ bytes: Span<UInt8>, _ range: Range<Int>) -> ChecksumStatus {
        let place = range.lowerBound + 8
        guard range.count >= SCTPHeader.length else { return .unverified }
        let sum = CRC32C.of(bytes, range, zeroed: place..<place + 4)
        // The card computes it where the sender leaves it to it, and then it stands as 0.
        return sum.byteSwapped == header.checksum ? .good : header.checksum == 0 ? .offloaded : .bad
    }
}
