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
        return holder(of: endpoint, in: text)
    }

    /// Lines as `0: 0100007F:1449 00000000:0000 0A …`: number, local and remote address and port, state; hexadecimal. Of
    /// another address none is in the way, but for the one that stands for all.
    static func holder(of endpoint: Endpoint, in text: String) -> Holder? {
        var over = 0
        for line in text.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: " ", maxSplits: 4)
            guard fields.count > 3 else { continue }
            let local = fields[1].split(separator: ":")
            guard local.count == 2, UInt16(local[1], radix: 16) == endpoint.port, let address = address(local[0]),
                address == endpoint.address || address.isWildcard || endpoint.address.isWildcard
            else { continue }
            // TCP_TIME_WAIT of the kernel's include/net/tcp_states.h.
            if fields[3] != "06" { return .socket }
            over += 1
        }
        return over > 0 ? .timeWait(over) : nil
    }

    /// Groups of 32 bits, each a number as the machine has it in memory, while the bytes are the network's.
    private static func address(_ text: Substring) -> IPAddress? {
        let digits = Array(text.utf8)
        let groups = stride(from: 0, to: digits.count - 7, by: 8).compactMap { UInt32(String(decoding: digits[$0..<($0 + 8)], as: UTF8.self), radix: 16)?.bigEndian }
        switch groups.count {
        case 1: return IPAddress(ipv4: groups[0])
        case 4: return IPAddress(ipv6High: UInt64(groups[0]) << 32 | UInt64(groups[1]), low: UInt64(groups[2]) << 32 | UInt64(groups[3]))
        default: return nil
        }
    }

    /// The first port that anybody may bind to: 1024, if the system does not say otherwise (ip(7)).
    static var firstUnprivileged: Int {
        let text = try? readTextFile("/proc/sys/net/ipv4/ip_unprivileged_port_start", limit: 16)
        return text.flatMap { Int($0.filter(\.isNumber)) } ?? 1024
    }
}
