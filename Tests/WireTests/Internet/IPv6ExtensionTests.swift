import Testing
import Wire

@Suite struct `IPv6 extension headers, shown` {
    /// Each is followed by the next: hop-by-hop, routing, fragment, authentication, destination, then UDP.
    private let chain: [UInt8] = [
        43, 0, 1, 4, 0, 0, 0, 0,  // hop-by-hop options, 8 bytes
        44, 2, 4, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2,  // segment routing, one left, 24 bytes
        51, 0, 0, 0, 0, 0, 0, 9,  // fragment, the whole
        60, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 3, 3, 3, 3,  // authentication, 16 bytes
        17, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // destination options, 16 bytes
    ]
    private let names = ["ipv6.hopopts", "ipv6.routing", "ipv6.fraghdr", "ah", "ipv6.dstopts"]
    private let ends = [8, 32, 40, 56, 72]

    @Test func `each by its name, in order`() {
        let frame = ipv6(0, chain + udp([1]))
        let packet = decode(frame)
        let list = packet.ipv6Extensions(in: frame.span)
        #expect(packet.udp != nil && packet.ipv6?.extensionsLength == 72)
        #expect(list.map(\.filterName) == names && list.map(\.length) == [8, 24, 8, 16, 16])
        #expect(list.map(\.description) == [
            "hop-by-hop options 8 B", "routing type 4 (segment routing), 1 left, 24 B", "fragment 8 B", "authentication 16 B",
            "destination options 16 B",
        ])
        #expect(list.last?.nextHeader == .udp && list[1].routing?.type == 4 && list[1].routing?.segmentsLeft == 1)
    }

    @Test func `cut at every length, those that are whole`() {
        let frame = ipv6(0, chain + udp())
        for count in 0..<72 {
            let list = decode(frame, captured: 40 + count).ipv6Extensions(in: Array(frame.prefix(40 + count)).span)
            #expect(list.map(\.filterName) == Array(names.prefix(ends.count { $0 <= count })))
        }
    }

    /// Also where a first fragment carries one that is not the first.
    @Test func `behind an offset there is no header`() {
        func header(_ next: UInt8, _ offset: Int) -> [UInt8] { [next, 0] + be16(offset) + be32(7) }
        let packet = decode(ipv6(44, header(44, 1) + header(17, 8) + udp()))
        #expect(packet.transport == .none && packet.ipv6?.fragment?.offset == 0 && packet.stop == nil)
        #expect(decode(ipv6(44, header(44, 1) + header(17, 1) + udp())).udp != nil)
    }

    /// A fragment header that says that the packet is whole (RFC 6946) is no reason to forget another that does not.
    @Test func `of several fragment headers the first that makes it a part counts, else the first`() {
        func header(_ next: UInt8, _ offset: Int, _ identification: UInt32) -> [UInt8] { [next, 0] + be16(offset) + be32(identification) }
        #expect(decode(ipv6(44, header(44, 0, 1) + header(17, 0, 2) + udp())).ipv6?.fragment?.identification == 1)
        #expect(decode(ipv6(44, header(44, 0, 1) + header(17, 1, 2) + udp())).ipv6?.fragment?.identification == 2)
        #expect(decode(ipv6(44, header(44, 1, 1) + header(17, 1, 2) + udp())).ipv6?.fragment?.identification == 1)
        #expect(decode(ipv6(44, header(44, 1, 1) + header(17, 0, 2) + udp())).isFragment)
    }

    @Test func `no next header says that nothing follows`() {
        let frame = ipv6(0, [59, 0, 1, 4, 0, 0, 0, 0, 1, 2, 3])
        let packet = decode(frame)
        #expect(packet.stop == nil && packet.upperLayer == .noNextHeader && packet.transport == .none)
    }
}
