import HostSockets
import Sockets
import Wire

/// A stream has no boundaries, datagrams have; and neither knows of characters.
struct StreamScene: Scene {
    let name = "stream"
    let summary = "one write, several reads; several writes, one read; and datagrams, which keep their boundaries"

    private static let reader = Endpoint(.ipv4Loopback, 1234)
    private static let digits = "0123456789"
    private static let word = "Grüße"

    func play(_ director: Director) throws {
        let sender = Endpoint(.ipv4Loopback, director.port(9157))
        let reader = try director.start("reader", "reader", StreamScene.read)
        let writer = try director.start("writer", "writer") { _ in
            let connection = try connect(from: sender, to: StreamScene.reader)
            for text in [StreamScene.digits, "a", "b", "c", StreamScene.word] { try send(text, over: connection) }
            let socket = try datagramSocket(at: sender)
            for text in ["a", "b", "c", StreamScene.digits] { try send(text, to: StreamScene.reader, over: socket) }
        }

        director.heading("A connection")
        try director.steps(reader, "socket", "bind", "listen", "accept")
        try director.steps(writer, "socket", "bind", "connect")
        try director.back(reader, "accept")
        let connection = try director.sockets(at: StreamScene.reader).first { $0.kind == .connected }
        func waiting() throws -> UInt32 {
            try director.sockets(at: StreamScene.reader).first { $0.cookie == connection?.cookie }?.receiveQueue ?? 0
        }

        director.heading("One write, several reads")
        try director.step(writer, "send")
        try director.say("10 B are in the reader's receive buffer.", where: try waiting() == 10)
        var got: [String?] = []
        for _ in 0..<3 {
            try director.step(reader, "recv", "at most 4; \(try waiting()) B are left")
            got.append(director.result(of: reader))
        }
        try director.say(
            "One send, three recvs: the number given to recv is the most that it may bring, and no byte is lost.",
            where: got == ["4 \"0123\"", "4 \"4567\"", "2 \"89\""] && (try waiting()) == 0)

        director.heading("Several writes, one read")
        for _ in 0..<3 { try director.step(writer, "send", "\(try waiting()) B in the reader's receive buffer") }
        try director.step(reader, "recv")
        try director.say(
            "Three sends, three segments, one recv: a stream keeps the order of the bytes, and no boundaries.",
            where: director.result(of: reader) == "3 \"abc\"" && (try waiting()) == 0)

        director.heading("Bytes are not characters")
        try director.step(writer, "send", "\(StreamScene.word) has 5 characters and 7 bytes: ü and ß are two each (UTF-8)")
        try director.step(reader, "recv", "at most 3: half of the ü is left behind")
        let half = director.result(of: reader)
        try director.step(reader, "recv")
        try director.say(
            "Each read decoded by itself has spoilt the ü; all 7 bytes together are the word.",
            where: StreamScene.word.count == 5 && StreamScene.word.utf8.count == 7 && half == "3 \"Gr\\xc3\""
                && director.result(of: reader) == "4 \"\\xbc\\xc3\\x9fe\"")

        director.heading("Datagrams keep their boundaries")
        try director.steps(reader, "socket", "bind")
        try director.steps(writer, "socket", "bind", "sendto", "sendto", "sendto")
        got = []
        for _ in 0..<3 {
            try director.step(reader, "recvfrom")
            got.append(director.result(of: reader))
        }
        try director.say(
            "Three sendtos, three recvfroms, 1 B each: one recvfrom takes one datagram.",
            where: got == Array(repeating: "1 from \(sender)", count: 3))

        director.heading("A short read of a datagram")
        try director.step(writer, "sendto")
        try director.step(reader, "recvfrom", "at most 4")
        let short = director.result(of: reader)
        try director.step(reader, "recvfrom", "waits: nothing is left")
        try director.say(
            "4 of 10 bytes were read, and 6 are gone: what does not fit is cut off.",
            where: short == "4 from \(sender)" && director.waits(reader, in: "recvfrom")
                && (try director.datagramSocket(at: StreamScene.reader))?.receiveQueue == 0)
    }

    private static func read(_ role: Role) throws {
        let listener = try listen(at: reader)
        let connection = try accepted(listener)
        for _ in 0..<3 { _ = try receive(4, from: connection) }
        _ = try receive(99, from: connection)
        let start = try receiveBytes(3, from: connection)
        role.print(String(decoding: start, as: UTF8.self))
        let rest = try receiveBytes(99, from: connection)
        role.print(String(decoding: rest, as: UTF8.self))
        role.print(String(decoding: start + rest, as: UTF8.self))
        let socket = try datagramSocket(at: reader)
        for _ in 0..<3 { role.print(try receiveDatagram(99, from: socket).text) }
        role.print(try receiveDatagram(4, from: socket).text)
        role.print(try receiveDatagram(99, from: socket).text)
    }
}
