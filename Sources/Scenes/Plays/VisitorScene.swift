import Demux
import Sockets
import Wire

/// A server that counts its clients and closes first: what it leaves behind holds its port.
struct VisitorScene: Scene {
    let name = "visitor"
    let summary = "the counter of visitors; TIME_WAIT, and \"address already in use\" where nobody runs"

    private static let server = Endpoint(.ipv4Loopback, 5193)
    private static let other = Endpoint(.ipv4Loopback, 4242)

    func play(_ director: Director) throws {
        director.heading("A server that answers and closes")
        let server = try start(director, "server", VisitorScene.server, reusesAddress: false)
        try director.steps(server, "socket", "bind", "listen")
        try visit(director, server, "client 1", VisitorScene.server, "cew", isFirst: true)
        try visit(director, server, "client 2", VisitorScene.server, "maria", isFirst: false)
        try director.say(
            "Two visitors, one counter: the server is iterative and lives on.",
            where: try director.sockets(at: VisitorScene.server).contains { $0.kind == .listener })

        director.heading("The server ends, and is started again")
        try director.step(server, "accept")
        try director.kill(server)
        try director.showConnections(VisitorScene.server.port)
        try director.say(
            "Nobody runs and nobody listens. Two connections are in TIME_WAIT at the server's end, which closed first.",
            where: try left(director, VisitorScene.server) == 2)
        let again = try start(director, "server 2", VisitorScene.server, reusesAddress: false)
        try director.step(again, "socket")
        try director.step(again, "bind", "in use by no program")
        try director.say("TIME_WAIT: the end that closed first waits a minute for stray segments, and holds the port.", where: try left(director, VisitorScene.server) == 2)

        director.heading("With SO_REUSEADDR, on a port of its own")
        let third = try start(director, "server 3", VisitorScene.other, reusesAddress: true)
        try director.steps(third, "socket", "setsockopt", "bind", "listen")
        try visit(director, third, "client 3", VisitorScene.other, "cew", isFirst: false)
        try director.step(third, "accept")
        try director.kill(third)
        let fourth = try start(director, "server 4", VisitorScene.other, reusesAddress: true)
        try director.steps(fourth, "socket", "setsockopt")
        try director.step(fourth, "bind", "the old socket had SO_REUSEADDR, and this one has it")
        try director.showConnections(VisitorScene.other.port)
        try director.say("The TIME_WAIT is there still; it does not hold the port.", where: try left(director, VisitorScene.other) == 1)
        try director.steps(fourth, "listen")
    }

    /// One client comes and is answered.
    private func visit(
        _ director: Director, _ server: Participant, _ client: String, _ endpoint: Endpoint, _ visitor: String, isFirst: Bool
    ) throws {
        try director.step(server, "accept")
        let client = try director.start(client, "visitor") { _ in
            let connection = try connect(to: endpoint)
            try send(visitor + "\0", over: connection)
            while try !receive(from: connection).isEmpty {}
            try connection.close()
        }
        try director.step(client, "socket")
        try director.step(client, "connect")
        try director.back(server, "accept")
        try director.step(server, "recv")
        try director.step(client, "send", isFirst ? "the name and a NUL byte" : nil)
        try director.back(server, "recv")
        try director.step(server, "send")
        try director.step(server, "close", isFirst ? "the server closes first: it sends the first FIN" : nil)
        try director.step(client, "recv")
        try director.step(client, "recv", isFirst ? "end of the stream" : nil)
        try director.step(client, "close")
    }

    private func start(_ director: Director, _ name: String, _ endpoint: Endpoint, reusesAddress: Bool) throws -> Participant {
        try director.start(name, "visitord") { _ in
            let listener = try listen(at: endpoint, reusesAddress: reusesAddress)
            var count = 0
            while true {
                let connection = try accepted(listener)
                let visitor = try receive(from: connection).prefix { $0 != "\0" }
                count += 1
                try send("Hello \(visitor), you are visitor number \(count) to this server\n", over: connection)
                try connection.close()
            }
        }
    }

    private func left(_ director: Director, _ endpoint: Endpoint) throws -> Int {
        try director.sockets(at: endpoint).filter { $0.state == .timeWait }.count
    }
}
