import Capture
import FrameScript
import Wire

/// A capture cut out of fuzz data: raw frames of any link type, and well-formed ones composed of a few bytes each, so
/// that conversations, refusals and fragments come about that chance would never find.
struct FrameFeed {
    struct Frame {
        var info: FrameInfo
        var bytes: [UInt8]
    }

    static let linkTypes: [UInt32] = [1, 0, 12, 108, 113, 228, 229, 276, 9, 14, 101, 147, 50, 51, 104, 166, 204, 127]
    /// How long after the frame before, in nanoseconds; clocks are set back, too.
    private static let pauses: [Int64] = [
        0, 1, 1_000, 1_000_000, 500_000_000, 1_000_000_000, 1_000_000_001, 30_000_000_001, 61_000_000_000, -1_000, -2_000_000_000,
        4_000_000_000_000_000_000,
    ]
    /// Fragments of a datagram may be longer than its frame, but not than this.
    private static let longestPayload = 600

    private var data: FuzzData
    private var number: UInt64 = 0
    private var time: Int64 = 1_700_000_000_000_000_000
    /// Packets of late, to quote, to divide and to send again.
    private var recent: [[UInt8]] = []

    init(_ data: FuzzData) { self.data = data }

    mutating func next() -> Frame? {
        guard !data.isEmpty else { return nil }
        number += 1
        let kind = data.byte()
        time &+= kind & 0x80 == 0 ? 1_000_000 : FrameFeed.pauses[Int(data.byte()) % FrameFeed.pauses.count]
        switch kind & 0x0f {
        case 0...3: return raw()
        case 4...8: return framed(segment())
        case 9, 10: return framed(datagram())
        case 11: return framed(error())
        case 12: return framed(fragment())
        case 13: return framed(tunnel())
        case 14: return framed(recentPacket(), keeps: false)
        default: return cut(framed(recentPacket(), keeps: false))
        }
    }

    // MARK: Frames

    /// Bytes as they stand, with any length on the wire.
    private mutating func raw() -> Frame {
        let linkType = LinkType(FrameFeed.linkTypes[Int(data.byte()) % FrameFeed.linkTypes.count])
        let length = Int(data.byte()) << 4 | Int(data.byte() & 0xf)
        let bytes = data.take(min(length, 0xfff))
        let extra = Int(data.byte())
        return frame(bytes, linkType, originalLength: extra < 192 ? bytes.count : bytes.count + (extra - 224) * 8)
    }

    private mutating func framed(_ packet: [UInt8], keeps: Bool = true) -> Frame {
        if keeps {
            recent.append(packet)
            if recent.count > 16 { recent.removeFirst() }
        }
        // Group frames make group deliveries.
        let target: [UInt8] = packet.first.map { $0 >> 4 } == 6 ? [2, 0, 0, 0, 0, 6] : isGroup(packet) ? [1, 0, 0x5e, 0, 0, 1] : [2, 0, 0, 0, 0, 4]
        let type: [UInt8] = packet.first.map { $0 >> 4 } == 6 ? [0x86, 0xdd] : [0x08, 0x00]
        let bytes = target + [2, 0, 0, 0, 0, 9] + type + packet
        return frame(bytes, .ethernet, originalLength: bytes.count)
    }

    private func isGroup(_ packet: [UInt8]) -> Bool { packet.count >= 20 && packet[16] >= 224 }

    private mutating func cut(_ frame: Frame) -> Frame {
        var frame = frame
        frame.bytes = Array(frame.bytes.prefix(Int(data.byte())))
        return frame
    }

    private func frame(_ bytes: [UInt8], _ linkType: LinkType, originalLength: Int) -> Frame {
        let info = FrameInfo(
            number: number, time: Timestamp(nanoseconds: time), originalLength: max(0, originalLength), linkType: linkType)
        return Frame(info: info, bytes: bytes)
    }

    // MARK: Packets

    private static let addresses4: [IPAddress] = [0x7f00_0001, 0xc000_0201, 0xc000_0202, 0xe000_0001].map { IPAddress(ipv4: $0) }
    private static let addresses6: [IPAddress] = [1, 2, 3].map { IPAddress(ipv6High: 0x2001_0db8_0000_0000, low: $0) }
        + [IPAddress(ipv6High: 0xff02_0000_0000_0000, low: 1)]
    private static let ports: [UInt16] = [80, 9157, 1234, 5775, 53, 65_535, 0, 4789]

    /// Both ends, from two bytes: mostly of one conversation, in either direction.
    private mutating func ends() -> (Endpoint, Endpoint) {
        let hosts = data.byte()
        let ports = data.byte()
        let addresses = hosts & 0x80 == 0 ? FrameFeed.addresses4 : FrameFeed.addresses6
        return (
            Endpoint(addresses[Int(hosts & 3)], FrameFeed.ports[Int(ports & 7)]),
            Endpoint(addresses[Int(hosts >> 2 & 3)], FrameFeed.ports[Int(ports >> 3 & 7)])
        )
    }

