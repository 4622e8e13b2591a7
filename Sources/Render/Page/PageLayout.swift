import Timeline
import Wire

/// Which header field lies where in a frame: for the page, which shows the bytes with their fields.
///
/// `[[header, start, length, [[field, start, length, form]…]]…]`; starts are those of the frame. Most frames of a capture
/// have the same.
enum PageLayout {
    /// How the page writes a field's bytes.
    private enum Form: String {
        case number, hex, hardware, ipv4, ipv6, tcpFlags, proto, version, offset, octets
    }

    private struct Field {
        let name: StaticString
        let start: Int
        let length: Int
        let form: Form
    }

    static func json(_ frame: FrameMoment) -> String {
        var packet = Packet()
        packet.decode(frame.bytes.span, linkType: frame.linkType, originalLength: Int(frame.originalLength))
        var out = OutputBuffer(capacity: 1024)
        var json = JSONWriter()
        json.array(&out) { json, out in
            link(packet, frame.bytes.count, &json, &out)
            let afterInternet = internet(packet, &json, &out)
            transport(packet, afterInternet, &json, &out)
            let payload = packet.payload
            if packet.internet != .none, !payload.isEmpty {
                header("payload", payload.start, payload.end - payload.start, [], &json, &out)
            }
        }
        return out.takeText()
    }

    private static func header(
        _ name: StaticString, _ start: Int, _ length: Int, _ fields: [Field], _ json: inout JSONWriter, _ out: inout OutputBuffer
    ) {
        guard length > 0 else { return }
        json.array(&out) { json, out in
            json.string("\(name)", &out)
            json.number(start, &out)
            json.number(length, &out)
            json.array(&out) { json, out in
                for field in fields where field.length > 0 {
                    json.array(&out) { json, out in
                        json.string("\(field.name)", &out)
                        json.number(start + field.start, &out)
                        json.number(field.length, &out)
                        json.string(field.form.rawValue, &out)
                    }
                }
            }
        }
    }

    private static func link(_ packet: Packet, _ count: Int, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        let start = Int(packet.linkOffset)
        let end = packet.internet == .none ? count : Int(packet.internetOffset)
        if case .ethernet = packet.link, end - start == EthernetHeader.length || packet.internet == .none {
            header(
                "Ethernet", start, EthernetHeader.length,
                [
                    Field(name: "to", start: 0, length: 6, form: .hardware),
                    Field(name: "from", start: 6, length: 6, form: .hardware),
                    Field(name: "type", start: 12, length: 2, form: .hex),
                ], &json, &out)
            if packet.internet == .none { header("rest", start + EthernetHeader.length, end - start - EthernetHeader.length, [], &json, &out) }
        } else {
            header("link", start, end - start, [], &json, &out)
        }
    }

    /// - Returns: where the header ends.
    private static func internet(_ packet: Packet, _ json: inout JSONWriter, _ out: inout OutputBuffer) -> Int {
        let start = Int(packet.internetOffset)
        switch packet.internet {
        case .none: return start
        case .ipv4(let ip):
            let length = Int(ip.headerLength)
            header(
                "IP", start, length,
                [
                    Field(name: "version, header length", start: 0, length: 1, form: .version),
                    Field(name: "service", start: 1, length: 1, form: .hex),
                    Field(name: "total length", start: 2, length: 2, form: .number),
                    Field(name: "identification", start: 4, length: 2, form: .hex),
                    Field(name: "fragment", start: 6, length: 2, form: .hex),
                    Field(name: "time to live", start: 8, length: 1, form: .number),
                    Field(name: "protocol", start: 9, length: 1, form: .proto),
                    Field(name: "checksum", start: 10, length: 2, form: .hex),
                    Field(name: "from address", start: 12, length: 4, form: .ipv4),
                    Field(name: "to address", start: 16, length: 4, form: .ipv4),
                    Field(name: "options", start: 20, length: length - 20, form: .octets),
                ], &json, &out)
            return start + length
        case .ipv6(let ip):
            header(
                "IPv6", start, IPv6Header.length,
                [
                    Field(name: "version, class, flow", start: 0, length: 4, form: .hex),
                    Field(name: "payload length", start: 4, length: 2, form: .number),
                    Field(name: "next header", start: 6, length: 1, form: .proto),
                    Field(name: "hop limit", start: 7, length: 1, form: .number),
                    Field(name: "from address", start: 8, length: 16, form: .ipv6),
                    Field(name: "to address", start: 24, length: 16, form: .ipv6),
                ], &json, &out)
            header("IPv6 extensions", start + IPv6Header.length, Int(ip.extensionsLength), [], &json, &out)
            return start + IPv6Header.length + Int(ip.extensionsLength)
        }
    }

    private static func transport(_ packet: Packet, _ start: Int, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        switch packet.transport {
        case .tcp(let tcp) where Int(tcp.wholeBytes) == TCPHeader.minimumLength:
            header(
                "TCP", Int(tcp.offset), TCPHeader.minimumLength + Int(tcp.optionsLength),
                [
                    Field(name: "from port", start: 0, length: 2, form: .number),
                    Field(name: "to port", start: 2, length: 2, form: .number),
                    Field(name: "sequence number", start: 4, length: 4, form: .number),
                    Field(name: "acknowledgment", start: 8, length: 4, form: .number),
                    Field(name: "header length", start: 12, length: 1, form: .offset),
                    Field(name: "flags", start: 13, length: 1, form: .tcpFlags),
                    Field(name: "window", start: 14, length: 2, form: .number),
                    Field(name: "checksum", start: 16, length: 2, form: .hex),
                    Field(name: "urgent pointer", start: 18, length: 2, form: .number),
                    Field(name: "options", start: 20, length: Int(tcp.optionsLength), form: .octets),
                ], &json, &out)
        case .udp(let udp) where Int(udp.wholeBytes) == UDPHeader.length:
            header(
                "UDP", Int(udp.offset), UDPHeader.length,
                [
                    Field(name: "from port", start: 0, length: 2, form: .number),
                    Field(name: "to port", start: 2, length: 2, form: .number),
                    Field(name: "length", start: 4, length: 2, form: .number),
                    Field(name: "checksum", start: 6, length: 2, form: .hex),
                ], &json, &out)
        case .none: break
        case .tcp, .udp, .udpLite, .icmp, .sctp, .dccp, .igmp, .gre:
            let end = packet.payload.isEmpty ? Int(packet.capturedLength) : packet.payload.start
            header(transportName(packet), start, end - start, [], &json, &out)
        }
    }

    private static func transportName(_ packet: Packet) -> StaticString {
        switch packet.transport {
        case .none: ""
        case .tcp: "TCP"
        case .udp: "UDP"
        case .icmp: "ICMP"
        case .udpLite: "UDP-Lite"
        case .sctp: "SCTP"
        case .dccp: "DCCP"
        case .igmp: "IGMP"
        case .gre: "GRE"
        }
    }
}
