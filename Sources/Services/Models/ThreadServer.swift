import Platform
import Sockets
import Synchronization

/// A thread for each connection.
struct ThreadServer: ~Copyable {
    private var acceptor: Acceptor
    private let service: any Service
    private let desk: ServerDesk
    private let limits: Limits
    private let ends: ThreadEnds
    private var threads = 0

    init(_ listener: consuming Listener, _ service: any Service, _ desk: ServerDesk, _ limits: Limits) throws(ServerEnd) {
        ends = ThreadEnds(try vital(try PipeEnds()), halt: try vital(try PipeEnds()))
        acceptor = Acceptor(listener, desk)
        self.service = service
        self.desk = desk
        self.limits = limits
    }

    /// Serves until the end; then no thread is left, or the time that they have is over.
    consuming func run() throws(ServerEnd) -> Never {
        let end: ServerEnd
        do {
            try acceptor.announce()
            while true {
                try takeIn()
                guard let socket = try acceptor.next(or: ends.reading, connections: threads, limit: limits.connections) else { continue }
                try desk.greet(socket.remote)
                try serve(socket)
            }
        } catch {
            end = error
        }
        acceptor.close()
        ends.stopAll()
        let mayHurry = desk.takeStop()
        var isTold = !mayHurry
        let clock = ContinuousClock()
        let latest = clock.now + limits.grace + .seconds(1)
        while threads > 0, clock.now < latest {
            var awaited = [Awaited(ends.reading, for: .readable), Awaited(mayHurry ? desk.stop ?? -1 : -1, for: .readable)]
            let left = clock.now.duration(to: latest)
            let count = try? waitUntilReady(&awaited, milliseconds: (isTold ? left : min(left, .milliseconds(100))).inMilliseconds)
            if count == 0, !isTold {
                desk.tellEnding(threads)
                isTold = true
            }
            if !awaited[1].ready.isEmpty { break }
            threads -= ends.takeIn()
        }
        throw end
    }

    private mutating func serve(_ socket: consuming ConnectedSocket) throws(ServerEnd) {
        let handover = Handover(socket)
        do throws(SystemError) {
            var desk = desk
            desk.crowd = acceptor.crowd
            desk.countsStops = false
            desk = desk.stopped(by: ends.stop)
            try startThread { [service, desk, limits, ends] in
                var end: ServerEnd?
                if let socket = handover.take() {
                    do throws(ServerEnd) { try Visit(socket, service, desk, limits).run() } catch { end = error }
                }
                ends.tell(end)
            }
            threads += 1
        } catch {
            try acceptor.recover(from: error, or: ends.reading)
        }
    }

    private mutating func takeIn() throws(ServerEnd) {
        threads -= ends.takeIn()
        if let end = ends.worst { throw end }
    }
}

/// A connection on its way from one thread to another.
private final class Handover: Sendable {
    private let socket: Mutex<ConnectedSocket?>

    init(_ socket: consuming ConnectedSocket) {
        self.socket = Mutex(socket)
    }

    func take() -> ConnectedSocket? { socket.withLock { $0.take() } }
}

/// How threads tell the one that made them that they have ended: a byte each, in a pipe that it waits for.
private final class ThreadEnds: Sendable {
    private let pipe: PipeEnds
    /// The stop of all threads, once there is a byte in it: the server's own is read by one.
    private let halt: PipeEnds
    private let end = Mutex<ServerEnd?>(nil)

    init(_ pipe: consuming PipeEnds, halt: consuming PipeEnds) {
        self.pipe = pipe
        self.halt = halt
    }

    var stop: Int32 { halt.reading.rawValue }

    func stopAll() {
        let byte: [UInt8] = [0]
        try? writeAll(halt.writing.rawValue, byte.span)
    }

    var reading: Int32 { pipe.reading.rawValue }

    func tell(_ end: ServerEnd?) {
        if let end { self.end.withLock { $0 = $0 ?? end } }
        let byte: [UInt8] = [0]
        try? writeAll(pipe.writing.rawValue, byte.span)
    }

    /// How many have ended since the last time. Never waits.
    func takeIn() -> Int {
        var buffer = [UInt8](repeating: 0, count: 1_024)
        var awaited = [Awaited(reading, for: .readable)]
        guard let ready = try? waitUntilReady(&awaited, milliseconds: 0), ready > 0 else { return 0 }
        return (try? readSome(reading, into: &buffer)) ?? 0
    }

    /// Why one of them wants all to end.
    var worst: ServerEnd? { end.withLock { $0 } }
}
