import Glibc
import Platform
import Sockets
import Wire

/// The client of the echo service: sends its input, prints what comes back.
public struct EchoClient: Sendable {
    /// How the input is cut, and when it is sent.
    public enum Variant: Equatable, Sendable {
        /// TCP: sends and receives at the same time; at the end of the input its FIN, then the rest of the replies.
        case stream
        /// TCP: a line, then the whole line that answers it, then the next.
        case numberedLines
        /// UDP: a line with its newline is a datagram; the reply to each is waited for, but not for ever.
        case datagrams

        var transport: Transport { self == .datagrams ? .udp : .tcp }
    }

    public struct Options: Equatable, Sendable {
        public var variant: Variant
        /// A name or an address.
        public var host: String
        /// A port number, or a name in the services database.
        public var service: String
        /// The port to send from; `nil` lets the kernel choose an ephemeral one.
        public var sourcePort: UInt16?
        /// How long to wait for the reply to a datagram.
        public var patience: Duration

        public init(
            variant: Variant = .stream, host: String = "127.0.0.1", service: String = "\(EchoServer.defaultPort)",
            sourcePort: UInt16? = nil, patience: Duration = .seconds(2)
        ) {
            self.variant = variant
            self.host = host
            self.service = service
            self.sourcePort = sourcePort
            self.patience = patience
        }
    }

    /// How it went, where nothing failed outright.
    public enum Outcome: Equatable, Sendable {
        /// All of the input that was read came back.
        case answered
        /// Some of it did not; the notices say which.
        case unanswered
        /// Nobody reads the output any more, as after `| head`.
        case outputClosed
    }

    public let options: Options

    public init(_ options: Options = Options()) {
        self.options = options
    }

    /// Sends all of `input` and writes the replies to `output`, under the process name `echo`.
    ///
    /// - Parameter notices: a descriptor for what is not data: replies that did not come.
    public func run(input: Int32, output: Int32, notices: Int32) throws(ServiceError) -> Outcome {
        setProcessName("echo")
        return try exchange(with: try peers(), ClientDesk(input: input, output: output, notices: notices))
    }

    /// The endpoints that the host and the service stand for, in the order in which they are to be tried.
    func peers() throws(ServiceError) -> [Endpoint] {
        do {
            return try resolve(host: options.host, service: options.service, for: options.variant.transport)
        } catch {
            throw .unresolved(error)
        }
    }

    func exchange(with peers: [Endpoint], _ client: ClientDesk) throws(ServiceError) -> Outcome {
        do {
            switch options.variant {
            case .stream, .numberedLines:
                let socket = try connect(to: peers)
                return try client.exchangeStream(socket, lockstep: options.variant == .numberedLines)
            case .datagrams:
                var exchange = try DatagramExchange(with: peers, options)
                return try client.exchangeDatagrams(&exchange)
            }
        } catch {
            switch error {
            case .outputClosed: return .outputClosed
            case .failed(let error): throw error
            }
        }
    }

    /// Tries the host's addresses in order (RFC 1123 §2.3); the last one's failure is the one to tell.
    private func connect(to peers: [Endpoint]) throws(ClientEnd) -> ConnectedSocket {
        for peer in peers.dropLast() {
            if let socket = try? connect(to: peer) { return socket }
        }
        return try connect(to: peers[peers.count - 1])
    }

    private func connect(to peer: Endpoint) throws(ClientEnd) -> ConnectedSocket {
        let socket = try vital("\(peer)", try StreamSocket(peer.address.version))
        if let local = options.source(for: peer) {
            do { try socket.bind(to: local) } catch { throw .failed(ServiceError(binding: local, .tcp, error)) }
        }
        do {
            return try socket.connect(to: peer)
        } catch {
            throw .failed(ServiceError(connecting: peer, .tcp, from: options.sourcePort, error))
        }
    }
}

extension EchoClient.Options {
    /// The endpoint to bind to before connecting: the port asked for, at whatever address leads to the peer.
    func source(for peer: Endpoint) -> Endpoint? {
        sourcePort.map { port in Endpoint(peer.address.version == .four ? .ipv4Any : .ipv6Any, port) }
    }
}

/// Why a client ends before its input does.
enum ClientEnd: Error {
    case outputClosed
    case failed(ServiceError)
}

/// A system call without which the client cannot go on, and what it is about.
@discardableResult
func vital<Result: ~Copyable>(
    _ what: @autoclosure () -> String, _ call: @autoclosure () throws(SystemError) -> Result
) throws(ClientEnd) -> Result {
    do { return try call() } catch { throw .failed(.failed(what(), error)) }
}

/// A client's own three descriptors.
struct ClientDesk: Sendable {
    let input: Int32
    let output: Int32
    let notices: Int32

    func print(_ bytes: ArraySlice<UInt8>) throws(ClientEnd) {
        do {
            try writeAll(output, bytes.span)
        } catch {
            throw error.code == EPIPE ? .outputClosed : .failed(.failed("output", error))
        }
    }

    /// A line on standard error. The client goes on without it.
    func notice(_ line: String) {
        try? writeAll(notices, "portwatch: \(line)\n")
    }
}
