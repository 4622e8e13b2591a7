import Demux
import HostSockets
import Platform
import Sockets
import Wire

/// Who chooses a port, who may have it, and when it is free.
struct PortsScene: Scene {
    let name = "ports"
    let summary = "well-known, registered and ephemeral ports: who chooses, who may, and when one is free"

    private static let web = Endpoint(.ipv4Loopback, 80)
    private static let finger = Endpoint(.ipv4Loopback, 79)
    private static let high = Endpoint(.ipv4Loopback, 7979)
    private static let request = "GET / HTTP/1.0\r\n\r\n"

    func play(_ director: Director) throws {
        try PortsScene.name(director)
        let server = try director.start("server", "echod") { _ in
            let listener = try listen(at: PortsScene.web)
            let first = try accepted(listener)
            let second = try accepted(listener)
            try send(try receive(from: second), over: second)
            _ = try receive(from: first)
        }
        try PortsScene.choose(server, director)
        try PortsScene.refuse(director)
        try PortsScene.outlive(director)
    }

    // MARK: Names and ranges

    private static let services = [("ftp", "tcp"), ("telnet", "tcp"), ("smtp", "tcp"), ("domain", "udp"), ("finger", "tcp"), ("http", "tcp")]

    private static func name(_ director: Director) throws {
        director.heading("65,536 numbers")
        director.show("what the services database of this machine calls them (getservbyname)", services.map { name, transport in
            let entry = Names.services(named: name).first { $0.transport == transport }
            return entry.map { "\($0.port)/\($0.transport)  \($0.name)" } ?? "\(name): not known here"
        })
        for file in [first, range] { director.show(file, [try setting(file)]) }
        let bounds = try ephemeral()
        let least = UInt16(try setting(first)) ?? 0
        try director.say(
            "Ports below \(least) are for those who have the right to (well-known). Those from \(bounds.lowerBound) to \(bounds.upperBound) the kernel hands out (ephemeral). From \(least) on anybody may ask for one; many have names (registered).",
            where: least > 0 && least < bounds.lowerBound)
    }

    private static let first = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
    private static let range = "/proc/sys/net/ipv4/ip_local_port_range"