    private mutating func segment() -> [UInt8] {
        let (source, destination) = ends()
        let flags = TCPFlags(rawValue: UInt16(data.byte()))
        let numbers = data.byte()
        let payload = [UInt8](repeating: 0x61, count: Int(data.byte() & 0x1f) * 4)
        return FrameBuilder.ip(
            source.address, destination.address, .tcp,
            FrameBuilder.tcp(
                source, destination, flags, sequence: FrameFeed.number(numbers & 0xf),
                acknowledgment: FrameFeed.number(numbers >> 4), payload: payload))
    }

    /// Small ones, and those around the wrap.
    private static func number(_ choice: UInt8) -> UInt32 {
        choice < 12 ? UInt32(choice) : choice < 14 ? 0xffff_fff0 | UInt32(choice) : 0x8000_0000 | UInt32(choice)
    }

    private mutating func datagram() -> [UInt8] {
        let (source, destination) = ends()
        let payload = data.take(Int(data.byte() & 0x3f))
        return FrameBuilder.ip(
            source.address, destination.address, .udp, FrameBuilder.udp(source, destination, payload: payload),
            identification: UInt16(data.byte()))
    }

    private mutating func recentPacket() -> [UInt8] {
        let choice = Int(data.byte())
        return recent.isEmpty ? [] : recent[recent.count - 1 - choice % recent.count]
    }

    /// An ICMP error that quotes one of the last packets, or the beginning of one.
    private mutating func error() -> [UInt8] {
        let quoted = recentPacket()
        let isSix = quoted.first.map { $0 >> 4 } == 6
        let (type, code) = (data.byte() & 0x1f, data.byte() & 0xf)
        let source = (isSix ? FrameFeed.addresses6 : FrameFeed.addresses4)[Int(type) & 3]
        let length = Int(data.byte())
        return FrameBuilder.ip(
            source, source, isSix ? .icmpv6 : .icmp,
            FrameBuilder.icmp(source, source, type: type, code: code, quote: Array(quoted.prefix(length))))
    }

    /// A piece of one of the last packets.
    private mutating func fragment() -> [UInt8] {
        let packet = recentPacket()
        let isSix = packet.first.map { $0 >> 4 } == 6
        let payload = Array(packet.dropFirst(isSix ? 40 : 20).prefix(FrameFeed.longestPayload))
        guard !payload.isEmpty else { return [] }
        let start = Int(data.byte()) * 8
        let length = Int(data.byte()) * 8
        let extra = Int(data.byte())
        // Beyond the end there are zeros: fragments need not fit.
        let whole = payload + [UInt8](repeating: 0, count: max(0, min(start + 64, 2048) - payload.count))
        let piece = Array(whole.dropFirst(min(start, whole.count)).prefix(length == 0 ? Int(extra & 0x7f) : length))
        let (source, destination) = FrameFeed.addresses(packet, isSix)
        return FrameBuilder.ip(
            source, destination, IPProtocol(rawValue: packet[isSix ? 6 : 9]), piece, identification: UInt16(extra >> 5),
            fragment: FrameBuilder.Fragment(offset: start, more: extra & 1 == 1))
    }

    /// One of the last packets inside of another: IP in IP, GRE, VXLAN.
    private mutating func tunnel() -> [UInt8] {
        let packet = recentPacket()
        // What was put into others over and over would grow without end.
        guard !packet.isEmpty, packet.count < 1_000 else { return [] }
        let (source, destination) = ends()
        let isSix = packet[0] >> 4 == 6
        let type: [UInt8] = isSix ? [0x86, 0xdd] : [8, 0]
        let ethernet: [UInt8] = [2, 0, 0, 0, 0, 4, 2, 0, 0, 0, 0, 9]
        switch data.byte() & 3 {
        case 0: return FrameBuilder.ip(source.address, destination.address, isSix ? .ipv6 : .ipv4, packet)
        case 1: return FrameBuilder.ip(source.address, destination.address, .gre, [0, 0] + type + packet)
        case 2: return FrameBuilder.ip(source.address, destination.address, .gre, [0x20, 0, 0x65, 0x58, 0, 0, 0, 7] + ethernet + type + packet)
        default:
            let network: [UInt8] = [8, 0, 0, 0, 0, 0, 5, 0]
            let target = Endpoint(destination.address, 4789)
            let datagram = FrameBuilder.udp(source, target, payload: network + ethernet + type + packet)
            return FrameBuilder.ip(source.address, destination.address, .udp, datagram)
        }
    }

    private static func addresses(_ packet: [UInt8], _ isSix: Bool) -> (IPAddress, IPAddress) {
        let span = packet.span
        if isSix {
            return (
                IPAddress(ipv6High: span.uint64(at: 8), low: span.uint64(at: 16)),
                IPAddress(ipv6High: span.uint64(at: 24), low: span.uint64(at: 32))
            )
        }
        return (IPAddress(ipv4: span.uint32(at: 12)), IPAddress(ipv4: span.uint32(at: 16)))
    }
}
