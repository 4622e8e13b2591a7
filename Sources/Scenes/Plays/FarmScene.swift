import Demux
import Platform
import Sockets
import Wire

/// Several processes listen on one port: the kernel shares the clients out among them.
struct FarmScene: Scene {
    let name = "farm"
    let summary = "a reuse-port group shares the clients of one port; one of its processes dies"

    private static let server = Endpoint(.ipv4Loopback, 8080)

    func play(_ director: Director) throws {
        director.heading("Three processes, three listeners, one port")
        director.say("A farm is many hosts; this one is three processes on one.")
        var members: [Participant] = []
        for number in 1...3 {
            let member = try director.start("member \(number)", "webd") { _ in
                var options = SocketOptions()
                options.reusesPort = true
                let socket = try StreamSocket(.four)
                try socket.apply(options)
                try socket.bind(to: FarmScene.server, reusesAddress: false)
                let listener = try socket.listen(backlog: 6)
                while true {
                    let connection = try accepted(listener)
                    _ = try receive(from: connection)
                    try send("member \(number)\n", over: connection)
                    _ = try receive(from: connection)
                    try connection.close()
                }
            }
            try director.step(member, "socket")
            try director.step(member, "setsockopt", number == 1 ? "each of them says that it will share" : nil)
            try director.steps(member, "bind", "listen", "accept")
            members.append(member)
        }
        // By who holds them: cookies are given in no order.
        let all = try director.sockets(at: FarmScene.server)
        let listeners = members.compactMap { member in
            all.first { director.holders(of: $0).map(\.processID) == [director.processID(of: member)] }
        }
        try director.say("Three listeners on one port: a reuse-port group.", where: listeners.count == 3)

        director.heading("A hash of the four numbers decides who gets a client")
        var next: UInt16 = 40_001
        for (index, member) in members.enumerated() {
            let port = try port(from: &next, for: index, of: listeners, director)
            let client = try self.client(director, "client \(index + 1)", port)
            try director.say(
                "The kernel, asked before: a SYN from port \(port) goes to member \(index + 1).",
                where: try choice(port, director) == listeners[index].cookie)
            try director.steps(client, "socket", "bind")
            try director.step(client, "connect")
            try director.back(member, "accept", "as the kernel said")
            try director.step(member, "recv")
            try director.step(client, "send")
            try director.back(member, "recv")
            try director.step(member, "send")
            try director.step(client, "recv")
            try director.step(member, "recv")
        }
        try director.say(
            "Each member serves one client. No process stands before them that shares out: the kernel does.",
            where: try FarmScene.served(director) == 3)

        director.heading("One member dies")
        // Several ports, so that there is one that goes to member 1 afterwards: each time the same story.
        let doomed = try (next..<next + 300).filter { try choice($0, director) == listeners[1].cookie }
        try director.kill(members[1])
        try director.say(
            "Its client gets a FIN from the kernel; the other two connections stand.",
            where: director.lastFrames.contains { $0.flags?.contains(.fin) == true } && (try FarmScene.served(director)) == 2)
        guard let port = try doomed.first(where: { try choice($0, director) == listeners[0].cookie }) else {
            throw StageError.disproved("another member gets what was the dead one's")
        }
        try director.say(
            "A SYN from port \(port) went to member 2 before; now it goes to member 1.",
            where: try choice(port, director) == listeners[0].cookie)
        let client = try self.client(director, "client 4", port)
        try director.steps(client, "socket", "bind")
        try director.step(client, "connect")
        try director.say(
            "It waits in member 1's queue. The group is two now, and shares out anew: no client is refused.",
            where: director.lastFrames.first?.reached(listeners[0]) == true && (try director.sockets(at: FarmScene.server).filter { $0.kind == .listener }.count) == 2)
    }

    private func client(_ director: Director, _ name: String, _ port: UInt16) throws -> Participant {
        try director.start(name, "browser") { _ in
            let connection = try connect(from: Endpoint(.ipv4Loopback, port), to: FarmScene.server)
            try send("GET / HTTP/1.0\r\n\r\n", over: connection)
            _ = try receive(from: connection)
            _ = try receive(from: connection)
        }
    }

    /// The next port from which a SYN would go to that member, by the kernel's own look-up.
    private func port(
        from next: inout UInt16, for index: Int, of listeners: [HostSocket], _ director: Director
    ) throws -> UInt16 {
        for port in next..<next + 1_000 where try choice(port, director) == listeners[index].cookie {
            next = port + 1
            return port
        }
        throw StageError.disproved("the group shares out")
    }

    /// Which listener the kernel would choose for a SYN from there, by its cookie.
    private func choice(_ port: UInt16, _ director: Director) throws -> UInt64? {
        try director.kernelChoice(from: Endpoint(.ipv4Loopback, port), to: FarmScene.server)?.cookie
    }

    /// How many connections members hold.
    private static func served(_ director: Director) throws -> Int {
        try director.sockets(at: server).filter { $0.state == .established && !director.holders(of: $0).isEmpty }.count
    }
}
