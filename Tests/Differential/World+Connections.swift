import Demux
import Glibc
import Wire

extension World {
    /// A new connection: into whose accept queue does it come?
    func tryConnection() {
        let aim = aim(at: listeners)
        let path = network.paths[aim.path]
        let from = Endpoint(aim.source.address, UInt16.random(in: 40000..<60000, using: &random))
        let question = LookupQuestion(
            transport: .tcp, source: from, destination: aim.destination,
            device: network.device(path, to: aim.destination.address))
        let delivery = table.lookup(question)
        let kernel = diag.lookup(question)
        guard canAnswer(question, delivery, path) else { return }
        guard let (pair, trial) = open(question, delivery, kernel, path) else { return }
        judge.judge(trial, self)
        guard let pair else { return }
        if pairs.count < 4, random.chance(30) {
            keep(pair)
        } else {
            end(pair)
        }
    }

    /// A listener answers over its own device, and over IPv6 the kernel's RST goes out where the segment came in: there
    /// may be no way from there to another address of this host.
    private func canAnswer(_ question: LookupQuestion, _ delivery: HostDelivery, _ path: Network.Path) -> Bool {
        let back = network.owner(of: question.source.address)
        if case .nobody = delivery.receiver {
            return !path.isLocal || question.source.address.version == .four || question.device == back
        }
        return !path.isLocal || delivery.sockets.allSatisfy { $0.device == 0 || $0.device == back }
    }

    private func keep(_ pair: Pair) {
        table.insert(pair.serverTold)
        if let told = pair.clientTold { table.insert(told) }
        pairs.append(pair)
    }

