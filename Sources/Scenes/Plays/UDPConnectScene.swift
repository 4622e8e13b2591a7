import HostSockets
import Sockets
import Timeline
import Wire

/// What connect does to a datagram socket: whom it hears, and what it is told.
struct UDPConnectScene: Scene {
    let name = "udpconnect"
    let summary = "connect without a segment: whom a datagram socket hears then, and who is told of an error"

    private static let server = Endpoint(.ipv4Loopback, 1234)
    private static let shared = Endpoint(.ipv4Any, 6428)

    func play(_ director: Director) throws {
        let cast = try Cast(director)
        try UDPConnectScene.connect(cast, director)
        try UDPConnectScene.meetStranger(cast, director)
        try UDPConnectScene.fail(cast, director)
        try UDPConnectScene.share(director)
    }

    private static func connect(_ cast: Cast, _ director: Director) throws {
        director.heading("connect on a datagram socket")
        try director.steps(cast.server, "socket", "bind", "recvfrom")
        try director.steps(cast.client, "socket", "setsockopt", "bind")
        try director.step(cast.client, "connect", "nothing is sent")
        let client = try director.datagramSocket(at: cast.clientEnd)
        try director.say(
            "No connection was made: the client's own kernel has noted the peer, and the server knows nothing of it.",
            where: director.isWireEmpty && client?.remote == server && director.waits(cast.server, in: "recvfrom"))
        try director.step(cast.client, "send", "send, not sendto: the peer is noted")
        try director.back(cast.server, "recvfrom")
        try director.step(cast.server, "sendto")
        try director.step(cast.client, "recvfrom")
    }

    private static func meetStranger(_ cast: Cast, _ director: Director) throws {
        director.heading("A stranger's datagram")
        try director.step(cast.client, "recvfrom")
        try director.steps(cast.stranger, "socket", "bind")
        try director.step(cast.stranger, "sendto", "to the client's port")
        let refused = director.lastFrames
        try director.say(
            "Nobody gets it, though the client has the port and waits: a connected datagram socket takes what its peer sends, and nothing else.",
            where: refused.first?.reachedNobody == true && director.waits(cast.client, in: "recvfrom"))
        director.heading("The same port, not connected")
        try director.steps(cast.other, "socket", "setsockopt", "bind", "recvfrom")
        try director.step(cast.stranger, "sendto", "the same datagram again")
        let taken = director.lastFrame
        try director.back(cast.other, "recvfrom", "the other socket on port \(cast.clientEnd.port) takes anybody's")
        try director.step(cast.other, "recvfrom")
        try director.step(cast.server, "sendto", "from the client's peer, to the same port")
        let kept = director.lastFrame
        try director.back(cast.client, "recvfrom", "the connected socket is asked first")
        try director.say(
            "One port, two sockets: the peer's datagrams go to the connected one, all others to the one that is not.",
            where: try kept?.reached(director.datagramSocket(at: cast.clientEnd)) == true
                && taken?.reached(director.datagramSocket(at: Endpoint(.ipv4Any, cast.clientEnd.port))) == true
                && director.waits(cast.other, in: "recvfrom"))
    }

    private static func fail(_ cast: Cast, _ director: Director) throws {
        director.heading("Who is told of the error?")
        try director.step(cast.server, "close", "nobody has port \(server.port) from here on")
        try director.step(cast.stranger, "sendto", "it succeeds: the datagram was sent")
        let untold = director.lastFrames.last
        try director.step(cast.stranger, "recvfrom", "waits")
        try director.step(cast.client, "send", "it succeeds, too")
        let told = director.lastFrames.last
        try director.step(cast.client, "recvfrom", "the ICMP message has become an error of this call")
        try director.say(
            "The ICMP message came to both sockets. The connected one was told; the other waits for an answer that cannot come.",
            where: untold?.rule == .icmpError && untold?.isUntold == true && told?.rule == .icmpError && told?.isUntold == false
                && director.waits(cast.stranger, in: "recvfrom") && director.result(of: cast.client)?.hasPrefix("ECONNREFUSED") == true)
    }

    /// Two plain sockets on one port, which SO_REUSEADDR allows.
    private static func share(_ director: Director) throws {
        let first = try director.start("first", "first", hear)
        let second = try director.start("second", "second", hear)
        let sender = try director.start("sender", "sender") { _ in
            let socket = try DatagramSocket(.four)
            for text in ["one", "two", "three"] { try send(text, to: Endpoint(.ipv4Loopback, shared.port), over: socket) }
        }
        director.heading("Two sockets, one port, neither connected")
        try director.steps(first, "socket", "setsockopt", "bind", "recvfrom")
        try director.steps(second, "socket", "setsockopt", "bind", "recvfrom")
        director.say("Which of the two gets what is sent to port \(shared.port)?")
        try director.step(sender, "socket")
        try director.step(sender, "sendto")
        try director.back(second, "recvfrom")
        try director.step(second, "recvfrom")
        try director.step(sender, "sendto")
        try director.back(second, "recvfrom")
        try director.say(
            "The second gets them all: of sockets that fit equally well the kernel takes the one that was bound last.",
            where: director.waits(first, in: "recvfrom"))
        try director.step(second, "close")
        try director.step(sender, "sendto")
        try director.back(first, "recvfrom", "only now")
    }

    private static func hear(_ role: Role) throws {
        let socket = try datagramSocket(at: shared, reusesAddress: true)
        for _ in 0..<2 { role.print(try receiveDatagram(from: socket).text) }
    }

    /// Who takes part up to the last part.
    private struct Cast {
        let server: Participant
        let client: Participant
        let stranger: Participant
        let other: Participant
        let clientEnd: Endpoint

        init(_ director: Director) throws {
            let clientEnd = Endpoint(.ipv4Loopback, director.port(9157))
            let strangerEnd = Endpoint(.ipv4Loopback, director.port(5775))
            self.clientEnd = clientEnd
            server = try director.start("server", "timed") { _ in
                let socket = try datagramSocket(at: UDPConnectScene.server)
                let request = try receiveDatagram(from: socket)
                try send("14:05", to: request.sender, over: socket)
                try send("14:06", to: request.sender, over: socket)
                try socket.close()
            }
            client = try director.start("client", "time") { _ in
                let socket = try datagramSocket(at: clientEnd, reusesAddress: true)
                try socket.connect(to: UDPConnectScene.server)
                try socket.send(Array("time?".utf8).span)
                _ = try receiveDatagram(from: socket)
                _ = try receiveDatagram(from: socket)
                try socket.send(Array("time?".utf8).span)
                _ = try receiveDatagram(from: socket)
            }
            stranger = try director.start("stranger", "stranger") { _ in
                let socket = try datagramSocket(at: strangerEnd)
                for _ in 0..<2 { try send("hello", to: clientEnd, over: socket) }
                try send("time?", to: UDPConnectScene.server, over: socket)
                _ = try receiveDatagram(from: socket)
            }
            other = try director.start("other", "other") { _ in
                let socket = try datagramSocket(at: Endpoint(.ipv4Any, clientEnd.port), reusesAddress: true)
                for _ in 0..<2 { _ = try receiveDatagram(from: socket) }
            }
        }
    }
}
