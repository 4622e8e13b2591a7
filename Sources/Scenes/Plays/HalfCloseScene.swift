import Demux
import Sockets
import Wire

/// A FIN says that nothing more comes from here, and no more than that.
struct HalfCloseScene: Scene {
    let name = "halfclose"
    let summary = "FIN is one direction: sort answers after its client has finished"

    private static let server = Endpoint(.ipv4Loopback, 5194)
    private static let items = ["pear\n", "fig\n", "plum\n"]

    func play(_ director: Director) throws {
        let sort = try director.start("sort server", "sortd") { _ in
            let listener = try listen(at: HalfCloseScene.server)
            let connection = try accepted(listener)
            var text = ""
            while true {
                let part = try receive(from: connection)
                if part.isEmpty { break }
                text += part
            }
            try send(text.split(separator: "\n").sorted().joined(separator: "\n") + "\n", over: connection)
            try connection.close()
        }
        let client = try director.start("client", "sort") { _ in
            let connection = try connect(to: HalfCloseScene.server)
            for item in HalfCloseScene.items { try send(item, over: connection) }
            try connection.shutdownSending()
            while try !receive(from: connection).isEmpty {}
            try connection.close()
        }
        try director.steps(sort, "socket", "bind", "listen", "accept")
        try director.step(client, "socket")
        try director.step(client, "connect")
        try director.back(sort, "accept")
        for _ in HalfCloseScene.items {
            try director.step(sort, "recv")
            try director.step(client, "send")
            try director.back(sort, "recv")
        }
        try director.step(sort, "recv", "are there more?")
        try director.step(client, "shutdown", "no: a FIN, and the other direction stays open")
        try director.back(sort, "recv", "end of the stream")
        try director.showConnections(HalfCloseScene.server.port)
        try director.say(
            "The client is in FIN_WAIT2: it sends no more, and receives. The server is in CLOSE_WAIT: it may send as long as it likes.",
            where: try states(director) == [.finWait2, .closeWait])
        try director.step(client, "recv")
        try director.step(sort, "send", "towards the one that has sent its FIN")
        try director.say(
            "Data after the FIN, in the other direction.",
            where: director.lastFrames.first.map { $0.payloadLength > 0 && $0.evidence == .kernel } ?? false)
        try director.back(client, "recv")
        try director.step(client, "recv")
        try director.step(sort, "close", "the second FIN: now both directions are closed")
        try director.back(client, "recv", "end of the stream, here too")
        try director.step(client, "close", "nothing is sent any more")
    }

    /// The client's state, then the server's.
    private func states(_ director: Director) throws -> [HostSocket.State] {
        let all = try director.sockets(ofConnectionsAt: HalfCloseScene.server.port)
        return [
            all.first { $0.remote == HalfCloseScene.server }?.state, all.first { $0.local == HalfCloseScene.server }?.state,
        ].compactMap { $0 }
    }
}
