import Demux
import Wire

/// Sockets that the kernel has destroyed a moment ago. A frame shows up to 10 ms late (the capture's time-out), so that
/// the socket that got it may be gone when the kernel is asked.
struct RecentlyGone {
    private struct Key: Hashable {
        let transport: IPProtocol
        let local: Endpoint
        let remote: Endpoint?
    }

    private struct Entry {
        let socket: HostSocket
        /// When it was heard of, in nanoseconds since 1970: later than it happened.
        let time: Int64
    }

    private var entries: [Key: Entry] = [:]
    private var order: [Key] = []
    private var oldest = 0
    /// Listeners and datagram sockets without a peer, the latest last.
    private var bound: [Entry] = []

    private static let capacity = 65_536
    private static let boundCapacity = 256
    /// How long a port counts as one that has changed hands.
    private static let memory: Int64 = 1_000_000_000

    mutating func add(_ socket: HostSocket, at time: Int64) {
        guard socket.remote != nil else {
            var socket = socket
            // The notice has state CLOSE for every one; a TCP socket without a peer that was found was a listener.
            if socket.transport == .tcp { socket.state = .listen }
            if bound.count == RecentlyGone.boundCapacity { bound.removeFirst() }
            bound.append(Entry(socket: socket, time: time))
            return
        }
        let key = Key(transport: socket.transport, local: socket.local, remote: socket.remote)
        entries[key] = Entry(socket: socket, time: time)
        guard order.count == RecentlyGone.capacity else {
            order.append(key)
            return
        }
        entries[order[oldest]] = nil
        order[oldest] = key
        oldest = (oldest + 1) % order.count
    }

    /// Whether a listener or a datagram socket without a peer has ended.
    func has(cookie: UInt64) -> Bool { bound.contains { $0.socket.cookie == cookie } }

    /// The socket that had exactly this four-tuple when a frame of that time came.
    func connected(_ question: LookupQuestion, at time: Int64) -> HostSocket? {
        let key = Key(transport: question.transport, local: question.destination, remote: question.source)
        guard let entry = entries[key], entry.time >= time else { return nil }
        return entry.socket
    }

    /// The one that was bound there when a frame of that time came: to the address, else to a wildcard.
    func bound(_ question: LookupQuestion, at time: Int64) -> HostSocket? {
        let fitting = fitting(question).filter { $0.time >= time }.map(\.socket)
        return fitting.last { $0.local.address == question.destination.address } ?? fitting.last
    }

    /// Whether a socket that was bound there has ended a moment before a frame of that time, or since.
    func hasChanged(_ question: LookupQuestion, at time: Int64) -> Bool {
        fitting(question).contains { $0.time >= time - RecentlyGone.memory }
    }

    private func fitting(_ question: LookupQuestion) -> [Entry] {
        bound.filter {
            $0.socket.transport == question.transport && $0.socket.local.port == question.destination.port
                && RecentlyGone.fits($0.socket, question.destination)
        }
    }

    /// Whether a socket takes what goes to that address.
    static func fits(_ socket: HostSocket, _ destination: Endpoint) -> Bool {
        let address = socket.local.address
        return address == destination.address
            || address.isWildcard && (address.version == destination.address.version || socket.isDualStack)
    }
}
