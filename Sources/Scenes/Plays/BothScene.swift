import Demux
import HostSockets
import Sockets
import Timeline
import Wire

/// A process that is a server to one and a client to another.
struct BothScene: Scene {
    let name = "both"
    let summary = "login, which is a server and a client: one process, two roles, a socket for each"

    private static let login = Endpoint(.ipv4Loopback, 5197)
    private static let auth = Endpoint(.ipv4Loopback, 5196)
    private static let password = "swordfish"

    func play(_ director: Director) throws {
        director.secret = BothScene.password
        let authd = try director.start("authd", "authd") { _ in
            let listener = try listen(at: BothScene.auth)
            let connection = try accepted(listener)
            let isRight = try receive(from: connection) == "LOGIN cew \(BothScene.password)\n"
            try send(isRight ? "OK\n" : "NO\n", over: connection)
            while try !receive(from: connection).isEmpty {}
            try connection.close()
        }
        let logind = try director.start("logind", "logind", BothScene.serve)
        let client = try director.start("client", "login") { _ in
            let connection = try connect(to: BothScene.login)
            _ = try receive(from: connection)
            try send("cew\n", over: connection)
            _ = try receive(from: connection)
            try send("\(BothScene.password)\n", over: connection)
            _ = try receive(from: connection)
        }

        director.heading("Two servers")
        try director.steps(authd, "socket", "bind", "listen", "accept")
        try director.steps(logind, "socket", "bind", "listen", "accept")

        director.heading("logind as a server")
        try director.steps(client, "socket", "connect")
        try director.back(logind, "accept", "passive open: it was waited for")
        try director.steps(logind, "send", "recv")
        try director.steps(client, "recv", "send")
        try director.back(logind, "recv")
        try director.steps(logind, "send", "recv")
        try director.steps(client, "recv", "send")
        let password = director.lastFrame
        try director.back(logind, "recv")
        try director.say(
            "The password is kept from this screen only: TCP carries bytes as they are, and whoever captures can read it.",
            where: password.map { String(decoding: $0.preview, as: UTF8.self) } == String(repeating: "*", count: BothScene.password.count) + "\n")

        director.heading("logind as a client")
        try director.steps(logind, "socket")
        try director.step(logind, "connect", "active open: it knows no passwords, and asks authd")
        try director.back(authd, "accept")
        try director.showSockets(of: logind)
        try director.say(
            "One process, both roles: a server to login by one socket, a client of authd by another.",
            where: try BothScene.isBoth(director, director.processID(of: logind)))
        try director.step(authd, "recv")
        try director.step(logind, "send")
        try director.back(authd, "recv")
        try director.step(logind, "recv")
        try director.step(client, "recv", "waits for logind, which waits for authd")
        try director.step(authd, "send")
        try director.back(logind, "recv")
        try director.step(logind, "close", "the client's role is over")
        try director.step(logind, "send", "and the server's goes on")
        try director.back(client, "recv")
        try director.say(
            "Server and client are roles in a conversation. Neither is a computer, and a program may have both.",
            where: director.result(of: client)?.hasPrefix("10 \"Hello cew") == true)
    }

    /// Whether a process holds a listener and a connected socket on its port, and a connected socket to authd.
    private static func isBoth(_ director: Director, _ process: Int32) throws -> Bool {
        let own = try director.sockets(of: process)
        return own.contains { $0.kind == .listener && $0.local == login }
            && own.contains { $0.kind == .connected && $0.local == login }
            && own.contains { $0.kind == .connected && $0.remote == auth && $0.local.port != login.port }
    }

    private static func serve(_ role: Role) throws {
        let listener = try listen(at: login)
        let connection = try accepted(listener)
        try send("login: ", over: connection)
        let user = try receive(from: connection)
        try send("password: ", over: connection)
        let password = try receive(from: connection)
        let authority = try connect(to: auth)
        try send("LOGIN \(user.dropLast()) \(password)", over: authority)
        let answer = try receive(from: authority)
        try authority.close()
        try send(answer == "OK\n" ? "Hello \(user)" : "no\n", over: connection)
    }
}
