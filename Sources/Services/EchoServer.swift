import Glibc
import Platform
import Sockets
import Wire

/// The echo service (RFC 862) and its variants for lectures.
public struct EchoServer: Sendable {
    /// What is sent back, and how the server is organised for it.
    public enum Variant: Equatable, Sendable {
        /// TCP: every byte, until end of file; many clients at once.
        case stream
        /// TCP: each line as `N: line`; one client after the other.
        case numberedLines
        /// TCP: one receive, one send of the same bytes, and the next client.
        case once
        /// UDP: each datagram to its sender.
        case datagrams

        var transport: Transport { self == .datagrams ? .udp : .tcp }
    }

    public struct Options: Equatable, Sendable {
        public var variant: Variant
        public var address: IPAddress
        /// 0 takes an ephemeral port; the server's first line says which.
        public var port: UInt16
        /// How many connections may wait in the accept queue.
        public var backlog: Int32
        public var limits: Limits

        public init(
            variant: Variant = .stream, address: IPAddress = .ipv4Loopback, port: UInt16 = EchoServer.defaultPort,
            backlog: Int32 = 6, limits: Limits = Limits()
        ) {
            self.variant = variant
            self.address = address
            self.port = port
            self.backlog = backlog
            self.limits = limits
        }
    }

    public static let defaultPort: UInt16 = 1234

    public let options: Options

    public init(_ options: Options = Options()) {
        self.options = options
    }

    /// Serves until SIGINT or SIGTERM, or until nobody reads the output any more, under the process name `echod`.
    ///
    /// Call it before any thread is made: both signals stay blocked in the process.
    ///
    /// - Parameters:
    ///   - output: a descriptor for `listening on ADDRESS:PORT`, then a line a connection and a line a message.
    ///   - notices: a descriptor for what is not data: connections that broke, limits that were reached.
    public func run(output: Int32, notices: Int32) throws(ServiceError) {
        setProcessName("echod")
        let signals: SignalReceiver
        do {
            signals = try SignalReceiver([SIGINT, SIGTERM])
        } catch {
            throw .failed("signals", error)
        }
        try run(output: output, notices: notices, stop: signals.rawDescriptor)
    }

    /// Serves until `stop` is readable; touches no signals and no process name.
    public func run(output: Int32, notices: Int32, stop: Int32?) throws(ServiceError) {
        let desk = ServerDesk(output: output, notices: notices, stop: stop)
        do {
            switch options.variant {
            case .stream:
                var server = try StreamEchoServer(listener: try listen(), desk: desk, limits: options.limits)
                try server.run()
            case .numberedLines:
                let limit = options.limits.lineLength
                var server = OneByOneServer(listener: try listen(), desk: desk, limits: options.limits)
                try server.run { (visit) throws(Interruption) in try visit.echoNumberedLines(limit: limit) }
            case .once:
                var server = OneByOneServer(listener: try listen(), desk: desk, limits: options.limits)
                try server.run { (visit) throws(Interruption) in try visit.echoOnce() }
            case .datagrams:
                try DatagramEchoServer(socket: try bind(), desk: desk).run()
            }
        } catch {
            if case .failed(let error) = error { throw error }
        }
    }

    private var endpoint: Endpoint { Endpoint(options.address, options.port) }

    private func listen() throws(ServerEnd) -> Listener {
        let listener = try bound(try Listener(at: endpoint, backlog: options.backlog))
        try vital(try listener.setNonblocking())
        return listener
    }

    private func bind() throws(ServerEnd) -> DatagramSocket {
        let socket = try bound(try DatagramSocket(at: endpoint))
        try vital(try socket.setNonblocking())
        return socket
    }

    private func bound<Made: ~Copyable>(
        _ make: @autoclosure () throws(SystemError) -> Made
    ) throws(ServerEnd) -> Made {
        do {
            return try make()
        } catch {
            throw .failed(ServiceError(binding: endpoint, options.variant.transport, error))
        }
    }
}
