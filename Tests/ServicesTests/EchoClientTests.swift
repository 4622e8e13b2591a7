import Platform
import Sockets
import Testing
import Wire

@testable import Services

@Suite struct `The echo client, over a stream` {
    @Test(arguments: [IPAddress.ipv4Loopback, .ipv6Loopback])
    func `prints what comes back, to the last byte`(_ address: IPAddress) throws {
        let server = try RunningServer(.stream, address)
        let client = try RunningClient(.init(.stream, to: server.endpoint))
        try client.type("Here we go...\nno end")
        try client.type(" yet\n")
        let (outcome, output, notices) = try client.finish()
        #expect(outcome == .answered)
        #expect(output == ["Here we go...", "no end yet"])
        #expect(notices == [])
    }

    @Test func `a large input does not stop it for ever`() throws {
        let server = try RunningServer(.stream)
        let client = try RunningClient(.init(.stream, to: server.endpoint))
        // More than the buffers of both sockets and of both pipes hold together.
        let lines = (0..<400_000).map { "line \($0) of a large input" }
        try client.type(lines.joined(separator: "\n") + "\n")
        let (outcome, output, _) = try client.finish()
        #expect(outcome == .answered)
        #expect(output == lines)
    }

    @Test func `its input at an end, it prints what still comes`() throws {
        let listener = try Listener(at: Endpoint(.ipv4Loopback, 0), backlog: 1)
        let client = try RunningClient(.init(.stream, to: try listener.localEndpoint()))
        let server = try listener.acceptPeer()
        try client.type("question\n")
        client.endInput()
        #expect(try server.receiveTextToEnd() == "question\n")
        for byte in "question\n".utf8 { try server.send([byte]) }
        try server.socket.close()
        let (outcome, output, _) = try client.finish()
        #expect(outcome == .answered)
        #expect(output == ["question"])
    }

    @Test func `a server that closes early leaves something unanswered, and it says so`() throws {
        let listener = try Listener(at: Endpoint(.ipv4Loopback, 0), backlog: 1)
        let endpoint = try listener.localEndpoint()
        let client = try RunningClient(.init(.stream, to: endpoint))
        let server = try listener.acceptPeer()
        try client.type("question\n")
        #expect(try server.receiveText(9) == "question\n")
        try server.send("que")
        try server.socket.close()
        #expect(
            try client.notices.line(0)
                == "portwatch: \(endpoint): the server closed the connection before it had answered everything")
        #expect(try client.finish().outcome == .unanswered)
    }

    @Test func `a reset is told, and what came before it is printed`() throws {
        let listener = try Listener(at: Endpoint(.ipv4Loopback, 0), backlog: 1)
        let endpoint = try listener.localEndpoint()
        let client = try RunningClient(.init(.stream, to: endpoint))
        let server = try listener.acceptPeer()
        try client.type("question\n")
        #expect(try server.receiveText(9) == "question\n")
        try server.send("quest\n")
        #expect(try client.output.line(0) == "quest")
        try server.abortNow()
        #expect(try client.notices.line(0) == "portwatch: \(endpoint): Connection reset by peer")
        #expect(try client.finish().outcome == .unanswered)
    }

    @Test func `the one-shot server's close ends it though its input goes on`() throws {
        let server = try RunningServer(.once)
        let client = try RunningClient(.init(.stream, to: server.endpoint))
        try client.type("hello\n")
        #expect(try client.output.all() == ["hello"])
        let (outcome, _, notices) = try client.finish()
        #expect(outcome == .answered)
        #expect(notices == [])
    }

    @Test func `nobody listens: refused, and said so`() throws {
        // Bound but not listening: the port cannot go to another test meanwhile.
        let bound = try StreamSocket(.four)
        try bound.bind(to: Endpoint(.ipv4Loopback, 0))
        let endpoint = try bound.localEndpoint()
        #expect(throws: ServiceError.refused(endpoint, .tcp)) {
            _ = try RunningClient(.init(.stream, to: endpoint)).finish()
        }
    }

    @Test(arguments: [false, true])
    func `of a host's addresses the one that is served is found`(_ first: Bool) throws {
        let server = try RunningServer(.stream)
        let bound = try StreamSocket(.six)
        try bound.bind(to: Endpoint(.ipv6Loopback, 0))
        let nobody = try bound.localEndpoint()
        let client = try RunningClient(.init(), peers: first ? [server.endpoint, nobody] : [nobody, server.endpoint])
        try client.type("found\n")
        #expect(try client.finish().output == ["found"])
    }

    @Test func `a host is found by its name`() throws {
        let server = try RunningServer(.stream)
        let client = try RunningClient(.init(host: "localhost", service: "\(server.endpoint.port)"))
        try client.type("found\n")
        #expect(try client.finish().output == ["found"])
    }

    @Test func `it sends from the port that it is told`() throws {
        let server = try RunningServer(.stream)
        // Bound but not connected, with SO_REUSEADDR: nobody else is given the port, and the client can have it too.
        let bound = try StreamSocket(.four)
        try bound.bind(to: Endpoint(.ipv4Any, 0))
        let port = try bound.localEndpoint().port
        var options = Client.Options(.stream, to: server.endpoint)
        options.sourcePort = port
        let client = try RunningClient(options)
        #expect(try server.output.line(1) == "connection from 127.0.0.1:\(port)")
        #expect(try client.finish().outcome == .answered)
    }

    @Test func `a source port whose listener is another's is told`() throws {
        let server = try RunningServer(.stream)
        let other = try Listener(at: Endpoint(.ipv4Any, 0), backlog: 1)
        let taken = try other.localEndpoint()
        var options = Client.Options(.stream, to: server.endpoint)
        options.sourcePort = taken.port
        #expect(throws: ServiceError.portInUse(taken, .tcp)) { _ = try RunningClient(options).finish() }
    }

    @Test func `an unknown service is told`() throws {
        #expect(throws: ServiceError.unresolved(.unknownService("no-such-service"))) {
            _ = try RunningClient(.init(service: "no-such-service")).finish()
        }
    }
}

