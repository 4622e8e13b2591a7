import Demux
import Glibc
import Wire

/// This machine's sockets as its kernel has them: all of them, or the one that a segment would reach.
///
/// Of the network namespace in which it was made; it needs no right. An IPv4 question may be answered with an AF_INET6
/// socket: one on `::` that is not IPv6 only, or one whose addresses are v4-mapped, which stand here as IPv4's.
public final class KernelSockets: KernelLookup {
    private var tables: SocketDiagnosis
    /// What an address is to this machine.
    public let destinations: Destinations

    public init() throws(NetlinkError) {
        tables = try SocketDiagnosis()
        destinations = try Destinations()
    }

    /// The network namespace whose sockets these are, by its inode (`/proc/self/ns/net`, network_namespaces(7)): of the
    /// thread that asks, which made this one's sockets as well. `nil` where `/proc` does not show it.
    public static var networkNamespace: UInt64? {
        var status = stat()
        guard unsafe stat("/proc/self/ns/net", &status) == 0 else { return nil }
        return UInt64(status.st_ino)
    }

    /// Every TCP and UDP socket in every state.
    ///
    /// The kernel reads a table bucket by bucket, and a socket that moves on meanwhile can come twice: the later one counts.
    public func all() throws(NetlinkError) -> [HostSocket] {
        var sockets: [HostSocket] = []
        for transport in [IPProtocol.tcp, .udp] {
            for version in [IPAddress.Version.four, .six] { sockets += try tables.dump(transport, version) }
        }
        return KernelSockets.withoutDoubles(sockets)
    }

    /// The listeners alone: the kernel keeps them in a table of their own, so that they cost nothing beside the others.
    public func listeners() throws(NetlinkError) -> [HostSocket] {
        let states = UInt32(1) << UInt32(HostSocket.State.listen.rawValue)
        return try tables.dump(.tcp, .four, states: states) + tables.dump(.tcp, .six, states: states)
    }

    /// The datagram sockets alone.
    public func datagramSockets() throws(NetlinkError) -> [HostSocket] {
        KernelSockets.withoutDoubles(try tables.dump(.udp, .four) + tables.dump(.udp, .six))
    }

    /// The socket that the kernel would give this segment or datagram to, `nil` for nobody: also where the destination
    /// is not this machine's.
    ///
    /// It is the answer of this moment: after a SYN the same question names the connection that the SYN has made. With
    /// the source's port 0 it names the listener. Of a group's or broadcast's receivers it names one.
    public func socket(for question: LookupQuestion) throws(NetlinkError) -> HostSocket? {
        guard question.source.address.version == question.destination.address.version else { return nil }
        let reach = try destinations.reach(of: question.destination.address, device: question.device)
        // TCP goes from one to one (RFC 9293 §3.9.2.3).
        guard reach.isDelivered, question.transport == .udp || reach.isToOne else { return nil }
        return try tables.lookUp(question)
    }

    static func withoutDoubles(_ sockets: [HostSocket]) -> [HostSocket] {
        var places: [UInt64: Int] = [:]
        var result: [HostSocket] = []
        result.reserveCapacity(sockets.count)
        for socket in sockets {
            if let place = places[socket.cookie] {
                result[place] = socket
            } else {
                places[socket.cookie] = result.count
                result.append(socket)
            }
        }
        return result
    }
}

/// The name of an interface; `nil` where there is none of that index. The corresponding C function is `if_indextoname`.
public func interfaceName(_ index: UInt32) -> String? {
    var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
    guard index != 0, unsafe if_indextoname(index, &name) != nil else { return nil }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// The index of an interface; `nil` where there is none of that name. The corresponding C function is `if_nametoindex`.
public func interfaceIndex(_ name: String) -> UInt32? {
    let index = unsafe if_nametoindex(name)
    return index == 0 ? nil : index
}
