import Wire

/// Frames written as a reader would say them, a line a frame, and beside each what is expected of it.
///
///     A:9157 > B:80  SYN seq 100              => L1? listener <- C1
///     B:80 > A:9157  SYN ACK seq 300 ack 101  => C1 four-tuple <- L1 answers 1
///     @2.5 A:9157 > B:80  PSH ACK seq 101 ack 301 14 B
///     A:5775 > C:53  UDP 6 B
///     C > A  ICMP port unreachable quoting 4
///
/// A, B, C and D are 10.0.0.1 to 10.0.0.4; A6 to D6 are fd00::a to fd00::d; any other address may be written out.
/// `@` gives the time in seconds, else a frame comes 1 ms after the one before. Lines that begin with `//` and empty
/// ones are for the reader. After the two ends come, in any order:
///
///     SYN ACK FIN RST PSH URG, none   the flags of a TCP segment
///     seq N  ack N  N B               its numbers, and how many bytes it carries
///     UDP-Lite                        a datagram of that, with all of it covered
///     UDP                             a datagram instead; `offloaded`: its checksum is left to the sender's card
///     id N                            the IPv4 identification, else the frame's number
///     ICMP port unreachable           also host unreachable, time exceeded, redirect; `quoting N` a frame's packet, or
///                                     `quoting [A:1 > B:2 UDP]` one that is not in the script; `ICMP echo` quotes nothing
///     protocol N                      an IP packet of another protocol
///     fragment at N more              a part of a packet, of those bytes
///     broadcast                       the link layer's destination is everybody
///     cut N                           only the first N bytes of the TCP or UDP header were captured
public struct FrameScript: Sendable {
    public struct Frame: Sendable {
        /// The left side of its line.
        public let text: String
        /// The right side.
        public let expected: String?
        public let time: Timestamp
        public let bytes: [UInt8]
        public let originalLength: Int
    }

    public private(set) var frames: [Frame] = []
    /// The IP packets, for those that quote them.
    private var packets: [[UInt8]] = []

    /// Where the script stands in place of a frame that nobody can make out: a mistake in the test.
    public struct Mistake: Error, CustomStringConvertible {
        public let description: String
    }

    public init(_ text: String) throws(Mistake) {
        var time = 0.0
        for line in text.split(separator: "\n") {
            let sides = line.split(separator: "=>", maxSplits: 1).map { FrameScript.words($0) }
            guard var words = sides.first, let first = words.first, !first.hasPrefix("//") else { continue }
            if first.hasPrefix("@"), let given = Double(first.dropFirst()) {
                time = given
                words.removeFirst()
            }
            let (frame, length) = try make(words)
            frames.append(
                Frame(
                    text: words.joined(separator: " "), expected: sides.count > 1 ? sides[1].joined(separator: " ") : nil,
                    time: Timestamp(nanoseconds: Int64((time * 1e9).rounded())), bytes: frame, originalLength: length))
            time += 0.001
        }
    }

    /// The words of a text; brackets and what they hold are one.
    private static func words(_ text: Substring) -> [String] {
        var words: [String] = []
        var depth = 0
        for word in text.split(whereSeparator: \.isWhitespace) {
            if depth > 0, let last = words.popLast() { words.append(last + " " + word) } else { words.append(String(word)) }
            // A bracket around an IPv6 address closes in the same word.
            depth += word.count { $0 == "[" } - word.count { $0 == "]" }
        }
        return words
    }

    // MARK: One frame

    private mutating func make(_ words: [String]) throws(Mistake) -> (bytes: [UInt8], originalLength: Int) {
        var frame = FrameWords(words)
        let packet = try packet(&frame)
        packets.append(packet.bytes)
        let whole = FrameBuilder.ethernet(packet.bytes, to: packet.destination, isBroadcast: frame.takes("broadcast"))
        let cut = try frame.number(after: "cut")
        guard frame.rest.isEmpty else { throw Mistake(description: "what is \(frame.rest)?") }
        guard let cut else { return (whole, whole.count) }
        return (Array(whole[..<(14 + packet.headerLength + cut)]), whole.count)
    }

    private struct IPPacket {
        let bytes: [UInt8]
        let destination: IPAddress
        var headerLength: Int { destination.version == .four ? 20 : 40 }
    }

    private func packet(_ frame: inout FrameWords) throws(Mistake) -> IPPacket {
        let (source, destination) = try frame.ends()
        let (number, payload) = try transport(&frame, source, destination)
        let identification = try frame.number(after: "id") ?? frames.count + 1
        var fragment: FrameBuilder.Fragment?
        if frame.takes("fragment") {
            guard let offset = try frame.number(after: "at") else { throw Mistake(description: "a fragment at what offset?") }
            fragment = FrameBuilder.Fragment(offset: offset, more: frame.takes("more"))
        }
        let bytes = FrameBuilder.ip(
            source.address, destination.address, number, payload, identification: UInt16(truncatingIfNeeded: identification),
            fragment: fragment)
        return IPPacket(bytes: bytes, destination: destination.address)
    }

