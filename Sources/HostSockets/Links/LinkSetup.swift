import CMnl
import Glibc
import Platform
import Wire

/// Makes interfaces and gives them addresses (rtnetlink(7)): of the network namespace in which it was made, which must be one
/// of the caller's own.
public struct LinkSetup: ~Copyable {
    private var netlink: NetlinkSocket

    public init() throws(NetlinkError) {
        netlink = try NetlinkSocket(NETLINK_ROUTE)
    }

    /// A cable: an interface here, and its other end in another namespace (veth(4)).
    ///
    /// - Parameters:
    ///   - hardware: the last byte of each end's address, `02:00:00:00:00:NN`; the kernel would choose them at random.
    public mutating func addCable(
        _ name: String, hardware: UInt8, to peer: String, peerHardware: UInt8, in namespace: borrowing NetworkNamespace
    ) throws(NetlinkError) {
        var request = LinkSetup.request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL)
        request.append(UInt16(IFLA_IFNAME), text: name)
        request.append(UInt16(IFLA_ADDRESS), LinkSetup.hardware(hardware))
        let information = request.begin(UInt16(IFLA_LINKINFO))
        request.append(UInt16(IFLA_INFO_KIND), text: "veth")
        let data = request.begin(UInt16(IFLA_INFO_DATA))
        let other = request.begin(LinkSetup.vethPeer)
        request.append([UInt8](repeating: 0, count: LinkSetup.headLength))
        request.append(UInt16(IFLA_IFNAME), text: peer)
        request.append(UInt16(IFLA_ADDRESS), LinkSetup.hardware(peerHardware))
        request.append(UInt16(IFLA_NET_NS_FD), UInt32(bitPattern: namespace.rawDescriptor))
        request.end(other)
        request.end(data)
        request.end(information)
        try change(&request, "a veth pair")
    }

    /// A bridge: a switch that is an interface of this host as well.
    public mutating func addBridge(_ name: String, hardware: UInt8) throws(NetlinkError) {
        var request = LinkSetup.request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL)
        request.append(UInt16(IFLA_IFNAME), text: name)
        request.append(UInt16(IFLA_ADDRESS), LinkSetup.hardware(hardware))
        let information = request.begin(UInt16(IFLA_LINKINFO))
        request.append(UInt16(IFLA_INFO_KIND), text: "bridge")
        request.end(information)
        try change(&request, "a bridge")
    }

    /// Plugs an interface into a bridge.
    public mutating func plug(_ interface: UInt32, into bridge: UInt32) throws(NetlinkError) {
        var request = LinkSetup.request(RTM_NEWLINK, 0, index: interface)
        request.append(UInt16(IFLA_MASTER), bridge)
        try change(&request, "a port of a bridge")
    }

    /// Gives an interface an IPv4 address, with the network that is reached over it.
    public mutating func add(_ address: IPAddress, prefix: UInt8, to interface: UInt32) throws(NetlinkError) {
        precondition(address.version == .four)
        var request = NetlinkRequest(type: Int32(RTM_NEWADDR), flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, bodyLength: 8)
        request.store(UInt8(AF_INET), at: 0)
        request.store(prefix, at: 1)
        request.store(interface, at: 4)
        let bytes = UInt32(truncatingIfNeeded: address.low).bigEndian
        request.append(UInt16(IFA_LOCAL), bytes)
        request.append(UInt16(IFA_ADDRESS), bytes)
        try change(&request, "the address \(address)")
    }

    /// `struct ifinfomsg`.
    private static let headLength = 16
    /// `VETH_INFO_PEER`.
    private static let vethPeer: UInt16 = 1

    private static func request(_ type: Int, _ flags: Int32, index: UInt32 = 0) -> NetlinkRequest {
        var request = NetlinkRequest(type: Int32(type), flags: NLM_F_ACK | flags, bodyLength: headLength)
        request.store(index, at: 4)
        return request
    }

    private static func hardware(_ last: UInt8) -> [UInt8] { [2, 0, 0, 0, 0, last] }

    private mutating func change(_ request: inout NetlinkRequest, _ what: String) throws(NetlinkError) {
        let outcome = try netlink.ask(&request) { _, _ in }
        if case .refused(let code) = outcome { throw .refused(SystemError(code, in: what)) }
    }
}

extension NetlinkRequest {
    /// An attribute that holds others: the place where its length is to be put.
    mutating func begin(_ type: UInt16) -> Int {
        let place = bytes.count
        append([0, 0] + [UInt8(truncatingIfNeeded: type), UInt8(truncatingIfNeeded: type >> 8)])
        return place
    }

    mutating func end(_ place: Int) {
        setLength(UInt16(bytes.count - place), ofAttributeAt: place)
    }

    mutating func append(_ type: UInt16, text: String) {
        append(type, Array(text.utf8) + [0])
    }

    mutating func append(_ type: UInt16, _ number: UInt32) {
        append(type, unsafe withUnsafeBytes(of: number) { unsafe Array($0) })
    }

    mutating func append(_ type: UInt16, _ value: [UInt8]) {
        let place = begin(type)
        append(value)
        end(place)
        append([UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4))
    }
}
