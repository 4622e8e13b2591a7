import Glibc
import Platform
import Sockets
import Wire

/// The client of a service: asks, prints what comes back.
public struct Client: Sendable {
    /// What is said to the server, and how the answer is known to be whole.
    public enum Variant: Equatable, Sendable {
        /// TCP: sends the input and receives at the same time; at the end of the input its FIN, then the rest of the replies.
        case stream
        /// TCP: the same, where the replies are not the input: what the server has said by its FIN is the answer.
        case dialogue
        /// TCP: a line, then the whole line that answers it, then the next.
        case numberedLines
        /// UDP: a line with its newline is a datagram; the reply to each is waited for, but not for ever.
        case datagrams
        /// TCP: the bytes, then all that comes until the server's FIN: `visitor`, `finger`.
        case question([UInt8])
        /// TCP: each line of the input is a path, and is asked for by HTTP GET.
        case web
        /// TCP: the input is a message, given to SMTP.
        case mail(from: String, to: [String])
        /// TCP: name and password, the first from here, the second from the input; then the line that answers, or a session.
        case credentials(user: String, isSession: Bool)

        /// What comes back is for people to read (RFC 1288 §3.3), or is printed as it is.
        var isText: Bool {
            switch self {
            case .question, .credentials: true
            default: false
            }
        }

        var transport: Transport { self == .datagrams ? .udp : .tcp }
    }

    public struct Options: Equatable, Sendable {
        public var variant: Variant
        /// What the process is called.
        public var name = "echo"
        /// A name or an address.
        public var host: String
        /// A port number, or a name in the services database.
        public var service: String
        /// The port to send from; `nil` lets the kernel choose an ephemeral one.
        public var sourcePort: UInt16?
        /// The address to send from; `nil` lets the kernel choose one that leads to the peer.
        public var sourceAddress: IPAddress?
        public var sockets = SocketOptions()
        /// Whether the attributes of the socket are told.
        public var tellsAttributes = false
        /// How long to wait for the reply to a datagram.
        public var patience: Duration

        public init(
            variant: Variant = .stream, host: String = "127.0.0.1", service: String = "1234",
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
        /// All of the input that was read was answered, and rightly.
        case answered
        /// Some of it was not; the notices say which.
        case unanswered
        /// Nobody reads the output any more, as after `| head`.
        case outputClosed
    }

    public let options: Options

    public init(_ options: Options = Options()) {
        self.options = options
    }

    /// Sends all of `input` and writes the replies to `output`, under the service's name as process name.
    ///
    /// - Parameter notices: a descriptor for what is not data: replies that did not come.
    public func run(input: Int32, output: Int32, notices: Int32) throws(ServiceError) -> Outcome {
        setProcessName(options.name)
        let desk = ClientDesk(
            input: input, output: output, notices: notices, timeout: options.sockets.timeout, showsText: options.variant.isText)
        return try exchange(with: try peers(), desk)
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
            let outcome = try converse(with: peers, client)
            try client.finish()
            return outcome
        } catch {
            switch error {
            case .outputClosed: return .outputClosed
            case .failed(let error): throw error
            }
        }
    }

    private func converse(with peers: [Endpoint], _ client: ClientDesk) throws(ClientEnd) -> Outcome {
        if options.variant == .datagrams {
            var exchange = try DatagramExchange(with: peers, options)
            if options.tellsAttributes, let attributes = exchange.attributes { client.notice("socket: \(attributes)") }
            return try client.exchangeDatagrams(&exchange)
        }
        let socket = try connect(to: peers)
        if options.tellsAttributes, let attributes = try? socket.attributes() {
            client.notice("socket \(socket.rawDescriptor): \(attributes)")
        }
        switch options.variant {
        case .stream, .datagrams: return try client.exchangeStream(socket, lockstep: false)
        case .dialogue: return try client.exchangeStream(socket, lockstep: false, isEcho: false)
        case .numberedLines: return try client.exchangeStream(socket, lockstep: true)
        case .question(let bytes):
            var conversation = try ClientConversation(socket, client)
            return try conversation.ask(bytes)
        case .web:
            var conversation = try ClientConversation(socket, client)
            return try conversation.get(host: options.host, port: options.service) { () throws(ClientEnd) in try connect(to: peers) }
        case .mail(let sender, let recipients):
            var conversation = try ClientConversation(socket, client)
            return try conversation.mail(from: sender, to: recipients)
        case .credentials(let user, false):
            var conversation = try ClientConversation(socket, client)
            return try conversation.identify(user)
        case .credentials(let user, true):
            return try client.logIn(user, socket)
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
        let socket = try vital("\(peer)", try StreamSocket(peer.address.version, protocolNumber: Names.protocolNumber("tcp")))
        try vital("\(peer)", try socket.apply(options.sockets))
        if let local = options.source(for: peer) {
            do {
                try socket.bind(to: local, reusesAddress: options.sockets.reusesAddress)
            } catch {
                throw .failed(ServiceError(binding: local, .tcp, error, reusesAddress: options.sockets.reusesAddress))
            }
        }
        do {
            return try socket.connect(to: peer)
        } catch {
            throw .failed(ServiceError(connecting: peer, .tcp, from: options.sourcePort, error))
        }
    }
}

extension Client.Options {
    /// The endpoint to bind to before connecting: the address and port asked for, or any for the one that was not.
    func source(for peer: Endpoint) -> Endpoint? {
        guard sourcePort != nil || sourceAddress != nil else { return nil }
        return Endpoint(sourceAddress ?? (peer.address.version == .four ? .ipv4Any : .ipv6Any), sourcePort ?? 0)
    }
}