    private func transport(
        _ frame: inout FrameWords, _ source: Endpoint, _ destination: Endpoint
    ) throws(Mistake) -> (number: IPProtocol, bytes: [UInt8]) {
        if frame.takes("ICMP") { return try icmp(&frame, source.address, destination.address) }
        let number = try frame.number(after: "protocol")
        let payload = try frame.payload()
        if let number { return (IPProtocol(rawValue: UInt8(number)), payload) }
        if frame.takes("UDP-Lite") { return (.udpLite, FrameBuilder.udpLite(source, destination, payload: payload)) }
        if frame.takes("UDP") {
            let isOffloaded = frame.takes("offloaded")
            return (.udp, FrameBuilder.udp(source, destination, payload: payload, isOffloaded: isOffloaded))
        }
        let flags = try frame.flags()
        let sequence = try frame.number(after: "seq") ?? 0
        let acknowledgment = try frame.number(after: "ack") ?? 0
        return (
            .tcp,
            FrameBuilder.tcp(
                source, destination, flags, sequence: UInt32(sequence), acknowledgment: UInt32(acknowledgment),
                payload: payload)
        )
    }

    private func icmp(
        _ frame: inout FrameWords, _ source: IPAddress, _ destination: IPAddress
    ) throws(Mistake) -> (number: IPProtocol, bytes: [UInt8]) {
        let isFour = source.version == .four
        let number: IPProtocol = isFour ? .icmp : .icmpv6
        let kinds: [(words: [String], four: (UInt8, UInt8), six: (UInt8, UInt8))] = [
            (["redirect"], (5, 1), (137, 0)), (["port", "unreachable"], (3, 3), (1, 4)), (["host", "unreachable"], (3, 1), (1, 3)),
            (["time", "exceeded"], (11, 0), (3, 0)), (["echo"], (8, 0), (128, 0)),
        ]
        guard let kind = kinds.first(where: { frame.takes($0.words) }) else {
            throw Mistake(description: "which ICMP message? \(frame.rest)")
        }
        let (type, code) = isFour ? kind.four : kind.six
        var quote: [UInt8] = []
        if let quoted = frame.word(after: "quoting") { quote = try self.quote(quoted) }
        return (number, FrameBuilder.icmp(source, destination, type: type, code: code, quote: quote))
    }

    /// RFC 792: "internet header plus the first 64 bits"; RFC 4443 §2.4 (c): as much as fits.
    private func quote(_ quoted: String) throws(Mistake) -> [UInt8] {
        let packet: [UInt8]
        if let number = Int(quoted) {
            guard packets.indices.contains(number - 1) else { throw Mistake(description: "no frame \(number) to quote") }
            packet = packets[number - 1]
        } else {
            var inner = FrameWords(FrameScript.words(quoted.dropFirst().dropLast()))
            packet = try self.packet(&inner).bytes
        }
        return packet[0] >> 4 == 4 ? Array(packet.prefix(28)) : packet
    }
}

/// The words of one line, taken one after the other.
private struct FrameWords {
    private(set) var rest: [String]

    init(_ words: [String]) { rest = words }

    mutating func takes(_ word: String) -> Bool {
        guard let place = rest.firstIndex(of: word) else { return false }
        rest.remove(at: place)
        return true
    }

    mutating func takes(_ words: [String]) -> Bool {
        guard words.allSatisfy(rest.contains) else { return false }
        for word in words { _ = takes(word) }
        return true
    }

    mutating func word(after word: String) -> String? {
        guard let place = rest.firstIndex(of: word), place + 1 < rest.count else { return nil }
        defer { rest.removeSubrange(place...(place + 1)) }
        return rest[place + 1]
    }

    mutating func number(after word: String) throws(FrameScript.Mistake) -> Int? {
        guard let text = self.word(after: word) else { return nil }
        guard let number = Int(text) else { throw FrameScript.Mistake(description: "\(word) \(text) is no number") }
        return number
    }

    /// `14 B`: so many bytes of letters.
    mutating func payload() throws(FrameScript.Mistake) -> [UInt8] {
        guard let place = rest.firstIndex(of: "B"), place > 0, let count = Int(rest[place - 1]) else { return [] }
        rest.removeSubrange((place - 1)...place)
        return (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) }
    }

    /// `ack 5` is a number, `ACK` is a flag.
    mutating func flags() throws(FrameScript.Mistake) -> TCPFlags {
        let all: [(String, TCPFlags)] = [
            ("SYN", .syn), ("ACK", .ack), ("FIN", .fin), ("RST", .rst), ("PSH", .psh), ("URG", .urg),
        ]
        if takes("none") { return [] }
        var flags: TCPFlags = []
        for (word, flag) in all where takes(word) { flags.insert(flag) }
        guard flags != [] else { throw FrameScript.Mistake(description: "neither flags nor UDP: \(rest)") }
        return flags
    }

    /// The two ends; a port that is not written is 0.
    mutating func ends() throws(FrameScript.Mistake) -> (source: Endpoint, destination: Endpoint) {
        guard rest.count >= 3, rest[1] == ">", let source = FrameWords.end(rest[0]), let destination = FrameWords.end(rest[2])
        else { throw FrameScript.Mistake(description: "from where to where? \(rest)") }
        rest.removeSubrange(0...2)
        return (source, destination)
    }

    private static let hosts = [
        "A": "10.0.0.1", "B": "10.0.0.2", "C": "10.0.0.3", "D": "10.0.0.4", "A6": "fd00::a", "B6": "fd00::b",
        "C6": "fd00::c", "D6": "fd00::d",
    ]

    private static func end(_ text: String) -> Endpoint? {
        let parts = text.split(separator: ":")
        if let host = parts.first.flatMap({ hosts[String($0)] }), let address = IPAddress(host), parts.count <= 2 {
            guard parts.count == 2 else { return Endpoint(address, 0) }
            return UInt16(parts[1]).map { Endpoint(address, $0) }
        }
        return Endpoint(text) ?? IPAddress(text).map { Endpoint($0, 0) }
    }
}
