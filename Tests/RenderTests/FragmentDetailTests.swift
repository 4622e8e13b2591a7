import Demux
import FrameScript
import Testing
@testable import Render
import Wire

/// What `-v` shows of fragments, and of packets in which fragments are quoted or carried.
@Suite struct FragmentDetailTests {
    /// Decodes, puts together and renders frames with `-v`.
    private func lines(_ frames: [[UInt8]]) -> [String] {
        var options = TextOptions()
        options.verbosity = 1
        var renderer = LineRenderer(options: options)
        var out = OutputBuffer()
        var (table, reassembler, packet, delivery) = (SocketTable(), Reassembler(), Packet(), Delivery())
        for (index, frame) in frames.enumerated() {
            packet.decode(frame.span, linkType: .raw, originalLength: frame.count)
            let number = UInt64(index + 1)
            let time = Timestamp(nanoseconds: Int64(index))
            let fate = reassembler.take(packet, frame.span, number: number, time: time)
            if let whole = fate.whole {
                var packet = whole.packet
                let bytes = whole.bytes
                _ = table.deliver(&packet, bytes.span, number: number, foresight: .unavailable, into: &delivery)
            } else {
                _ = table.deliver(&packet, frame.span, number: number, foresight: .unavailable, into: &delivery)
            }
            renderer.render(&packet, frame.span, number: number, time: time, &delivery, &table, fate, into: &out)
        }
        return out.text.split(separator: "\n").map(String.init)
    }

    private let a = IPAddress(ipv4: 0x0a00_0001)
    private let b = IPAddress(ipv4: 0x0a00_0002)

    private func fragments(_ number: IPProtocol, _ payload: [UInt8], id: UInt16) -> [[UInt8]] {
        [
            FrameBuilder.ip(a, b, number, Array(payload[..<24]), identification: id, fragment: .init(offset: 0, more: true)),
            FrameBuilder.ip(a, b, number, Array(payload[24...]), identification: id, fragment: .init(offset: 24, more: false)),
        ]
    }

    @Test func `A quoted fragment is not taken for the one that completed a datagram`() {
        let datagram = FrameBuilder.udp(Endpoint(a, 9157), Endpoint(b, 53), payload: [UInt8](repeating: 65, count: 40))
        let parts = fragments(.udp, datagram, id: 7)
        let stranger = fragments(.udp, datagram, id: 9)[0]
        let error = FrameBuilder.ip(b, a, .icmp, FrameBuilder.icmp(b, a, type: 11, code: 1, quote: stranger))
        let lines = lines(parts + [error])
        #expect(lines.count { $0.hasPrefix("      datagram") } == 1)
        #expect(lines.contains { $0.hasPrefix("      quotes") })
    }

    @Test func `Of a datagram put together all is shown, also what is inside`() {
        let datagram = FrameBuilder.udp(Endpoint(a, 9157), Endpoint(b, 53), payload: [UInt8](repeating: 65, count: 40))
        let lines = lines(fragments(.ipv4, FrameBuilder.ip(a, b, .udp, datagram), id: 7))
        let place = lines.firstIndex { $0.hasPrefix("      datagram  2 fragments, 68 B, from frames 1, 2") } ?? 0
        #expect(place > 0)
        #expect(lines[(place + 1)...].contains { $0.hasPrefix("      inside") })
        #expect(lines.last?.hasPrefix("      UDP       9157") == true)
    }
}
