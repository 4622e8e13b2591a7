import Sockets
import Wire

/// The first program: a server that numbers the lines it gets and sends them back, and its client.
struct EchoScene: Scene {
    let name = "echo"
    let summary = "the first program: the calls on both sides, in their order, and the segments between"

    private static let port: UInt16 = 1234
    private static let server = Endpoint(.ipv4Loopback, port)
    private static let lines = ["Here we go...\n", "Wow, a response!\n", "Goodbye\n"]

    func play(_ director: Director) throws {
        let server = try director.start("server", "echod") { role in
            let socket = try StreamSocket(.four, protocolNumber: Names.protocolNumber("tcp"))
            try socket.bind(to: EchoScene.server, reusesAddress: false)
            let listener = try socket.listen(backlog: 6)
            while let connection = try listener.accept() {
                _ = try listener.localEndpoint()
                _ = try connection.localEndpoint()
                try EchoScene.serve(connection, role)
            }
        }
        let client = try director.start("client", "echo") { role in
            _ = try resolve(host: "127.0.0.1", service: "1234", for: .tcp)
            let socket = try StreamSocket(.four, protocolNumber: Names.protocolNumber("tcp"))
            _ = try socket.localEndpoint()
            let connection = try socket.connect(to: EchoScene.server)
            var buffer = [UInt8](repeating: 0, count: 1024)
            for line in EchoScene.lines {
                _ = try connection.send(Array(line.utf8).span)
                guard case .bytes = try connection.receive(into: &buffer) else { break }
            }
            try connection.close()
        }

        try director.step(server, "getprotobyname", "by its name, TCP is protocol 6")
        try director.step(server, "socket", "a door without a number")
        try director.step(server, "bind", "a number for the door; nobody can come in yet")
        try director.step(server, "listen", try queueWords(director, "passive open: they can come;"))
        try director.step(server, "accept", "sleeps: the queue is empty")
        try director.step(client, "getaddrinfo", "who, and where: a name would do as well")
        try director.steps(client, "getprotobyname", "socket")
        try director.step(client, "getsockname", "no port yet, and nothing was sent")
        try director.step(client, "connect", "active open: the kernel picks a port, and sends the SYN")
        try director.back(server, "accept", "takes it out of the queue; no segment was sent")
        try director.step(server, "getsockname", "the listener's own end")
        try director.step(server, "getsockname", "the connected socket's own end")
        try director.say(
            "Two doors, one number: the listener and the connected socket both have port \(EchoScene.port).",
            where: try director.sockets(at: EchoScene.server).count == 2)
        for line in EchoScene.lines {
            try director.step(server, "recv", "waits for the client")
            try director.step(client, "send")
            try director.back(server, "recv", "\(line.utf8.count) B leave its receive buffer")
            try director.step(client, "recv")
            try director.step(server, "send")
            try director.back(client, "recv")
        }
        try director.step(server, "recv")
        try director.step(client, "close", "end of file: nothing more will come from here")
        try director.back(server, "recv", "0 is the end of the stream")
        try director.step(server, "close", "the connection ends; the server goes on")
        try director.step(server, "accept", "the next client, please")
        try director.say(
            "The listener got the SYN and not one byte of data; its socket is there still.",
            where: try director.sockets(at: EchoScene.server).contains { $0.kind == .listener })
    }

    private func queueWords(_ director: Director, _ words: String) throws -> String {
        let listener = try director.listener(at: EchoScene.server)
        return "\(words) its queue holds \(listener.receiveQueue) of \(listener.sendQueue + 1)"
    }

    /// A line comes, and goes back with its number in front.
    private static func serve(_ connection: consuming ConnectedSocket, _ role: Role) throws {
        var buffer = [UInt8](repeating: 0, count: 1024)
        var number = 1
        while case .bytes(let count) = try connection.receive(into: &buffer) {
            role.print("[\(connection.remote)] \(String(decoding: buffer[..<count], as: UTF8.self).dropLast())")
            _ = try connection.send(Array("\(number): ".utf8 + buffer[..<count]).span)
            number += 1
        }
        try connection.close()
    }
}
