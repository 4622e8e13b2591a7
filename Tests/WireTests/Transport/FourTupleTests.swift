import Testing
import Wire

@Suite struct `Four-tuples` {
    @Test func `a packet to itself has the same endpoint twice`() {
        let toItself = decode(ipv4(6, be16(1234) + tcp().dropFirst(2), source: server4))
        #expect(toItself.fourTuple.isToItself)
        let samePorts = decode(ipv4(6, be16(1234) + tcp().dropFirst(2)))
        #expect(!samePorts.fourTuple.isToItself)
        let sameAddresses = decode(ipv4(6, tcp(), source: server4))
        #expect(!sameAddresses.fourTuple.isToItself)
    }

    @Test func `stays that of no other packet`() {
        var packet = decode(ipv4(6, tcp()))
        let icmp = ipv4(1, [8, 0, 0, 0, 0, 0, 0, 0])
        packet.decode(icmp.span, linkType: .raw, originalLength: icmp.count)
        #expect(packet.endpoints == nil)
        #expect(packet == decode(icmp))
    }
}
