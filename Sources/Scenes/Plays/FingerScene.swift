import Demux
import HostSockets
import Sockets
import Timeline
import Wire

/// A server with a child for each client: who holds the socket, and who must close it.
struct FingerScene: Scene {
    let name = "finger"
    let summary = "a port by name; one socket held by two processes, the forgotten close; a reply from another port"

    private static let port = database("finger", "tcp") ?? 79
    private static let transferPort = database("tftp", "udp") ?? 69
    private static let server = Endpoint(.ipv4Loopback, port)

    private static func database(_ name: String, _ transport: String) -> UInt16? {
        Names.services(named: name).first { $0.transport == transport }?.port
    }

    func play(_ director: Director) throws {
        let server = try director.start("server", "fingerd", children: 2, FingerScene.serve)
        let first = try FingerScene.client("client 1", "cew", director)
        let second = try FingerScene.client("client 2", "dcs", director)

        director.heading("A port by its name")
        try director.step(server, "getservbyname", "the services database of this machine")
        try director.steps(server, "socket", "bind", "listen", "accept")
        try director.step(first, "getservbyname", "both look up the same name")
        try director.steps(first, "socket", "connect")
        try director.back(server, "accept")

        director.heading("A child for the client")
        try director.step(server, "fork", "a second process, with the same descriptors")
        let child = try director.child("child 1")
        try FingerScene.showHolders(director)
        try director.say(
            "One socket, held by two processes: fork copies descriptors, not sockets.",
            where: try FingerScene.holders(director) == [server, child].map { director.processID(of: $0) })
        try director.step(server, "close", "the parent's copy: the child has its own")
        try director.say(
            "No FIN was sent. The socket is open as long as somebody holds it.",
            where: try director.isWireEmpty && FingerScene.holders(director) == [director.processID(of: child)])
        try director.step(server, "accept", "the parent is free for the next client")
        try FingerScene.ask(child, first, director)
        try director.step(child, "exit", "nobody holds it any more")
        let end = director.lastFrames
        try director.say(
            "Now the FIN is sent: the last process that held the socket has ended.",
            where: end.first?.flags?.contains(.fin) == true && end.first?.from == FingerScene.server)
        try director.steps(first, "recv", "recv", "close")

        director.heading("The forgotten close")
        try director.steps(second, "getservbyname", "socket", "connect")
        try director.back(server, "accept")
        try director.step(server, "fork", "once more")
        let other = try director.child("child 2")
        try director.step(server, "accept", "without a close before")
        try FingerScene.ask(other, second, director)
        try director.step(other, "exit", "no FIN")
        let isSilent = director.isWireEmpty
        try director.step(second, "recv")
        try director.step(second, "recv", "waits for the end")
        try FingerScene.showHolders(director)
        try director.say(
            "The child has ended and the parent still holds the socket: the client waits for an end that does not come.",
            where: try isSilent && director.waits(second, in: "recv")
                && FingerScene.holders(director) == [director.processID(of: server)])

        try FingerScene.transfer(director)
    }

    // MARK: The score's parts

    private static func ask(_ child: Participant, _ client: Participant, _ director: Director) throws {
        try director.step(child, "recv")
        try director.step(client, "send")
        try director.back(child, "recv")
        try director.step(child, "send")
    }

    /// The server's end of the latest connection.
    private static func connected(_ director: Director) throws -> HostSocket? {
        try director.sockets(at: server).first { $0.kind == .connected && $0.inode != 0 }
    }

    private static func holders(_ director: Director) throws -> [Int32] {
        try connected(director).map { director.holders(of: $0).map(\.processID) } ?? []
    }

    private static func showHolders(_ director: Director) throws {
        guard let socket = try connected(director) else { return }
        director.show(
            "/proc/PID/fd: who holds the connected socket",
            director.holders(of: socket).map { "\($0.name)[\($0.processID)]  fd \($0.descriptor) → socket:[\(socket.inode)]" })
    }

    /// As TFTP does (RFC 1350 §4): each transfer has a port of its own.
    private static func transfer(_ director: Director) throws {
        let server = try director.start("tftpd", "tftpd") { _ in
            let port = Names.port(ofService: "tftp", .udp) ?? transferPort
            let well = try datagramSocket(at: Endpoint(.ipv4Any, port))
            let request = try receiveDatagram(from: well)
            let own = try DatagramSocket(.four)
            try send("block 1", to: request.sender, over: own)
            _ = try receiveDatagram(from: own)
        }
        let client = try director.start("tftp", "tftp") { _ in
            let port = Names.port(ofService: "tftp", .udp) ?? transferPort
            let socket = try DatagramSocket(.four)
            try send("read motd", to: Endpoint(.ipv4Loopback, port), over: socket)
            let answer = try receiveDatagram(from: socket)
            try send("ack 1", to: answer.sender, over: socket)
        }
        director.heading("A reply from another port (as TFTP does)")
        try director.steps(server, "getservbyname", "socket", "bind", "recvfrom")
        try director.steps(client, "getservbyname", "socket")
        try director.step(client, "sendto", "to the well-known port")
        try director.back(server, "recvfrom")
        try director.step(server, "socket", "one for this client alone")
        try director.step(server, "sendto", "it has no port: the kernel picks one now")
        let reply = director.lastFrame
        try director.step(client, "recvfrom", "not from port \(transferPort)")
        try director.step(server, "recvfrom", "on the new socket")
        try director.step(client, "sendto", "to where the reply came from")
        let answer = director.lastFrame
        try director.back(server, "recvfrom")
        try director.say(
            "The request went to port \(transferPort); all that follows goes between two ephemeral ports. Port \(transferPort) is free for the next request.",
            where: reply?.from != nil && reply?.from?.port != transferPort && answer?.to == reply?.from
                && answer?.receiver?.cookie == reply?.sender?.cookie && answer?.evidence == .kernel)
    }

    // MARK: Programs

    private static func serve(_ role: Role) throws {
        let port = Names.port(ofService: "finger") ?? port
        let listener = try listen(at: Endpoint(.ipv4Any, port))
        let first = try accepted(listener)
        try role.fork("child 1", as: "fingerd", spare: 0) { _ in try answer(first) }
        try first.close()
        let second = try accepted(listener)
        try role.fork("child 2", as: "fingerd", spare: 1) { _ in try answer(second) }
        _ = try accepted(listener)
        _ = second.remote
    }

    private static func answer(_ connection: borrowing ConnectedSocket) throws {
        let name = try receive(from: connection)
        try send("\(name.split(separator: "\r\n").first ?? ""): no plan\r\n", over: connection)
    }

    private static func client(_ name: String, _ user: String, _ director: Director) throws -> Participant {
        try director.start(name, "finger") { _ in
            let port = Names.port(ofService: "finger") ?? port
            let connection = try connect(to: Endpoint(.ipv4Loopback, port))
            try send("\(user)\r\n", over: connection)
            while try !receive(from: connection).isEmpty {}
            try connection.close()
        }
    }
}