    /// Connects, and finds the listener in whose queue the connection waits.
    ///
    /// - Returns: `nil` where the source is in use, no pair where nobody listens.
    private func open(
        _ question: LookupQuestion, _ delivery: HostDelivery, _ kernel: Diag.Answer??, _ path: Network.Path
    ) -> (Pair?, Trial)? {
        network.go(toAway: !path.isLocal)
        let version = question.source.address.version
        let client = Handle.make(version, .tcp)
        if version == .six { client.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
        if !path.isLocal { client.bindToDevice(path.sender) }
        client.set(SOL_SOCKET, SO_REUSEADDR)
        let isBound = client.bind(question.source, version)
        network.go(toAway: false)
        guard isBound else { return nil }
        var trial = Trial(question, delivery)
        if let kernel { trial.kernel = .some(kernel) }
        _ = trial.number(judge)
        let error = client.connect(question.destination, version)
        if error == EINPROGRESS {
            guard judge.wait([client], for: POLLOUT) else {
                judge.disagree(question.words, "connecting hangs; model: \(delivery.receiver.words)", self)
                return nil
            }
        }
        let outcome = error == EINPROGRESS || error == 0 ? client.takeError() : error
        // This very four-tuple is connected.
        if outcome == EADDRNOTAVAIL { return nil }
        guard outcome == 0 else {
            trial.wasRefused = outcome == ECONNREFUSED
            if outcome != ECONNREFUSED { fatalError("\(question.words): \(outcome)") }
            return (nil, trial)
        }
        if let cookie = kernel??.cookie, listeners.contains(where: { $0.socket.cookie == cookie && $0.defers }) {
            tryRequest(question, client)
        } else if kernel == nil {
            // It may be one that waits for data.
            _ = client.send(0)
        }
        guard judge.wait(listeners.map(\.handle), for: POLLIN) else { fatalError("\(question.words) in no queue") }
        guard let (listener, server) = accept() else { fatalError("\(question.words) in no queue") }
        trial.real.append(listener.socket)
        var told = HostSocket(
            transport: .tcp, family: listener.socket.family, state: .established, local: question.destination,
            remote: question.source)
        told.isIPv6Only = listener.socket.isIPv6Only
        // It inherits the device.
        told.device = listener.socket.device
        told.cookie = server.cookie
        var clientTold: HostSocket?
        if path.isLocal {
            clientTold = HostSocket(
                transport: .tcp, family: version, state: .established, local: question.source,
                remote: question.destination)
            clientTold?.cookie = client.cookie
        }
        return (Pair(client: client, clientTold: clientTold, server: server, serverTold: told, path: path), trial)
    }

    private func accept() -> (Tried, Handle)? {
        for index in judge.ready(listeners.map(\.handle), for: POLLIN) {
            if let server = listeners[index].handle.accept() { return (listeners[index], server) }
        }
        return nil
    }

    /// The listener waits for data: the connection is a request still (`TCP_NEW_SYN_RECV`), and has its four-tuple.
    private func tryRequest(_ question: LookupQuestion, _ client: Handle) {
        guard judge.ready(listeners.map(\.handle), for: POLLIN).isEmpty else { return }
        var request = HostSocket(
            transport: .tcp, family: question.source.address.version, state: .newSynReceived,
            local: question.destination, remote: question.source)
        request.cookie = UInt64.max
        table.insert(request)
        let model = table.lookup(question)
        let kernel = diag.lookup(question)
        judge.count(.request)
        // The kernel shows a request as SYN_RECV.
        if model.receiver != .socket(request) || kernel?.state != HostSocket.State.synReceived.rawValue {
            judge.disagree(
                "request \(question.words)", "model: \(model.receiver.words), kernel: \(kernel.map { "\($0)" } ?? "nobody")",
                self)
        }
        table.remove(cookie: UInt64.max)
        _ = client.send(0)
    }

    /// A segment of a connection.
    func tryData() {
        guard let pair = pairs.randomElement(using: &random) else { return }
        let toServer = pair.clientTold == nil || random.chance(50)
        let (from, to) = (pair.serverTold.remote, pair.serverTold.local)
        guard let from else { return }
        let question = LookupQuestion(
            transport: .tcp, source: toServer ? from : to, destination: toServer ? to : from,
            device: network.device(pair.path, to: (toServer ? to : from).address))
        if pair.path.isLocal { checkSender(question, toServer ? pair.client : pair.server) }
        var trial = Trial(question, table.lookup(question))
        trial.kernel = .some(diag.lookup(question))
        let error = (toServer ? pair.client : pair.server).send(trial.number(judge))
        guard error == 0 else { fatalError("\(question.words): \(error)") }
        let ends = pairs.flatMap { pair in
            [(pair.server, pair.serverTold)] + (pair.clientTold.map { [(pair.client, $0)] } ?? [])
        }
        // What a request waited for may lie there still.
        while trial.real.isEmpty, judge.wait(ends.map(\.0), for: POLLIN) {
            for index in judge.ready(ends.map(\.0), for: POLLIN) {
                while let number = ends[index].0.receive() { judge.received(number, ends[index].1, &trial, self) }
            }
        }
        judge.judge(trial, self)
    }

    /// The server ends first and keeps the four-tuple in TIME_WAIT; then the client comes again from the same port.
    func tryTimeWait() {
        guard let index = pairs.indices.filter({ pairs[$0].client !== pairs[$0].server }).randomElement(using: &random)
        else { return }
        let pair = pairs[index]
        guard let from = pair.serverTold.remote else { return }
        let question = LookupQuestion(
            transport: .tcp, source: from, destination: pair.serverTold.local,
            device: network.device(pair.path, to: pair.serverTold.local.address))
        // Without a listener the four-tuple would stay.
        let next = table.listener(for: question)
        if case .nobody = next.receiver { return }
        guard canAnswer(question, next, pair.path) else { return }
        pairs.remove(at: index)
        shutdown(pair.server.descriptor, Int32(SHUT_RDWR))
        guard judge.wait([pair.client], for: POLLIN) else { fatalError("no end of file: \(question.words)") }
        shutdown(pair.client.descriptor, Int32(SHUT_RDWR))
        var old = pair.serverTold
        old.state = .timeWait
        table.insert(old)
        if let told = pair.clientTold { table.remove(cookie: told.cookie) }
        let model = table.lookup(question)
        let kernel = diag.lookup(question)
        judge.count(.timeWait)
        if model.receiver != .socket(old) || model.rule != .timeWait
            || kernel != Diag.Answer(cookie: old.cookie, state: HostSocket.State.timeWait.rawValue)
        {
            judge.disagree(
                "TIME_WAIT \(question.words)",
                "model: \(model.receiver.words), kernel: \(kernel.map { "\($0)" } ?? "nobody")", self)
        }
        let again = table.listener(for: question)
        table.remove(cookie: old.cookie)
        if let (next, trial) = open(question, again, nil, pair.path) {
            judge.judge(trial, self)
            if let next { end(next) }
        }
    }
}