    private static func setting(_ path: String) throws -> String {
        try readTextFile(path, limit: 64).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private static func ephemeral() throws -> ClosedRange<UInt16> {
        let ends = try setting(range).split(separator: " ").compactMap { UInt16($0) }
        guard ends.count == 2, ends[0] <= ends[1] else { throw StageError.failed("\(range) holds no range") }
        return ends[0]...ends[1]
    }

    // MARK: Who chooses

    private static func choose(_ server: Participant, _ director: Director) throws {
        let client = try director.start("client", "browser") { _ in
            let one = try StreamSocket(.four)
            _ = try one.localEndpoint()
            let first = try one.connect(to: web)
            _ = try first.localEndpoint()
            let second = try connect(to: web)
            _ = try second.localEndpoint()
            try send(request, over: second)
            _ = try receive(from: second)
        }
        let other = try director.start("other", "other") { _ in
            let socket = try StreamSocket(.four)
            try socket.bind(to: Endpoint(.ipv4Loopback, 0), reusesAddress: false)
            _ = try socket.localEndpoint()
        }
        director.heading("Who chooses the client's port?")
        try director.steps(server, "socket", "bind", "listen", "accept")
        try director.step(client, "socket")
        try director.step(client, "getsockname", "0: it has no port")
        try director.step(client, "connect")
        try director.back(server, "accept")
        try director.step(server, "accept")
        try director.step(client, "getsockname", "now it has one")
        let one = try port(of: client, director)
        try director.say(
            "The kernel chose \(one), in connect: neither the program nor the server did.",
            where: try ephemeral().contains(one) && director.sockets(onPort: one).count == 1)
        try director.steps(client, "socket", "connect")
        try director.back(server, "accept")
        try director.step(client, "getsockname")
        let two = try port(of: client, director)
        try director.say("Another socket, another port.", where: try ephemeral().contains(two) && two != one)
        try director.step(other, "socket")
        try director.step(other, "bind", "port 0: choose one for me")
        try director.step(other, "getsockname")
        let zero = try port(of: other, director)
        try director.say(
            "No socket ever has port 0. It stands for: whichever is free.", where: try ephemeral().contains(zero))

        director.heading("What does a number mean?")
        try director.step(server, "recv")
        try director.step(client, "send", "a browser asks port 80")
        try director.steps(server, "send")
        try director.step(client, "recv", "and gets its own words back")
        try director.say(
            "Port 80 is the web's, and here an echo server has it: a number is a convention, the kernel does not look at what is sent.",
            where: director.result(of: client)?.hasPrefix("18 \"GET / HTTP/1.0") == true)
    }

    private static func port(of participant: Participant, _ director: Director) throws -> UInt16 {
        director.result(of: participant).flatMap { $0.split(separator: ":").last }.flatMap { UInt16($0) } ?? 0
    }

    // MARK: Who may

    private static func refuse(_ director: Director) throws {
        let guest = try director.start("guest", "fingerd") { _ in
            try dropBindService()
            let socket = try StreamSocket(.four)
            try? socket.bind(to: finger, reusesAddress: false)
            try socket.bind(to: high, reusesAddress: false)
        }
        let second = try director.start("second server", "webd") { _ in
            try StreamSocket(.four).bind(to: web)
        }
        director.heading("Who may have it?")
        try director.step(guest, "socket")
        try director.step(guest, "bind", "an ordinary user's process (it lacks CAP_NET_BIND_SERVICE)")
        let refused = director.result(of: guest)
        try director.step(guest, "bind", "\(high.port) is for everybody")
        try director.say(
            "Port 79 is free, and not for everybody.",
            where: try refused?.hasPrefix("EACCES") == true && director.result(of: guest) == "0"
                && director.sockets(onPort: finger.port).isEmpty)
        try director.step(second, "socket")
        try director.step(second, "bind")
        let listener = try director.listener(at: web)
        try director.say(
            "Port 80 is taken: \(director.holdersText(of: listener)) listens there.",
            where: director.result(of: second)?.hasPrefix("EADDRINUSE") == true && director.holders(of: listener).count == 1)
    }

    // MARK: When it is free again

    private static let strict = Endpoint(.ipv4Loopback, 5193)
    private static let lenient = Endpoint(.ipv4Loopback, 5194)

    private static func outlive(_ director: Director) throws {
        let old = try director.start("old server", "visitord") { _ in
            for (end, reuses) in [(strict, false), (lenient, true)] {
                let listener = try listen(at: end, reusesAddress: reuses)
                let connection = try accepted(listener)
                try connection.close()
                try listener.close()
            }
        }
        let visitor = try director.start("visitor", "visitor") { _ in
            for end in [strict, lenient] {
                let connection = try connect(to: end)
                _ = try receive(from: connection)
                try connection.close()
            }
        }
        let new = try director.start("new server", "visitord") { _ in
            let socket = try StreamSocket(.four)
            try? socket.bind(to: strict, reusesAddress: false)
            try? socket.bind(to: strict)
            try StreamSocket(.four).bind(to: lenient)
        }
        director.heading("In use, and nobody has it")
        try visit(old, visitor, director, reuses: false)
        try director.showSockets(onPort: strict.port)
        try director.say(
            "Nobody listens on port 5193. What is left is the connection that the server closed first: TIME_WAIT.",
            where: try director.sockets(onPort: strict.port).allSatisfy { $0.state == .timeWait && $0.inode == 0 })
        try director.step(new, "socket")
        try director.step(new, "bind", "SO_REUSEADDR on neither")
        let neither = director.result(of: new)
        try director.step(new, "setsockopt")
        try director.step(new, "bind", "on the new socket alone")
        let alone = director.result(of: new)
        director.heading("The same with SO_REUSEADDR on the old socket")
        try visit(old, visitor, director, reuses: true)
        try director.step(new, "socket")
        try director.step(new, "setsockopt")
        try director.step(new, "bind", "on both")
        let both = director.result(of: new)
        try director.say(
            "Beside a connection in TIME_WAIT a port can be bound if SO_REUSEADDR was on at both, the socket that had it and the one that wants it.",
            where: try neither?.hasPrefix("EADDRINUSE") == true && alone?.hasPrefix("EADDRINUSE") == true && both == "0"
                && director.sockets(onPort: lenient.port).contains { $0.state == .timeWait })
    }

    /// A connection that the server closes first.
    private static func visit(_ old: Participant, _ visitor: Participant, _ director: Director, reuses: Bool) throws {
        try director.step(old, "socket")
        if reuses { try director.step(old, "setsockopt") }
        try director.steps(old, "bind", "listen", "accept")
        try director.steps(visitor, "socket", "connect")
        try director.back(old, "accept")
        try director.step(old, "close", "the server closes first")
        try director.steps(visitor, "recv", "close")
        try director.step(old, "close", "the listener")
    }
}
