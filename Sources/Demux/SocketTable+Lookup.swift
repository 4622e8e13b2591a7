import Wire

/// A socket that a packet was held against.
public struct Candidate: Sendable {
    public let socket: Socket
    /// The kernel's own, where it was asked.
    public let host: HostSocket?
    /// Whether it accepts from the packet's source: equal, or it accepts from anybody.
    public let acceptsSource: Bool
    /// Whether it is bound to the packet's destination.
    public let acceptsDestination: Bool
    public let wins: Bool
    /// Why it does not get the packet; `nil` for the winner.
    public let why: Loss?

    /// The reasons of the JSON lines.
    public enum Loss: String, Sendable, CaseIterable {
        case otherPort = "other-port"
        case otherAddress = "other-address"
        case otherPeer = "other-peer"
        case connectedFirst = "connected-first"
        // A capture does not show these; the kernel's table does.
        case otherDevice = "other-device"
        case v6Only = "v6only"
        case lowerScore = "lower-score"
        case groupMember = "group-member"
    }
}

extension SocketTable {
    /// How many losers are told apart; the others are counted.
    static let shownLosers = 4

    /// The sockets of the destination's host that a packet was held against, in the order of the rule: connected
    /// sockets, then listeners or datagram sockets; of each kind the nearest misses first and the winner last.
    ///
    /// - Returns: the candidates, and how many more of those looked at have even less in common with the packet.
    public func candidates(_ packet: Packet, _ delivery: Delivery) -> (shown: [Candidate], others: Int) {
        if !remarks.candidates.isEmpty { return (remarks.candidates, remarks.otherCandidates) }
        guard let ends = packet.endpoints, let transport = packet.upperLayer else { return ([], 0) }
        var losers: [(rank: Int, candidate: Candidate)] = []
        var winner: Candidate?
        var others = 0
        for slot in slotsToCompare(ends.destination, transport, delivery) {
            let wins = delivery.receiver.map { Int($0.slot) == slot } ?? false
            let socket = sockets[slot]
            guard !socket.isFree, socket.transport == transport, socket.local.address == ends.destination.address,
                wins || !socket.isEnded || socket.state == .timeWait
            else { continue }
            let candidate = Candidate(socket, hosts[Int32(slot)]?.socket, ends.source, ends.destination, wins: wins)
            if wins {
                winner = candidate
            } else {
                losers.append((candidate.rank(ends.source, ends.destination), candidate))
                if losers.count > 64 { others += SocketTable.keepNearest(&losers) }
            }
        }
        others += SocketTable.keepNearest(&losers)
        let nearest = losers.map(\.candidate).sorted { $0.socket.name.number < $1.socket.name.number }
        let all = nearest + (winner.map { [$0] } ?? [])
        return (all.filter { $0.socket.name.kind == .connected } + all.filter { $0.socket.name.kind != .connected }, others)
    }

    /// How many sockets are looked at, whatever the table holds.
    private static let comparedSockets = 1024

    /// The sockets that a look-up is shown against: of a large table the first so many, and beyond them whom it
    /// concerns, who gets the packet and who is bound to its port.
    private func slotsToCompare(_ destination: Endpoint, _ transport: IPProtocol, _ delivery: Delivery) -> [Int] {
        let first = min(sockets.count, SocketTable.comparedSockets)
        var slots = Array(0..<first)
        guard first < sockets.count else { return slots }
        var others = [Int(findBinding(BindingKey(destination, transport)))]
        if let receiver = delivery.receiver { others.append(Int(receiver.slot)) }
        if delivery.slot >= 0 {
            let conversation = conversations[Int(delivery.slot)]
            others += [Int(conversation.ends[0].socket), Int(conversation.ends[1].socket)]
        }
        slots += Set(others.filter { $0 >= first }).sorted()
        return slots
    }

    private static func keepNearest(_ losers: inout [(rank: Int, candidate: Candidate)]) -> Int {
        losers.sort { ($0.rank, $0.candidate.socket.name.number) < ($1.rank, $1.candidate.socket.name.number) }
        let surplus = max(0, losers.count - shownLosers)
        losers.removeLast(surplus)
        return surplus
    }
}

extension Candidate {
    fileprivate init(_ socket: Socket, _ host: HostSocket?, _ source: Endpoint, _ destination: Endpoint, wins: Bool) {
        self.socket = socket
        self.host = host
        self.wins = wins
        acceptsDestination = socket.local == destination
        // A capture does not show whom a datagram socket is connected to; the kernel knows.
        acceptsSource = (host.map(\.remote) ?? socket.remote).map { $0 == source } ?? true
        if wins {
            why = nil
        } else if socket.local.port != destination.port {
            why = .otherPort
        } else if socket.local.address != destination.address {
            why = .otherAddress
        } else {
            why = acceptsSource ? .connectedFirst : .otherPeer
        }
    }

    /// Nearness: 0 fits too, 1 differs in the peer's address or port alone, 2 has the port, 3 is the other end, 4 the rest.
    fileprivate func rank(_ source: Endpoint, _ destination: Endpoint) -> Int {
        let remote = host.map(\.remote) ?? socket.remote
        if acceptsDestination {
            guard let remote, !acceptsSource else { return 0 }
            return remote.port == source.port || remote.address == source.address ? 1 : 2
        }
        return remote == destination && socket.local == source ? 3 : 4
    }
}
