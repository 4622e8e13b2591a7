import Demux
import Glibc
import Wire

/// Who sends datagrams: a socket for each source, there for the whole run.
final class Crowd {
    struct Source: Hashable {
        let path: Int
        let end: Endpoint
    }

    static let ports: [UInt16] = [30000, 30001, 30002]
    /// A port of the same hosts at which nobody is.
    static let closedPort: UInt16 = 30099
    /// Where datagrams go that show that all before them have come.
    static let fencePort: UInt16 = 7999

    private(set) var senders: [Source: Handle] = [:]
    let fence: Handle
    private let member4: Handle
    private let member6: Handle
    /// Those that stand in the home host's own table.
    private(set) var told: [HostSocket] = []

    init(_ network: Network) {
        fence = Handle.make(.six, .udp)
        guard fence.bind(Endpoint(.ipv6Any, Crowd.fencePort), .six) else { fatalError("the fence") }
        // The home host must have joined a group to get anything of it; which sockets then do is another matter.
        member4 = Handle.make(.four, .udp)
        member6 = Handle.make(.six, .udp)
        for path in network.paths where !path.isLocal { join(path.device) }
        for (number, path) in network.paths.enumerated() {
            network.go(toAway: !path.isLocal)
            for version in [IPAddress.Version.four, .six] {
                for address in path.sources(version) {
                    for port in Crowd.ports { add(Source(path: number, end: Endpoint(address, port)), path) }
                }
            }
        }
        network.go(toAway: false)
    }

    private func join(_ device: UInt32) {
        var four = ip_mreqn()
        four.imr_multiaddr.s_addr = UInt32(truncatingIfNeeded: Network.group4.low).bigEndian
        four.imr_ifindex = Int32(device)
        let joined4 = setsockopt(
            member4.descriptor, Int32(IPPROTO_IP), IP_ADD_MEMBERSHIP, &four, socklen_t(MemoryLayout<ip_mreqn>.size))
        var six = ipv6_mreq()
        withUnsafeMutableBytes(of: &six.ipv6mr_multiaddr) {
            $0.storeBytes(of: Network.group6.high.bigEndian, as: UInt64.self)
            $0.storeBytes(of: Network.group6.low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        six.ipv6mr_interface = device
        let joined6 = setsockopt(
            member6.descriptor, Int32(IPPROTO_IPV6), 20 /* IPV6_ADD_MEMBERSHIP */, &six,
            socklen_t(MemoryLayout<ipv6_mreq>.size))
        guard joined4 == 0, joined6 == 0 else { fatalError("joining a group: \(errno)") }
    }

    private func add(_ source: Source, _ path: Network.Path) {
        let version = source.end.address.version
        let handle = Handle.make(version, .udp)
        if version == .six { handle.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
        if !path.isLocal { handle.bindToDevice(path.sender) }
        handle.set(SOL_SOCKET, SO_BROADCAST)
        // So that it learns that nobody was there.
        handle.set(version == .four ? Int32(IPPROTO_IP) : Int32(IPPROTO_IPV6), version == .four ? IP_RECVERR : IPV6_RECVERR)
        guard handle.bind(source.end, version) else { fatalError("\(source.end): \(errno)") }
        senders[source] = handle
        guard path.isLocal else { return }
        var socket = HostSocket(transport: .udp, family: version, state: .closed, local: source.end)
        socket.isIPv6Only = version == .six
        socket.reusesPort = false
        socket.cookie = handle.cookie
        told.append(socket)
    }
}
