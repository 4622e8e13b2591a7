import Demux
import Sockets
import Wire

/// The same source port: on two hosts, and twice on one.
struct TwinsScene: Scene {
    let name = "twins"
    let summary = "the same source port on two hosts, and twice on one: what may be, and what may not"
    let layout = Stage.Layout.three

    private static let web = Endpoint(Host.c.address, 80)
    private static let file = Endpoint(Host.c.address, 21)

    func play(_ director: Director) throws {
        let port = director.port(9157)
        let webd = try server(director, "webd", at: TwinsScene.web)
        let filed = try server(director, "filed", at: TwinsScene.file)
        for server in [webd, filed] { try director.steps(server, "socket", "bind", "listen", "accept") }

        director.heading("Two hosts, the same source port")
        let a = try client(director, "A", .a, port, TwinsScene.web)
        let b = try client(director, "B", .b, port, TwinsScene.web)
        for one in [a, b] {
            try director.step(one, "socket")
            try director.step(one, "bind")
            try director.step(one, "connect")
            try director.back(webd, "accept")
            try director.step(webd, "accept")
        }
        try director.step(b, "send")
        try director.say(
            "Both segments go from \(port) to 80. The sockets differ in one thing: which host they accept from.",
            where: director.lastFrames.first?.receiver?.remote == Endpoint(Host.b.address, port)
                && director.lastFrames.first?.evidence == .kernel)

        director.heading("One host, the same source port, another server")
        let second = try client(director, "A 2", .a, port, TwinsScene.file)
        try director.step(second, "socket")
        try director.step(second, "bind", "the first client of host A has it")
        director.say("The kernel cannot know yet where this one will connect to.")
        let both = try (1...2).map { try client(director, "A \($0 + 2)", .a, port + 1, $0 == 1 ? TwinsScene.web : TwinsScene.file, reuses: true) }
        for (one, server) in zip(both, [webd, filed]) {
            try director.steps(one, "socket", "setsockopt")
            try director.step(one, "bind", one == both[0] ? nil : "SO_REUSEADDR on both: it may")
            try director.step(one, "connect")
            try director.back(server, "accept")
            try director.step(server, "accept")
        }
        try director.say(
            "Port \(port + 1) twice on host A: the four-tuples differ in the server's port.",
            where: try director.sockets(onPort: port + 1, of: Host.a.place).filter { $0.kind == .connected }.count == 2)

        director.heading("One host, the same source port, the same server")
        let same = try client(director, "A 5", .a, port + 1, TwinsScene.web, reuses: true)
        try director.steps(same, "socket", "setsockopt", "bind")
        try director.step(same, "connect", "this four-tuple exists")
        try director.say("No SYN was sent: two connections with all four numbers alike could not be told apart.", where: director.lastFrames.isEmpty)

        director.heading("One host, the same source port, the same server, another source address")
        let alias = try client(director, "A 6", Endpoint(Host.a.second, port + 1), TwinsScene.web, reuses: true)
        try director.steps(alias, "socket", "setsockopt")
        try director.step(alias, "bind", "host A's second address")
        try director.step(alias, "connect", returns: "one number of four differs")
        try director.back(webd, "accept")
    }

    private func server(_ director: Director, _ name: String, at endpoint: Endpoint) throws -> Participant {
        try director.start(name, name, on: Host.c.place) { _ in
            let listener = try listen(at: Endpoint(.ipv4Any, endpoint.port))
            // Held, so that they stay open; named, since what is copied cannot be kept in a list.
            let one = try accepted(listener)
            let two = try accepted(listener)
            let three = try accepted(listener)
            let four = try accepted(listener)
            for _ in 0..<1 { _ = try listener.accept() }
            try one.close()
            try two.close()
            try three.close()
            try four.close()
        }
    }

    private func client(
        _ director: Director, _ name: String, _ host: Host, _ port: UInt16, _ server: Endpoint, reuses: Bool = false
    ) throws -> Participant {
        try client(director, name, Endpoint(host.address, port), server, reuses: reuses)
    }

    private func client(
        _ director: Director, _ name: String, _ local: Endpoint, _ server: Endpoint, reuses: Bool
    ) throws -> Participant {
        let place = local.address == Host.b.address ? Host.b.place : Host.a.place
        return try director.start("client \(name)", "browser", on: place) { _ in
            let connection = try connect(from: local, to: server, reusesAddress: reuses)
            try send("GET / HTTP/1.0\r\n\r\n", over: connection)
            _ = try receive(from: connection)
        }
    }
}
