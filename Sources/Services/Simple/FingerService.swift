import Platform
import Wire

/// Who is NAME? One line with a name, or an empty one for all; an answer in text, and the server closes (RFC 1288).
struct FingerService: Service {
    /// Where the services database does not know `finger` (RFC 1288 §2.1).
    static let port: UInt16 = 79

    private var lines: LineBuffer

    init(_ limits: Limits) {
        lines = LineBuffer(limit: limits.lineLength)
    }

    var isMidway: Bool { lines.isMidway }

    mutating func receive(_ bytes: ArraySlice<UInt8>, _ turn: inout Turn) {
        lines.supply(bytes)
        switch lines.next() {
        case .none: return
        case .tooLong: turn.close(.lineTooLong(limit: turn.limits.lineLength))
        case .line(let line):
            let peer = turn.peer
            turn.note(Transcript.line(line, from: peer))
            // Text on the wire has lines that end in CRLF (RFC 1288 §2.2).
            for answer in FingerService.answer(line) { turn.send("\(answer)\r\n") }
            turn.close()
        }
    }

    /// The query is `[/W] [name]`; `/W` asks for more, and there is no more (RFC 1288 §2.3, §2.5.4).
    static func answer(_ query: [UInt8]) -> [String] {
        let words = query.split(separator: UInt8(ascii: " ")).filter { $0.uppercasedASCII != "/W" }
        guard let name = words.first else {
            return User.all().map { "\(padded($0.name, to: 16)) \(clean($0.fullName))" }
        }
        // To ask another host on behalf of the client would make this one a relay (RFC 1288 §3.2.1).
        if name.contains(UInt8(ascii: "@")) { return ["Finger forwarding service denied"] }
        // A NUL would end the name for the C library.
        guard !name.contains(0), let user = User(named: String(decoding: name, as: UTF8.self)) else {
            return ["\(Transcript.printable(name)): no such user"]
        }
        return [
            "Login: \(padded(user.name, to: 32)) Name: \(clean(user.fullName))",
            "Directory: \(padded(user.home, to: 28)) Shell: \(user.shell)",
        ]
    }

    private static func padded(_ text: String, to width: Int) -> String {
        let text = clean(text)
        return text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Control characters are no part of the answer (RFC 1288 §3.3).
    private static func clean(_ text: String) -> String { Transcript.printable(Array(text.utf8)) }
}
