import Testing
import Wire

// Builders of packets for the tests. Each takes what a test wants to be odd, and makes the rest right.

func be16(_ number: Int) -> [UInt8] { [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)] }
func be32(_ number: UInt32) -> [UInt8] { be16(Int(number >> 16)) + be16(Int(number & 0xffff)) }

/// What a link layer may put behind a packet. No field of a fixture has this value.
let trailer = [UInt8](repeating: 0xee, count: 64)

/// 192.0.2.1 and 192.0.2.2 (RFC 5737), 2001:db8::1 and 2001:db8::2 (RFC 3849).
let client4: UInt32 = 0xc000_0201
let server4: UInt32 = 0xc000_0202
let client6 = IPAddress(ipv6High: 0x2001_0db8_0000_0000, low: 1)
let server6 = IPAddress(ipv6High: 0x2001_0db8_0000_0000, low: 2)

extension IPAddress {
    var bytes: [UInt8] {
        let words = version == .six ? [high, low].flatMap { [UInt32($0 >> 32), UInt32($0 & 0xffff_ffff)] } : [UInt32(low)]
        return words.flatMap(be32)
    }
}

/// An IPv4 packet (RFC 791 §3.1); its header's checksum is left 0.
func ipv4(
    _ number: UInt8, _ payload: [UInt8], options: [UInt8] = [], headerLength: Int? = nil, totalLength: Int? = nil,
    flagsAndOffset: Int = 0, source: UInt32 = client4, destination: UInt32 = server4
) -> [UInt8] {
    let length = 20 + options.count
    return [0x40 | UInt8((headerLength ?? length) / 4), 0] + be16(totalLength ?? length + payload.count)
        + be16(1) + be16(flagsAndOffset) + [64, number] + be16(0) + be32(source) + be32(destination)
        + options + payload
}

/// An IPv6 packet (RFC 8200 §3).
func ipv6(
    _ number: UInt8, _ payload: [UInt8], payloadLength: Int? = nil, source: IPAddress = client6, destination: IPAddress = server6
) -> [UInt8] {
    [0x60, 0, 0, 0] + be16(payloadLength ?? payload.count) + [number, 64] + source.bytes + destination.bytes + payload
}

func ip(_ version: IPAddress.Version, _ number: UInt8, _ payload: [UInt8]) -> [UInt8] {
    version == .four ? ipv4(number, payload) : ipv6(number, payload)
}

func ipHeaderLength(_ version: IPAddress.Version) -> Int { version == .four ? 20 : 40 }

/// A TCP segment (RFC 9293 §3.1) from 9157 to 1234; its checksum is left 0.
func tcp(_ payload: [UInt8] = [], options: [UInt8] = [], dataOffset: Int? = nil) -> [UInt8] {
    be16(9157) + be16(1234) + be32(0x0102_0304) + be32(0x0506_0708)
        + be16((dataOffset ?? 20 + options.count) << 10 | 0x018) + be16(512) + be16(0) + be16(0x090a)
        + options + payload
}

/// A UDP datagram (RFC 768) from 9157 to 6428; its checksum is left 0.
func udp(_ payload: [UInt8] = [], length: Int? = nil) -> [UInt8] {
    be16(9157) + be16(6428) + be16(length ?? 8 + payload.count) + be16(0) + payload
}

/// An Ethernet II frame; a length of IEEE 802.3 in place of the type will do.
func ethernet(_ type: Int, _ payload: [UInt8]) -> [UInt8] {
    [0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1] + be16(type) + payload
}

/// Decodes the first `captured` bytes of a frame that had `wire` bytes.
func decode(_ frame: [UInt8], as linkType: LinkType = .raw, captured: Int? = nil, wire: Int? = nil) -> Packet {
    var packet = Packet()
    let bytes = Array(frame.prefix(captured ?? frame.count))
    packet.decode(bytes.span, linkType: linkType, originalLength: wire ?? frame.count)
    return packet
}

