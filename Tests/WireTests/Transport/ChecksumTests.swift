import Testing
import Wire

/// RFC 1071 §1, word for word: "the 16-bit 1's complement sum", an odd byte "as if" a zero followed.
private func referenceSum(_ bytes: [UInt8]) -> UInt16 {
    var sum = 0
    for index in stride(from: 0, to: bytes.count, by: 2) {
        sum += Int(bytes[index]) << 8 | (index + 1 < bytes.count ? Int(bytes[index + 1]) : 0)
        if sum > 0xffff { sum -= 0xffff }
    }
    return UInt16(sum)
}

/// RFC 9293 §3.1 and RFC 768 for IPv4, RFC 8200 §8.1 for IPv6.
private func pseudoHeader(_ version: IPAddress.Version, _ number: UInt8, _ count: Int) -> [UInt8] {
    version == .four
        ? be32(client4) + be32(server4) + [0, number] + be16(count)
        : client6.bytes + server6.bytes + be32(UInt32(count)) + [0, 0, 0, number]
}

/// The message with its checksum in place, which stands at 16 in TCP, 6 in UDP, 2 in ICMP.
private func summed(_ version: IPAddress.Version, _ number: UInt8, _ message: [UInt8]) -> [UInt8] {
    let place = [6: 16, 17: 6][number] ?? 2
    var message = message
    message.replaceSubrange(place..<place + 2, with: [0, 0])
    let pseudo = number == 1 ? [] : pseudoHeader(version, number, message.count)
    var checksum = ~referenceSum(pseudo + message)
    // RFC 768: "If the computed checksum is zero, it is transmitted as all ones".
    if number == 17, checksum == 0 { checksum = 0xffff }
    message.replaceSubrange(place..<place + 2, with: be16(Int(checksum)))
    return message
}

private func status(_ frame: [UInt8], captured: Int? = nil) -> ChecksumStatus {
    let bytes = Array(frame.prefix(captured ?? frame.count))
    return decode(frame, captured: captured).transportChecksumStatus(bytes.span)
}

private let messages: [(version: IPAddress.Version, number: UInt8, message: [UInt8])] = versions.flatMap { version in
    [
        (version, 6, tcp([1, 2, 3, 4])), (version, 6, tcp([1, 2, 3], options: [1, 1, 1, 1])), (version, 17, udp([1, 2, 3])), (version, 17, udp()),
        (version, version == .four ? 1 : 58, [version == .four ? 8 : 128, 0, 0, 0, 0x12, 0x34, 0, 1, 5]),
    ] as [(IPAddress.Version, UInt8, [UInt8])]
}

