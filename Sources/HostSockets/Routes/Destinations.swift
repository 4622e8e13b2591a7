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
            try changes.drain { _, _ in known.removeAll(keepingCapacity: true) }
        } catch .overrun {
            known.removeAll(keepingCapacity: true)
        }
    }
}

extension IPAddress {
    /// fe80::/10 (RFC 4291 §2.5.6).
    fileprivate var isLinkLocal: Bool { version == .six && high >> 54 == 0x3fa }
}