extension Packet {
    func payload(of frame: [UInt8]) -> [UInt8] { Array(frame[payload.clamped(to: frame.count)]) }
    func quote(in frame: some Sequence<UInt8>) -> Packet? { quoted(in: Array(frame).span) }
    func inner(in frame: some Sequence<UInt8>) -> Packet? { tunnelled(in: Array(frame).span) }
    func headers(in frame: some Sequence<UInt8>) -> [LinkHeader] { linkHeaders(in: Array(frame).span) }
    func tags(in frame: some Sequence<UInt8>) -> [VLANTag] { vlanTags(in: Array(frame).span) }
    func arpPacket(in frame: some Sequence<UInt8>) -> ARPPacket? { arp(in: Array(frame).span) }
    func message(in frame: some Sequence<UInt8>) -> ICMPMessage { icmpMessage(in: Array(frame).span) }
    var udpLite: UDPHeader? { if case .udpLite(let header) = transport { header } else { nil } }
    var sctp: SCTPHeader? { if case .sctp(let header) = transport { header } else { nil } }
    var dccp: DCCPHeader? { if case .dccp(let header) = transport { header } else { nil } }
    var igmp: IGMPHeader? { if case .igmp(let header) = transport { header } else { nil } }
    var gre: GREHeader? { if case .gre(let header) = transport { header } else { nil } }
    var tcp: TCPHeader? { if case .tcp(let header) = transport { header } else { nil } }
    var udp: UDPHeader? { if case .udp(let header) = transport { header } else { nil } }
    var icmp: ICMPHeader? { if case .icmp(let header) = transport { header } else { nil } }
    var ipv4: IPv4Header? { if case .ipv4(let header) = internet { header } else { nil } }
    var ipv6: IPv6Header? { if case .ipv6(let header) = internet { header } else { nil } }
}

func truncated(_ layer: Stop.Layer, needed: Int, available: Int, _ bound: Stop.Bound) -> Stop {
    Stop(layer, .truncated(needed: needed, available: available, bound: bound))
}

func malformed(_ layer: Stop.Layer, _ field: Stop.Field, _ value: UInt32) -> Stop { Stop(layer, .malformed(field, value: value)) }

func unsupported(_ layer: Stop.Layer, _ numbering: Stop.Numbering, _ number: UInt32) -> Stop {
    Stop(layer, .unsupported(numbering, number: number))
}

let versions: [IPAddress.Version] = [.four, .six]

/// Who leaves only the beginning of a message.
enum Cut: CaseIterable {
    /// The snap length.
    case capture
    /// The frame, which ends before the IP length does.
    case frame
    /// The IP length; a trailer follows.
    case length

    /// A packet of which the first `count` bytes of `message` are left.
    ///
    /// An IPv6 payload length of 0 would say something else, so that `count` is above 0 there.
    func packet(_ version: IPAddress.Version, _ number: UInt8, _ message: [UInt8], to count: Int) -> (frame: [UInt8], packet: Packet) {
        let end = ipHeaderLength(version) + count
        switch self {
        case .capture:
            let frame = ip(version, number, message)
            return (frame, decode(frame, captured: end))
        case .frame:
            let frame = Array(ip(version, number, message).prefix(end))
            return (frame, decode(frame))
        case .length:
            let frame = ip(version, number, Array(message.prefix(count))) + trailer
            return (frame, decode(frame))
        }
    }

    func bound(_ version: IPAddress.Version) -> Stop.Bound {
        switch self {
        case .capture: .captured
        case .frame: .frameLength
        case .length: version == .four ? .ipv4TotalLength : .ipv6PayloadLength
        }
    }

    func counts(_ version: IPAddress.Version, below end: Int) -> Range<Int> {
        (self == .length && version == .six ? 1 : 0)..<end
    }
}

/// Checks that a link-layer or IP header is `truncated` at every length below `needed`, by the capture and by the frame.
func expectTruncated(
    _ frame: [UInt8], as linkType: LinkType, _ layer: Stop.Layer, from start: Int = 0, needed: Int,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    for count in 0..<needed {
        let stop = { truncated(layer, needed: needed, available: count, $0) }
        let end = start + count
        #expect(decode(frame, as: linkType, captured: end).stop == stop(.captured), sourceLocation: sourceLocation)
        #expect(decode(frame, as: linkType, captured: end, wire: end).stop == stop(.frameLength), sourceLocation: sourceLocation)
    }
}

/// SplitMix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }
}

/// Thrown where a packet is not of the kind that a test is about.
struct Unexpected: Error {}
