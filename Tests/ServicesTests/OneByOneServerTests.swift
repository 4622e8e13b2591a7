import Platform
import Sockets
import Testing
import Wire

@testable import Services

@Suite struct `The line-numbering echo` {
    @Test(arguments: [IPAddress.ipv4Loopback, .ipv6Loopback])
    func `numbers each connection's lines from 1, and prints them`(_ address: IPAddress) throws {
        let server = try RunningServer(.numberedLines, address)
        var expected: [String] = []
        for _ in 0..<2 {
            let client = try Peer(to: server.endpoint)
            expected.append("connection from \(try client.socket.localEndpoint())")
            for (number, line) in ["Here we go...", "Wow, a response!", "Goodbye"].enumerated() {
                let reply = "\(number + 1): \(line)\n"
                try client.send("\(line)\n")
                #expect(try client.receiveText(reply.utf8.count) == reply)
                expected.append("\(try client.name) \(line)")
            }
            try client.socket.shutdownSending()
            #expect(try client.receiveToEnd() == [])
        }
        #expect(try server.stop().output == expected)
    }

    @Test func `a line in slow pieces is one line`() throws {
        let server = try RunningServer(.numberedLines)
        let client = try Peer(to: server.endpoint)
        for byte in "one\ntwo".utf8 { try client.send([byte]) }
        #expect(try client.receiveText(7) == "1: one\n")
        try client.socket.shutdownSending()
        #expect(try client.receiveTextToEnd() == "2: two\n")
    }

    @Test func `the next client waits in the accept queue until this one has gone`() throws {
        let server = try RunningServer(.numberedLines)
        let first = try Peer(to: server.endpoint)
        let second = try Peer(to: server.endpoint)
        try second.send("second\n")
        try first.send("first\n")
        #expect(try first.receiveText(9) == "1: first\n")
        let (firstName, secondName) = (try first.name, try second.name)
        try first.socket.close()
        #expect(try second.receiveText(10) == "1: second\n")
        try second.socket.close()
        let output = try server.stop().output
        #expect(output.filter { $0.hasPrefix("[") } == ["\(firstName) first", "\(secondName) second"])
    }

    @Test func `bytes that could hurt the terminal come back exactly and are printed as escapes`() throws {
        let server = try RunningServer(.numberedLines)
        let client = try Peer(to: server.endpoint)
        let line: [UInt8] = [0, 0x1b, 0x5b, 0x4a, 0xff, 13, 10]
        try client.send(line)
        #expect(try client.receive(10) == Array("1: ".utf8) + line)
        #expect(try server.output.line(2) == "\(try client.name) \\0\\u{1B}[J\\xff")
    }

    @Test func `a line too long ends its connection, after those before it`() throws {
        let server = try RunningServer(.numberedLines, limits: Limits(lineLength: 8))
        let client = try Peer(to: server.endpoint)
        let name = try client.name
        // Exactly what the server needs to see it, so that it closes with nothing unread: with FIN, not with RST.
        try client.send("12345678\n123456789")
        #expect(try client.receiveTextToEnd() == "1: 12345678\n")
        #expect(try server.notices.line(0) == "\(name) closed: a line is longer than 8 bytes")
        let next = try Peer(to: server.endpoint)
        try next.send("ok\n")
        #expect(try next.receiveText(6) == "1: ok\n")
    }

    @Test func `a reset in the middle does not keep the next one waiting`() throws {
        let server = try RunningServer(.numberedLines)
        let broken = try Peer(to: server.endpoint)
        let name = try broken.name
        try broken.send("begun")
        #expect(try server.output.line(1) != nil)
        try broken.abortNow()
        let next = try Peer(to: server.endpoint)
        try next.send("ok\n")
        #expect(try next.receiveText(6) == "1: ok\n")
        #expect(try server.notices.line(0) == "\(name) Connection reset by peer")
    }

    @Test func `an idle client does not keep the next one waiting`() throws {
        let server = try RunningServer(.numberedLines, limits: Limits(idle: .milliseconds(20)))
        let idle = try Peer(to: server.endpoint)
        let name = try idle.name
        #expect(try idle.receiveToEnd() == [])
        #expect(try server.notices.line(0) == "\(name) closed: idle for too long")
    }
}

@Suite struct `The one-shot echo` {
    @Test(arguments: [IPAddress.ipv4Loopback, .ipv6Loopback])
    func `one receive, one send, and the next client`(_ address: IPAddress) throws {
        let server = try RunningServer(.once, address)
        let first = try Peer(to: server.endpoint)
        let second = try Peer(to: server.endpoint)
        try second.send("me too\n")
        try first.send("hello\n")
        // The server sends the first FIN: the client has sent none.
        #expect(try first.receiveTextToEnd() == "hello\n")
        #expect(try second.receiveTextToEnd() == "me too\n")
        let (firstEnd, secondEnd) = (try first.socket.localEndpoint(), try second.socket.localEndpoint())
        let (firstName, secondName) = (try first.name, try second.name)
        #expect(
            try server.stop().output == [
                "connection from \(firstEnd)", "\(firstName) 6 B \"hello\\n\"",
                "connection from \(secondEnd)", "\(secondName) 7 B \"me too\\n\"",
            ])
    }

    @Test func `a client that sends nothing but its FIN gets one`() throws {
        let server = try RunningServer(.once)
        let client = try Peer(to: server.endpoint)
        try client.socket.shutdownSending()
        #expect(try client.receiveToEnd() == [])
    }
}
