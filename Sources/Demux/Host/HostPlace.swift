import Wire

/// What the look-up asks a socket about: where it stands in the kernel's tables.
struct Place: Equatable, Sendable {
    enum Role: UInt8, Sendable {
        /// Found by its four-tuple.
        case connected
        /// Found by its address and port: a listener, or a datagram socket without a peer.
        case bound
        /// Not found at all: a TCP socket that neither listens nor is connected.
        case none
    }

    let transport: IPProtocol
    let role: Role
    let family: IPAddress.Version
    /// A v4-mapped address (RFC 4291 §2.5.5.2) as the IPv4 address that it means.
    let local: Endpoint
    let remote: Endpoint?
    let isIPv6Only: Bool
    let device: UInt32
    let reusesPort: Bool?
    let userID: UInt32

    init(_ socket: HostSocket) {
        transport = socket.transport
        family = socket.family
        local = Place.unmapped(socket.local)
        remote = socket.remote.map(Place.unmapped)
        isIPv6Only = socket.isIPv6Only
        device = socket.device
        reusesPort = socket.reusesPort
        userID = socket.userID
        role = Place.role(socket)
    }

    private static func role(_ socket: HostSocket) -> Role {
        if socket.transport == .udp { return socket.remote == nil ? .bound : .connected }
        // "Sockets in TCP_CLOSE state are always taken out of the hash" (`__inet6_lookup_established`).
        switch socket.state {
        case .listen: return .bound
        case .closed: return .none
        default: return socket.remote == nil ? .none : .connected
        }
    }

    static func unmapped(_ end: Endpoint) -> Endpoint { Endpoint(unmapped(end.address), end.port) }

    static func unmapped(_ address: IPAddress) -> IPAddress {
        guard address.version == .six, address.high == 0, address.low >> 32 == 0xffff else { return address }
        return IPAddress(ipv4: UInt32(truncatingIfNeeded: address.low))
    }

    /// Whether it can take what comes over that version at all: an IPv6 socket takes IPv4 too unless it says no.
    func takes(_ version: IPAddress.Version) -> Bool {
        switch (family, version) {
        case (.four, .four): true
        case (.four, .six): false
        // `ipv6_only_sock`; binding to an IPv6 address sets it (`__inet6_bind`).
        case (.six, .four): local.address.version == .four || local.address.isWildcard && !isIPv6Only
        case (.six, .six): local.address.version == .six
        }
    }

    var portKey: PortKey { PortKey(transport: transport, port: local.port) }

    /// For a socket with a peer alone.
    var connectedKey: ConnectedKey {
        ConnectedKey(transport: transport, local: local, remote: remote ?? Endpoint(.ipv4Any, 0))
    }

    var alikeKey: AlikeKey {
        AlikeKey(
            transport: transport, family: family, local: local, isIPv6Only: isIPv6Only, device: device, userID: userID)
    }
}

struct PortKey: Hashable, Sendable {
    let transport: IPProtocol
    let port: UInt16
}

struct ConnectedKey: Hashable, Sendable {
    let transport: IPProtocol
    let local: Endpoint
    let remote: Endpoint
}

/// What sockets must have in common to be one reuse-port group (`inet_reuseport_add_sock`, `udp_reuseport_add_sock`).
struct AlikeKey: Hashable, Sendable {
    let transport: IPProtocol
    let family: IPAddress.Version
    let local: Endpoint
    let isIPv6Only: Bool
    let device: UInt32
    let userID: UInt32
}
