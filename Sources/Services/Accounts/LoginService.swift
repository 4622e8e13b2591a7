import Wire

/// A session for whoever has a password. It knows no passwords itself: it asks `auth`, whose client it is.
///
///     login: NAME
///     password: PASSWORD
///     Hello NAME
///     whoami │ token │ may PERMISSION │ logout
struct LoginService: Service {
    static let port: UInt16 = 5197

    private let authority: Endpoint
    private var lines: LineBuffer
    private var stage = Stage.name
    private var refusals = 0

    private enum Stage {
        case name
        case password(name: String)
        case asking(name: String)
        case session(name: String, token: String)
        case checking(name: String, token: String)
    }

    private static let mostRefusals = 3

    init(_ authority: Endpoint, _ limits: Limits) {
        self.authority = authority
        lines = LineBuffer(limit: min(limits.lineLength, 1_024))
    }

    var isMidway: Bool {
        switch stage {
        case .name, .session: lines.isMidway
        case .password, .asking, .checking: true
        }
    }

    var isMidLine: Bool { lines.isMidway }
    var steps: Int { lines.taken }

    mutating func begin(_ turn: inout Turn) { turn.send("login: ") }

    mutating func receive(_ bytes: ArraySlice<UInt8>, _ turn: inout Turn) {
        lines.supply(bytes)
        work(&turn)
    }

    private mutating func work(_ turn: inout Turn) {
        while turn.ending == nil, turn.question == nil {
            switch lines.next() {
            case .none: return
            case .tooLong: turn.close(.lineTooLong(limit: min(turn.limits.lineLength, 1_024)))
            case .line(let line) where WebRequest.isRequestLine(line): turn.close(nil)
            case .line(let line): take(line, &turn)
            }
        }
    }

    private mutating func take(_ line: [UInt8], _ turn: inout Turn) {
        switch stage {
        case .name:
            stage = .password(name: String(decoding: line, as: UTF8.self))
            turn.send("password: ")
        case .password(let name):
            // A name with a space would take a part of the password with it.
            guard Accounts.isName(name) else { return refuse(&turn) }
            stage = .asking(name: name)
            turn.ask(.server(authority, line: Array("LOGIN \(name) ".utf8) + line))
        case .session(let name, let token):
            let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
            switch (words.first, words.count) {
            case ("whoami", 1): turn.send("\(name)\n")
            case ("token", 1): turn.send("\(token)\n")
            case ("may", 2):
                stage = .checking(name: name, token: token)
                turn.ask(.server(authority, line: Array("CHECK \(token) \(words[1])".utf8)))
            case ("logout", 1):
                turn.send("Goodbye\n")
                turn.close()
            case (nil, _): break
            default: turn.send("whoami, token, may PERMISSION or logout\n")
            }
        case .asking, .checking: break
        }
    }

    mutating func hear(_ answer: Answer, _ turn: inout Turn) {
        var reply = ""
        switch answer {
        case .text(let text): reply = String(decoding: text, as: UTF8.self)
        case .failed(let reason): turn.warn("auth: \(reason)")
        }
        switch stage {
        case .asking(let name) where reply.hasPrefix("OK "):
            stage = .session(name: name, token: String(reply.dropFirst(3)))
            tell(name, "has logged in", &turn)
            turn.send("Hello \(name)\n")
        case .asking(let name):
            tell(name, reply.isEmpty ? "could not be checked" : "gave no right password", &turn)
            if reply.isEmpty {
                turn.send("Nobody to ask for the password\n")
                turn.close(nil)
            } else {
                refuse(&turn)
            }
        case .checking(let name, let token):
            stage = .session(name: name, token: token)
            turn.send(reply.hasPrefix("OK ") ? "yes\n" : reply.isEmpty ? "nobody to ask\n" : "no\n")
        case .name, .password, .session: break
        }
        work(&turn)
    }

    private mutating func refuse(_ turn: inout Turn) {
        refusals += 1
        stage = .name
        turn.send(refusals < LoginService.mostRefusals ? "Login incorrect\nlogin: " : "Login incorrect\n")
        if refusals >= LoginService.mostRefusals { turn.close(nil) }
    }

    private func tell(_ name: String, _ what: String, _ turn: inout Turn) {
        let peer = turn.peer
        turn.note(Transcript.line(Array("\(name) \(what)".utf8), from: peer))
    }
}
