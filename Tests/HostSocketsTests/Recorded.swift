@testable import HostSockets

/// Messages as Linux 6.18 sent them on a little-endian machine. Each line says what the field under it is.
enum Recorded {
    static func hex(_ fields: String...) -> [UInt8] {
        let digits = fields.joined().filter { $0 != " " }
        return stride(from: 0, to: digits.count, by: 2).map { offset in
            let start = digits.index(digits.startIndex, offsetBy: offset)
            return UInt8(digits[start...].prefix(2), radix: 16)!
        }
    }

    /// What every answer below answers.
    static let sequence: UInt32 = 7
    static let port: UInt32 = 0x5e42

    /// A listener on `::` that takes IPv4 as well, asked for with IPv4 addresses; one connection waits in its queue.
    static let dualStackListener = hex(
        // length 172, SOCK_DIAG_BY_FAMILY, no flags, sequence 7, port 0x5e42
        "ac000000 1400 0000 07000000 425e0000",
        // AF_INET6, LISTEN, timer, retransmissions
        "0a 0a 00 00",
        // source port 1000, destination port 0
        "03e8 0000",
        // source ::
        "00000000 00000000 00000000 00000000",
        // destination ::
        "00000000 00000000 00000000 00000000",
        // interface 0, cookie 0x1001
        "00000000 01100000 00000000",
        // timer's rest, receive queue 1, send queue 3, uid 0, inode 528850
        "00000000 01000000 03000000 00000000 d2110800",
        // INET_DIAG_SHUTDOWN 0
        "0500 0800 00 000000",
        // INET_DIAG_SKV6ONLY 0
        "0500 0b00 00 000000",
        // INET_DIAG_MARK 0
        "0800 0f00 00000000",
        // INET_DIAG_CGROUP_ID 1
        "0c00 1500 0100000000000000",
        // INET_DIAG_SOCKOPT
        "0600 1600 1200 0000",
        // INET_DIAG_SKMEMINFO: nine numbers, the last is the drops
        "2800 0700 00000000 00000200 00000000 00400000 00000000 00000000 00000000 00000000 00000000")

    /// The connection that waits in its queue: an AF_INET6 socket with v4-mapped addresses, and no inode.
    static let queued = hex(
        // length 164, SOCK_DIAG_BY_FAMILY, no flags, sequence 7, port 0x5e42
        "a4000000 1400 0000 07000000 425e0000",
        // AF_INET6, ESTABLISHED, timer, retransmissions
        "0a 01 00 00",
        // source port 1000, destination port 56570
        "03e8 dcfa",
        // source ::ffff:127.0.0.1
        "00000000 00000000 0000ffff 7f000001",
        // destination ::ffff:127.0.0.1
        "00000000 00000000 0000ffff 7f000001",
        // interface 0, cookie 0x1002
        "00000000 02100000 00000000",
        // timer's rest, receive queue 0, send queue 0, uid 0, inode 0
        "00000000 00000000 00000000 00000000 00000000",
        // INET_DIAG_SHUTDOWN, INET_DIAG_MARK, INET_DIAG_CGROUP_ID, INET_DIAG_SOCKOPT
        "0500 0800 00 000000", "0800 0f00 00000000", "0c00 1500 0100000000000000", "0600 1600 1200 0000",
        // INET_DIAG_SKMEMINFO
        "2800 0700 00000000 00000200 00000000 001e3c00 00000000 00000000 00000000 00000000 00000000")

