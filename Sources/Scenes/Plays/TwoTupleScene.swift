import HostSockets
import Sockets
import Timeline
import Wire

/// UDP beside TCP on one port number.
struct TwoTupleScene: Scene {
    let name = "two-tuple"
    let summary = "UDP beside TCP on one port number: one socket for all, or one for each"
    let layout = Stage.Layout.three

    private static let port: UInt16 = 1234
    private static let server = Endpoint(Host.c.address, port)

    func play(_ director: Director) throws {
        let (usual, other) = (director.port(9157), director.port(5775))
        let server = try director.start("server", "echod", on: Host.c.place, TwoTupleScene.serve)
        let a = try TwoTupleScene.client("client A", Host.a, usual, director)
        let b = try TwoTupleScene.client("client B", Host.b, usual, director)
        let third = try TwoTupleScene.client("client B2", Host.b, other, director)

        director.heading("Port 1234, twice")
        try director.step(server, "socket")
        try director.step(server, "bind", "UDP's port 1234")
        try director.step(server, "socket")
        try director.step(server, "bind", "TCP's port 1234: it is free")
        try director.step(server, "listen")
        try director.say(
            "Two sockets on host C have port 1234, one of UDP and one of TCP: each protocol has its own ports.",
            where: try TwoTupleScene.counts(director) == [1, 1])

        director.heading("UDP: one socket for all")
        let first = try TwoTupleScene.exchange(server, a, director)
        let second = try TwoTupleScene.exchange(server, b, director)
        let shared = try director.sockets(of: .udp, onPort: TwoTupleScene.port, of: Host.c.place).first
        try director.say(
            "One socket got both datagrams: it is not connected, so only where they go counts (demultiplexing by a two-tuple).",
            where: first.request?.reached(shared) == true && second.request?.reached(shared) == true
                && first.request?.from != second.request?.from)
        try director.say(
            "It has no peer. Each reply goes to the address that recvfrom gave with the request.",
            where: shared?.remote == nil && first.reply?.to == first.request?.from && second.reply?.to == second.request?.from)

        director.heading("TCP: a socket for each")
        try TwoTupleScene.join(server, a, director, "UDP's \(usual) is its own; TCP's is free")
        try TwoTupleScene.join(server, b, director, nil)
        try director.step(server, "recv", "it reads from the first")
        try director.step(a, "send")
        let segment = director.lastFrame
        try director.back(server, "recv", "no address: this socket has its peer")
        try director.say(
            "This segment has the four numbers of the first datagram. The protocol is looked at first: 17 is UDP, 6 is TCP.",
            where: first.request?.protocolNumber == 17 && segment?.protocolNumber == 6 && first.request?.from == segment?.from
                && first.request?.to == segment?.to && first.request?.receiver?.cookie != segment?.receiver?.cookie && segment?.evidence == .kernel)
        try director.step(server, "send")
        try director.step(server, "recv", "it reads from the second")
        try director.step(b, "send")
        try director.back(server, "recv")
        try director.step(server, "send")
        try director.showSockets(onPort: TwoTupleScene.port, of: Host.c.place)
        try director.say(
            "Two clients: UDP has 1 socket, TCP has 3, the listener and one for each client (a four-tuple).",
            where: try TwoTupleScene.counts(director) == [1, 3])

        director.heading("A third client")
        _ = try TwoTupleScene.exchange(server, third, director)
        try TwoTupleScene.join(server, third, director, nil)
        try director.say(
            "Three clients: UDP has 1 socket, TCP has 4. For each client more TCP has one more, UDP none.",
            where: try TwoTupleScene.counts(director) == [1, 4])
    }

    /// How many sockets host C has on the port: UDP's, TCP's.
    private static func counts(_ director: Director) throws -> [Int] {
        try [IPProtocol.udp, .tcp].map { try director.sockets(of: $0, onPort: port, of: Host.c.place).count }
    }

    // MARK: The score's parts

    /// A datagram and its echo.
    private static func exchange(_ server: Participant, _ client: Participant, _ director: Director) throws
        -> (request: FrameMoment?, reply: FrameMoment?)
    {
        try director.step(server, "recvfrom")
        try director.steps(client, "socket", "bind")
        try director.step(client, "sendto")
        let request = director.lastFrame
        try director.back(server, "recvfrom", "who sent it stands beside the datagram")
        try director.step(server, "sendto", "the reply goes there")
        let reply = director.lastFrame
        try director.step(client, "recvfrom")
        return (request, reply)
    }

    private static func join(_ server: Participant, _ client: Participant, _ director: Director, _ remark: String?) throws {
        try director.step(server, "accept")
        try director.step(client, "socket")
        try director.step(client, "bind", remark)
        try director.step(client, "connect")
        try director.back(server, "accept", "one more socket on port 1234")
    }

    // MARK: Programs

    private static func serve(_ role: Role) throws {
        let datagrams = try datagramSocket(at: Endpoint(.ipv4Any, port))
        let listener = try listen(at: Endpoint(.ipv4Any, port))
        try echo(datagrams)
        try echo(datagrams)
        let first = try accepted(listener)
        let second = try accepted(listener)
        try send(try receive(from: first), over: first)
        try send(try receive(from: second), over: second)
        try echo(datagrams)
        _ = try accepted(listener)
    }

    private static func echo(_ socket: borrowing DatagramSocket) throws {
        let request = try receiveDatagram(from: socket)
        try send(request.text, to: request.sender, over: socket)
    }

    private static func client(_ name: String, _ host: Host, _ port: UInt16, _ director: Director) throws -> Participant {
        try director.start(name, "echo", on: host.place) { _ in
            let local = Endpoint(host.address, port)
            let socket = try datagramSocket(at: local)
            try send("hello, \(name)\n", to: server, over: socket)
            _ = try receiveDatagram(from: socket)
            let connection = try connect(from: local, to: server)
            try send("hello, \(name)\n", over: connection)
            _ = try receive(from: connection)
        }
    }
}
