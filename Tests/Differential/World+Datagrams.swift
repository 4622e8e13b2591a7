import Demux
import Glibc
import Wire

extension World {
    /// A way, a source on it, and a port at an address of the home host that can be reached on it.
    struct Aim {
        let path: Int
        let source: Endpoint
        let destination: Endpoint
    }

    /// Two of three are aimed at a socket that there is; others go anywhere.
    func aim(at sockets: [Tried]) -> Aim {
        guard random.chance(66), let target = sockets.randomElement(using: &random)?.socket else { return aimAnywhere() }
        let isWild = target.local.address.isWildcard
        let takesFour = target.family == .four || isWild && !target.isIPv6Only && random.chance(50)
        let version = isWild ? (takesFour ? .four : .six) : target.local.address.version
        let port = Wanted.ports.contains(target.local.port) ? target.local.port : random.one(of: Wanted.ports)
        if let remote = target.remote, random.chance(60),
            let path = network.paths.firstIndex(where: { $0.sources(version).contains(remote.address) }),
            network.paths[path].isLocal || !target.local.address.isLoopback, remote.port != Crowd.closedPort,
            Wanted.ports.contains(target.local.port)
        {
            return Aim(path: path, source: remote, destination: target.local)
        }
        let path = isWild ? Int.random(in: 0..<network.paths.count, using: &random) : pathToward(target)
        let address = isWild ? random.one(of: reachable(path, version)) : target.local.address
        return Aim(path: path, source: source(path, version), destination: Endpoint(address, port))
    }

    private func pathToward(_ target: HostSocket) -> Int {
        if target.local.address.isLoopback { return 0 }
        if target.device != 0, random.chance(60), let path = network.paths.firstIndex(where: { $0.device == target.device }) {
            return path
        }
        return Int.random(in: 0..<network.paths.count, using: &random)
    }

    /// At an IPv6 connection by the address that it has for IPv4.
    private func aimUnderFour() -> Aim? {
        let six = datagrams.map(\.socket).filter { $0.family == .six && $0.local.address.version == .six }
        guard let target = six.randomElement(using: &random), let remote = target.remote,
            Crowd.ports.contains(remote.port), Wanted.ports.contains(target.local.port)
        else { return nil }
        return Aim(
            path: 0, source: Endpoint(random.one(of: network.paths[0].sources4), remote.port),
            destination: Endpoint(Network.address("127.0.0.6"), target.local.port))
    }

    private func aimAnywhere() -> Aim {
        let version: IPAddress.Version = random.chance(60) ? .four : .six
        let path = Int.random(in: 0..<network.paths.count, using: &random)
        let destination = Endpoint(random.one(of: reachable(path, version)), random.one(of: Wanted.ports))
        return Aim(path: path, source: source(path, version), destination: destination)
    }

    private func source(_ path: Int, _ version: IPAddress.Version) -> Endpoint {
        Endpoint(random.one(of: network.paths[path].sources(version)), random.one(of: Crowd.ports))
    }

    /// What comes over a cable to a loopback address is dropped before any look-up.
    private func reachable(_ path: Int, _ version: IPAddress.Version) -> [IPAddress] {
        (version == .four ? Network.addresses4 : Network.addresses6)
            .filter { network.paths[path].isLocal || !$0.isLoopback }
    }

    func tryDatagram() {
        if random.chance(4), let index = datagrams.indices.filter({ datagrams[$0].socket.remote == datagrams[$0].socket.local })
            .randomElement(using: &random)
        {
            return toItself(datagrams[index])
        }
        let aim = random.chance(5) ? aimUnderFour() ?? aim(at: datagrams) : aim(at: datagrams)
        let path = network.paths[aim.path]
        let version = aim.source.address.version
        let question = LookupQuestion(
            transport: .udp, source: aim.source, destination: aim.destination,
            device: network.device(path, to: aim.destination.address))
        guard let sender = crowd.senders[Crowd.Source(path: aim.path, end: aim.source)] else { return }
        if isAheadOfLookup(question, path) { return }
        checkSender(question, path.isLocal ? sender : nil)
        var trial = Trial(question, table.lookup(question))
        trial.kernel = .some(diag.lookup(question))
        let error = sender.send(trial.number(judge), to: aim.destination, version)
        guard error == 0 else { fatalError("\(question): \(error)") }
        gather(&trial, sender, version)
        judge.judge(trial, self)
    }

