import Demux
import Glibc
import Wire

extension World {
    /// A source, and an address of the home host to which a datagram from there can come.
    func route(_ version: IPAddress.Version) -> (path: Int, source: Endpoint, destination: IPAddress) {
        let number = Int.random(in: 0..<network.paths.count, using: &random)
        let path = network.paths[number]
        let source = Endpoint(random.one(of: path.sources(version)), random.one(of: Crowd.ports))
        let addresses = version == .four ? Network.addresses4 : Network.addresses6
        // What comes over a cable to a loopback address is dropped before any look-up.
        let destination = random.one(of: addresses.filter { path.isLocal || !$0.isLoopback })
        return (number, source, destination)
    }

    func tryDatagram() {
        let version: IPAddress.Version = random.chance(60) ? .four : .six
        if random.chance(4), let index = datagrams.indices.filter({ datagrams[$0].socket.remote == datagrams[$0].socket.local })
            .randomElement(using: &random)
        {
            return toItself(datagrams[index])
        }
        let (number, source, to) = route(version)
        let path = network.paths[number]
        let destination = Endpoint(to, random.one(of: Wanted.ports))
        let question = LookupQuestion(
            transport: .udp, source: source, destination: destination, device: network.device(path, to: to))
        guard let sender = crowd.senders[Crowd.Source(path: number, end: source)] else { return }
        checkSender(question, path.isLocal ? sender : nil)
        var trial = Trial(question, table.lookup(question))
        trial.kernel = .some(diag.lookup(question))
        let error = sender.send(trial.number(judge), to: destination, version)
        guard error == 0 else { fatalError("\(question): \(error)") }
        gather(&trial, sender, version)
        judge.judge(trial, self)
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