@Suite struct `The echo client, in lockstep` {
    @Test func `sends a line, prints its reply, and only then sends the next`() throws {
        let server = try RunningServer(.numberedLines)
        let client = try RunningClient(.init(.numberedLines, to: server.endpoint))
        try client.type("Here we go...\nWow, a response!\nGoodbye")
        let (outcome, output, _) = try client.finish()
        #expect(outcome == .answered)
        #expect(output == ["1: Here we go...", "2: Wow, a response!", "3: Goodbye"])
    }

    @Test func `a reply in pieces is waited for, and the first FIN is the client's`() throws {
        let listener = try Listener(at: Endpoint(.ipv4Loopback, 0), backlog: 1)
        let client = try RunningClient(.init(.numberedLines, to: try listener.localEndpoint()))
        let server = try listener.acceptPeer()
        try client.type("a\nb\n")
        client.endInput()
        #expect(try server.receiveText(2) == "a\n")
        for byte in "1: a".utf8 { try server.send([byte]) }
        try server.send("\n")
        #expect(try server.receiveText(2) == "b\n")
        try server.send("2: b\n")
        #expect(try server.receiveToEnd() == [])
        try server.socket.close()
        let (outcome, output, _) = try client.finish()
        #expect(outcome == .answered)
        #expect(output == ["1: a", "2: b"])
    }

    @Test func `lines that were never sent are told of`() throws {
        let server = try RunningServer(.once)
        let client = try RunningClient(.init(.numberedLines, to: server.endpoint))
        try client.type("a\nb\n")
        let (outcome, output, notices) = try client.finish()
        #expect(outcome == .unanswered)
        #expect(output == ["a"])
        #expect(notices.count == 1)
    }
}

