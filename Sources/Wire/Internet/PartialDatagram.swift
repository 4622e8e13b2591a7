/// The fragments of one datagram that have come so far.
struct PartialDatagram: Sendable {
    private struct Piece: Sendable {
        let start: Int
        let end: Int
        let frame: UInt64
        /// Its bytes, as far as they were captured.
        let bytes: [UInt8]
    }

    /// What a datagram and each of its fragments take besides their bytes, rounded up.
    private static let overhead = (datagram: 256, piece: 96)

    let serial: UInt64
    let begun: Timestamp
    /// By place, without overlaps.
    private var pieces: [Piece] = []
    /// The IP header of the fragment at offset 0, as far as it was captured, and how long it is.
    private var header: [UInt8] = []
    private var headerLength = 0
    /// Where the payload ends, once the last fragment has come.
    private var length: Int?
    private var isDiscarded = false
    private var bytesKept = 0
    /// How many bytes of payload have come, captured or not.
    private var bytesSeen = 0

    init(serial: UInt64, begun: Timestamp) {
        self.serial = serial
        self.begun = begun
    }

    /// In bytes.
    var memory: Int {
        PartialDatagram.overhead.datagram + pieces.count * PartialDatagram.overhead.piece + bytesKept + header.count
    }

    mutating func add(
        _ place: FragmentPlace, _ packet: borrowing Packet, _ bytes: Span<UInt8>, _ number: UInt64
    ) -> FragmentFate {
        if isDiscarded { return .discarded }
        guard let end = checkedEnd(place, packet) else { return .unfit }
        switch overlap(place.offset, end) {
        case .none: break
        case .contained: return .duplicate
        case .partial:
            discard()
            return .overlaps
        }
        insert(place, end, packet, bytes, number)
        guard let length, bytesSeen == length, !header.isEmpty else { return .waits }
        return .completes(whole(packet, payloadLength: length))
    }

    // MARK: Where it fits

    /// Where the fragment ends, or `nil` if it cannot be a part of the datagram (the kernel's `ip_frag_queue` and
    /// `ip6_frag_queue`). Enters the datagram's length if it is the last.
    private mutating func checkedEnd(_ place: FragmentPlace, _ packet: borrowing Packet) -> Int? {
        var end = place.end
        if place.more, end & 7 != 0 {
            // RFC 8200 §4.5: "If the length of a fragment … is not a multiple of 8 octets and the M flag of that fragment
            // is 1, then that fragment must be discarded". Over IPv4 the kernel cuts it down to one.
            guard case .ipv4 = packet.internet else { return nil }
            end &= ~7
        }
        // RFC 791 §3.1, RFC 8200 §4.5: no length field could count more.
        guard end > place.offset, countedHeader(packet) + end <= longest(packet) else { return nil }
        let seen = pieces.last?.end ?? 0
        if place.more {
            if let length, end > length { return nil }
        } else {
            guard end >= seen, length == nil || length == end else { return nil }
            length = end
        }
        return end
    }

    /// The header's share of the length field: IPv4 counts its header, IPv6 does not.
    private func countedHeader(_ packet: borrowing Packet) -> Int {
        if case .ipv4(let header) = packet.internet { Int(header.headerLength) } else { 0 }
    }

    private func longest(_ packet: borrowing Packet) -> Int {
        guard case .ipv6(let header) = packet.internet, let fragment = header.fragment else { return Int(UInt16.max) }
        // The fragment header is gone when the datagram is whole.
        return Int(UInt16.max) - (Int(fragment.headersLength) - IPv6Fragment.length)
    }

    private enum Overlap {
        case none, contained, partial
    }

    /// As the kernel's `inet_frag_queue_insert` has it: what lies whole within a run of others is a duplicate.
    private func overlap(_ start: Int, _ end: Int) -> Overlap {
        var index = firstPiece(endingAfter: start)
        guard index < pieces.count, pieces[index].start < end else { return .none }
        guard pieces[index].start <= start else { return .partial }
        while pieces[index].end < end {
            guard index + 1 < pieces.count, pieces[index + 1].start == pieces[index].end else { return .partial }
            index += 1
        }
        return .contained
    }

    private func firstPiece(endingAfter start: Int) -> Int {
        var range = 0..<pieces.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = pieces[middle].end > start ? range.lowerBound..<middle : middle + 1..<range.upperBound
        }
        return range.lowerBound
    }

    // MARK: What it carries

    private mutating func insert(
        _ place: FragmentPlace, _ end: Int, _ packet: borrowing Packet, _ bytes: Span<UInt8>, _ number: UInt64
    ) {
        let captured = ByteRange(offset: place.start, count: end - place.offset).clamped(to: bytes.count)
        let piece = Piece(start: place.offset, end: end, frame: number, bytes: bytes.array(captured))
        pieces.insert(piece, at: firstPiece(endingAfter: place.offset))
        bytesKept += captured.count
        bytesSeen += end - place.offset
        if place.offset == 0 {
            headerLength = place.start - Int(packet.internetOffset)
            header = bytes.array(ByteRange(offset: Int(packet.internetOffset), count: headerLength).clamped(to: bytes.count))
        }
    }

    /// What the datagram was is forgotten, but that it was discarded is not: RFC 5722 §4, "including those not yet received".
    private mutating func discard() {
        isDiscarded = true
        pieces = []
        header = []
        bytesKept = 0
    }

    private func whole(_ packet: borrowing Packet, payloadLength: Int) -> ReassembledDatagram {
        var payload: [UInt8] = []
        payload.reserveCapacity(bytesKept)
        // What comes behind a gap would stand in the wrong place.
        for piece in pieces where header.count == headerLength {
            payload += piece.bytes
            if piece.bytes.count < piece.end - piece.start { break }
        }
        return ReassembledDatagram(
            header: wholeHeader(payloadLength), headerLength: headerLength, payload: payload, payloadLength: payloadLength, link: packet.link,
            frames: pieces.map(\.frame))
    }

    /// The header of the fragment at offset 0, made that of the whole: its length, and nothing of fragments.
    private func wholeHeader(_ payloadLength: Int) -> [UInt8] {
        var header = self.header
        if header[0] >> 4 == 4 {
            header.setNumber(UInt16(headerLength + payloadLength), at: 2)
            header.setNumber(header.span.uint16(at: 6) & 0x4000, at: 6)
            header.setNumber(0, at: 10)
            var sum = InternetChecksum()
            sum.add(header.span, 0..<header.count)
            header.setNumber(~sum.folded, at: 10)
        } else {
            // The fragment header stays, and says that it is the only fragment (RFC 6946). A length that the field cannot
            // hold with it is 0: then the frame's counts.
            let length = header.count - IPv6Header.length + payloadLength
            header.setNumber(length > UInt16.max ? 0 : UInt16(length), at: 4)
            header.setNumber(0, at: header.count - IPv6Fragment.length + 2)
        }
        return header
    }
}

extension [UInt8] {
    fileprivate mutating func setNumber(_ number: UInt16, at offset: Int) {
        self[offset] = UInt8(number >> 8)
        self[offset + 1] = UInt8(number & 0xff)
    }
}

extension Span<UInt8> {
    fileprivate func array(_ range: Range<Int>) -> [UInt8] {
        var array: [UInt8] = []
        array.reserveCapacity(range.count)
        for index in range { array.append(self[index]) }
        return array
    }
}
