import CMnl
import Demux
import Glibc
import Wire

/// Tells of sockets that the kernel has destroyed (`SKNLGRP_INET_TCP_DESTROY` and its three sisters), in the order in
/// which it did. Every user may listen.
///
/// A notice bears the four-tuple, the cookie and state CLOSE; its inode is 0, as nobody holds the socket any more. A
/// connection in TIME_WAIT has lost its socket before and ends without a notice. What is left of it there keeps the
/// cookie only if somebody asked for that while the socket lived.
public final class SocketDestruction {
    private var notices: NetlinkSocket

    /// Room for some 8,000 notices (each takes about 500 bytes of the kernel's memory).
    private static let queue: Int32 = 4 << 20

    public init() throws(NetlinkError) {
        let groups = [SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET_UDP_DESTROY, SKNLGRP_INET6_TCP_DESTROY, SKNLGRP_INET6_UDP_DESTROY]
        notices = try NetlinkSocket(NETLINK_SOCK_DIAG, groups: groups.reduce(0) { $0 | UInt32(1) << (UInt32($1.rawValue) - 1) })
        try notices.makeListener(queue: SocketDestruction.queue)
    }

    /// To wait for with `poll` or `epoll`: readable when sockets are gone.
    public var rawDescriptor: Int32 { notices.rawDescriptor }

    /// Gives each socket that is gone to `body`. Never waits.
    ///
    /// - Returns: whether notices were lost since the last time, because more came than there was room for: whoever
    ///   keeps a table must read it anew.
    public func drain(_ body: (HostSocket) -> Void) throws(NetlinkError) -> Bool {
        var hasLost = false
        while true {
            do {
                try notices.drain { (head, payload) throws(NetlinkError) in
                    guard head.type == UInt16(SOCK_DIAG_BY_FAMILY) else { return }
                    if let socket = try DiagMessage.socket(payload, transport: nil) { body(socket) }
                }
                return hasLost
            } catch .overrun {
                hasLost = true
            }
        }
    }
}
