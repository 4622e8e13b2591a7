import Demux
import Sockets
import Wire

/// What may happen to datagrams on the way and at the door, and what TCP makes of the same.
struct LossScene: Scene {
    let name = "loss"
    let summary = "datagrams lost at a full buffer, dropped and overtaken on the way; TCP mends both"
    let layout = Stage.Layout.relayed

    private static let words = ["one\n", "two\n", "three\n", "four\n", "five\n"]

    func play(_ director: Director) throws {
        try buffer(director)
        try datagrams(director)
        try stream(director)
    }

    private func buffer(_ director: Director) throws {
        director.heading("A full receive buffer")
        let relay = try director.run("relay", "relay", on: 2) { try Relay.run("toA", "toB", Relay.Faults(), $0) }
        let server = Endpoint(Host.b.address, 1234)
        let receiver = try director.start("receiver", "echod", on: Host.b.place) { _ in
            let socket = try DatagramSocket(.four)
            var options = SocketOptions()
            options.receiveBuffer = 4_096
            try socket.apply(options)
            try socket.bind(to: server)
            var buffer = [UInt8](repeating: 0, count: 2048)
            while true { _ = try socket.receive(into: &buffer) }
        }
        let sender = try director.start("sender", "echo", on: Host.a.place) { _ in
            let socket = try DatagramSocket(.four)
            for number in 1...6 {
                try socket.send([UInt8](repeating: UInt8(ascii: "0") + UInt8(number), count: 1_000).span, to: server)
            }
        }
        try director.step(receiver, "socket")
        try director.step(receiver, "setsockopt", "the kernel takes twice that, for its own bookkeeping too")
        try director.step(receiver, "bind", "and now it does something else")
        try director.step(sender, "socket")
        var dropped: UInt32 = 0
        for _ in 1...6 {
            try director.step(sender, "sendto")
            let now = try director.socket(at: server, on: Host.b.place)
            if now.drops > dropped { try director.say("It came to the door and is dropped: the receive buffer is full.", where: now.drops == dropped + 1) }
            dropped = now.drops
        }
        let full = try director.socket(at: server, on: Host.b.place)
        director.show(
            "the kernel's socket at \(server)", ["\(full.receiveQueue) B of buffer in use, \(full.drops) datagrams dropped"])
        var received = 0
        while true {
            try director.step(receiver, "recvfrom")
            if director.waits(receiver, in: "recvfrom") { break }
            received += 1
        }
        try director.say(
            "Six were sent and came to the door; \(received) were read; \(full.drops) are gone, and nobody was told.",
            where: received + Int(full.drops) == 6 && full.drops > 0)
        try director.kill(receiver)
        try director.kill(relay)
    }

    private func datagrams(_ director: Director) throws {
        director.heading("A relay that lets the third overtake the second, and loses the fourth")
        let relay = try director.run("relay 2", "relay", on: 2) {
            try Relay.run("toA", "toB", Relay.Faults(drops: [4], holds: [2]), $0)
        }
        let server = Endpoint(Host.b.address, 1235)
        let receiver = try director.start("receiver 2", "echod", on: Host.b.place) { _ in
            let socket = try DatagramSocket(.four)
            try socket.bind(to: server)
            var buffer = [UInt8](repeating: 0, count: 2048)
            while let received = try socket.receive(into: &buffer) { _ = received }
        }
        let sender = try director.start("sender 2", "echo", on: Host.a.place) { _ in
            let socket = try DatagramSocket(.four)
            for word in LossScene.words { try socket.send(Array(word.utf8).span, to: server) }
        }
        try director.steps(receiver, "socket", "bind")
        try director.step(sender, "socket")
        for _ in LossScene.words {
            try director.step(sender, "sendto")
            director.hear(relay)
        }
        let arrived = director.payloads(to: server)
        for _ in arrived { try director.step(receiver, "recvfrom") }
        try director.step(receiver, "recvfrom", "no more will come")
        try director.say(
            "Sent one, two, three, four, five; received one, three, two, five. UDP numbers nothing.",
            where: arrived == ["one\n", "three\n", "two\n", "five\n"] && director.waits(receiver, in: "recvfrom"))
        try director.kill(relay)
    }

    private func stream(_ director: Director) throws {
        director.heading("The same to TCP: the second segment is lost; of the last two one overtakes the other")
        let relay = try director.run("relay 3", "relay", on: 2) {
            // The third is the second once more. Then a write of two segments, the first of which is held back.
            try Relay.run("toA", "toB", Relay.Faults(drops: [2], holds: [4]), $0)
        }
        let server = Endpoint(Host.b.address, 1236)
        let receiver = try director.start("receiver 3", "echod", on: Host.b.place) { _ in
            let listener = try listen(at: server)
            let connection = try accepted(listener)
            while try !receive(4_096, from: connection).isEmpty {}
        }
        let sender = try director.start("sender 3", "echo", on: Host.a.place) { _ in
            let connection = try connect(to: server)
            try send("one\n", over: connection)
            try send("two\n", over: connection)
            try send(String(repeating: "three four five ", count: 125), over: connection)
        }
        try director.steps(receiver, "socket", "bind", "listen", "accept")
        try director.step(sender, "socket")
        try director.step(sender, "connect")
        try director.back(receiver, "accept")
        try director.step(receiver, "recv")
        try director.step(sender, "send")
        try director.back(receiver, "recv")
        try director.step(receiver, "recv")
        try director.step(sender, "send", "the relay loses it; nobody acknowledges it")
        director.hear(relay)
        try director.await(.seconds(10)) { director.payloads(to: server).contains("two\n") }
        try director.say(
            "A fifth of a second later the sender's kernel sends it again.",
            where: director.payloads(to: server).filter { $0 == "two\n" }.count == 1)
        try director.back(receiver, "recv", "a little late, and that is all")
        try director.step(receiver, "recv")
        try director.step(sender, "send", "one write, two segments")
        director.hear(relay)
        let data = director.lastFrames.filter { $0.payloadLength > 0 }
        try director.say(
            "The second segment came first; the receiver's kernel kept it until the first was there.",
            where: data.count == 2 && data[0].sequence > data[1].sequence)
        try director.back(receiver, "recv", "in order, and whole")
    }
}
