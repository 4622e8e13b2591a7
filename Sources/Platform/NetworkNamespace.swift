import CPlatform
import Glibc

/// A network namespace that is kept by a descriptor: interfaces, addresses and ports of its own (network_namespaces(7)).
public struct NetworkNamespace: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// The one that this process is in.
    public static func current() throws(SystemError) -> NetworkNamespace {
        NetworkNamespace(Descriptor(owning: try retrying("open(/proc/self/ns/net)") { unsafe open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC) }))
    }

    /// A new one; the process is in it from here on. The corresponding C function is `unshare`. Wants the right to make one
    /// (CAP_SYS_ADMIN), as ``PrivateNetwork/enter()`` gives it.
    public static func enterNew() throws(SystemError) -> NetworkNamespace {
        try retrying("unshare") { pw_unshare_network(0) }
        return try current()
    }

    private init(_ descriptor: consuming Descriptor) {
        self.descriptor = descriptor
    }

    /// To name it to the kernel; it stays this one's to close.
    public var rawDescriptor: Int32 { descriptor.rawValue }

    /// From here on the process makes its sockets in this one; those that there are stay where they are. While there is one
    /// thread. The corresponding C function is `setns`.
    public func enter() throws(SystemError) {
        try retrying("setns") { pw_enter_network(descriptor.rawValue) }
    }
}

/// Brings an interface up. The corresponding C call is `ioctl(SIOCSIFFLAGS)`.
public func bringInterfaceUp(_ name: String) throws(SystemError) {
    try retrying("ioctl(SIOCSIFFLAGS)") { unsafe pw_interface_up(name) }
}

/// Lets an interface send frames as they will be on the wire: whoever forwards them by hand has no network card that fills
/// in the checksum. The corresponding C call is `ioctl(SIOCETHTOOL)`.
public func withoutOffload(_ interface: String) throws(SystemError) {
    try retrying("ioctl(SIOCETHTOOL)") { unsafe pw_interface_without_offload(interface) }
}

/// A packet socket for whole frames of one interface (packet(7)); what it sends itself it does not get.
public func packetSocket(on interface: String) throws(SystemError) -> Descriptor {
    Descriptor(owning: try retrying("socket(AF_PACKET)") { unsafe pw_packet_socket(interface) })
}

/// This process may no longer bind ports below 1024 (CAP_NET_BIND_SERVICE, capabilities(7)). The corresponding C function is
/// `capset`.
public func dropBindService() throws(SystemError) {
    try retrying("capset") { pw_drop_bind_service() }
}
