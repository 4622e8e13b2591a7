import Demux
import HostSockets
import Sockets
import Timeline
import Wire

/// Bound to the wildcard or to one address: who can come in, from inside and from outside.
struct BindingScene: Scene {
    let name = "binding"
    let summary = "the wildcard or one address: what comes from inside, and what from outside"
    let layout = Stage.Layout.three

    private static let port: UInt16 = 3001
    private static let all = Endpoint(.ipv4Any, port)
    private static let outer = Endpoint(Host.c.address, port)
    private static let inner = Endpoint(.ipv4Loopback, port)

    func play(_ director: Director) throws {
        let all = try director.start("webd", "webd", on: Host.c.place) { _ in
            var options = SocketOptions()
            options.reusesPort = true
            let socket = try StreamSocket(.four)
            try socket.apply(options)
            try socket.bind(to: BindingScene.all, reusesAddress: true)
            let listener = try socket.listen(backlog: 6)
            let first = try accepted(listener)
            let second = try accepted(listener)
            try listener.close()
            _ = (first.remote, second.remote)
        }
        let inner = try director.start("devd", "devd", on: Host.c.place) { _ in
            let socket = try StreamSocket(.four)
            try? socket.bind(to: BindingScene.inner)
            var options = SocketOptions()
            options.reusesPort = true
            try socket.apply(options)
            try socket.bind(to: BindingScene.inner, reusesAddress: false)
            let listener = try socket.listen(backlog: 6)
            let first = try accepted(listener)
            let second = try accepted(listener)
            _ = (first.remote, second.remote)
        }
        let c = try director.start("client C", "browser", on: Host.c.place) { _ in
            let first = try connect(to: BindingScene.inner)
            let second = try connect(to: Endpoint(IPAddress(ipv4: 0x7f00_0002), BindingScene.port))
            let third = try connect(to: BindingScene.inner)
            _ = (first.remote, second.remote, third.remote)
        }
        let b = try director.start("client B", "browser", on: Host.b.place) { _ in
            let first = try connect(to: BindingScene.outer)
            let second = try connect(to: BindingScene.outer)
            _ = (first.remote, second.remote)
        }

        try BindingScene.bind(all, inner, director)
        director.heading("Three ways to port \(BindingScene.port)")
        let listeners = try [BindingScene.inner, BindingScene.all].map { try director.listener(at: $0, on: Host.c.place) }
        var syn = try BindingScene.knock(c, on: inner, director, "from inside, to 127.0.0.1")
        try director.say("The one that is bound to the address goes first.", where: syn?.reached(listeners[0]) == true)
        syn = try BindingScene.knock(c, on: all, director, "from inside, to 127.0.0.2, which is this host's too")
        try director.say("The wildcard takes what comes to any other address of the host.", where: syn?.reached(listeners[1]) == true)
        syn = try BindingScene.knock(b, on: all, director, "from outside")
        try director.say(
            "What comes from host B comes to 10.0.0.3, so it is the wildcard's. 127.0.0.1 would be B itself there.",
            where: syn?.reached(listeners[1]) == true)

        director.heading("Without the wildcard")
        try director.step(all, "close", "its listener")
        syn = try BindingScene.knock(c, on: inner, director, "from inside")
        try director.step(b, "socket")
        try director.step(b, "connect", "from outside")
        let answer = director.lastFrames.last
        try director.say(
            "From host C it works, and from host B it is refused: a server on 127.0.0.1 is for its own host alone.",
            where: syn?.reached(listeners[0]) == true && answer?.flags?.contains(.rst) == true && director.result(of: b)?.hasPrefix("ECONNREFUSED") == true)
    }

    private static func bind(_ all: Participant, _ inner: Participant, _ director: Director) throws {
        director.heading("Two listeners on port \(port)")
        try director.step(all, "socket")
        try director.steps(all, "setsockopt", "setsockopt")
        try director.step(all, "bind", "0.0.0.0 is no address: it stands for every one that this host has (the wildcard)")
        try director.step(all, "listen")
        try director.step(inner, "socket")
        try director.step(inner, "setsockopt")
        try director.step(inner, "bind", "SO_REUSEADDR, at both, does not help against a listener")
        try director.step(inner, "setsockopt")
        try director.step(inner, "bind", "with SO_REUSEPORT at both it may")
        try director.step(inner, "listen")
        try director.showSockets(onPort: port, of: Host.c.place)
        try director.say(
            "Two listeners have port \(port), one for 127.0.0.1 and one for whatever else comes.",
            where: try director.sockets(onPort: port, of: Host.c.place).filter { $0.kind == .listener }.count == 2)
    }

    /// socket, connect and accept.
    ///
    /// - Returns: the SYN.
    private static func knock(
        _ client: Participant, on server: Participant, _ director: Director, _ remark: String
    ) throws -> FrameMoment? {
        try director.step(server, "accept")
        try director.step(client, "socket")
        try director.step(client, "connect", remark)
        let syn = director.lastFrames.first { $0.flags == .syn }
        try director.back(server, "accept")
        return syn
    }
}
