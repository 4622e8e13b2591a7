import CDifferential
import Glibc
import Wire

/// Two hosts in namespaces of their own: the home host, whose sockets are tried, and one away, two cables between them.
///
/// Only one thread, so that a namespace entered is where the next socket is made.
final class Network {
    private let home: Int32
    private let away: Int32
    private var isAway = false
    let paths: [Path]

    /// Home's own addresses, to which segments go.
    static let addresses4 = ["127.0.0.1", "127.0.0.2", "127.0.0.6", "10.1.0.1", "10.1.0.2", "10.2.0.1"].map(address)
    static let addresses6 = ["::1", "fd00::1", "fd01::1", "fd02::1"].map(address)
    static let group4 = address("224.1.1.1")
    static let group6 = address("ff15::1")
    static let broadcasts = ["10.1.255.255", "10.2.255.255"].map(address)

    /// How segments come to the home host.
    struct Path {
        let name: String
        /// Home's device on which they arrive.
        let device: UInt32
        /// The other end of the cable, to which who sends is bound; empty where home sends to itself.
        let sender: String
        let sources4: [IPAddress]
        let sources6: [IPAddress]

        var isLocal: Bool { sender.isEmpty }
        func sources(_ version: IPAddress.Version) -> [IPAddress] { version == .four ? sources4 : sources6 }
    }

    init() throws {
        _ = dt_stay_on_one_processor()
        guard dt_unshare_network() == 0 else { throw Failure("a network namespace", errno) }
        away = try Network.thisNamespace()
        try Network.run(Network.awayAlone)
        guard dt_unshare_network() == 0 else { throw Failure("a second network namespace", errno) }
        home = try Network.thisNamespace()
        let address = "/proc/\(getpid())/fd/\(away)"
        try Network.run(Network.cables.replacingAll("AWAY", with: address))
        _ = dt_enter_network(away)
        try Network.run(Network.awayWithCables)
        _ = dt_enter_network(home)
        try Network.run(Network.neighbours)
        paths = [
            Path(
                name: "lo", device: if_nametoindex("lo"), sender: "",
                sources4: ["127.0.0.1", "127.0.0.9", "10.1.0.1"].map(Network.address),
                sources6: ["::1", "fd00::1"].map(Network.address)),
            Path(
                name: "v0", device: if_nametoindex("v0"), sender: "w0",
                sources4: ["10.1.1.1", "10.1.1.2"].map(Network.address),
                sources6: ["fd01::b1", "fd01::b2"].map(Network.address)),
            Path(
                name: "v1", device: if_nametoindex("v1"), sender: "w1",
                sources4: ["10.2.1.1", "10.2.1.2"].map(Network.address),
                sources6: ["fd02::b1", "fd02::b2"].map(Network.address)),
        ]
    }

    /// The device for which something on this way is looked up. What a host sends to itself comes over `lo`, but counts
    /// as come over the device that has the destination (`rt_iif` of `ip_route_output_key_hash_rcu`; `ipv6_rcv`).
    func device(_ path: Path, to destination: IPAddress) -> UInt32 {
        path.isLocal ? owner(of: destination) : path.device
    }

    /// Home's device that has one of its addresses.
    func owner(of address: IPAddress) -> UInt32 {
        switch address.version == .four ? address.low >> 16 : address.high >> 48 {
        case 0x0a01, 0xfd01: paths[1].device
        case 0x0a02, 0xfd02: paths[2].device
        default: paths[0].device
        }
    }

    /// Where the other host sends to that address of home.
    func wayBack(to address: IPAddress) -> Path {
        paths.first { !$0.isLocal && $0.device == owner(of: address) } ?? paths[1]
    }

    static func address(_ text: String) -> IPAddress {
        guard let address = IPAddress(text) else { fatalError(text) }
        return address
    }

    /// Where sockets are made from here on.
    func go(toAway: Bool) {
        guard isAway != toAway else { return }
        guard dt_enter_network(toAway ? away : home) == 0 else { fatalError("setns: \(errno)") }
        isAway = toAway
    }

    private static func thisNamespace() throws -> Int32 {
        let descriptor = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure("/proc/thread-self/ns/net", errno) }
        return descriptor
    }

    private static func run(_ script: String) throws {
        guard dt_system("set -e\n" + script) == 0 else { throw Failure("a network of two hosts", 0) }
    }

    // MARK: - ip(8)

    private static let awayAlone = """
        ip link set lo up
        """

    private static let settings = """
        for file in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$file; done
        # No error is held back because there were many.
        echo 0 >/proc/sys/net/ipv4/icmp_ratemask
        echo 0 >/proc/sys/net/ipv6/icmp/ratelimit
        echo 2 >/proc/sys/net/ipv6/icmp/ratemask
        # All ports are free; a four-tuple in TIME_WAIT may be left at once.
        echo "60000 65000" >/proc/sys/net/ipv4/ip_local_port_range

        """

    private static let cables = """
        ip link set lo up
        for n in 0 1; do
            ip link add v$n address 02:00:00:00:0$n:01 type veth peer name w$n address 02:00:00:00:0$n:02
            ip link set w$n netns AWAY
            ip link set v$n up
        done
        ip address add 10.1.0.1/16 broadcast + dev v0
        ip address add 10.1.0.2/16 dev v0
        ip address add 10.2.0.1/16 broadcast + dev v1
        ip address add fd00::1/128 dev lo nodad
        ip address add fd01::1/64 dev v0 nodad
        ip address add fd02::1/64 dev v1 nodad

        """ + settings

    private static let awayWithCables = """
        for n in 0 1; do
            ip link set w$n up
            m=$((n + 1))
            for host in 1 2; do
                ip address add 10.$m.1.$host/16 broadcast + dev w$n
                ip address add fd0$m::b$host/64 dev w$n nodad
            done
            ip route add default dev w$n metric 1$n
            ip -6 route add default dev w$n metric 1$n
            for to in 10.1.0.1 10.1.0.2 10.2.0.1 fd00::1 fd01::1 fd02::1; do
                ip neighbour replace $to lladdr 02:00:00:00:0$n:01 dev w$n nud permanent
            done
        done

        """ + settings

    private static let neighbours = """
        for n in 0 1; do
            m=$((n + 1))
            for host in 1 2; do
                for to in 10.$m.1.$host fd0$m::b$host; do
                    ip neighbour replace $to lladdr 02:00:00:00:0$n:02 dev v$n nud permanent
                done
            done
        done
        """
}

struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ what: String, _ error: Int32) {
        description = error == 0 ? what : "\(what): " + String(cString: strerror(error))
    }
}

extension String {
    func replacingAll(_ text: String, with other: String) -> String {
        var result = ""
        var rest = self[...]
        while let range = rest.firstRange(of: text) {
            result += rest[..<range.lowerBound] + other
            rest = rest[range.upperBound...]
        }
        return result + rest
    }
}
