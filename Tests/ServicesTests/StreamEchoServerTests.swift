import Glibc
import Platform
import Sockets
import Testing
import Wire

@testable import Services

@Suite struct `The echo of a stream` {
    /// Bytes that no shift or loss leaves as they are.
    private func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) } }

    @Test(arguments: [IPAddress.ipv4Loopback, .ipv6Loopback])
    func `every byte comes back, and after the client's FIN the server's`(_ address: IPAddress) throws {
        let server = try RunningServer(.stream, address)
        let client = try Peer(to: server.endpoint)
        let name = try client.name
        let local = try client.socket.localEndpoint()
        try client.send("Here we go...\n")
        #expect(try client.receiveText(14) == "Here we go...\n")
        try client.send([0, 0xff, 0x1b])
        #expect(try client.receive(3) == [0, 0xff, 0x1b])
        try client.socket.shutdownSending()
        #expect(try client.receiveToEnd() == [])
        #expect(
            try server.stop().output == [
                "connection from \(local)", "\(name) 14 B \"Here we go...\\n\"", "\(name) 3 B \"\\0\\xff\\u{1B}\"",
            ])
    }

    @Test(arguments: [Server.Model.events, .threads])
    func `a half-close leaves nothing unsent`(_ model: Server.Model) throws {
        let server = try RunningServer(.stream, model: model)
        let client = try Peer(to: server.endpoint)
        let bytes = pattern(100_000)
        try client.send(bytes)
        try client.socket.shutdownSending()
        #expect(try client.receiveToEnd() == bytes)
        #expect(try server.stop().notices == [])
    }

    @Test(arguments: [Server.Model.events, .threads])
    func `many clients at once, each its own bytes`(_ model: Server.Model) throws {
        let server = try RunningServer(.stream, model: model)
        let endpoint = server.endpoint
        let clients = (0..<50).map { number in
            Background {
                let client = try Peer(to: endpoint)
                var back: [String] = []
                for round in 0..<10 {
                    let text = "client \(number) round \(round)\n"
                    try client.send(text)
                    back.append(try client.receiveText(text.utf8.count))
                }
                return back
            }
        }
        for (number, client) in clients.enumerated() {
            #expect(try client.value() == (0..<10).map { "client \(number) round \($0)\n" })
        }
        #expect(try server.stop().notices == [])
    }

    @Test(arguments: [Server.Model.events, .threads])
    func `a silent client keeps nobody waiting`(_ model: Server.Model) throws {
        let server = try RunningServer(.stream, model: model)
        let silent = try Peer(to: server.endpoint)
        let client = try Peer(to: server.endpoint)
        try client.send("a")
        #expect(try client.receive(1) == [UInt8(ascii: "a")])
        try silent.send("b")
        #expect(try silent.receive(1) == [UInt8(ascii: "b")])
    }

    @Test func `a client that does not read is not read, and takes nothing from the others`() throws {
        let server = try RunningServer(.stream)
        let greedy = try Peer(to: server.endpoint)
        try greedy.socket.setNonblocking()
        // Until the buffers on the way are full: with the server's own memory unbounded, that would never be.
        let piece = pattern(65_536)
        var sent: [UInt8] = []
        while true {
            var awaited = [Awaited(greedy.socket.rawDescriptor, for: .writable)]
            // Full is what stays full; the other client's turn in between lets the server do what it can.
            let other = try Peer(to: server.endpoint)
            try other.send("x")
            #expect(try other.receive(1) == [UInt8(ascii: "x")])
            if try waitUntilReady(&awaited, milliseconds: 0) == 0 { break }
            let count = try greedy.socket.send(piece.span)
            sent += piece[..<count]
        }
        #expect(try greedy.receive(sent.count) == sent)
        try greedy.socket.shutdownSending()
        #expect(try greedy.receiveToEnd() == [])
    }

    @Test(arguments: [Server.Model.events, .threads])
    func `a reset in the middle ends that connection alone`(_ model: Server.Model) throws {
        let server = try RunningServer(.stream, model: model)
        let steady = try Peer(to: server.endpoint)
        let broken = try Peer(to: server.endpoint)
        let name = try broken.name
        try broken.send("a")
        #expect(try broken.receive(1).count == 1)
        try broken.abortNow()
        #expect(try server.notices.line(0) == "\(name) Connection reset by peer")
        try steady.send("b")
        #expect(try steady.receive(1) == [UInt8(ascii: "b")])
    }

    @Test(arguments: [Server.Model.events, .threads])
    func `a reset with bytes still to come back ends that connection alone`(_ model: Server.Model) throws {
        let server = try RunningServer(.stream, model: model)
        let broken = try Peer(to: server.endpoint)
        try broken.send(pattern(1_000_000))
        try broken.abortNow()
        #expect(try server.notices.line(0)?.hasSuffix("Connection reset by peer") == true)
        let next = try Peer(to: server.endpoint)
        try next.send("b")
        #expect(try next.receive(1) == [UInt8(ascii: "b")])
    }

    @Test func `at the limit of connections the next one waits in the accept queue`() throws {
        let server = try RunningServer(.stream, limits: Limits(connections: 1))
        let first = try Peer(to: server.endpoint)
        let second = try Peer(to: server.endpoint)
        let secondEnd = try second.socket.localEndpoint()
        try second.send("later")
        try first.send("now")
        #expect(try first.receiveText(3) == "now")
        #expect(try server.notices.line(0) == "1 connections: further ones wait in the accept queue")
        let firstName = try first.name
        try first.socket.close()
        #expect(try second.receiveText(5) == "later")
        let output = try server.stop().output
        #expect(output.dropFirst().prefix(2) == ["\(firstName) 3 B \"now\"", "connection from \(secondEnd)"])
    }

    @Test(arguments: [Server.Model.events, .threads])
    func `an idle connection is closed`(_ model: Server.Model) throws {
        let server = try RunningServer(.stream, model: model, limits: Limits(idle: .milliseconds(20)))
        let client = try Peer(to: server.endpoint)
        let name = try client.name
        #expect(try client.receiveToEnd() == [])
        #expect(try server.notices.line(0) == "\(name) closed: idle for too long")
    }

    @Test func `it ends when nobody reads its output`() throws {
        let output = try Pipe().split()
        let notices = try Pipe().split()
        let reading = Descriptor(owning: output.reading)
        let noticesRead = Lines(reading: notices.reading)
        // A write to a pipe without a reader raises SIGPIPE as well.
        ignoreBrokenPipes()
        let thread = Background {
            let output = Descriptor(owning: output.writing)
            let notices = Descriptor(owning: notices.writing)
            try Server.echo(.stream)
                .run(output: output.rawValue, notices: notices.rawValue, stop: nil)
        }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = try readSome(reading.rawValue, into: &buffer)
        let line = String(decoding: buffer[..<count], as: UTF8.self)
        let endpoint = try #require(Endpoint(String(line.dropFirst("listening on ".count).dropLast())))
        try reading.close()
        let client = try Peer(to: endpoint)
        try thread.value()
        #expect(try client.receiveToEnd() == [])
        #expect(try noticesRead.all() == [])
    }
}

extension Peer {
    /// Closes with RST.
    consuming func abortNow() throws { try socket.abort() }
}
