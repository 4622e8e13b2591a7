import Glibc
import Platform
import Sockets
import Testing
import Wire

@Suite struct `Datagram sockets` {
    private func receive(_ socket: borrowing DatagramSocket, room: Int = 1_024) throws -> (Endpoint, [UInt8])? {
        var buffer = [UInt8](repeating: 0, count: room)
        guard let received = try socket.receive(into: &buffer) else { return nil }
        return (received.sender, Array(buffer[..<received.count]))
    }

    @Test(arguments: loopbacks)
    func `one socket hears all senders, and knows whom`(_ address: IPAddress) throws {
        let server = try DatagramSocket(at: .ephemeral(address))
        let endpoint = try server.localEndpoint()
        for byte in UInt8(1)...2 {
            let client = try DatagramSocket(at: .ephemeral(address))
            try client.send([byte].span, to: endpoint)
            let (sender, bytes) = try #require(try receive(server))
            #expect(try sender == client.localEndpoint())
            #expect(bytes == [byte])
        }
    }

    @Test(arguments: loopbacks)
    func `an empty datagram is one too`(_ address: IPAddress) throws {
        let server = try DatagramSocket(at: .ephemeral(address))
        let client = try DatagramSocket(address.version)
        try client.connect(to: try server.localEndpoint())
        let nothing: [UInt8] = []
        try client.send(nothing.span)
        let (sender, bytes) = try #require(try receive(server))
        #expect(try sender == client.localEndpoint())
        #expect(bytes.isEmpty)
    }

    @Test func `boundaries stay, and what does not fit is cut`() throws {
        let server = try DatagramSocket(at: .ephemeral(.ipv4Loopback))
        let client = try DatagramSocket(.four)
        try client.connect(to: try server.localEndpoint())
        try client.send([1, 2, 3].span)
        try client.send([4].span)
        #expect(try receive(server, room: 2)?.1 == [1, 2])
        #expect(try receive(server, room: 2)?.1 == [4])
    }

    @Test func `a connected one hears its peer alone`() throws {
        let peer = try DatagramSocket(at: .ephemeral(.ipv4Loopback))
        let stranger = try DatagramSocket(at: .ephemeral(.ipv4Loopback))
        let socket = try DatagramSocket(at: .ephemeral(.ipv4Loopback))
        try socket.connect(to: try peer.localEndpoint())
        try stranger.send([1].span, to: try socket.localEndpoint())
        try peer.send([2].span, to: try socket.localEndpoint())
        #expect(try receive(socket)?.1 == [2])
    }

    @Test(arguments: loopbacks)
    func `a connected one learns that nobody is there`(_ address: IPAddress) throws {
        let endpoint: Endpoint
        do {
            let gone = try DatagramSocket(at: .ephemeral(address))
            endpoint = try gone.localEndpoint()
            try gone.close()
        }
        let client = try DatagramSocket(address.version)
        try client.connect(to: endpoint)
        try client.send([1].span)
        #expect(throws: SystemError(ECONNREFUSED, in: "recvfrom")) { _ = try self.receive(client) }
    }

    @Test func `two sockets cannot share a port`() throws {
        let first = try DatagramSocket(at: .ephemeral(.ipv4Loopback))
        let endpoint = try first.localEndpoint()
        #expect(throws: SystemError(EADDRINUSE, in: "bind")) { _ = try DatagramSocket(at: endpoint) }
    }

    @Test func `two sockets share a port where both asked for it, and the second hears all`() throws {
        let first = try DatagramSocket(.four)
        try first.bind(to: .ephemeral(.ipv4Loopback), reusesAddress: true)
        let endpoint = try first.localEndpoint()
        let second = try DatagramSocket(.four)
        try second.bind(to: endpoint, reusesAddress: true)
        try DatagramSocket(.four).send([1].span, to: endpoint)
        #expect(try receive(second)?.1 == [1])
    }

    @Test func `TCP and UDP have ports of their own`() throws {
        // A number that is free for UDP may be another test's for TCP: one of a hundred will do.
        let shared = try (0..<100).contains { _ in
            let datagram = try DatagramSocket(at: .ephemeral(.ipv4Loopback))
            let endpoint = try datagram.localEndpoint()
            return (try? Listener(at: endpoint, backlog: 1).localEndpoint()) == endpoint
        }
        #expect(shared)
    }

    @Test func `what no datagram can hold is refused`() throws {
        let server = try DatagramSocket(at: .ephemeral(.ipv4Loopback))
        let client = try DatagramSocket(.four)
        try client.connect(to: try server.localEndpoint())
        let tooMuch = [UInt8](repeating: 0, count: DatagramSocket.largestDatagram)
        #expect(throws: SystemError(EMSGSIZE, in: "send")) { _ = try client.send(tooMuch.span) }
    }

    @Test func `a non-blocking receive with nothing there returns`() throws {
        let socket = try DatagramSocket(at: .ephemeral(.ipv4Loopback))
        try socket.setNonblocking()
        #expect(try receive(socket) == nil)
    }
}
