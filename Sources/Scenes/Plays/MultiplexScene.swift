import Demux
import Sockets
import Wire

/// The textbook's figure: two hosts, one of them twice, at one port of a third.
struct MultiplexScene: Scene {
    let name = "multiplex"
    let summary = "three connections to one port: which socket gets which segment"
    let layout = Stage.Layout.three

    private static let web = Endpoint(Host.c.address, 80)
    private static let file = Endpoint(Host.c.address, 21)
    private static let request = "GET / HTTP/1.0\r\n\r\n"
    private static let answer = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello\n"

    func play(_ director: Director) throws {
        let (twin, other) = (director.port(9157), director.port(5775))
        let webd = try director.start("webd", "webd", on: Host.c.place) { _ in
            let listener = try listen(at: Endpoint(.ipv4Any, 80))
            let first = try accepted(listener)
            let second = try accepted(listener)
            let third = try accepted(listener)
            try MultiplexScene.answer(first)
            try MultiplexScene.answer(second)
            try MultiplexScene.answer(third)
        }
        let filed = try director.start("filed", "filed", on: Host.c.place) { _ in
            _ = try accepted(try listen(at: Endpoint(.ipv4Any, 21)))
        }
        let a = try director.start("browser A", "browser", on: Host.a.place) { _ in
            let connection = try connect(from: Endpoint(Host.a.address, twin), to: MultiplexScene.web)
            try MultiplexScene.ask(connection)
        }
        let b = try director.start("browser B", "browser", on: Host.b.place) { _ in
            let one = try connect(from: Endpoint(Host.b.address, other), to: MultiplexScene.web)
            let two = try connect(from: Endpoint(Host.b.address, twin), to: MultiplexScene.web)
            try MultiplexScene.ask(one)
            try MultiplexScene.ask(two)
        }

        director.heading("Two servers on host C, a port each")
        try director.steps(webd, "socket", "bind")
        try director.step(webd, "listen", "a listener: it takes whoever comes to port 80 (the book's welcoming socket)")
        try director.step(webd, "accept")
        try director.steps(filed, "socket", "bind", "listen", "accept")

        director.heading("Three connections to port 80")
        try director.steps(a, "socket", "bind")
        try director.step(a, "connect")
        try director.back(webd, "accept", "a second socket on port 80")
        try director.step(webd, "accept")
        try director.steps(b, "socket", "bind")
        try director.step(b, "connect")
        try director.back(webd, "accept")
        try director.step(webd, "accept")
        try director.step(b, "socket")
        try director.step(b, "bind", "port \(twin) once more, but on another host")
        try director.step(b, "connect")
        try director.back(webd, "accept")
        try director.showSockets(onPort: 80, of: Host.c.place)
        try director.say(
            "One process, four sockets, one port: a listener and three connected sockets, all of them on port 80.",
            where: try director.sockets(onPort: 80, of: Host.c.place).count == 4
                && director.processes(holding: try director.sockets(onPort: 80, of: Host.c.place)).count == 1)

        director.heading("Which socket gets it?")
        try director.step(webd, "recv", "it reads from the first")
        try director.step(a, "send", "from port \(twin) to port 80")
        try director.back(webd, "recv")
        try director.step(webd, "send")
        try director.step(webd, "close")
        try director.step(webd, "recv")
        try director.step(b, "send", "from port \(other) to port 80")
        try director.back(webd, "recv")
        try director.step(webd, "send")
        try director.step(webd, "close")
        try director.steps(b, "recv", "recv", "close")
        try director.step(webd, "recv", "it reads from the third")
        let before = director.lastFrames.count
        try director.step(b, "send", "from port \(twin) to port 80: the same two ports as A's")
        let twinFrame = director.lastFrames.first { $0.payloadLength > 0 }
        try director.back(webd, "recv")
        try director.say(
            "The ports are those of A's connection; the address is not. All four numbers decide.",
            where: before >= 0 && twinFrame?.receiver?.remote == Endpoint(Host.b.address, twin) && twinFrame?.evidence == .kernel)
        try director.steps(webd, "send", "close")
        try director.steps(b, "recv", "recv", "close")
        try director.steps(a, "recv", "recv", "close")
        try director.say(
            "filed got nothing of all this: its listener takes what comes to port 21.",
            where: director.waits(filed, in: "accept"))
    }

    private static func ask(_ connection: consuming ConnectedSocket) throws {
        var buffer = [UInt8](repeating: 0, count: 1024)
        try send(request, over: connection)
        while case .bytes = try connection.receive(into: &buffer) {}
        try connection.close()
    }

    private static func answer(_ connection: consuming ConnectedSocket) throws {
        var buffer = [UInt8](repeating: 0, count: 1024)
        _ = try connection.receive(into: &buffer)
        try send(answer, over: connection)
        try connection.close()
    }
}
