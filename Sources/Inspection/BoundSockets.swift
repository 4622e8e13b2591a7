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
    private var goodUntil = Int64.min

    private struct Key: Hashable {
        let transport: IPProtocol
        let port: UInt16
    }

    /// How often they are read at most, unless reading them takes long: then a twentieth of one core's time.
    private static let interval: Int64 = 20_000_000
    private static let rest: Int64 = 20
    private static let mostSeen = 1_000_000

    /// Reads them, unless that was done a moment ago; in any case where it must be `isFresh`.
    mutating func refresh(_ facts: any HostFacts, isFresh: Bool = false) throws(NetlinkError) {
        let now = facts.now
        guard isFresh || now >= goodUntil else { return }
        let sockets = try facts.bound(.tcp) + facts.bound(.udp)
        let after = facts.now
        goodUntil = after + max(BoundSockets.interval, (after - now) * BoundSockets.rest)
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

    /// Those that were there at the last reading and fit a destination: bound to the address, else to a wildcard.
    func fitting(_ question: LookupQuestion) -> [HostSocket] {
        let sockets = byPort[Key(transport: question.transport, port: question.destination.port)] ?? []
        return sockets.filter { RecentlyGone.fits($0, question.destination) }
    }
}
