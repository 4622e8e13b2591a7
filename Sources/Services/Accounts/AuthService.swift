import Glibc
import Platform
import Wire

/// Says who somebody is and what they may:
///
///     LOGIN name password        OK token, or NO
///     CHECK token permission     OK name, or NO
///
/// The password is the rest of its line. It is neither kept nor printed.
struct AuthService: Service {
    static let port: UInt16 = 5196
    /// How long a token is good, in seconds.
    static let validity = 3_600

    private let accounts: Accounts
    private let signer: TokenSigner
    private var lines: LineBuffer
    private var name = ""
    private var refusals = 0
    private var isAsking = false

    /// Guessing shall be slow.
    private static let mostRefusals = 3

    init(_ accounts: Accounts, _ signer: TokenSigner, _ limits: Limits) {
        self.accounts = accounts
        self.signer = signer
        lines = LineBuffer(limit: min(limits.lineLength, 4_096))
    }

    var isMidway: Bool { isAsking || lines.isMidway }

    mutating func receive(_ bytes: ArraySlice<UInt8>, _ turn: inout Turn) {
        lines.supply(bytes)
        work(&turn)
    }

    private mutating func work(_ turn: inout Turn) {
        while turn.ending == nil, turn.question == nil {
            switch lines.next() {
            case .none: return
            case .tooLong: turn.close(.lineTooLong(limit: min(turn.limits.lineLength, 4_096)))
            case .line(let line) where WebRequest.isRequestLine(line): turn.close(nil)
            case .line(let line): obey(line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false), &turn)
            }
        }
    }

    private mutating func obey(_ parts: [ArraySlice<UInt8>], _ turn: inout Turn) {
        let words = parts.map { String(decoding: $0, as: UTF8.self) }
        switch (words[0], words.count) {
        case ("LOGIN", 2...3) where Accounts.isName(words[1]):
            name = words[1]
            isAsking = true
            let password = parts.count > 2 ? Array(parts[2]) : []
            turn.ask(.work { [accounts, signer, name] in
                guard let permissions = accounts.permissions(of: name, password) else { return Array("NO".utf8) }
                let token = TokenSigner.Token(name: name, permissions: permissions, expiry: time(nil) + AuthService.validity)
                return Array("OK \(signer.sign(token))".utf8)
            })
        case ("CHECK", 3):
            let token = signer.token(words[1], now: time(nil))
            let isPermitted = token?.permissions.contains(words[2]) == true
            let permission = words[2]
            tell(token?.name ?? "somebody", "\(isPermitted ? "may" : "may not") \(permission)", &turn)
            turn.send(isPermitted ? "OK \(token?.name ?? "")\n" : "NO\n")
        default:
            turn.send("NO\n")
            refuse(&turn)
        }
    }

    mutating func hear(_ answer: Answer, _ turn: inout Turn) {
        isAsking = false
        let who = name
        if case .text(let text) = answer, text.starts(with: "OK ".utf8) {
            tell(who, "is who they say", &turn)
            turn.send(text + [UInt8(ascii: "\n")])
        } else {
            tell(who, "gave no right password", &turn)
            turn.send("NO\n")
            refuse(&turn)
        }
        work(&turn)
    }

    private mutating func refuse(_ turn: inout Turn) {
        refusals += 1
        if refusals >= AuthService.mostRefusals { turn.close(nil) }
    }

    private func tell(_ name: String, _ what: String, _ turn: inout Turn) {
        let peer = turn.peer
        turn.note(Transcript.line(Array("\(name) \(what)".utf8), from: peer))
    }
}
