import Demux
import Wire

/// Puts this machine's sockets in the order in which the demultiplexer searches them, and names them.
public enum HostListing {
    /// TCP before UDP; connected ones by their four-tuple, then listeners, then datagram sockets; what is bound to one
    /// address before what takes every one, and the members of a group together.
    public static func inOrder(_ sockets: [HostSocket]) -> [HostSocket] {
        sockets.map { (Key($0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// The entries of sockets in order: named, counted in their groups, and nothing else yet.
    public static func entries(_ sockets: [HostSocket]) -> [HostEntry] {
        var numbers: [SocketKind: UInt32] = [:]
        var groups: [Alike: Int] = [:]
        for socket in sockets where socket.remote == nil { groups[Alike(socket), default: 0] += 1 }
        return inOrder(sockets).map { socket in
            let number = numbers[socket.kind, default: 0] + 1
            numbers[socket.kind] = number
            var entry = HostEntry(socket, SocketName(socket.kind, number))
            if socket.remote == nil { entry.groupSize = groups[Alike(socket)] ?? 1 }
            return entry
        }
    }

    /// What sockets of a group have in common.
    private struct Alike: Hashable {
        let transport: IPProtocol
        let family: IPAddress.Version
        let local: Endpoint
        let isIPv6Only: Bool
        let device: UInt32

        init(_ socket: HostSocket) {
            transport = socket.transport
            family = socket.family
            local = socket.local
            isIPv6Only = socket.isIPv6Only
            device = socket.device
        }
    }

    /// Compared from its first part to its last.
    private struct Key: Comparable {
        private let ranks: [UInt64]

        init(_ socket: HostSocket) {
            let isConnected = socket.remote != nil
            let address = socket.local.address
            let remote = socket.remote
            ranks = [
                socket.transport == .tcp ? 0 : 1, isConnected ? 0 : 1, UInt64(socket.local.port),
                isConnected || !address.isWildcard ? 0 : 1, socket.device == 0 ? 1 : 0, socket.family == .four ? 0 : 1,
                UInt64(address.version.rawValue), address.high, address.low, UInt64(socket.device),
                UInt64(remote?.port ?? 0), remote?.address.high ?? 0, remote?.address.low ?? 0, socket.cookie,
            ]
        }

        static func < (left: Key, right: Key) -> Bool { left.ranks.lexicographicallyPrecedes(right.ranks) }
        static func == (left: Key, right: Key) -> Bool { left.ranks == right.ranks }
    }
}
