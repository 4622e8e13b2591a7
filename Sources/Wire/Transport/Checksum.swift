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
        var sum = InternetChecksum()
        sum.add(bytes, start..<end)
        return sum.folded == 0xffff ? .good : .bad
    }

    /// Checks the checksum of the TCP, UDP, ICMP or ICMPv6 message.
    ///
    /// The pseudo-header is that of RFC 9293 §3.1, RFC 768 and RFC 8200 §8.1; ICMP over IPv4 has none (RFC 792).
    public func transportChecksumStatus(_ bytes: Span<UInt8>) -> ChecksumStatus {
        // Not all of it is there, or nobody knows where it ends.
        switch stop?.reason {
        case .truncated, .malformed: return .unverified
        case .unsupported, nil: break
        }
        let start: Int
        let stored: UInt16
        var pseudoHeader = true
        switch transport {
        case .tcp(let header):
            (start, stored) = (Int(header.offset), header.checksum)
        case .udp(let header):
            // RFC 768: "An all zero transmitted checksum value means that the transmitter generated no checksum".
            guard header.checksum != 0 else { return .unverified }
            (start, stored) = (Int(header.offset), header.checksum)
        case .icmp(let header):
            (start, stored) = (Int(header.offset), header.checksum)
            pseudoHeader = header.version == .six
        case .none:
            return .unverified
        }
        let end = payload.start + Int(payloadLength)
        // Of a quote not the frame counts but the quote, which is what ``capturedLength`` says.
        guard !isFragment, end <= min(bytes.count, Int(capturedLength)), end >= start, let protocolNumber = upperLayer else { return .unverified }

        var pseudo = InternetChecksum()
        if pseudoHeader {
            addAddresses(to: &pseudo)
            pseudo.add(UInt32(protocolNumber.rawValue))
            pseudo.add(UInt32(truncatingIfNeeded: end - start))
        }
        var sum = pseudo
        sum.add(bytes, start..<end)
        if sum.folded == 0xffff { return .good }
        // RFC 8200 §8.1: the pseudo-header has the final destination, which is not in the header here.
        if pseudoHeader, hasFurtherHop(bytes) { return .unverified }
        return pseudoHeader && stored == pseudo.folded ? .offloaded : .bad
    }

    private func hasFurtherHop(_ bytes: Span<UInt8>) -> Bool {
        switch internet {
        case .ipv4(let header): header.hasFurtherHop(bytes, at: Int(internetOffset))
        case .ipv6(let header): header.segmentsLeft > 0
        case .none: false
        }
    }

    private func addAddresses(to sum: inout InternetChecksum) {
        switch internet {
        case .ipv4(let header):
            sum.add(header.source)
            sum.add(header.destination)
        case .ipv6(let header):
            for word in [header.source.high, header.source.low, header.destination.high, header.destination.low] {
                sum.add(word)
            }
        case .none:
            break
        }
    }
}
