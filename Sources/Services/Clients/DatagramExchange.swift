import Glibc
import Platform
import Sockets
import Wire

extension ClientDesk {
    /// Each line of the input is a datagram, and waits for its reply before the next is sent.
    func exchangeDatagrams(_ exchange: inout DatagramExchange) throws(ClientEnd) -> Client.Outcome {
        var lines = InputLines(input)
        var number = 0
        var outcome = Client.Outcome.answered
        while let line = try vital("input", try lines.next()) {
            number += 1
            if try exchange.send(line, number: number) {
                try print(line[...])
            } else {
                outcome = .unanswered
                notice("line \(number): no reply within \(exchange.patience)")
            }
        }
        return outcome
    }
}

/// A connected datagram socket, and what is known of its peer.
struct DatagramExchange: ~Copyable {
    private let options: Client.Options
    private var socket: DatagramSocket
    private var peer: Endpoint
    /// The host's other addresses. UDP says nothing of an address that is not served before something was sent there:
    /// the first datagram tries them in order, and the first that does not refuse it is kept.
    private var untried: ArraySlice<Endpoint>
    private var buffer = [UInt8](repeating: 0, count: DatagramSocket.largestDatagram)

    var patience: Duration { options.patience }
    var attributes: SocketAttributes? { try? socket.attributes() }

    init(with peers: [Endpoint], _ options: Client.Options) throws(ClientEnd) {
        self.options = options
        peer = peers[0]
        untried = peers.dropFirst()
        socket = try DatagramExchange.connect(to: peers[0], options)
    }

    /// Sends a datagram and waits for the same bytes.
    ///
    /// - Returns: whether they came in time.
    mutating func send(_ line: [UInt8], number: Int) throws(ClientEnd) -> Bool {
        while true {
            do {
                let answered = try sendToPeer(line)
                untried = []
                return answered
            } catch where error.code == ECONNREFUSED && !untried.isEmpty {
                peer = untried.removeFirst()
                socket = try DatagramExchange.connect(to: peer, options)
            } catch where error.code == EMSGSIZE {
                throw .failed(.lineTooLongForDatagram(number: number))
            } catch {
                throw .failed(ServiceError(connecting: peer, .udp, from: options.sourcePort, error))
            }
        }
    }

    private mutating func sendToPeer(_ line: [UInt8]) throws(SystemError) -> Bool {
        while try !socket.send(line.span) { try waitUntilReady(socket.rawDescriptor, for: .writable) }
        let clock = ContinuousClock()
        let deadline = clock.now + patience
        while true {
            var awaited = [Awaited(socket.rawDescriptor, for: .readable)]
            let left = clock.now.duration(to: deadline).inMilliseconds
            if CallTrace.isOn { CallTrace.waits(for: "recvfrom", on: socket.rawDescriptor, [.number(buffer.count)]) }
            if try waitUntilReady(&awaited, milliseconds: left) == 0 { return false }
            guard let received = try socket.receive(into: &buffer) else { continue }
            // Others are late replies to earlier lines.
            if buffer[..<received.count] == line[...] { return true }
        }
    }

    private static func connect(
        to peer: Endpoint, _ options: Client.Options
    ) throws(ClientEnd) -> DatagramSocket {
        let socket = try vital("\(peer)", try DatagramSocket(peer.address.version, protocolNumber: Names.protocolNumber("udp")))
        try vital("\(peer)", try socket.apply(options.sockets))
        if let local = options.source(for: peer) {
            do { try socket.bind(to: local) } catch { throw .failed(ServiceError(binding: local, .udp, error)) }
        }
        do {
            try socket.connect(to: peer)
        } catch {
            throw .failed(ServiceError(connecting: peer, .udp, from: options.sourcePort, error))
        }
        try vital("\(peer)", try socket.setNonblocking())
        return socket
    }
}
