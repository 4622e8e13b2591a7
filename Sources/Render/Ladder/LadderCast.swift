import Demux
import Timeline
import Wire

/// Who takes part in a timeline: its sockets, and of each host the kernel where that answers or takes what is for no socket.
///
/// It is made in one pass over the moments, so that what is known only later (who holds a socket, that it is a server's)
/// is known from the first line on.
struct LadderCast {
    /// A socket, or the kernel of a host: what gets a column.
    struct Actor {
        /// `nil` for a kernel.
        let name: SocketName?
        let host: Int
        /// Whether it stands for whoever is in a group, or for all: where multicast and broadcast go.
        var isGroup = false
        /// The moment that it takes part in first.
        let first: Int
        var local: Endpoint?
        var remote: Endpoint?
        var isServer = false
        var madeBy: SocketName?
        var peer: SocketName?
        /// The conversation of a connected socket; 0 for what has many.
        var conversationID: UInt64 = 0
        var holders: [SocketOwner] = []
        /// Its place in the order of all columns, and the group of columns under one process.
        var rank = 0
        var group = 0

        var isKernel: Bool { name == nil }
    }

    /// Who sends and who gets what a moment is about; -1 for nobody.
    struct Step {
        var conversationID: UInt64 = 0
        var from: Int32 = -1
        var to: Int32 = -1
    }

    /// Takes part in a conversation, from one moment until another.
    struct Part {
        let actor: Int
        let first: Int
        var last: Int
    }

    let timeline: Timeline
    private(set) var actors: [Actor] = []
    private(set) var hosts: [String] = []
    /// A process's line over its columns; empty where it is not known.
    var groups: [String] = []
    private(set) var steps: [Step] = []
    private(set) var parts: [UInt64: [Part]] = [:]
    /// The highest frame number, for the width of its column.
    private(set) var highestNumber: UInt64 = 0

    private var places: [SocketName: Int] = [:]
    private var cookies: [UInt64: Int] = [:]
    private var kernels: [Int: Int] = [:]
    private var hostPlaces: [IPAddress: Int] = [:]
    /// Where frames went that reached nobody, for the answers to them.
    private var unanswered: [UInt64: Int] = [:]

    init(_ timeline: Timeline) {
        self.timeline = timeline
        for (place, host) in timeline.hosts.enumerated() {
            hosts.append(host.name.isEmpty ? "\(host.address)" : "\(host.name) \(host.address)")
            hostPlaces[host.address] = place
        }
        steps.reserveCapacity(timeline.moments.count)
        for (index, moment) in timeline.moments.enumerated() {
            var step = Step()
            if case .frame(let frame) = moment { step = enter(frame, index) }
            steps.append(step)
        }
        for (index, moment) in timeline.moments.enumerated() {
            if case .call(let call) = moment, let actor = place(of: call) { steps[index].from = Int32(actor) }
        }
        rank()
    }

    /// A host as short as can be, in front of a port: its letter, or its address.
    func shortHost(_ endpoint: Endpoint) -> String {
        if let host = timeline.hosts.first(where: { $0.address == endpoint.address }), !host.name.isEmpty { return host.name }
        return endpoint.address.version == .six ? "[\(endpoint.address)]" : "\(endpoint.address)"
    }

    /// The column of a socket; `nil` where no frame told of it.
    func place(of name: SocketName) -> Int? { places[name] }

    /// The socket that a call is about. Its number in the kernel tells also before the first frame does.
    func place(of call: CallMoment) -> Int? {
        if let name = call.socket, let place = places[name] { return place }
        return call.cookie.flatMap { cookies[$0] }
    }

    /// Gives each socket its place among the columns.
    private mutating func rank() {
        let order = LadderOrder(actors, timeline.participants, hosts.count)
        groups = order.groups
        for (place, actor) in order.actors.enumerated() {
            actors[actor].rank = place
            actors[actor].group = order.group[actor]
        }
    }

