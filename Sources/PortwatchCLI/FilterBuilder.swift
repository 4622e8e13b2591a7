import Platform
import Wire

/// Puts together the filter expression: the user's own words, then what `--port` and `--host` stand for.
struct FilterBuilder {
    /// What `-F` or the words of the command line give.
    var expression = ""
    private var ports: [UInt16] = []
    private var hosts: [String] = []

    mutating func addPort(_ text: String) throws(CommandFailure) {
        guard let port = UInt16(text) ?? servicePort(named: text) else {
            throw .usage("--port \(text): neither a port (0 to 65535) nor a service of the services database", .inspect)
        }
        ports.append(port)
    }

    /// Only what can be a name or an address: the text becomes a part of the expression.
    mutating func addHost(_ text: String) throws(CommandFailure) {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isPlain, !text.isEmpty, text.first != "-" else { throw .usage("--host \(text): neither an address nor a name", .inspect) }
        hosts.append(text)
    }

    /// The whole expression, or `nil` where everything passes. Ports are joined with `or`, all else with `and`.
    var joined: String? {
        var terms: [String] = []
        if !expression.isEmpty { terms.append(expression) }
        if !ports.isEmpty { terms.append(ports.map(FilterBuilder.term).joined(separator: " or ")) }
        terms += hosts.map { "host \($0)" }
        if terms.isEmpty { return nil }
        return terms.count == 1 ? terms[0] : terms.map { "(\($0))" }.joined(separator: " and ")
    }

    /// A port, and the ICMP errors that quote it: a refused datagram's answer has the port only inside.
    ///
    /// ICMP: the quoted header's length and protocol stand 8 and 17 bytes into the message (RFC 792), the ports behind
    /// it. ICMPv6: behind a header without extensions, 40 and 8 bytes into the packet (RFC 4443 §2.4).
    private static func term(_ port: UInt16) -> String {
        let ports4 = [8, 10].map { "icmp[\($0) + ((icmp[8] & 15) << 2) : 2] = \(port)" }.joined(separator: " or ")
        let errors4 = [3, 4, 5, 11, 12].map { "icmp[0] = \($0)" }.joined(separator: " or ")
        let quoted4 = "(icmp and (\(errors4)) and (icmp[17] = 6 or icmp[17] = 17) and (\(ports4)))"
        let ports6 = "ip6[88:2] = \(port) or ip6[90:2] = \(port)"
        let quoted6 = "(ip6[6] = 58 and ip6[40] >= 1 and ip6[40] <= 4 and (ip6[54] = 6 or ip6[54] = 17) and (\(ports6)))"
        return "port \(port) or \(quoted4) or \(quoted6)"
    }
}
