import Platform
import Sockets

extension ClientConversation {
    /// Gives a name and a password to `auth`, and prints the token that comes back.
    mutating func identify(_ user: String) throws(ClientEnd) -> Client.Outcome {
        let password = try desk.readPassword()
        return try answered { (conversation) throws(Silence) in
            try conversation.send(Array("LOGIN \(user) ".utf8) + password + [UInt8(ascii: "\n")])
            let answer = try conversation.receiveLine()
            guard answer.starts(with: "OK ".utf8) else { throw conversation.silence("name or password is wrong") }
            try conversation.print(answer.dropFirst(3) + [UInt8(ascii: "\n")])
        }
    }
}

extension ClientDesk {
    /// Gives name and password to `login` as if they were typed at its prompts; from then on the input is the session's.
    func logIn(_ user: String, _ socket: consuming ConnectedSocket) throws(ClientEnd) -> Client.Outcome {
        let peer = socket.remote
        let first = Array("\(user)\n".utf8) + (try readPassword()) + [UInt8(ascii: "\n")]
        let greeting = Array("Hello \(user)\n".utf8)
        // What came so far of an answer that is not the greeting yet.
        var said: [UInt8] = []
        var isIn = false
        let outcome = try exchangeStream(socket, lockstep: false, isEcho: false, first: first) { piece in
            if isIn || said.count > 65_536 { return }
            said += piece
            isIn = said.indices.contains { said[$0...].starts(with: greeting) }
        }
        if outcome == .answered, !isIn {
            notice("\(peer): not logged in")
            return .unanswered
        }
        return outcome
    }

    /// The first line of the input, which a terminal does not show.
    func readPassword() throws(ClientEnd) -> [UInt8] {
        let isTerminal = Terminal.isTerminal(input)
        if isTerminal { try? writeAll(notices, "password: ") }
        return try vital("input", try Terminal.readHiddenLine(input) { if isTerminal { try? writeAll(notices, "\n") } })
    }
}