    // MARK: Frames

    private mutating func enter(_ frame: FrameMoment, _ index: Int) -> Step {
        highestNumber = max(highestNumber, frame.number)
        for socket in frame.opened { enter(socket, frame, index, at: nil) }
        var step = Step()
        step.conversationID = frame.conversationID
        if let sender = frame.sender {
            step.from = Int32(enter(sender, frame, index, at: frame.fromAddress))
        } else if let address = frame.fromAddress {
            // The answer to what reached nobody comes from where that went.
            step.from = Int32(unanswered[frame.replyTo] ?? kernel(at: address, index))
        }
        if let receiver = frame.receiver {
            step.to = Int32(enter(receiver, frame, index, at: frame.toAddress))
        } else if let address = frame.toAddress {
            step.to = Int32(kernel(at: address, index))
            if frame.rule == .closedPort { unanswered[frame.number] = Int(step.to) }
        }
        if frame.rule == .groupDelivery {
            for name in frame.receivers where places[name] == nil {
                var socket = SocketMoment(name: name, local: frame.to ?? Endpoint(.ipv6Any, 0), remote: nil)
                socket.isServer = true
                enter(socket, frame, index, at: frame.toAddress)
            }
        }
        takesPart(step.from, frame, index)
        takesPart(step.to, frame, index)
        return step
    }

    @discardableResult
    private mutating func enter(_ socket: SocketMoment, _ frame: FrameMoment, _ index: Int, at address: IPAddress?) -> Int {
        let place =
            places[socket.name]
            ?? add(Actor(name: socket.name, host: host(self.address(of: socket, frame) ?? address ?? socket.local.address), first: index))
        places[socket.name] = place
        actors[place].local = socket.local
        actors[place].remote = socket.remote ?? actors[place].remote
        actors[place].isServer = socket.isServer
        actors[place].madeBy = socket.madeBy ?? actors[place].madeBy
        actors[place].peer = socket.peer ?? actors[place].peer
        if socket.name.kind == .connected, actors[place].conversationID == 0 { actors[place].conversationID = frame.conversationID }
        // Whoever has closed it held it.
        if !socket.holders.isEmpty { actors[place].holders = socket.holders }
        if let cookie = socket.cookie { cookies[cookie] = place }
        return place
    }

    /// Where a socket is, also where it takes what comes to any address.
    private func address(of socket: SocketMoment, _ frame: FrameMoment) -> IPAddress? {
        if !socket.local.address.isWildcard { return socket.local.address }
        if socket.name == frame.sender?.name { return frame.fromAddress }
        if socket.name == frame.receiver?.name { return frame.toAddress }
        return nil
    }

    private mutating func add(_ actor: Actor) -> Int {
        actors.append(actor)
        return actors.count - 1
    }

    private mutating func kernel(at address: IPAddress, _ index: Int) -> Int {
        let host = host(address)
        if let place = kernels[host] { return place }
        var actor = Actor(name: nil, host: host, first: index)
        actor.isGroup = address.isMulticast || address.isLimitedBroadcast
        let place = add(actor)
        kernels[host] = place
        return place
    }

    private mutating func host(_ address: IPAddress) -> Int {
        if let place = hostPlaces[address] { return place }
        hosts.append("\(address)")
        hostPlaces[address] = hosts.count - 1
        return hosts.count - 1
    }

    /// More than these few never take part in one conversation.
    private static let mostParts = 8

    private mutating func takesPart(_ actor: Int32, _ frame: FrameMoment, _ index: Int) {
        guard actor >= 0, frame.conversationID > 0 else { return }
        var parts = self.parts[frame.conversationID] ?? []
        if let place = parts.firstIndex(where: { $0.actor == Int(actor) }) {
            parts[place].last = index
        } else if parts.count < LadderCast.mostParts {
            parts.append(Part(actor: Int(actor), first: index, last: index))
        }
        self.parts[frame.conversationID] = parts
    }
}
