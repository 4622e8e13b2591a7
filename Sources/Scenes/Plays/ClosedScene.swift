import Demux
import Sockets
import Wire

/// Five doors, of which one opens: what comes back, and what the client's call says.
struct ClosedScene: Scene {
    let name = "closed"
    let summary = "what the kernel answers: nothing there, bound but not listening, listening, UDP, a full queue"

    func play(_ director: Director) throws {
        director.heading("1  Port 4001")
        let first = try client(director, "client 1", Endpoint(.ipv4Loopback, 4001))
        try director.step(first, "socket")
        try director.step(first, "connect", returns: "at once")
        try director.say("Nobody has port 4001: the kernel itself answers, with a RST.", where: refused(director))

        director.heading("2  Bound, not listening")
        let server = try director.start("server", "echod") { _ in
            let socket = try StreamSocket(.four)
            try socket.bind(to: Endpoint(.ipv4Loopback, 4002), reusesAddress: false)
            let listener = try socket.listen(backlog: 6)
            _ = try accepted(listener)
        }
        try director.steps(server, "socket", "bind")
        let second = try client(director, "client 2", Endpoint(.ipv4Loopback, 4002))
        try director.step(second, "socket")
        try director.step(second, "connect")
        try director.say("The port is taken, and nobody can come in: a RST again.", where: refused(director))

        director.heading("3  Listening")
        try director.step(server, "listen")
        let third = try client(director, "client 3", Endpoint(.ipv4Loopback, 4002))
        try director.step(third, "socket")
        try director.step(third, "connect")
        try director.say(
            "SYN ACK: the listener's kernel answers, whoever is asleep in the server.",
            where: director.lastFrames.contains { $0.flags == [.syn, .ack] } && director.lastFrames.first?.evidence == .kernel)

        director.heading("4  Port 4004, by UDP")
        let fourth = try director.start("client 4", "echo") { _ in
            let socket = try DatagramSocket(.four)
            try socket.connect(to: Endpoint(.ipv4Loopback, 4004))
            try socket.send(Array("hello\n".utf8).span)
            var buffer = [UInt8](repeating: 0, count: 1024)
            _ = try socket.receive(into: &buffer)
        }
        try director.step(fourth, "socket")
        try director.step(fourth, "connect", director.isWireEmpty ? "no segment: UDP has no connection" : nil)
        try director.step(fourth, "send", "it is on its way; nobody knows more")
        try director.say(
            "No port, no socket: ICMP port unreachable.",
            where: director.lastFrames.first?.receiver == nil && director.lastFrames.last?.rule == .icmpError)
        try director.step(fourth, "recvfrom", "the error waited for the next call")

        try silence(director)
        try withoutListener(director)
    }

    /// A queue of one place, and two who come.
    private func silence(_ director: Director) throws {
        director.heading("5  Listening, and full")
        let server = try director.start("server 5", "echod") { _ in
            let listener = try listen(at: Endpoint(.ipv4Loopback, 4005), backlog: 0)
            _ = try accepted(listener)
        }
        try director.steps(server, "socket", "bind")
        try director.step(server, "listen", "backlog 0: one may wait")
        let first = try client(director, "client 5", Endpoint(.ipv4Loopback, 4005))
        try director.steps(first, "socket", "connect")
        let second = try client(director, "client 6", Endpoint(.ipv4Loopback, 4005))
        try director.steps(second, "socket", "connect")
        try director.await(.seconds(10)) { director.waits(second, in: "connect") && director.lastFrames.contains { $0.isQueueFull } }
        try director.say(
            "Nothing comes back, and the client sends its SYN again: silence is not what a closed port answers with.",
            where: director.waits(second, in: "connect") && director.lastFrames.allSatisfy { $0.flags == .syn && $0.isQueueFull })
    }

    /// The listener is closed: what it has made goes on, and nobody new comes in.
    private func withoutListener(_ director: Director) throws {
        director.heading("6  The listener is closed")
        let place = Endpoint(.ipv4Loopback, 4006)
        let server = try director.start("server 6", "echod") { _ in
            let listener = try listen(at: place)
            let connection = try accepted(listener)
            try listener.close()
            while try !receive(from: connection).isEmpty {}
        }
        let clients = try (7...8).map { number in
            try director.start("client \(number)", "echo") { _ in
                let connection = try connect(to: place)
                try send("Still here\n", over: connection)
                _ = try receive(from: connection)
            }
        }
        try director.steps(server, "socket", "bind", "listen", "accept")
        try director.step(clients[0], "socket")
        try director.step(clients[0], "connect")
        try director.back(server, "accept")
        try director.step(server, "close", "the listener, not the connection")
        try director.step(server, "recv")
        try director.step(clients[0], "send")
        let data = director.lastFrames.first
        try director.back(server, "recv")
        try director.step(clients[1], "socket")
        try director.step(clients[1], "connect")
        try director.say(
            "The connected socket gets its bytes without the listener; a new client is refused.",
            where: data?.receiver?.name.kind == .connected && data?.evidence == .kernel && director.lastFrames.first?.receiver == nil)
    }

    private func client(_ director: Director, _ name: String, _ server: Endpoint) throws -> Participant {
        try director.start(name, "echo") { _ in _ = try receive(from: try connect(to: server)) }
    }

    private func refused(_ director: Director) -> Bool {
        guard let syn = director.lastFrames.first, let reset = director.lastFrames.last else { return false }
        return syn.receiver == nil && syn.evidence == .kernel && reset.flags?.contains(.rst) == true && reset.sender == nil
    }
}
