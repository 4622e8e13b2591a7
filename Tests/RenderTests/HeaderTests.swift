import Demux
import Foundation
@testable import Render
import Testing
import Wire

/// Headers that a script of frames does not write: as lines, as header fields and as JSON.
@Suite struct HeaderTests {
    private let arp: [UInt8] = [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 192, 0, 2, 2]
    private let syn: [UInt8] =
        [0x23, 0xc5, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0xa0, 0x02, 0xff, 0xff, 0, 0, 0, 0]
        + [2, 4, 5, 180, 34, 2, 1, 3, 3, 7, 28, 4, 0, 9, 30, 4, 0x20, 0, 1, 0]

    private func ethernet(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, UInt8(type >> 8), UInt8(type & 0xff)] + payload
    }

    private func ipv4(_ number: UInt8, _ payload: [UInt8], last: UInt8 = 1, options: [UInt8] = []) -> [UInt8] {
        let length = 20 + options.count + payload.count
        return [0x45 + UInt8(options.count / 4), 0, UInt8(length >> 8), UInt8(length & 0xff), 0, 1, 0, 0, 64, number, 0, 0]
            + [192, 0, 2, last, 192, 0, 2, 99] + options + payload
    }

    private func line(_ frame: [UInt8], verbosity: Int = 0, isQuiet: Bool = false) -> String {
        var options = TextOptions()
        options.verbosity = verbosity
        options.isQuiet = isQuiet
        var renderer = LineRenderer(options: options)
        var table = SocketTable()
        var (packet, delivery) = (Packet(), Delivery())
        var out = OutputBuffer()
        packet.decode(frame.span, linkType: .ethernet, originalLength: frame.count)
        _ = table.deliver(&packet, frame.span, number: 1, foresight: .unavailable, into: &delivery)
        renderer.render(&packet, frame.span, number: 1, time: Timestamp(nanoseconds: 0), &delivery, &table, into: &out)
        return out.text
    }

    private func json(_ frame: [UInt8]) throws -> [String: Any] {
        var table = SocketTable()
        var (packet, delivery) = (Packet(), Delivery())
        var out = OutputBuffer()
        packet.decode(frame.span, linkType: .ethernet, originalLength: frame.count)
        _ = table.deliver(&packet, frame.span, number: 1, foresight: .unavailable, into: &delivery)
        JSONRenderer(verifiesChecksums: true, explains: false).render(
            packet, frame.span, number: 1, time: Timestamp(nanoseconds: 0), delivery, table, into: &out)
        return try #require(try JSONSerialization.jsonObject(with: Data(out.text.utf8)) as? [String: Any])
    }

    /// The value at a path such as `vlan.0.id`, as text.
    private func value(_ object: [String: Any], _ path: String) -> String? {
        var found: Any? = object
        for key in path.split(separator: ".") {
            if let index = Int(key), let list = found as? [Any] {
                found = list.indices.contains(index) ? list[index] : nil
            } else {
                found = (found as? [String: Any])?[String(key)]
            }
        }
        return found.map { "\($0)" }
    }

    private func expect(
        _ frame: [UInt8], line words: String, _ values: [String: String], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let text = line(frame)
        #expect(text.contains(words), sourceLocation: sourceLocation)
        let object = try json(frame)
        for (path, wanted) in values { #expect(value(object, path) == wanted, "\(path)", sourceLocation: sourceLocation) }
    }

    @Test func `tags and ARP`() throws {
        try expect(
            ethernet(0x88a8, [0x60, 5, 0x81, 0, 0x10, 7, 0x08, 0x06] + arp), line: "ARP who has 192.0.2.2, tell 192.0.2.1\n",
            [
                "frame.protocols": "eth:vlan:vlan:arp", "eth.type": "34984", "vlan.0.id": "5", "vlan.0.priority": "3", "vlan.0.dei": "0",
                "vlan.1.id": "7", "vlan.1.dei": "1", "vlan.1.etype": "2054", "arp.opcode": "1", "arp.src.hw_mac": "02:00:00:00:00:01",
                "arp.src.proto_ipv4": "192.0.2.1", "arp.dst.proto_ipv4": "192.0.2.2", "demux.rule": "no-ports",
            ])
        #expect(line(ethernet(0x8100, [0, 5, 8, 6] + arp), verbosity: 2).contains("      VLAN      5, priority 0, type 0x0806 (ARP)\n      ARP       request (1)"))
    }

    @Test func `802.2 and PPPoE`() throws {
        let echo = ipv4(1, [8, 0, 0, 0, 0, 7, 0, 1])
        try expect(
            ethernet(36, [0xaa, 0xaa, 3, 0, 0, 0, 8, 0] + echo), line: "ICMP echo request id 7 seq 1\n",
            ["frame.protocols": "eth:llc:ip:icmp", "eth.len": "36", "llc.dsap": "170", "llc.oui": "0", "llc.type": "2048", "icmp.ident": "7", "icmp.seq": "1"])
        try expect(
            ethernet(0x8864, [0x11, 0, 0, 9, 0, 30, 0, 0x21] + echo), line: "ICMP echo request id 7 seq 1\n",
            ["frame.protocols": "eth:pppoes:ppp:ip:icmp", "pppoe.session_id": "9", "ppp.protocol": "33"])
        try expect(
            ethernet(38, [0x42, 0x42, 3] + [UInt8](repeating: 0, count: 35)), line: "LLC SAP 0x42 (spanning tree)  [unsupported]\n",
            ["stopped.layer": "llc", "stopped.reason": "unsupported", "payload.len": "35"])
    }

    /// RFC 792: the quote is a beginning, so that what came along behind its headers has no length to be told.
    @Test func `a quoted tunnel shows its headers and no payload`() throws {
        let datagram = ipv4(17, [0x23, 0xc5, 0, 53, 0, 13, 0, 0] + Array("hello".utf8))
        let object = try json(ethernet(0x0800, ipv4(1, [3, 3, 0, 0, 0, 0, 0, 0] + ipv4(4, datagram))))
        #expect(value(object, "icmp.quoted.inner.udp.dstport") == "53")
        #expect(value(object, "icmp.quoted.inner.payload") == nil && value(object, "payload.len") != nil)
        // Nor has a segment one where the IP header says nothing of it.
        var segment = ipv4(6, syn + [1, 2, 3])
        for (length, wanted) in [(63, "3"), (0, nil)] as [(UInt8, String?)] {
            segment[3] = length
            let quote = try json(ethernet(0x0800, ipv4(1, [3, 3, 0, 0, 0, 0, 0, 0] + segment)))
            #expect(value(quote, "icmp.quoted.tcp.len") == wanted)
        }
    }

    @Test func `options, and malformed ones`() throws {
        try expect(
            ethernet(0x0800, ipv4(6, syn, options: [148, 4, 0, 0])), line: "TCP SYN",
            [
                "ip.opt.ra": "0", "ip.opt.type.0": "148", "tcp.options.mss_val": "1460", "tcp.options.wscale.shift": "7",
                "tcp.options.tfo.cookie_len": "0", "tcp.options.user_to_val": "9", "tcp.options.mptcp.subtype": "2",
            ])
        var broken = syn
        broken.replaceSubrange(20..<24, with: [2, 3, 5, 1])
        let object = try json(ethernet(0x0800, ipv4(6, broken)))
        #expect(value(object, "tcp.options.malformed.kind") == "2" && value(object, "tcp.options.malformed.len") == "3")
        #expect(value(object, "tcp.options.wscale.shift") == "7" && value(object, "tcp.options.mss_val") == nil)
        #expect(line(ethernet(0x0800, ipv4(6, broken)), verbosity: 1).contains("malformed option 2, length 3"))
        let twice = try json(ethernet(0x0800, ipv4(6, Array(syn.prefix(20)) + [2, 4, 0, 1, 2, 4, 0, 2] + [UInt8](repeating: 1, count: 12))))
        #expect(value(twice, "tcp.options.mss_val") == "1", "of two the first counts")
    }

    @Test func `transports without sockets`() throws {
        try expect(
            ethernet(0x0800, ipv4(132, [0x23, 0xc5, 0x0b, 0x59, 0, 0, 0, 9, 0, 0, 0, 0, 1, 0, 0, 4])), line: "⇒      untracked   SCTP INIT\n",
            ["sctp.srcport": "9157", "sctp.verification_tag": "9", "sctp.checksum_status": "offloaded", "sctp.chunk_type": "1", "demux.rule": "no-ports"])
        #expect(line(ethernet(0x0800, ipv4(132, [0x23, 0xc5, 0x0b, 0x59, 0, 0, 0, 9, 0, 0, 0, 0]))).contains("192.0.2.1:9157 → 192.0.2.99:2905"))
        try expect(
            ethernet(0x0800, ipv4(2, [0x16, 0, 0, 0, 224, 0, 0, 9])), line: "no-ports    IGMP v2 report 224.0.0.9\n",
            ["igmp.type": "22", "igmp.version": "2", "igmp.maddr": "224.0.0.9", "igmp.checksum_status": "bad"])
        try expect(
            ethernet(0x0800, ipv4(136, [0x23, 0xc5, 0x0b, 0x59, 0, 8, 0, 1, 65, 66])), line: "UDP-Lite 2 B \"AB\"\n",
            ["frame.protocols": "eth:ip:udplite", "udp.srcport": "9157", "udp.checksum_coverage": "8", "demux.rule": "datagram"])
        try expect(
            ethernet(0x0800, ipv4(33, [0x23, 0xc5, 0x0b, 0x59, 3, 0, 0, 0, 4, 0, 0, 1])), line: "untracked   DCCP Data\n",
            ["dccp.type": "2", "dccp.data_offset": "3"])
    }

    @Test func `neighbour discovery`() throws {
        let target: [UInt8] = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
        let message = [135, 0, 0, 0, 0, 0, 0, 0] + target
        let frame = ethernet(0x86dd, [0x60, 0, 0, 0, 0, 24, 58, 255] + target + target + message)
        try expect(
            frame, line: "ICMPv6 neighbor solicitation who has fe80::1\n", ["icmpv6.type": "135", "icmpv6.nd.ns.target_address": "fe80::1"])
        #expect(line(frame, isQuiet: true).hasSuffix("ICMPv6 neighbor solicitation\n"))
    }

    @Test func `tunnels`() throws {
        let inside = ipv4(6, syn, last: 7)
        let gre = ethernet(0x0800, ipv4(47, [0x20, 0, 8, 0, 0, 0, 0, 9] + inside))
        try expect(
            gre, line: "→ 192.0.2.99     ⇒      no-ports    GRE, inside: 192.0.2.7:9157 → 192.0.2.99:80 TCP SYN\n",
            [
                "frame.protocols": "eth:ip:gre:ip:tcp", "ip.src": "192.0.2.1", "gre.proto": "2048", "gre.key": "9", "inner.ip.src": "192.0.2.7",
                "inner.tcp.srcport": "9157", "inner.tcp.flags": "2",
            ])
        #expect(try json(gre)["tcp"] == nil && json(gre)["stopped"] == nil, "the outermost headers stand alone")
        #expect(line(gre, verbosity: 1).contains("      inside\n      IPv4      192.0.2.7 → 192.0.2.99"))
        let network = [0x23, 0xc5, 0x12, 0xb5, 0, 90, 0, 0, 8, 0, 0, 0, 0, 0, 42, 0] + ethernet(0x0800, inside)
        try expect(
            ethernet(0x0800, ipv4(17, network)), line: "UDP 82 B, VXLAN 42, inside: 192.0.2.7:9157 → 192.0.2.99:80 TCP SYN\n",
            ["frame.protocols": "eth:ip:udp:vxlan:eth:ip:tcp", "udp.dstport": "4789", "vxlan.vni": "42", "inner.eth.type": "2048", "inner.tcp.dstport": "80"])
        try expect(
            ethernet(0x0800, ipv4(4, ipv4(4, [0x45, 0, 0, 19]))), line: "IPv4, inside: 192.0.2.1 → 192.0.2.99 IPv4, inside: ip truncated: 20 bytes needed, 4 in the tunnel\n",
            ["inner.inner.stopped.reason": "truncated", "inner.inner.stopped.layer": "ip"])
        var deep = inside
        for _ in 0..<5 { deep = ipv4(4, deep) }
        try expect(
            ethernet(0x0800, deep), line: "a tunnel within 4 tunnels", ["inner.inner.inner.inner.stopped.reason": "unsupported", "frame.protocols": "eth:ip:ip:ip:ip:ip"])
    }
}