    /// A dump of two UDP sockets in one receive, and the end of the dump in another.
    static let datagrams = [
        hex(
            // length 172, SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, sequence 7, port 0x5e42
            "ac000000 1400 0200 07000000 425e0000",
            // AF_INET6, CLOSE, timer, retransmissions
            "0a 07 00 00",
            // source port 46196, destination port 0
            "b474 0000",
            // source ::, destination ::
            "00000000 00000000 00000000 00000000", "00000000 00000000 00000000 00000000",
            // interface 0, cookie 0x1003
            "00000000 03100000 00000000",
            // timer's rest, receive queue, send queue, uid 0, inode 528857
            "00000000 00000000 00000000 00000000 d9110800",
            // INET_DIAG_SHUTDOWN, INET_DIAG_SKV6ONLY 0, INET_DIAG_MARK, INET_DIAG_CGROUP_ID, INET_DIAG_SOCKOPT
            "0500 0800 00 000000", "0500 0b00 00 000000", "0800 0f00 00000000", "0c00 1500 0100000000000000", "0600 1600 1000 0000",
            // INET_DIAG_SKMEMINFO
            "2800 0700 00000000 00400300 00000000 00400300 00000000 00000000 00000000 00000000 00000000",
            // length 172, SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, sequence 7, port 0x5e42
            "ac000000 1400 0200 07000000 425e0000",
            // AF_INET6, CLOSE, timer, retransmissions
            "0a 07 00 00",
            // source port 53, destination port 0
            "0035 0000",
            // source ::1, destination ::
            "00000000 00000000 00000000 00000001", "00000000 00000000 00000000 00000000",
            // interface 1, cookie 0x1004
            "01000000 04100000 00000000",
            // timer's rest, receive queue 1280, send queue, uid 0, inode 528856
            "00000000 00050000 00000000 00000000 d8110800",
            // INET_DIAG_SHUTDOWN, INET_DIAG_SKV6ONLY 1, INET_DIAG_MARK, INET_DIAG_CGROUP_ID, INET_DIAG_SOCKOPT
            "0500 0800 00 000000", "0500 0b00 01 000000", "0800 0f00 00000000", "0c00 1500 0100000000000000", "0600 1600 1000 0000",
            // INET_DIAG_SKMEMINFO: the last, 8, is the drops
            "2800 0700 00050000 00090000 00000000 00400300 000b0000 00000000 00000000 00000000 08000000"),
        hex(
            // length 20, NLMSG_DONE, NLM_F_MULTI, sequence 7, port 0x5e42; 0: no error
            "14000000 0300 0200 07000000 425e0000 00000000"),
    ]

    /// Nobody: ENOENT, and the request's first part.
    static let nobody = hex(
        // length 36, NLMSG_ERROR, no flags, sequence 7, port 0x5e42
        "24000000 0200 0000 07000000 425e0000",
        // -2; the head of the request
        "feffffff 48000000 1400 0100 07000000 00000000")

    /// A socket that was destroyed; only the start of what INET_DIAG_INFO holds is kept.
    static let destroyed = hex(
        // length 104, SOCK_DIAG_BY_FAMILY, no flags, sequence 0, port 0: a notice
        "68000000 1400 0000 00000000 00000000",
        // AF_INET, CLOSE, timer, retransmissions
        "02 07 00 00",
        // source port 56570, destination port 1000
        "dcfa 03e8",
        // source 127.0.0.1, destination 127.0.0.1
        "7f000001 00000000 00000000 00000000", "7f000001 00000000 00000000 00000000",
        // interface 0, cookie 0x1005
        "00000000 05100000 00000000",
        // timer's rest, receive queue 0, send queue 1, uid 0, inode 0
        "00000000 00000000 01000000 00000000 00000000",
        // INET_DIAG_PROTOCOL: TCP
        "0500 0a00 06 000000",
        // INET_DIAG_INFO
        "0800 0200 07000000")

    /// The way to 127.0.0.1.
    static let localRoute = hex(
        // length 60, RTM_NEWROUTE, no flags, sequence 7, port 0x5e42
        "3c000000 1800 0000 07000000 425e0000",
        // AF_INET, destination length 32, source length, TOS, table 254, protocol, scope 254, RTN_LOCAL; flags
        "02 20 00 00 fe 00 fe 02 00020080",
        // RTA_TABLE 254
        "0800 0f00 fe000000",
        // RTA_DST 127.0.0.1
        "0800 0100 7f000001",
        // RTA_OIF 1
        "0800 0400 01000000",
        // RTA_PREFSRC 127.0.0.1
        "0800 0700 7f000001")
}
