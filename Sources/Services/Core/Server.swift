import Glibc
import Platform
import Sockets
import Wire

/// A server: a service, where it listens, and how it is organised.
public struct Server: Sendable {
    /// How connections are divided among processes and threads.
    public enum Model: String, CaseIterable, Sendable {
        /// One client at a time; the others wait in the accept queue.
        case iterative
        /// A child process for each connection.
        case processes
        /// A thread for each connection.
        case threads
        /// One thread for all, which waits for whatever is ready.
        case events
    }

    /// What is served, over which transport.
    public enum Kind: Sendable {
        case stream(any Service, Model)
        /// The echo over UDP: one socket for all clients, and so no model.
        case datagramEcho

        var transport: Transport {
            if case .stream = self { .tcp } else { .udp }
        }
    }

    /// The service's name; the process bears it with a d behind.
    public let name: String
    public let kind: Kind
    public var address: IPAddress = .ipv4Loopback
    /// 0 takes an ephemeral port; the server's first line says which.
    public var port: UInt16
    /// How many connections may wait in the accept queue; Linux lets one more in.
    public var backlog: Int32 = 6
    public var limits = Limits()
    public var sockets = SocketOptions()
    /// Whether connections and messages are printed.
    public var talks = true
    /// Whether the attributes of each socket are told.
    public var tellsAttributes = false
    /// What whoever starts it should know, as a notice.
    public var remark: String?
    /// How many processes share the port; `nil` for one, without a reuse-port group.
    public var farm: Int?

    public init(_ name: String, _ kind: Kind, port: UInt16) {
        self.name = name
        self.kind = kind
        self.port = port
    }

    var endpoint: Endpoint { Endpoint(address, port) }

    /// Serves until SIGINT or SIGTERM, or until nobody reads the output any more, under the process name `echod` or the
    /// like. Then nobody is accepted any more, and what is under way is ended.
    ///
    /// Call it before any thread is made: both signals stay blocked in the process.
    ///
    /// - Parameters:
    ///   - output: a descriptor for `listening on ADDRESS:PORT`, then a line a connection and a line a message.
    ///   - notices: a descriptor for what is not data: connections that broke, limits that were reached.
    public func run(output: Int32, notices: Int32) throws(ServiceError) {
        setProcessName("\(name)d")
        raiseDescriptorLimit()
        let signals: SignalReceiver
        do {
            signals = try SignalReceiver([SIGINT, SIGTERM])
        } catch {
            throw .failed("signals", error)
        }
        try run(output: output, notices: notices, stop: signals.rawDescriptor, countsStops: true)
    }

    /// Serves until `stop` is readable; touches no signals and no process name.
    public func run(output: Int32, notices: Int32, stop: Int32?) throws(ServiceError) {
        try run(output: output, notices: notices, stop: stop, countsStops: false)
    }

    private func run(output: Int32, notices: Int32, stop: Int32?, countsStops: Bool) throws(ServiceError) {
        var desk = ServerDesk(output: output, notices: notices, stop: stop)
        desk.countsStops = countsStops
        desk.talks = talks
        desk.tellsAttributes = tellsAttributes
        desk.remark = talks ? remark : nil
        do {
            if let farm {
                var farm = try Farm(self, of: farm, desk)
                try farm.run()
            }
            try serve(desk)
        } catch {
            if case .failed(let error) = error { throw error }
        }
    }

    /// As a member of a farm: that it listens is told to the farm alone.
    func runAsMember(_ desk: ServerDesk, announcing: Int32) -> ServerEnd {
        var desk = desk
        desk.announcements = announcing
        desk.countsStops = false
        do { try serve(desk) } catch { return error }
    }

    private func serve(_ desk: ServerDesk) throws(ServerEnd) -> Never {
        switch kind {
        case .stream(let service, .iterative):
            var server = IterativeServer(try listen(), service, desk, limits)
            try server.run()
        case .stream(let service, .processes):
            try ProcessServer(try listen(), service, desk, limits).run()
        case .stream(let service, .threads):
            try ThreadServer(try listen(), service, desk, limits).run()
        case .stream(let service, .events):
            var server = try EventServer(try listen(), service, desk, limits)
            try server.run()
        case .datagramEcho:
            try DatagramEchoServer(socket: try bind(), desk: desk).run()
        }
    }

    private func listen() throws(ServerEnd) -> Listener {
        let listener = try bound(try Listener(at: endpoint, backlog: backlog, sockets, protocolNumber: Names.protocolNumber("tcp")))
        try vital(try listener.setNonblocking())
        return listener
    }

    private func bind() throws(ServerEnd) -> DatagramSocket {
        let socket = try bound(try DatagramSocket(at: endpoint, sockets, protocolNumber: Names.protocolNumber("udp")))
        try vital(try socket.setNonblocking())
        return socket
    }

    private func bound<Made: ~Copyable>(
        _ make: @autoclosure () throws(SystemError) -> Made
    ) throws(ServerEnd) -> Made {
        do {
            return try make()
        } catch {
            throw .failed(ServiceError(binding: endpoint, kind.transport, error, reusesAddress: sockets.reusesAddress))
        }
    }
}
