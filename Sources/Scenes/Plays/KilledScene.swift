import Demux
import Sockets
import Wire

/// A process that is dead can send nothing; its connections end all the same.
struct KilledScene: Scene {
    let name = "killed"
    let summary = "who sends the FIN of a dead process, and when it is none"

    private static let server = Endpoint(.ipv4Loopback, 1234)

    func play(_ director: Director) throws {
        let server = try director.start("server", "echod") { _ in
            let listener = try listen(at: KilledScene.server)
            let first = try accepted(listener)
            let second = try accepted(listener)
            _ = try receive(from: first)
            _ = try receive(from: first)
            try second.close()
        }
        try director.steps(server, "socket", "bind", "listen", "accept")
        var clients: [Participant] = []
        for number in 1...4 {
            clients.append(
                try director.start("client \(number)", "echo") { _ in
                    let connection = try connect(to: KilledScene.server)
                    // The third only waits: it has sent nothing that could be left unread.
                    if number != 3 { try send("hello\n", over: connection) }
                    _ = try receive(from: connection)
                })
        }
        director.heading("Three connections: one served, one with bytes unread, one that waits in the queue")
        try director.step(clients[0], "socket")
        try director.step(clients[0], "connect")
        try director.back(server, "accept")
        try director.step(server, "accept")
        try director.step(clients[1], "socket")
        try director.step(clients[1], "connect")
        try director.back(server, "accept")
        try director.step(clients[0], "send")
        try director.step(server, "recv", "the first client's bytes are read")
        try director.step(clients[1], "send", "the second's are not")
        try director.step(clients[2], "socket")
        try director.step(clients[2], "connect", returns: "connected, and in the queue")
        for client in clients.prefix(3) { try director.step(client, "recv") }
        try director.showConnections(KilledScene.server.port)

        director.heading("kill -9 server")
        try director.kill(server)
        try director.say(
            "The program called no close: its kernel closed what it held.",
            where: director.lastFrames.contains { $0.flags?.contains(.fin) == true }
                && director.lastFrames.filter { $0.flags?.contains(.rst) == true }.count == 2)
        try director.back(clients[0], "recv", "a FIN: nothing was left unread")
        try director.back(clients[1], "recv", "a RST: 6 bytes that it sent were never read")
        try director.back(clients[2], "recv", "a RST: nobody ever took it")
        try director.step(clients[3], "socket")
        try director.step(clients[3], "connect", returns: "the listener went with the process")
        try director.say(
            "Nobody listens any more.",
            where: director.lastFrames.first?.receiver == nil && director.lastFrames.first?.evidence == .kernel)
    }
}
