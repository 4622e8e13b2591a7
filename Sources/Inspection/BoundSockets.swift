import Demux
import HostSockets
import Wire

/// Since when listeners and datagram sockets are known: the kernel does not tell their age.
///
/// A frame is seen up to 10 ms late. What the kernel finds now was there when the frame came only if it was seen before
/// that, or if nothing says that the port has changed hands.
struct BoundSockets {
    private var firstSeen: [UInt64: Int64] = [:]
    private var byPort: [Key: [HostSocket]] = [:]
    /// Those that one reading had and the next had not, with the time at which that began: the notice of their end comes
    /// later, and a frame from before it may have been theirs.
    private var vanished: [(socket: HostSocket, missedAt: Int64)] = []
    private var goodUntil = Int64.min

    private struct Key: Hashable {
        let transport: IPProtocol
        let port: UInt16
    }

    /// How often they are read at most, unless reading them takes long: then a twentieth of one core's time.
    private static let interval: Int64 = 20_000_000
    private static let rest: Int64 = 20
    private static let mostSeen = 1_000_000
    private static let mostVanished = 256

    /// Reads them, unless that was done a moment ago; in any case where it must be `isFresh`.
    mutating func refresh(_ facts: any HostFacts, isFresh: Bool = false) throws(NetlinkError) {
        let now = facts.now
        guard isFresh || now >= goodUntil else { return }
        let sockets = try facts.bound(.tcp) + facts.bound(.udp)
        let after = facts.now
        goodUntil = after + max(BoundSockets.interval, (after - now) * BoundSockets.rest)
        let there = Set(sockets.map(\.cookie))
        for socket in byPort.values.joined() where !there.contains(socket.cookie) {
            if vanished.count == BoundSockets.mostVanished { vanished.removeFirst() }
            vanished.append((socket, now))
        }
        byPort.removeAll(keepingCapacity: true)
        for socket in sockets where socket.remote == nil {
            note(socket, at: after)
            byPort[Key(transport: socket.transport, port: socket.local.port), default: []].append(socket)
        }
    }

    /// Remembers that a socket was there at that time.
    mutating func note(_ socket: HostSocket, at time: Int64) {
        if firstSeen.count >= BoundSockets.mostSeen { firstSeen.removeAll(keepingCapacity: true) }
        if firstSeen[socket.cookie] == nil { firstSeen[socket.cookie] = time }
    }

    /// Whether it was seen before a frame of that time came.
    func wasThere(_ socket: HostSocket, at time: Int64) -> Bool { firstSeen[socket.cookie].map { $0 <= time } ?? false }

    /// Those that were there at the last reading, or when a frame of that time came, and fit a destination.
    func fitting(_ question: LookupQuestion, at time: Int64 = .max) -> [HostSocket] {
        let there = byPort[Key(transport: question.transport, port: question.destination.port)] ?? []
        return there.filter { RecentlyGone.fits($0, question.destination) } + vanished(question, at: time)
    }

    /// Whether one that fits has vanished since a frame of that time came.
    func hasVanished(_ question: LookupQuestion, at time: Int64) -> Bool { !vanished(question, at: time).isEmpty }

    private func vanished(_ question: LookupQuestion, at time: Int64) -> [HostSocket] {
        let key = Key(transport: question.transport, port: question.destination.port)
        return vanished.filter {
            $0.missedAt >= time && Key(transport: $0.socket.transport, port: $0.socket.local.port) == key
                && RecentlyGone.fits($0.socket, question.destination)
        }.map(\.socket)
    }
}
