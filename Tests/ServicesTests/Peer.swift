import Platform
import Sockets
import Wire

@testable import Services

/// A raw end of a connection, whose every send and receive a test decides.
struct Peer: ~Copyable {
    let socket: ConnectedSocket

    init(_ socket: consuming ConnectedSocket) {
        self.socket = socket
    }

    init(to endpoint: Endpoint) throws {
        socket = try ConnectedSocket(to: endpoint)
    }

    /// What the servers write in front of this peer's lines.
    var name: String {
        get throws {
            let local = try socket.localEndpoint()
            return "[\(local.address) \(local.port)]"
        }
    }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty { rest = rest.dropFirst(try socket.send(rest.span)) }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Waits for that many bytes, or fewer where the stream ends before.
    func receive(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var buffer = [UInt8](repeating: 0, count: min(65_536, count - bytes.count))
            var awaited = [Awaited(socket.rawDescriptor, for: .readable)]
            if try waitUntilReady(&awaited, milliseconds: patience.inMilliseconds) == 0 { throw TimedOut() }
            guard case .bytes(let received) = try socket.receive(into: &buffer) else { break }
            bytes += buffer[..<received]
        }
        return bytes
    }

    func receiveText(_ count: Int) throws -> String { String(decoding: try receive(count), as: UTF8.self) }

    /// Waits for the other end's FIN.
    func receiveToEnd() throws -> [UInt8] { try receive(.max) }

    func receiveTextToEnd() throws -> String { String(decoding: try receiveToEnd(), as: UTF8.self) }
}

extension Listener {
    /// Waits for a client.
    borrowing func acceptPeer() throws -> Peer {
        var awaited = [Awaited(rawDescriptor, for: .readable)]
        if try waitUntilReady(&awaited, milliseconds: patience.inMilliseconds) == 0 { throw TimedOut() }
        guard let socket = try accept() else { throw TimedOut() }
        return Peer(socket)
    }
}
