import Demux
import Glibc
import FrameScript
import Wire

/// A random set of sockets that changes while random segments come: the model beside the kernel.
///
/// A world is made from its own seed alone, so that each can be repeated without those before it.
final class World {
    /// A socket of the home host: the kernel's, and what the model was told.
    struct Tried {
        let handle: Handle
        var socket: HostSocket
        var defers = false
    }

    /// A connection, both ends of which are ours.
    struct Pair {
        let client: Handle
        /// Where the client is at home, too.
        var clientTold: HostSocket?
        let server: Handle
        let serverTold: HostSocket
        let path: Network.Path
    }

    static let steps = 300
    private static let mostSockets = 12

    let network: Network
    let crowd: Crowd
    let diag: Diag
    let judge: Judge
    var random: SeededGenerator
    var table = HostTable()
    var datagrams: [Tried] = []
    var listeners: [Tried] = []
    var pairs: [Pair] = []
    private let stock: Wanted.Stock

    init(_ network: Network, _ crowd: Crowd, _ diag: Diag, _ judge: Judge, seed: UInt64, rules: HostRules) {
        self.network = network
        self.crowd = crowd
        self.diag = diag
        self.judge = judge
        random = SeededGenerator(seed: seed)
        stock = Wanted.Stock(network.paths, &random)
        table.broadcastAddresses = Set(Network.broadcasts)
        table.rules = rules
        for socket in crowd.told { table.insert(socket) }
    }

    /// - Parameter budget: at most so many segments.
    func run(budget: Int) {
        let last = judge.segments + budget
        for _ in 0..<World.steps where judge.segments < last {
            if random.chance(20) { change() } else { trySegment() }
        }
        for pair in pairs { end(pair) }
        awaitStrays()
    }

    private func trySegment() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<48: tryDatagram()
        case 48..<56: tryGroup()
        case 56..<61: tryError()
        case 61..<83: tryConnection()
        case 83..<96: tryData()
        default: tryTimeWait()
        }
    }

    // MARK: - Changes

    private func change() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<58: open()
        case 58..<76: connectDatagram()
        case 76..<80: connectToItself()
        case 80..<83: openGroup()
        default: close()
        }
    }

    private func open() {
        open(Wanted(random.chance(60) ? .udp : .tcp, stock, &random))
    }

    private func open(_ wanted: Wanted) {
        if wanted.transport == .udp ? datagrams.count >= World.mostSockets : listeners.count >= World.mostSockets { return }
        guard let handle = wanted.make() else { return }
        let tried = Tried(handle: handle, socket: wanted.told(handle.cookie), defers: wanted.defers)
        judge.trace("open    \(tried.socket.words)\(wanted.reusesAddress ? " reuseaddr" : "")")
        table.insert(tried.socket)
        if wanted.transport == .udp { datagrams.append(tried) } else { listeners.append(tried) }
    }

    /// A group one of whose members connects, and behind it a socket of a device: rare where chance alone brings them
    /// together.
    private func openGroup() {
        var wanted = Wanted(.udp, stock, &random)
        guard !wanted.address.isWildcard, datagrams.count + 3 < World.mostSockets else { return }
        wanted.reusesPort = true
        wanted.reusesAddress = random.chance(50)
        var other = wanted
        wanted.device = nil
        other.device = random.one(of: network.paths)
        let before = datagrams.count
        // The chain begins with the latest; over IPv6 with the oldest.
        for one in wanted.family == .four ? [other, wanted, wanted] : [wanted, wanted, other] { open(one) }
        guard datagrams.count == before + 3 else { return }
        connectDatagram(before + (wanted.family == .four ? 1 : 0))
    }

    private func close() {
        let count = datagrams.count + listeners.count + pairs.count
        guard count > 0 else { return }
        let chosen = Int.random(in: 0..<count, using: &random)
        if chosen < datagrams.count {
            judge.trace("close   \(datagrams[chosen].socket.words)")
            table.remove(cookie: datagrams.remove(at: chosen).socket.cookie)
        } else if chosen < datagrams.count + listeners.count {
            judge.trace("close   \(listeners[chosen - datagrams.count].socket.words)")
            table.remove(cookie: listeners.remove(at: chosen - datagrams.count).socket.cookie)
        } else {
            end(pairs.remove(at: chosen - datagrams.count - listeners.count))
        }
    }

    func end(_ pair: Pair) {
        table.remove(cookie: pair.serverTold.cookie)
        if let told = pair.clientTold { table.remove(cookie: told.cookie) }
        pair.client.endAbruptly()
        pair.server.endAbruptly()
    }

    private func connectDatagram() {
        let free = datagrams.indices.filter { datagrams[$0].socket.remote == nil }
        if let index = free.randomElement(using: &random) { connectDatagram(index) }
    }

    private func connectDatagram(_ index: Int) {
        var tried = datagrams[index]
        let local = tried.socket.local.address
        let takesFour = tried.socket.family == .four || local.version == .four || local.isWildcard && !tried.socket.isIPv6Only
        let takesSix = tried.socket.family == .six && (local.version == .six)
        let version: IPAddress.Version = takesFour && takesSix ? (random.chance(50) ? .four : .six) : takesFour ? .four : .six
        let path = random.one(of: network.paths)
        let port = random.chance(80) ? random.one(of: Crowd.ports) : Crowd.closedPort
        let remote = Endpoint(random.one(of: path.sources(version)), port)
        guard tried.handle.connect(remote, tried.socket.family) == 0 else {
            // What it leaves behind is another question.
            judge.trace("close   \(tried.socket.words)")
            table.remove(cookie: datagrams.remove(at: index).socket.cookie)
            return
        }
        connected(&tried, remote)
        datagrams[index] = tried
    }

    private func connected(_ tried: inout Tried, _ remote: Endpoint) {
        let known = tried.socket
        let local = known.local.address.isWildcard ? tried.handle.local : known.local
        tried.socket = HostSocket(transport: .udp, family: known.family, state: .established, local: local, remote: remote)
        tried.socket.isIPv6Only = known.isIPv6Only
        tried.socket.device = known.device
        tried.socket.reusesPort = known.reusesPort
        tried.socket.cookie = known.cookie
        judge.trace("connect \(tried.socket.words)")
        table.insert(tried.socket)
    }

    private func connectToItself() {
        let version: IPAddress.Version = random.chance(50) ? .four : .six
        let end = Endpoint(random.one(of: version == .four ? Network.addresses4 : Network.addresses6), 7003)
        let transport: IPProtocol = random.chance(50) ? .tcp : .udp
        let handle = Handle.make(version, transport)
        guard handle.bind(end, version) else { return }
        let error = handle.connect(end, version)
        guard error == 0 || error == EINPROGRESS && judge.wait([handle], for: POLLOUT) else { return }
        var socket = HostSocket(transport: transport, family: version, state: .established, local: end, remote: end)
        socket.isIPv6Only = version == .six
        socket.reusesPort = false
        socket.cookie = handle.cookie
        table.insert(socket)
        if transport == .udp {
            datagrams.append(Tried(handle: handle, socket: socket))
        } else {
            pairs.append(
                Pair(client: handle, clientTold: socket, server: handle, serverTold: socket, path: network.paths[0]))
        }
    }
}
