import Demux
import Glibc
import FrameScript
import Wire

/// A socket as it is to be made: what the model is told of it, and nothing more.
struct Wanted {
    var transport: IPProtocol
    var family: IPAddress.Version
    var address: IPAddress
    var port: UInt16
    var isIPv6Only: Bool
    var device: Network.Path?
    var reusesAddress: Bool
    var reusesPort: Bool
    /// A listener whose connections stay requests until data comes (TCP_DEFER_ACCEPT).
    var defers = false

    /// How the sockets of a world share their ports, as a rule.
    enum Sharing: CaseIterable {
        case ports, addresses, both, none, mixed
    }

    static let ports: [UInt16] = [7001, 7002]

    /// What the sockets of a world are made from.
    struct Stock {
        let sharing: Sharing
        let paths: [Network.Path]
        var addresses4 = Network.addresses4
        var addresses6 = Network.addresses6
        var devicePercent = 30

        /// In every second world all crowd on few addresses, so that what is bound alike meets.
        init(_ paths: [Network.Path], _ random: inout SeededGenerator) {
            self.paths = paths
            sharing = random.one(of: Sharing.allCases)
            guard random.chance(50) else { return }
            addresses4 = [random.one(of: addresses4)]
            addresses6 = [random.one(of: addresses6)]
            devicePercent = random.one(of: [10, 50])
        }
    }

    init(_ transport: IPProtocol, _ stock: Stock, _ random: inout SeededGenerator) {
        self.transport = transport
        family = random.chance(55) ? .four : .six
        let isWild = random.chance(45)
        if family == .four {
            address = isWild ? .ipv4Any : random.one(of: stock.addresses4)
            isIPv6Only = false
        } else if isWild {
            address = .ipv6Any
            isIPv6Only = random.chance(25)
        } else {
            // v4-mapped, or its own.
            address = random.chance(35) ? random.one(of: stock.addresses4) : random.one(of: stock.addresses6)
            isIPv6Only = address.version == .six && random.chance(50)
        }
        port = random.one(of: Wanted.ports)
        device = random.chance(stock.devicePercent) ? random.one(of: stock.paths) : nil
        switch stock.sharing {
        case .ports: (reusesAddress, reusesPort) = (false, true)
        case .addresses: (reusesAddress, reusesPort) = (true, false)
        case .both: (reusesAddress, reusesPort) = (true, true)
        case .none: (reusesAddress, reusesPort) = (false, false)
        case .mixed: (reusesAddress, reusesPort) = (random.chance(60), random.chance(60))
        }
        defers = transport == .tcp && random.chance(15)
    }

    /// The socket bound, or listening; `nil` where the kernel refuses.
    func make() -> Handle? {
        let handle = Handle.make(family, transport)
        if reusesAddress { handle.set(SOL_SOCKET, SO_REUSEADDR) }
        if reusesPort { handle.set(SOL_SOCKET, SO_REUSEPORT) }
        if family == .six { handle.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, isIPv6Only ? 1 : 0) }
        if let device { handle.bindToDevice(device.name) }
        guard handle.bind(Endpoint(address, port), family) else { return nil }
        guard transport == .tcp else { return handle }
        if defers { handle.set(Int32(IPPROTO_TCP), TCP_DEFER_ACCEPT, 100) }
        return listen(handle.descriptor, 16) == 0 ? handle : nil
    }

    func told(_ cookie: UInt64) -> HostSocket {
        var socket = HostSocket(
            transport: transport, family: family, state: transport == .tcp ? .listen : .closed,
            local: Endpoint(address, port))
        // Binding to an IPv6 address sets it (`__inet6_bind`).
        socket.isIPv6Only = isIPv6Only || address.version == .six && !address.isWildcard
        socket.device = device?.device ?? 0
        socket.reusesPort = reusesPort
        socket.cookie = cookie
        return socket
    }
}

extension SeededGenerator {
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
    mutating func one<C: Collection>(of choices: C) -> C.Element {
        guard let one = choices.randomElement(using: &self) else { fatalError("nothing to choose from") }
        return one
    }
}