@Suite struct Checksums {
    /// RFC 1071 §3's example, in any pieces that begin at even places.
    @Test func `the sum of the RFC's example`() {
        let bytes: [UInt8] = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]
        #expect(referenceSum(bytes) == 0xddf2)
        for cut in stride(from: 0, through: 8, by: 2) {
            var sum = InternetChecksum()
            sum.add(bytes.span, 0..<cut)
            sum.add(bytes.span, cut..<8)
            #expect(sum.folded == 0xddf2)
        }
    }

    @Test func `as the plain sum, for all lengths and places`() {
        var generator = SeededGenerator(seed: 1071)
        for length in 0..<600 {
            let bytes = generator.bytes(length + 3)
            for start in 0..<3 {
                var sum = InternetChecksum()
                sum.add(bytes.span, start..<start + length)
                // 0 and 0xffff are the same number in ones' complement.
                #expect(sum.folded % 0xffff == referenceSum(Array(bytes[start..<start + length])) % 0xffff)
            }
        }
    }

    @Test(arguments: messages.indices) func `good, and bad with any byte changed`(_ index: Int) {
        let (version, number, message) = messages[index]
        let good = summed(version, number, message)
        #expect(status(ip(version, number, good)) == .good)
        #expect(status(ip(version, number, good) + trailer) == .good, "a trailer does not count")
        // The bytes that say how long the message is, or that it has no checksum, change more than the sum.
        let places = number == 6 ? Array(0..<12) + Array(14..<good.count) : number == 17 ? [0, 1, 2, 3] + Array(8..<good.count) : Array(good.indices)
        for place in places {
            var bad = good
            bad[place] ^= 0x40
            #expect(status(ip(version, number, bad)) == .bad)
        }
    }

    @Test(arguments: messages.indices) func `cut is unverified`(_ index: Int) {
        let (version, number, message) = messages[index]
        let frame = ip(version, number, summed(version, number, message))
        for count in 0..<frame.count { #expect(status(frame, captured: count) == .unverified) }
    }

    /// The pseudo-header's sum, not complemented, is what a sender leaves to its card.
    @Test(arguments: messages.indices) func offloaded(_ index: Int) {
        let (version, number, message) = messages[index]
        guard number == 6 || number == 17 else { return }
        var left = message
        let place = number == 6 ? 16 : 6
        left.replaceSubrange(place..<place + 2, with: be16(Int(referenceSum(pseudoHeader(version, number, message.count)))))
        #expect(status(ip(version, number, left)) == .offloaded)
    }

    /// RFC 768: 0 says that there is none; RFC 8200 §8.1 does not allow that over IPv6.
    @Test(arguments: versions) func `UDP without one`(_ version: IPAddress.Version) {
        #expect(status(ip(version, 17, udp([1, 2, 3]))) == (version == .four ? .unverified : .bad))
    }

    @Test func `a fragment's is unverified`() {
        #expect(status(ipv4(17, summed(.four, 17, udp([1, 2, 3])), flagsAndOffset: 0x2000)) == .unverified)
        #expect(status(ipv4(6, summed(.four, 6, tcp()), flagsAndOffset: 1)) == .unverified)
    }

    /// A segment ends where its packet does, whatever its data offset says; a datagram says itself how long it is.
    @Test func `of a datagram whose length is nonsense it is unverified`() {
        #expect(status(ipv4(6, summed(.four, 6, tcp(dataOffset: 60)))) == .good)
        #expect(status(ipv4(6, tcp(dataOffset: 60))) == .bad)
        #expect(status(ipv4(17, summed(.four, 17, udp([1], length: 300)))) == .unverified)
    }

    /// RFC 8200 §8.1 and RFC 791: the pseudo-header has the final destination, which a source route takes elsewhere.
    @Test func `with hops to come the last of them counts`() {
        let segment = summed(.six, 6, tcp([1, 2, 3]))
        let hop = IPAddress(ipv6High: 0x2001_0db8_0000_0000, low: 99)
        func routed(_ type: UInt8, left: UInt8, _ addresses: [IPAddress], destination: IPAddress) -> [UInt8] {
            let header = [6, UInt8(addresses.count * 2), type, left, 0, 0, 0, 0] + addresses.flatMap(\.bytes)
            return ipv6(43, header + segment, destination: destination)
        }
        // The last address of a source route, the only one of mobility, the first of a segment list, which is backwards.
        #expect(status(routed(0, left: 1, [server6], destination: hop)) == .good)
        #expect(status(routed(0, left: 2, [hop, server6], destination: hop)) == .good)
        #expect(status(routed(2, left: 1, [server6], destination: hop)) == .good)
        #expect(status(routed(4, left: 1, [server6, hop], destination: hop)) == .good)
        #expect(status(routed(0, left: 1, [hop], destination: server6)) == .bad)
        #expect(status(routed(0, left: 0, [hop], destination: server6)) == .good)
        // Of a kind that nobody knows, nobody knows where it leads.
        #expect(status(routed(77, left: 1, [server6], destination: hop)) == .unverified)
        let old = summed(.four, 6, tcp([1, 2, 3]))
        for kind in [131, 137] as [UInt8] {
            #expect(status(ipv4(6, old, options: [1, kind, 7, 4] + be32(server4), destination: 0xc000_0263)) == .good)
            #expect(status(ipv4(6, old, options: [1, kind, 7, 8] + be32(0xc000_0263))) == .good)
            #expect(status(ipv4(6, old, options: [1, kind, 7, 4] + be32(0xc000_0263))) == .bad)
            #expect(status(ipv4(6, old, options: [1, kind, 6, 4, 0, 0, 0, 0])) == .unverified)
            // A pointer is 4, 8 and so on.
            for pointer in [0, 3, 5, 7] as [UInt8] {
                #expect(status(ipv4(6, old, options: [1, kind, 7, pointer] + be32(server4))) == .unverified)
            }
        }
    }

    /// RFC 792: the quote is the beginning of the datagram. Without a length nobody knows whether it is all of it.
    @Test func `of a quote without a length nothing is verified`() throws {
        let datagram = summed(.four, 17, udp(Array(1...40)))
        for total in [nil, 0] {
            let frame = ipv4(1, [3, 3, 0, 0, 0, 0, 0, 0] + ipv4(17, datagram, totalLength: total))
            let inner = try #require(decode(frame).quote(in: frame))
            #expect(inner.transportChecksumStatus(frame.span) == (total == nil ? .good : .unverified))
        }
    }

    @Test func `of a quote nothing is read that the message does not have`() throws {
        let quote = ipv4(17, summed(.four, 17, udp(Array(1...40))))
        for count in 28...quote.count {
            let frame = ipv4(1, [3, 3, 0, 0, 0, 0, 0, 0] + quote.prefix(count)) + trailer
            let inner = try #require(decode(frame).quote(in: frame))
            #expect(inner.transportChecksumStatus(frame.span) == (count < quote.count ? .unverified : .good))
        }
    }

    @Test func `random messages`() {
        var generator = SeededGenerator(seed: 768)
        for round in 0..<3_000 {
            let version = versions[round % 2]
            let payload = generator.bytes(Int.random(in: 0...200, using: &generator))
            let number: UInt8 = [6, 17, version == .four ? 1 : 58][round % 3]
            let message = number == 6 ? tcp(payload) : number == 17 ? udp(payload) : [0, 0, 0, 0, 0, 0, 0, 0] + payload
            #expect(status(ip(version, number, summed(version, number, message))) == .good)
        }
    }
}

@Suite struct `The IPv4 header's checksum` {
    /// A header from a real capture, 192.168.0.1 to 192.168.0.199.
    private let header: [UInt8] = [
        0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7,
    ]

    private func status(_ bytes: [UInt8], at start: Int = 0) throws -> ChecksumStatus {
        let packet = Array(bytes.dropFirst(start))
        return decode(packet, wire: 200).internetChecksumStatus(packet.span)
    }

    @Test func `good, and bad with any byte changed`() throws {
        #expect(try status(header) == .good)
        #expect(try status([1, 2, 3] + header, at: 3) == .good)
        for place in 1..<20 {
            var bad = header
            bad[place] ^= 0x10
            #expect(try status(bad) == .bad)
        }
    }

    @Test func `options count, and cut it is unverified`() throws {
        var long = [0x46] + header.dropFirst() + [1, 1, 1, 0]
        #expect(try status(long) == .bad)
        long.replaceSubrange(10..<12, with: [0, 0])
        long.replaceSubrange(10..<12, with: be16(Int(~referenceSum(long))))
        #expect(try status(long) == .good)
        for count in 20..<24 { #expect(try status(Array(long.prefix(count))) == .unverified) }
        #expect(try status([0x44] + header.dropFirst()) == .unverified)
    }
}
