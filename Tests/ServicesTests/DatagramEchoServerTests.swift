import Glibc
import Platform
import Sockets
import Testing
import Wire

@testable import Services

@Suite struct `The echo of datagrams` {
    private func receive(_ socket: borrowing DatagramSocket) throws -> (bytes: [UInt8], sender: Endpoint) {
        var awaited = [Awaited(socket.rawDescriptor, for: .readable)]
        if try waitUntilReady(&awaited, milliseconds: patience.inMilliseconds) == 0 { throw TimedOut() }
        var buffer = [UInt8](repeating: 0, count: DatagramSocket.largestDatagram)
        guard let received = try socket.receive(into: &buffer) else { throw TimedOut() }
        return (Array(buffer[..<received.count]), received.sender)
    }

    @Test(arguments: [IPAddress.ipv4Loopback, .ipv6Loopback])
    func `two clients, one server socket, each gets its own`(_ address: IPAddress) throws {
        let server = try RunningServer(.datagrams, address)
        let first = try DatagramSocket(at: Endpoint(address, 0))
        let second = try DatagramSocket(at: Endpoint(address, 0))
        try first.send([1].span, to: server.endpoint)
        try second.send([2].span, to: server.endpoint)
        let (toFirst, toSecond) = (try receive(first), try receive(second))
        #expect(toFirst.bytes == [1] && toFirst.sender == server.endpoint)
        #expect(toSecond.bytes == [2] && toSecond.sender == server.endpoint)
        let ports = [try first.localEndpoint().port, try second.localEndpoint().port]
        #expect(
            try server.stop().output == [
                "[\(address) \(ports[0])] 1 B \"\\u{01}\"", "[\(address) \(ports[1])] 1 B \"\\u{02}\"",
            ])
    }

    @Test(arguments: [0, 1, 1_472, 65_507])
    func `a datagram of any size comes back whole`(_ size: Int) throws {
        let server = try RunningServer(.datagrams)
        let client = try DatagramSocket(at: Endpoint(.ipv4Loopback, 0))
        let bytes = [UInt8](repeating: 0xaa, count: size)
        try client.send(bytes.span, to: server.endpoint)
        #expect(try receive(client).bytes == bytes)
    }

    @Test func `a sender that is gone does no harm`() throws {
        let server = try RunningServer(.datagrams)
        let gone = try DatagramSocket(at: Endpoint(.ipv4Loopback, 0))
        try gone.send([1].span, to: server.endpoint)
        try gone.close()
        let client = try DatagramSocket(at: Endpoint(.ipv4Loopback, 0))
        try client.send([2].span, to: server.endpoint)
        #expect(try receive(client).bytes == [2])
    }

    @Test func `a datagram that it sent itself is not sent again`() throws {
        let output = try Pipe().split()
        let stop = try Pipe().split()
        let lines = Lines(reading: output.reading)
        let stopping = Descriptor(owning: stop.writing)
        let thread = Background {
            let output = Descriptor(owning: output.writing)
            let stop = Descriptor(owning: stop.reading)
            let desk = ServerDesk(output: output.rawValue, notices: output.rawValue, stop: stop.rawValue)
            let socket = try DatagramSocket(at: Endpoint(.ipv4Loopback, 0))
            try socket.send([1].span, to: try socket.localEndpoint())
            do { try DatagramEchoServer(socket: socket, desk: desk).run() } catch ServerEnd.stopped {}
        }
        let announced = try #require(try lines.line(0))
        let own = try #require(Endpoint(String(announced.dropFirst("listening on ".count))))
        let client = try DatagramSocket(at: Endpoint(.ipv4Loopback, 0))
        let port = try client.localEndpoint().port
        try client.send([2].span, to: own)
        #expect(try receive(client).bytes == [2])
        try stopping.close()
        try thread.value()
        #expect(
            try lines.all().dropFirst() == [
                "[127.0.0.1 \(own.port)] 1 B \"\\u{01}\"", "[127.0.0.1 \(port)] 1 B \"\\u{02}\"",
            ])
    }
}