    /// Of several that are connected alike, `udp_v4_early_demux` takes the first on the chain, as a rule the last bound,
    /// before the look-up could take the last connected; not on `lo`.
    private func isAheadOfLookup(_ question: LookupQuestion, _ path: Network.Path) -> Bool {
        !path.isLocal
            && datagrams.count { $0.socket.remote == question.source && $0.socket.local == question.destination } > 1
    }

    private func toItself(_ tried: Tried) {
        let end = tried.socket.local
        let question = LookupQuestion(
            transport: .udp, source: end, destination: end, device: network.owner(of: end.address))
        checkSender(question, tried.handle)
        var trial = Trial(question, table.lookup(question))
        trial.kernel = .some(diag.lookup(question))
        guard tried.handle.send(trial.number(judge)) == 0 else { fatalError("\(question): \(errno)") }
        gather(&trial, nil, end.address.version)
        judge.judge(trial, self)
    }

    /// Multicast or broadcast, which the kernel's table cannot be asked about: the delivery alone.
    func tryGroup() {
        let version: IPAddress.Version = random.chance(65) ? .four : .six
        let number = Int.random(in: 1..<network.paths.count, using: &random)
        let path = network.paths[number]
        let source = Endpoint(random.one(of: path.sources(version)), random.one(of: Crowd.ports))
        let to = version == .six ? Network.group6 : random.one(
            of: [Network.group4, IPAddress(ipv4: .max), Network.broadcasts[number - 1]])
        let destination = Endpoint(to, random.one(of: Wanted.ports))
        let question = LookupQuestion(transport: .udp, source: source, destination: destination, device: path.device)
        guard let sender = crowd.senders[Crowd.Source(path: number, end: source)] else { return }
        var trial = Trial(question, table.lookup(question))
        let error = sender.send(trial.number(judge), to: destination, version)
        guard error == 0 else { fatalError("\(question): \(error)") }
        gather(&trial, sender, version)
        judge.judge(trial, self)
    }

    /// Who has got it. One socket shows by itself; that nobody has, or no more have, a later datagram on the same way.
    private func gather(_ trial: inout Trial, _ sender: Handle?, _ version: IPAddress.Version) {
        sweep(&trial)
        if case .socket = trial.model.receiver, trial.real.count == 1 { return }
        if case .group = trial.model.receiver, trial.real.count == 1 { return }
        guard let sender else { return }
        // A multicast has no address of its own to which a fence could go.
        let isLocal = table.sender(of: trial.question) != .nobody(.portUnreachable)
        let fence: IPAddress = version == .four
            ? (isLocal ? .ipv4Loopback : Network.address("10.1.0.1")) : (isLocal ? .ipv6Loopback : Network.address("fd00::1"))
        let error = sender.send(UInt64.max, to: Endpoint(fence, Crowd.fencePort), version)
        // The error that waits is told first.
        if error != 0 {
            trial.wasRefused = error == ECONNREFUSED
            _ = sender.send(UInt64.max, to: Endpoint(fence, Crowd.fencePort), version)
        }
        guard judge.wait([crowd.fence], for: POLLIN) else { fatalError("the fence is lost: \(trial.question)") }
        while crowd.fence.receive() != nil {}
        sweep(&trial)
        if sender.takeError() == ECONNREFUSED { trial.wasRefused = true }
        sender.dropErrors()
    }

    /// Reads what has come.
    private func sweep(_ trial: inout Trial) {
        for index in judge.ready(datagrams.map(\.handle), for: POLLIN) {
            while let number = datagrams[index].handle.receive() {
                judge.received(number, datagrams[index].socket, &trial, self)
            }
        }
    }

