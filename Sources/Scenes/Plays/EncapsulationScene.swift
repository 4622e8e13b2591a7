import Demux
import Sockets
import Timeline
import Wire

/// One message on its way down through the layers at one host and up again at the other, byte by byte.
struct EncapsulationScene: Scene {
    let name = "encapsulation"
    let summary = "one message, byte by byte down and up the layers: which header is whose, and where the ports are"
    let layout = Stage.Layout.three

    private static let server = Endpoint(Host.c.address, 1234)
    private static let message = "Here we go...\n"

    func play(_ director: Director) throws {
        let server = try director.start("server", "echod", on: Host.c.place) { _ in
            let socket = try DatagramSocket(.four)
            try socket.bind(to: Endpoint(.ipv4Any, EncapsulationScene.server.port))
            var buffer = [UInt8](repeating: 0, count: 1024)
            _ = try socket.receive(into: &buffer)
        }
        let client = try director.start("client", "echo", on: Host.a.place) { _ in
            let socket = try DatagramSocket(.four)
            try socket.bind(to: Endpoint(Host.a.address, director.port(9157)))
            try socket.send(Array(EncapsulationScene.message.utf8).span, to: EncapsulationScene.server)
        }
        try director.steps(server, "socket", "bind", "recvfrom")
        try director.steps(client, "socket", "bind")
        try director.step(client, "sendto", "\(EncapsulationScene.message.utf8.count) bytes and an address: that is all the program says")
        guard let frame = director.lastFrames.first else { throw StageError.disproved("a frame was sent") }
        let layers = try Layers(frame)
        try down(director, frame, layers)
        try up(director, frame, layers)
        try director.back(server, "recvfrom", "the payload, and from whom: taken from the headers")
        try director.say(
            "Three headers were added and three taken off. The program at either end saw none of them.",
            where: frame.evidence == .kernel && frame.payloadLength == EncapsulationScene.message.utf8.count)
    }

    private func down(_ director: Director, _ frame: FrameMoment, _ layers: Layers) throws {
        let (udp, ip, ethernet) = (layers.udp, layers.ip, layers.ethernet)
        director.heading("Down, at host A")
        director.show("the message, \(frame.payloadLength) B: the program's", layers.dump(layers.payload, as: "payload"))
        director.show(
            "UDP puts \(layers.transport.count) B in front: the transport layer's, in the kernel (protocol \(IPProtocol.udp.rawValue))",
            layers.dump(layers.transport, as: "UDP")
                + ["source port \(udp.sourcePort), destination port \(udp.destinationPort), length \(udp.length)"])
        try director.say(
            "The ports are here, in the transport header, and nowhere else.",
            where: udp.sourcePort == frame.from?.port && udp.destinationPort == frame.to?.port)
        director.show(
            "IP puts \(layers.internet.count) B in front: for every router and for the host",
            layers.dump(layers.internet, as: "IPv4")
                + ["from \(layers.source) to \(layers.destination), protocol \(ip.protocol.rawValue): what is inside is UDP"])
        try director.say(
            "The addresses are here. IP has no ports.", where: layers.source == frame.from?.address && layers.destination == frame.to?.address)
        director.show(
            "Ethernet puts \(layers.link.count) B in front: for the next station on this wire",
            layers.dump(layers.link, as: "Ethernet")
                + ["from \(ethernet.source) to \(ethernet.destination), type 0x0800: what is inside is IPv4"])
        try director.say(
            "\(frame.payloadLength) bytes of message, \(frame.bytes.count) bytes on this wire. (A cable of Ethernet has 60 at least, and 4 of checksum behind them.)",
            where: layers.link.count + layers.internet.count + layers.transport.count + layers.payload.count == frame.bytes.count)
    }

    private func up(_ director: Director, _ frame: FrameMoment, _ layers: Layers) throws {
        director.heading("Up, at host C")
        director.show(
            "each layer asks one question of its header",
            [
                "Ethernet  is \(layers.ethernet.destination) mine?      yes; type 0x0800 says: to IPv4",
                "IPv4      is \(layers.destination) mine?               yes; protocol \(layers.ip.protocol.rawValue) says: to UDP",
                "UDP       who has port \(layers.udp.destinationPort)?              \(frame.receiver.map { "\($0.name)" } ?? "nobody")",
            ])
        try director.say(
            "The address brought it to the host, the port to the socket, and the socket to its process.",
            where: frame.receiver?.name.kind == .datagram && frame.receiver?.holders.count == 1)
    }
}

/// Where each header of a frame lies.
private struct Layers {
    let bytes: [UInt8]
    let link: Range<Int>
    let internet: Range<Int>
    let transport: Range<Int>
    let payload: Range<Int>
    let ethernet: EthernetHeader
    let ip: IPv4Header
    let source: IPAddress
    let destination: IPAddress
    let udp: UDPHeader

    init(_ frame: FrameMoment) throws {
        var packet = Packet()
        packet.decode(frame.bytes.span, linkType: frame.linkType, originalLength: frame.bytes.count)
        guard case .ethernet(let ethernet) = packet.link, case .ipv4(let ip) = packet.internet, case .udp(let udp) = packet.transport else {
            throw StageError.disproved("the frame is a UDP datagram in IPv4 over Ethernet")
        }
        (self.ethernet, self.ip, self.udp) = (ethernet, ip, udp)
        (source, destination) = (IPAddress(ipv4: ip.source), IPAddress(ipv4: ip.destination))
        bytes = frame.bytes
        payload = packet.payload.start..<packet.payload.end
        transport = payload.lowerBound - UDPHeader.length..<payload.lowerBound
        internet = transport.lowerBound - Int(ip.headerLength)..<transport.lowerBound
        link = 0..<internet.lowerBound
    }

    /// The bytes as a hex dump, sixteen in a line, with the header's name in front.
    func dump(_ range: Range<Int>, as name: String) -> [String] {
        stride(from: range.lowerBound, to: range.upperBound, by: 16).map { start in
            let line = bytes[start..<min(start + 16, range.upperBound)]
            let hex = line.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
            let text = String(line.map { (32..<127).contains($0) ? Character(UnicodeScalar($0)) : "." })
            let head = start == range.lowerBound ? name : ""
            let isText = range == payload
            return head + String(repeating: " ", count: 10 - head.count) + hex
                + (isText ? String(repeating: " ", count: 50 - hex.count) + text : "")
        }
    }
}
