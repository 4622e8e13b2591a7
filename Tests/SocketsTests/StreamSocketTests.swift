import Glibc
import Platform
import Sockets
import Testing
import Wire

@Suite struct `Stream sockets` {
    @Test(arguments: loopbacks)
    func `both ends know both endpoints`(_ address: IPAddress) throws {
        let listener = try Listener(at: .ephemeral(address), backlog: 1)
        let welcome = try listener.localEndpoint()
        #expect(welcome.address == address)
        #expect(welcome.port != 0)

        let client = try ConnectedSocket(to: welcome)
        let server = try listener.acceptOne()
        let clientEnd = try client.localEndpoint()
        #expect(try server.localEndpoint() == welcome)
        #expect(try server.remoteEndpoint() == clientEnd)
        #expect(server.remote == clientEnd)
        #expect(try client.remoteEndpoint() == welcome)
        #expect(client.remote == welcome)
    }

    @Test(arguments: loopbacks)
    func `bytes arrive, in both directions`(_ address: IPAddress) throws {
        let connection = try Connection(address)
        #expect(try connection.client.send([1, 2, 3].span) == 3)
        #expect(try connection.server.receiveOnce().bytes == [1, 2, 3])
        #expect(try connection.server.send([0, 255].span) == 2)
        #expect(try connection.client.receiveOnce().bytes == [0, 255])
    }

    @Test func `a receive takes what fits, the rest stays`() throws {
        let connection = try Connection(.ipv4Loopback)
        _ = try connection.client.send([1, 2, 3].span)
        #expect(try connection.server.receiveOnce(2).bytes == [1, 2])
        #expect(try connection.server.receiveOnce(2).bytes == [3])
    }

    @Test func `after the half-close the other direction goes on`() throws {
        let connection = try Connection(.ipv4Loopback)
        try connection.client.shutdownSending()
        #expect(try connection.server.receiveOnce().received == .endOfStream)
        #expect(try connection.server.send([7].span) == 1)
        #expect(try connection.client.receiveOnce().bytes == [7])
    }

    @Test func `a non-blocking receive with nothing there returns`() throws {
        let connection = try Connection(.ipv4Loopback)
        try connection.server.setNonblocking()
        #expect(try connection.server.receiveOnce().received == .wouldBlock)
    }

    @Test func `a non-blocking send fills the buffers, then takes nothing`() throws {
        let connection = try Connection(.ipv4Loopback)
        try connection.client.setNonblocking()
        let piece = [UInt8](repeating: 0, count: 65_536)
        var total = 0
        while true {
            let sent = try connection.client.send(piece.span)
            if sent == 0 { break }
            total += sent
        }
        #expect(total > 0)
    }

    @Test func `an abort is a reset for the other end`() throws {
        let listener = try Listener(at: .ephemeral(.ipv4Loopback), backlog: 1)
        let client = try ConnectedSocket(to: try listener.localEndpoint())
        let server = try listener.acceptOne()
        try client.abort()
        #expect(throws: SystemError(ECONNRESET, in: "recv")) { try server.receiveOnce() }
        #expect(throws: SystemError(EPIPE, in: "send")) { try server.send([1].span) }
        #expect(throws: SystemError(ENOTCONN, in: "getpeername")) { try server.remoteEndpoint() }
        #expect(server.remote.address == .ipv4Loopback)
    }

    @Test(arguments: loopbacks)
    func `a port that nobody listens on refuses`(_ address: IPAddress) throws {
        // Bound but not listening: the port cannot go to another test meanwhile.
        let bound = try StreamSocket(address.version)
        try bound.bind(to: .ephemeral(address))
        let endpoint = try bound.localEndpoint()
        #expect(throws: SystemError(ECONNREFUSED, in: "connect")) { _ = try ConnectedSocket(to: endpoint) }
    }

    @Test func `the source port is the one that was bound`() throws {
        let listener = try Listener(at: .ephemeral(.ipv4Loopback), backlog: 1)
        let socket = try StreamSocket(.four)
        try socket.bind(to: .ephemeral(.ipv4Any))
        let port = try socket.localEndpoint().port
        let client = try socket.connect(to: try listener.localEndpoint())
        let server = try listener.acceptOne()
        #expect(server.remote == Endpoint(.ipv4Loopback, port))
        #expect(try client.localEndpoint() == server.remote)
    }
}

@Suite struct Listeners {
    @Test(arguments: loopbacks)
    func `a port has one listener`(_ address: IPAddress) throws {
        let first = try Listener(at: .ephemeral(address), backlog: 1)
        let endpoint = try first.localEndpoint()
        #expect(throws: SystemError(EADDRINUSE, in: "bind")) { _ = try Listener(at: endpoint, backlog: 1) }
    }

    @Test func `IPv4 and IPv6 have ports of their own`() throws {
        let six = try Listener(at: .ephemeral(.ipv6Any), backlog: 1)
        let port = try six.localEndpoint().port
        // An IPv6 socket for both families would be found here.
        #expect(throws: SystemError(ECONNREFUSED, in: "connect")) {
            _ = try ConnectedSocket(to: Endpoint(.ipv4Loopback, port))
        }
        _ = try ConnectedSocket(to: Endpoint(.ipv6Loopback, port))
    }

    @Test func `a port with connections in TIME_WAIT can be listened on again`() throws {
        let listener = try Listener(at: .ephemeral(.ipv4Loopback), backlog: 1)
        let endpoint = try listener.localEndpoint()
        let client = try ConnectedSocket(to: endpoint)
        let server = try listener.acceptOne()
        // The end that sends the first FIN is the one that goes to TIME_WAIT.
        try server.close()
        #expect(try client.receiveOnce().received == .endOfStream)
        try client.close()
        try listener.close()
        #expect(try Listener(at: endpoint, backlog: 1).localEndpoint() == endpoint)
    }

    @Test func `an address of no interface cannot be bound`() throws {
        // 192.0.2.0/24 is for documentation and on no interface (RFC 5737).
        let elsewhere = Endpoint(IPAddress(ipv4: 0xc000_0201), 0)
        #expect(throws: SystemError(EADDRNOTAVAIL, in: "bind")) { _ = try Listener(at: elsewhere, backlog: 1) }
    }

    @Test func `a non-blocking listener says that nobody waits`() throws {
        let listener = try Listener(at: .ephemeral(.ipv4Loopback), backlog: 1)
        try listener.setNonblocking()
        let nobody = try listener.accept() == nil
        #expect(nobody)
    }

    @Test func `connections are accepted in the order in which they came`() throws {
        let listener = try Listener(at: .ephemeral(.ipv4Loopback), backlog: 2)
        let first = try ConnectedSocket(to: try listener.localEndpoint())
        let second = try ConnectedSocket(to: try listener.localEndpoint())
        #expect(try listener.accept()?.remote == first.localEndpoint())
        #expect(try listener.accept()?.remote == second.localEndpoint())
    }

    @Test func `a connection that was reset while it waited does no harm`() throws {
        let listener = try Listener(at: .ephemeral(.ipv4Loopback), backlog: 2)
        try listener.setNonblocking()
        try ConnectedSocket(to: try listener.localEndpoint()).abort()
        let healthy = try ConnectedSocket(to: try listener.localEndpoint())
        var peers: [Endpoint] = []
        while let accepted = try listener.accept() { peers.append(accepted.remote) }
        #expect(try peers.last == healthy.localEndpoint())
    }
}
