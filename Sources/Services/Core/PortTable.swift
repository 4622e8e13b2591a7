import Platform
import Wire

/// What the kernel says of a TCP port that could not be had (`/proc/net/tcp`, proc(5)).
enum PortTable {
    enum Holder: Equatable {
        /// A socket that is open.
        case socket
        /// Nothing but connections that are over: so many.
        case timeWait(Int)
    }

    static func holder(of endpoint: Endpoint) -> Holder? {
        let file = endpoint.address.version == .four ? "/proc/net/tcp" : "/proc/net/tcp6"
        guard let text = try? readTextFile(file, limit: 16_777_216) else { return nil }
        return holder(of: endpoint.port, in: text)
    }

    /// Lines as `0: 0100007F:1449 00000000:0000 0A …`: number, local and remote address and port, state; hexadecimal.
    static func holder(of port: UInt16, in text: String) -> Holder? {
        var over = 0
        for line in text.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: " ", maxSplits: 4)
            guard fields.count > 3, let colon = fields[1].lastIndex(of: ":"),
                UInt16(fields[1][fields[1].index(after: colon)...], radix: 16) == port
            else { continue }
            // TCP_TIME_WAIT of the kernel's include/net/tcp_states.h.
            if fields[3] != "06" { return .socket }
            over += 1
        }
        return over > 0 ? .timeWait(over) : nil
    }

    /// The first port that anybody may bind to: 1024, if the system does not say otherwise (ip(7)).
    static var firstUnprivileged: Int {
        let text = try? readTextFile("/proc/sys/net/ipv4/ip_unprivileged_port_start", limit: 16)
        return text.flatMap { Int($0.filter(\.isNumber)) } ?? 1024
    }
}
