import CMnl
import Glibc
import Platform
import Wire

/// Says what an address is to this machine, by the kernel's own routing tables: 127.0.0.0/8 and the addresses of all
/// interfaces, but also a whole prefix that was made local (`ip route add local`), and each subnet's broadcast address.
///
/// `sock_diag` itself does not look: it finds a listener that takes every address for an address on the other side of
/// the world, and one for a group that nobody has joined. Answers are kept until the kernel says that an address, a
/// route or an interface has changed.
public final class Destinations {
    private var routes: NetlinkSocket
    private var changes: NetlinkSocket
    private var groups: MulticastGroups
    private var known: [Key: RouteMessage.Route] = [:]
    /// Whose address it is, by interface; `nil` until it is asked for.
    private var owning: [IPAddress: UInt32]?

    private struct Key: Hashable {
        let address: IPAddress
        let device: UInt32
    }

    /// Whoever sends from ever new addresses must not fill the memory.
    private static let mostKnown = 4_096

    public init() throws(NetlinkError) {
        let kinds = [RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE, RTMGRP_IPV4_RULE, RTMGRP_IPV6_IFADDR, RTMGRP_IPV6_ROUTE]
        // Listened to before the first question: a change in between is not missed.
        changes = try NetlinkSocket(NETLINK_ROUTE, groups: UInt32(kinds.reduce(0, |)))
        try changes.makeListener(queue: 64 << 10)
        routes = try NetlinkSocket(NETLINK_ROUTE)
        groups = MulticastGroups()
    }

    /// What the address is to this machine.
    ///
    /// - Parameter device: on which interface the packet comes, which matters to groups and to link-local addresses;
    ///   0 where it is not known: then any will do.
    public func reach(of address: IPAddress, device: UInt32 = 0) throws(NetlinkError) -> Reach {
        if address.isMulticast { return groups.hasJoined(address, device: device) ? .joinedGroup : .otherGroup }
        // RFC 919 §7: never routed, and received on every interface.
        if address.isLimitedBroadcast { return .broadcast }
        let isScoped = address.version == .six && address.isLinkLocal
        return switch try route(to: address, device: isScoped ? device : 0)?.type {
        // Anycast (IPv6) is delivered as one's own.
        case RTN_LOCAL, RTN_ANYCAST: .local
        case RTN_BROADCAST: .broadcast
        default: .elsewhere
        }
    }

    /// The interface on which a packet from there would arrive, if it comes the way that an answer would go: `lo` for the
    /// machine's own addresses. 0 where there is no way.
    public func arrivalDevice(from address: IPAddress) throws(NetlinkError) -> UInt32 {
        try route(to: address, device: 0)?.device ?? 0
    }

    /// The interface that a packet between two addresses counts as come over, if it comes the way that an answer would go.
    public func arrivalDevice(from source: IPAddress, to destination: IPAddress) throws(NetlinkError) -> UInt32 {
        if try reach(of: source) == .local { return try owningDevice(of: destination) }
        return try arrivalDevice(from: source)
    }

    /// The interface that has an address of this machine's: what comes from one of its addresses to another comes over
    /// `lo`, and is looked up as if it had come over that one (`rt_iif` in IPv4, the route's device in `ipv6_rcv`). An
    /// address that no interface has, as 127.0.0.2, is reached over the device of its route: `lo`.
    public func owningDevice(of address: IPAddress) throws(NetlinkError) -> UInt32 {
        try forgetWhatChanged()
        if owning == nil { owning = Destinations.interfaceAddresses() }
        if let device = owning?[address] { return device }
        return try arrivalDevice(from: address)
    }

    /// The corresponding C function is `getifaddrs`.
    private static func interfaceAddresses() -> [IPAddress: UInt32] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&list) == 0 else { return [:] }
        defer { unsafe freeifaddrs(list) }
        var result: [IPAddress: UInt32] = [:]
        var next = unsafe list
        while let entry = unsafe next {
            unsafe next = entry.pointee.ifa_next
            guard let raw = unsafe entry.pointee.ifa_addr, let address = unsafe IPAddress(raw) else { continue }
            result[address] = unsafe if_nametoindex(entry.pointee.ifa_name)
        }
        return result
    }

    private func route(to address: IPAddress, device: UInt32) throws(NetlinkError) -> RouteMessage.Route? {
        try forgetWhatChanged()
        let key = Key(address: address, device: device)
        if let route = known[key] { return route.type == RTN_UNREACHABLE ? nil : route }
        let route = try ask(address, device)
        if known.count >= Destinations.mostKnown { known.removeAll(keepingCapacity: true) }
        known[key] = route ?? RouteMessage.Route(type: RTN_UNREACHABLE, device: 0)
        return route
    }

    private func ask(_ address: IPAddress, _ device: UInt32) throws(NetlinkError) -> RouteMessage.Route? {
        var request = RouteMessage.request(address, device: device)
        var route: RouteMessage.Route?
        let outcome = try routes.ask(&request) { (type, payload) throws(NetlinkError) in
            if Int32(type) == Int32(RTM_NEWROUTE) { route = try RouteMessage.route(payload) }
        }
        // No way there, one that is forbidden, an interface that is gone: in any case not here.
        if case .refused = outcome { return nil }
        return route
    }

    private func forgetWhatChanged() throws(NetlinkError) {
        do {
            try changes.drain { _, _ in forget() }
        } catch .overrun {
            forget()
        }
    }

    private func forget() {
        known.removeAll(keepingCapacity: true)
        owning = nil
    }
}

extension IPAddress {
    /// From a socket's address; `nil` for one of another family.
    fileprivate init?(_ raw: UnsafeMutablePointer<sockaddr>) {
        switch unsafe Int32(raw.pointee.sa_family) {
        case AF_INET:
            let four = unsafe raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { unsafe $0.pointee }
            self.init(ipv4: UInt32(bigEndian: four.sin_addr.s_addr))
        case AF_INET6:
            let six = unsafe raw.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { unsafe $0.pointee }
            let bytes = unsafe withUnsafeBytes(of: six.sin6_addr) { unsafe Array($0) }
            let words = (0..<2).map { half in bytes[half * 8..<half * 8 + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
            self.init(ipv6High: words[0], low: words[1])
        default: return nil
        }
    }
}

extension IPAddress {
    /// fe80::/10 (RFC 4291 §2.5.6).
    fileprivate var isLinkLocal: Bool { version == .six && high >> 54 == 0x3fa }
}
