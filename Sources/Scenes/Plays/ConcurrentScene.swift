import Demux
import Platform
import Services
import Sockets
import Wire

/// The same two clients at four servers, which differ in how they are organised.
struct ConcurrentScene: Scene {
    let name = "concurrent"
    let summary = "the same clients on an iterative, forking, threaded and event-driven server: who waits"

    private static let server = Endpoint(.ipv4Loopback, 1234)

    func play(_ director: Director) throws {
        try play(director, 1, .iterative, "Iterative: one client after the other")
        try play(director, 2, .processes, "Processes: a child for each connection")
        try play(director, 3, .threads, "Threads: a thread for each connection")
        try play(director, 4, .events, "Events: one thread, which waits for all of them at once")
    }

    private func play(_ director: Director, _ number: Int, _ model: Server.Model, _ title: String) throws {
        director.heading(title)
        guard let echo = Catalogue.named("echo") else { throw StageError.failed("no echo") }
        var settings = Catalogue.Settings()
        settings.echo = .numberedLines
        let server = try director.serve("server \(number)", try echo.server(settings, model))
        let before = director.organisation(of: server)
        let clients = try (1...2).map { try client(director, "client \(2 * number - 2 + $0)") }
        try director.steps(clients[0], "socket", "connect", "send")
        try director.step(clients[0], "recv", "served")
        try director.step(clients[1], "socket")
        try director.step(clients[1], "connect")
        try director.step(clients[1], "send", "while the other is connected")
        try director.step(clients[1], "recv", director.waits(clients[1], in: "recv") ? "waits" : "served at once")

        let with = director.organisation(of: server)
        director.show(
            "the server in /proc",
            ["without a client: \(before.words)", "with two:         \(with.words)"] + (try holders(director)))
        switch model {
        case .iterative:
            try director.say(
                "The second client is connected, and its line is here; nobody has accepted it. It waits for the first to go.",
                where: director.waits(clients[1], in: "recv") && (try director.listener(at: ConcurrentScene.server).receiveQueue) == 1)
            try director.step(clients[0], "close")
            try director.back(clients[1], "recv", "now it is its turn")
        case .processes:
            try director.say(
                "One more process for each connection; each holds its own connected socket.",
                where: with.processes == before.processes + 2 && with.threads == with.processes)
            try director.step(clients[0], "close")
        case .threads:
            try director.say(
                "One process, one more thread for each connection.",
                where: with.processes == before.processes && with.threads == before.threads + 2)
            try director.step(clients[0], "close")
        case .events:
            try director.say(
                "One process, one thread, two connected sockets.", where: with == before && with.threads == 1)
            try director.step(clients[0], "close")
        }
        try director.step(clients[1], "close")
        try director.end(server)
    }

    private func client(_ director: Director, _ name: String) throws -> Participant {
        try director.start(name, "echo") { _ in
            let connection = try connect(to: ConcurrentScene.server)
            try send("hello\n", over: connection)
            _ = try receive(from: connection)
            try connection.close()
        }
    }

    /// The server's sockets, and who holds each.
    private func holders(_ director: Director) throws -> [String] {
        try director.sockets(at: ConcurrentScene.server)
            .filter { $0.kind == .connected && $0.state != .timeWait }
            .sorted { director.order($0) < director.order($1) }
            .map { socket in
                let holders = director.holders(of: socket).map { "\($0.name)[\($0.processID)] fd \($0.descriptor)" }
                return "connection from \(socket.remote?.description ?? ""): "
                    + (holders.isEmpty ? "nobody has accepted it" : holders.joined(separator: ", "))
            }
    }
}

/// How many processes and threads a server has.
struct Organisation: Equatable {
    let processes: Int
    let threads: Int

    var words: String {
        "\(processes) process\(processes == 1 ? "" : "es"), \(threads) thread\(threads == 1 ? "" : "s")"
    }
}

extension Director {
    /// Counted in /proc.
    func organisation(of participant: Participant) -> Organisation {
        let family = ProcessTree().family(of: processID(of: participant))
        return Organisation(processes: family.count, threads: family.reduce(0) { $0 + threadStates(of: $1).count })
    }
}
