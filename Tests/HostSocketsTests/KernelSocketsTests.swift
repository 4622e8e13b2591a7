import Demux
import Glibc
import Platform
import Sockets
import Testing
import Wire

@testable import HostSockets

/// The real kernel, asked about sockets of the test's own, on addresses of loopback.
@Suite(.serialized, .timeLimit(.minutes(5))) struct KernelSocketsTests {
    private let addresses: [IPAddress] = [.ipv4Loopback, .ipv6Loopback]

    private struct NobodyWaits: Error {}

    /// What the kernel knows a socket by (`SO_COOKIE`, socket(7)).
    private func cookie(_ descriptor: Int32) -> UInt64 {
        var cookie: UInt64 = 0
        var length = socklen_t(MemoryLayout<UInt64>.size)
        #expect(getsockopt(descriptor, SOL_SOCKET, 57, &cookie, &length) == 0)
        return cookie
    }

    @Test func `a listener, and then the connection that it made`() throws {
        let kernel = try KernelSockets()
        for address in addresses {
            let listener = try Listener(at: Endpoint(address, 0), backlog: 6)
            let welcome = try listener.localEndpoint()
            let anybody = LookupQuestion(transport: .tcp, source: Endpoint(address, 0), destination: welcome)
            let found = try #require(try kernel.socket(for: anybody))
            #expect(found.cookie == cookie(listener.rawDescriptor))
            #expect(found.state == .listen && found.local == welcome && found.receiveQueue == 0 && found.sendQueue == 6)

            let client = try ConnectedSocket(to: welcome)
            let question = LookupQuestion(transport: .tcp, source: try client.localEndpoint(), destination: welcome)
            let queued = try #require(try kernel.socket(for: question))
            #expect(queued.state == .established && queued.inode == 0 && queued.remote == question.source)
            #expect(try kernel.socket(for: anybody)?.receiveQueue == 1)

            guard let server = try listener.accept() else { throw NobodyWaits() }
            let accepted = try #require(try kernel.socket(for: question))
            #expect(accepted.cookie == queued.cookie && accepted.cookie == cookie(server.rawDescriptor))
            #expect(accepted.inode != 0)
            // The way back leads to the client's own socket.
            let back = LookupQuestion(transport: .tcp, source: welcome, destination: question.source)
            #expect(try kernel.socket(for: back)?.cookie == cookie(client.rawDescriptor))
        }
    }

    @Test func `datagram sockets, connected first`() throws {
        let kernel = try KernelSockets()
        for address in addresses {
            let server = try DatagramSocket(at: Endpoint(address, 0))
            let client = try DatagramSocket(at: Endpoint(address, 0))
            try client.connect(to: try server.localEndpoint())
            let there = LookupQuestion(
                transport: .udp, source: try client.localEndpoint(), destination: try server.localEndpoint())
            let found = try #require(try kernel.socket(for: there))
            #expect(found.cookie == cookie(server.rawDescriptor) && found.state == .closed && found.remote == nil)
            let back = LookupQuestion(transport: .udp, source: there.destination, destination: there.source)
            let connected = try #require(try kernel.socket(for: back))
            #expect(connected.cookie == cookie(client.rawDescriptor) && connected.state == .established)
            // From anybody else there is nobody: it is connected.
            let stranger = LookupQuestion(transport: .udp, source: Endpoint(address, 9), destination: there.source)
            #expect(try kernel.socket(for: stranger) == nil)
        }
    }

    @Test func `nobody, and nobody here`() throws {
        let kernel = try KernelSockets()
        let listener = try Listener(at: Endpoint(.ipv4Any, 0), backlog: 1)
        let port = try listener.localEndpoint().port
        func question(_ destination: String, _ port: UInt16) throws -> LookupQuestion {
            LookupQuestion(
                transport: .tcp, source: Endpoint(.ipv4Loopback, 0), destination: Endpoint(try #require(IPAddress(destination)), port))
        }
        #expect(try kernel.socket(for: question("127.0.0.1", port)) != nil)
        #expect(try kernel.socket(for: question("127.9.9.9", port)) != nil)
        // The kernel's table alone would name the listener for these, too.
        for elsewhere in ["198.51.100.7", "224.0.0.77", "255.255.255.255"] {
            #expect(try kernel.socket(for: question(elsewhere, port)) == nil, "\(elsewhere)")
        }
        let mixed = LookupQuestion(transport: .tcp, source: Endpoint(.ipv6Loopback, 0), destination: Endpoint(.ipv4Loopback, port))
        #expect(try kernel.socket(for: mixed) == nil)
        try listener.close()
        #expect(try kernel.socket(for: question("127.0.0.1", port)) == nil)
    }

    @Test func `the table has what the look-up finds, and the listeners are among it`() throws {
        let kernel = try KernelSockets()
        let listener = try Listener(at: Endpoint(.ipv6Any, 0), backlog: 3)
        let datagrams = try DatagramSocket(at: Endpoint(.ipv4Loopback, 0))
        let all = try kernel.all()
        let found = try #require(all.first { $0.cookie == cookie(listener.rawDescriptor) })
        #expect(found.transport == .tcp && found.family == .six && found.state == .listen && found.userID == getuid())
        #expect(try kernel.listeners().contains(found))
        #expect(all.contains { $0.cookie == cookie(datagrams.rawDescriptor) && $0.transport == .udp })
        #expect(Set(all.map(\.cookie)).count == all.count)
        let owners = OwnerTable().owners(of: found.inode)
        guard case .found(let list) = owners else {
            Issue.record("\(owners)")
            return
        }
        #expect(list.contains { $0.processID == getpid() && $0.descriptor == listener.rawDescriptor })
    }

    @Test func `what an address is to this machine`() throws {
        let destinations = try Destinations()
        func reach(_ text: String) throws -> Reach { try destinations.reach(of: try #require(IPAddress(text))) }
        for local in ["127.0.0.1", "127.255.0.1", "::1"] { #expect(try reach(local) == .local, "\(local)") }
        for other in ["198.51.100.7", "2001:db8::7", "240.0.0.1"] { #expect(try reach(other) == .elsewhere, "\(other)") }
        #expect(try reach("255.255.255.255") == .broadcast)
        #expect(try reach("224.0.0.1") == .joinedGroup)
        #expect(try reach("239.1.2.3") == .otherGroup)
        #expect(try destinations.arrivalDevice(from: .ipv4Loopback) == interfaceIndex("lo"))
        #expect(interfaceName(try destinations.arrivalDevice(from: .ipv6Loopback)) == "lo")
        #expect(interfaceIndex("no-such-one") == nil && interfaceName(0) == nil)
    }

    @Test func `a socket that is destroyed is told, by its cookie`() throws {
        let destruction = try SocketDestruction()
        for address in addresses {
            let datagrams = try DatagramSocket(at: Endpoint(address, 0))
            let local = try datagrams.localEndpoint()
            let known = cookie(datagrams.rawDescriptor)
            try datagrams.close()
            var told: HostSocket?
            while told == nil {
                try waitUntilReady(destruction.rawDescriptor, for: .readable)
                #expect(try !destruction.drain { if $0.cookie == known { told = $0 } })
            }
            #expect(told?.local == local && told?.transport == .udp && told?.family == address.version)
        }
        // Nothing waits: it returns at once.
        _ = try destruction.drain { _ in }
    }

    @Test func `more destroyed sockets than there is room for are told as lost`() throws {
        let destruction = try SocketDestruction()
        var small: Int32 = 0
        #expect(setsockopt(destruction.rawDescriptor, SOL_SOCKET, SO_RCVBUF, &small, 4) == 0)
        for _ in 0..<100 { try DatagramSocket(at: Endpoint(.ipv4Loopback, 0)).close() }
        // The kernel destroys a socket a moment after it was closed.
        var hasLost = false
        while !hasLost {
            try DatagramSocket(at: Endpoint(.ipv4Loopback, 0)).close()
            hasLost = try destruction.drain { _ in }
        }
    }

    @Test func `the twin in memory answers and fails as it is told`() throws {
        let question = LookupQuestion(
            transport: .tcp, source: Endpoint(.ipv4Loopback, 0), destination: Endpoint(.ipv4Loopback, 80))
        let socket = HostSocket(transport: .tcp, family: .four, state: .listen, local: question.destination)
        let twin = FactsInMemory([socket], local: [.ipv4Loopback])
        #expect(try twin.socket(for: question) == socket)
        var other = question
        other.destination = Endpoint(.ipv4Loopback, 81)
        #expect(try twin.socket(for: other) == nil)
        twin.answers[other] = socket
        #expect(try twin.socket(for: other) == socket)
        #expect(twin.asked == [question, other, other])
        twin.failure = .timedOut
        #expect(throws: NetlinkError.timedOut) { try twin.socket(for: question) }
    }
}