    func awaitStrays() {
        for index in judge.ready(datagrams.map(\.handle), for: POLLIN) {
            while let number = datagrams[index].handle.receive() { judge.stray(number, datagrams[index].socket, self) }
        }
    }

    func checkSender(_ question: LookupQuestion, _ sender: Handle?) {
        let found = table.sender(of: question)
        if let sender {
            if case .socket(let socket) = found, socket.cookie == sender.cookie { return }
        } else if case .nobody = found {
            return
        }
        judge.disagree("sender of \(question.words)", "model: \(found.words)", self)
    }

    /// An error comes back for what a socket of the home host sent: who is told?
    func tryError() {
        guard !datagrams.isEmpty else { return }
        let tried = random.one(of: datagrams)
        let local = tried.socket.local
        guard local.port != 7003 else { return }
        if let remote = tried.socket.remote, remote.port != Crowd.closedPort { return }
        let path = random.one(of: network.paths)
        let four = tried.socket.family == .four || local.address.version == .four
        let version: IPAddress.Version = four ? .four : .six
        if let device = tried.socket.device == 0 ? nil : tried.socket.device, device != path.device { return }
        if local.address.isLoopback, !path.isLocal { return }
        let remote = tried.socket.remote ?? Endpoint(random.one(of: path.sources(version)), Crowd.closedPort)
        guard remote.address.version == version else { return }
        let way = network.paths.first { $0.sources(version).contains(remote.address) } ?? path
        guard let source = sourceAddress(tried, remote, way) else { return }
        if source.isLoopback, !way.isLocal { return }
        if tried.socket.device != 0, tried.socket.device != (way.isLocal ? network.owner(of: remote.address) : way.device) {
            return
        }
        // `udp_err` asks with the device that the error came over, `udpv6_err` as if it had come from outside. The other
        // host answers over the cable on which it looks for this address.
        let answer = way.isLocal ? way : network.wayBack(to: source)
        let device = way.isLocal && version == .six ? network.owner(of: source) : answer.device
        let question = LookupQuestion(
            transport: .udp, source: Endpoint(source, local.port), destination: remote, device: device)
        let model = table.error(quoting: question)
        let error = tried.socket.remote == nil
            ? tried.handle.send(0, to: remote, tried.socket.family) : tried.handle.send(0)
        guard error == 0 else { return judge.skip() }
        var expected: Set<UInt64> = []
        if case .socket(let socket) = model.receiver, model.isTold { expected = [socket.cookie] }
        fenceBack(answer, version)
        let told = Set(datagrams.filter { $0.handle.takeError() == ECONNREFUSED }.map(\.socket.cookie))
        judge.count(.error)
        if told != expected {
            judge.disagree(
                "error about \(question.words), sent by \(tried.socket.words)",
                "model tells \(expected.sorted()), told were \(told.sorted())", self)
        }
    }

    /// From where a socket sends to there.
    private func sourceAddress(_ tried: Tried, _ remote: Endpoint, _ path: Network.Path) -> IPAddress? {
        let local = tried.socket.local.address
        if !local.isWildcard { return local }
        let probe = Handle.make(remote.address.version, .udp)
        if tried.socket.device != 0 { probe.bindToDevice(path.name) }
        guard probe.connect(remote, remote.address.version) == 0 else { return nil }
        return probe.local.address
    }

    /// Once this has come, an error on the same way has come before.
    private func fenceBack(_ path: Network.Path, _ version: IPAddress.Version) {
        guard !path.isLocal, let number = network.paths.firstIndex(where: { $0.name == path.name }) else { return }
        let source = Crowd.Source(path: number, end: Endpoint(path.sources(version)[0], Crowd.ports[0]))
        guard let sender = crowd.senders[source] else { return }
        let to = version == .four ? Network.address("10.1.0.1") : Network.address("fd00::1")
        _ = sender.send(UInt64.max, to: Endpoint(to, Crowd.fencePort), version)
        guard judge.wait([crowd.fence], for: POLLIN) else { fatalError("the fence is lost") }
        while crowd.fence.receive() != nil {}
    }
}