@Suite struct `The echo client, over datagrams` {
    @Test(arguments: [IPAddress.ipv4Loopback, .ipv6Loopback])
    func `each line is a datagram, and comes back`(_ address: IPAddress) throws {
        let server = try RunningServer(.datagrams, address)
        let client = try RunningClient(.init(.datagrams, to: server.endpoint))
        try client.type("Here we go...\n\nno end")
        let (outcome, output, _) = try client.finish()
        #expect(outcome == .answered)
        // The last has no end, and comes back without one.
        #expect(output == ["Here we go...", ""])
        let messages = try server.stop().output
        #expect(
            messages.map { $0.split(separator: "] ")[1] }
                == ["14 B \"Here we go...\\n\"", "1 B \"\\n\"", "6 B \"no end\""])
    }

    @Test func `a lost datagram is told, and the next one is sent`() throws {
        let silent = try DatagramSocket(at: Endpoint(.ipv4Loopback, 0))
        var options = Client.Options(.datagrams, to: try silent.localEndpoint())
        options.patience = .milliseconds(10)
        let client = try RunningClient(options)
        try client.type("a\nb\n")
        let (outcome, output, notices) = try client.finish()
        #expect(outcome == .unanswered)
        #expect(output == [])
        #expect(notices == ["portwatch: line 1: no reply within 0.01 seconds", "portwatch: line 2: no reply within 0.01 seconds"])
    }

    @Test func `a late reply to an earlier line is not taken for this one's`() throws {
        let server = try DatagramSocket(at: Endpoint(.ipv4Loopback, 0))
        var options = Client.Options(.datagrams, to: try server.localEndpoint())
        options.patience = .milliseconds(50)
        let client = try RunningClient(options)
        try client.type("now\n")
        var buffer = [UInt8](repeating: 0, count: 16)
        let received = try #require(try server.receive(into: &buffer))
        let late = Array("late\n".utf8)
        try server.send(late.span, to: received.sender)
        let (outcome, output, _) = try client.finish()
        #expect(outcome == .unanswered)
        #expect(output == [])
    }

    @Test func `after a late reply the right one is still waited for`() throws {
        let server = try DatagramSocket(at: Endpoint(.ipv4Loopback, 0))
        var options = Client.Options(.datagrams, to: try server.localEndpoint())
        options.patience = patience
        let client = try RunningClient(options)
        try client.type("now\n")
        var buffer = [UInt8](repeating: 0, count: 16)
        let received = try #require(try server.receive(into: &buffer))
        let (late, now) = (Array("late\n".utf8), Array("now\n".utf8))
        try server.send(late.span, to: received.sender)
        try server.send(now.span, to: received.sender)
        #expect(try client.finish().output == ["now"])
    }

    @Test(arguments: [IPAddress.ipv4Loopback, .ipv6Loopback])
    func `nobody is bound to the port: unreachable, and said so`(_ address: IPAddress) throws {
        let gone = try DatagramSocket(at: Endpoint(address, 0))
        let endpoint = try gone.localEndpoint()
        try gone.close()
        let client = try RunningClient(.init(.datagrams, to: endpoint))
        try client.type("anybody?\n")
        #expect(throws: ServiceError.refused(endpoint, .udp)) { _ = try client.finish() }
    }

    @Test func `of a host's addresses the one that is served is found`() throws {
        let server = try RunningServer(.datagrams)
        let gone = try DatagramSocket(at: Endpoint(.ipv6Loopback, 0))
        let nobody = try gone.localEndpoint()
        try gone.close()
        let client = try RunningClient(.init(variant: .datagrams), peers: [nobody, server.endpoint])
        try client.type("found\n")
        #expect(try client.finish().output == ["found"])
    }

    @Test func `a source port that is another's is told`() throws {
        let server = try RunningServer(.datagrams)
        let other = try DatagramSocket(at: Endpoint(.ipv4Any, 0))
        let taken = try other.localEndpoint()
        var options = Client.Options(.datagrams, to: server.endpoint)
        options.sourcePort = taken.port
        #expect(throws: ServiceError.portInUse(taken, .udp)) { _ = try RunningClient(options).finish() }
    }

    @Test func `a line that no datagram can hold is told by its number`() throws {
        let server = try RunningServer(.datagrams)
        let client = try RunningClient(.init(.datagrams, to: server.endpoint))
        try client.type("fits\n" + String(repeating: "x", count: 65_507) + "\n")
        #expect(throws: ServiceError.lineTooLongForDatagram(number: 2)) { _ = try client.finish() }
    }
}
