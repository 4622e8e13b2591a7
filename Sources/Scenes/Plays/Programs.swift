import Platform
import Sockets
import Wire

// What the programs of several scenes do alike, in the fewest calls.

/// The hosts of a stage of three, by their place on it.
enum Host {
    case a, b, c

    var place: Int {
        switch self {
        case .a: 0
        case .b: 1
        case .c: 2
        }
    }

    var address: IPAddress { IPAddress(ipv4: 0x0a00_0001 + UInt32(place)) }
    /// Of A and B.
    var second: IPAddress { IPAddress(ipv4: 0x0a00_000b + UInt32(place)) }
}

/// socket, bind, listen.
func listen(at endpoint: Endpoint, backlog: Int32 = 6, reusesAddress: Bool = false) throws -> Listener {
    let socket = try StreamSocket(endpoint.address.version)
    try socket.bind(to: endpoint, reusesAddress: reusesAddress)
    return try socket.listen(backlog: backlog)
}

/// accept, waiting.
func accepted(_ listener: borrowing Listener) throws -> ConnectedSocket {
    guard let connection = try listener.accept() else { throw SystemError(0, in: "accept") }
    return connection
}

/// socket, bind if the client's end is settled, connect.
func connect(from local: Endpoint? = nil, to remote: Endpoint, reusesAddress: Bool = false) throws -> ConnectedSocket {
    let socket = try StreamSocket(remote.address.version)
    if let local { try socket.bind(to: local, reusesAddress: reusesAddress) }
    return try socket.connect(to: remote)
}

/// send, all of it.
func send(_ text: String, over connection: borrowing ConnectedSocket) throws {
    let bytes = Array(text.utf8)
    let count = try connection.send(bytes.span)
    precondition(count == bytes.count, "a scene's messages fit into any send buffer")
}

/// recv, once.
///
/// - Returns: the text; empty at the end of the stream.
func receive(_ room: Int = 1024, from connection: borrowing ConnectedSocket) throws -> String {
    String(decoding: try receiveBytes(room, from: connection), as: UTF8.self)
}

/// recv, once: the bytes as they came, of which a read may cut a character in two.
func receiveBytes(_ room: Int, from connection: borrowing ConnectedSocket) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: room)
    guard case .bytes(let count) = try connection.receive(into: &buffer) else { return [] }
    return Array(buffer[..<count])
}

/// socket, bind: for datagrams.
func datagramSocket(at local: Endpoint, reusesAddress: Bool = false) throws -> DatagramSocket {
    let socket = try DatagramSocket(local.address.version)
    try socket.bind(to: local, reusesAddress: reusesAddress)
    return socket
}

/// sendto, one datagram.
func send(_ text: String, to peer: Endpoint, over socket: borrowing DatagramSocket) throws {
    try socket.send(Array(text.utf8).span, to: peer)
}

/// recvfrom, waiting.
func receiveDatagram(_ room: Int = 1024, from socket: borrowing DatagramSocket) throws -> (text: String, sender: Endpoint) {
    var buffer = [UInt8](repeating: 0, count: room)
    guard let received = try socket.receive(into: &buffer) else { throw SystemError(0, in: "recvfrom") }
    return (String(decoding: buffer[..<received.count], as: UTF8.self), received.sender)
}
