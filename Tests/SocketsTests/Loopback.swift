import Platform
import Sockets
import Testing
import Wire

/// The two loopback addresses: every test of a socket runs on both.
let loopbacks: [IPAddress] = [.ipv4Loopback, .ipv6Loopback]

extension Endpoint {
    /// The same address with an ephemeral port, so that tests never collide.
    static func ephemeral(_ address: IPAddress) -> Endpoint { Endpoint(address, 0) }
}

/// Both ends of a new connection. The handshake is done by the kernel before `accept`, so one thread can have both.
struct Connection: ~Copyable {
    let client: ConnectedSocket
    let server: ConnectedSocket

    init(_ address: IPAddress) throws {
        let listener = try Listener(at: .ephemeral(address), backlog: 1)
        let client = try ConnectedSocket(to: try listener.localEndpoint())
        server = try listener.acceptOne()
        self.client = client
    }
}

extension ConnectedSocket {
    /// Receives once into a buffer of that size.
    borrowing func receiveOnce(_ size: Int = 1_024) throws -> (received: Received, bytes: [UInt8]) {
        var buffer = [UInt8](repeating: 0, count: size)
        let received = try receive(into: &buffer)
        guard case .bytes(let count) = received else { return (received, []) }
        return (received, Array(buffer[..<count]))
    }
}

/// Nobody waits in the accept queue.
struct NobodyWaits: Error {}

extension Listener {
    borrowing func acceptOne() throws -> ConnectedSocket {
        guard let socket = try accept() else { throw NobodyWaits() }
        return socket
    }
}
