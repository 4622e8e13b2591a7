import Demux
import Sockets
import Wire

/// A connection stands before anybody accepts it; how many may wait; what happens to the next.
struct QueueScene: Scene {
    let name = "queue"
    let summary = "connected before accept: the accept queue, the backlog, and what happens when it is full"

    private static let patient = Endpoint(.ipv4Loopback, 1234)
    private static let strict = Endpoint(.ipv4Loopback, 1235)

    func play(_ director: Director) throws {
        try waiting(director)
        try full(director)
    }

    private func waiting(_ director: Director) throws {
        director.heading("A server that does not accept yet")
        let server = try director.start("server", "echod") { _ in
            let listener = try listen(at: QueueScene.patient)
            let connection = try accepted(listener)
            _ = try receive(from: connection)
        }
        try director.steps(server, "socket", "bind")
        try director.step(server, "listen", "backlog 6, and Linux lets one more wait; now it does something else")
        var clients: [Participant] = []
        for number in 1...3 {
            clients.append(
                try director.start("client \(number)", "echo") { _ in
                    let connection = try connect(to: QueueScene.patient)
                    try send("Here we go...\n", over: connection)
                    _ = try receive(from: connection)
                })
        }
        for client in clients {
            try director.step(client, "socket")
            try director.step(client, "connect", returns: "the connection stands")
        }
        try director.say("Three clients are connected, and nobody has called accept.", where: try waiting(director, QueueScene.patient) == 3)
        for client in clients { try director.step(client, "send") }
        try director.showListener(QueueScene.patient)
        try director.showConnections(QueueScene.patient.port)
        let children = try director.sockets(at: QueueScene.patient).filter { $0.kind == .connected }
        try director.say(
            "Three connected sockets with 14 bytes in each receive buffer; no process holds any of them (inode 0).",
            where: children.count == 3 && children.allSatisfy { $0.receiveQueue == 14 && $0.inode == 0 })
        try director.step(server, "accept", "takes the first out of the queue; no segment is sent")
        try director.say("accept did not make the connection.", where: director.lastFrames.isEmpty)
        try director.step(server, "recv", "at once: the bytes were here already")
        try director.say("Two still wait.", where: try waiting(director, QueueScene.patient) == 2)
    }

    private func full(_ director: Director) throws {
        director.heading("A backlog of 1")
        let server = try director.start("server 2", "echod") { _ in
            let listener = try listen(at: QueueScene.strict, backlog: 1)
            _ = try accepted(listener)
            _ = try accepted(listener)
        }
        try director.steps(server, "socket", "bind")
        try director.step(server, "listen", "backlog 1: two may wait")
        var clients: [Participant] = []
        for number in 4...6 {
            clients.append(
                try director.start("client \(number)", "echo") { _ in
                    let connection = try connect(to: QueueScene.strict)
                    _ = try receive(from: connection)
                })
        }
        for client in clients.dropLast() { try director.steps(client, "socket", "connect") }
        let third = clients[2]
        try director.step(third, "socket")
        try director.step(third, "connect")
        try director.showListener(QueueScene.strict)
        try director.say(
            "The queue is full: the kernel drops client 6's SYN and says nothing. A closed port would answer.",
            where: director.waits(third, in: "connect") && director.lastFrames.allSatisfy { $0.isQueueFull })
        try director.await(.seconds(15)) { !director.lastFrames.isEmpty }
        try director.say(
            "A second later the client's kernel sends the SYN again.",
            where: !director.lastFrames.isEmpty && director.lastFrames.allSatisfy { $0.flags == .syn && $0.isQueueFull })
        try director.step(server, "accept", "one place is free")
        try director.await(.seconds(15)) { !director.waits(third, in: "connect") }
        try director.back(third, "connect", "this time it was answered")
        try director.say(
            "The backlog bounds who waits, not how many connections there are.",
            where: try director.sockets(at: QueueScene.strict).filter { $0.kind == .connected }.count == 3)
    }

    private func waiting(_ director: Director, _ endpoint: Endpoint) throws -> UInt32 {
        try director.listener(at: endpoint).receiveQueue
    }
}
