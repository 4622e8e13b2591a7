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
        let first = Array("\(user)\n".utf8) + (try readPassword()) + [UInt8(ascii: "\n")]
        return try exchangeStream(socket, lockstep: false, isEcho: false, first: first)
    }

    /// The first line of the input, which a terminal does not show.
    func readPassword() throws(ClientEnd) -> [UInt8] {
        let isTerminal = Terminal.isTerminal(input)
        if isTerminal { try? writeAll(notices, "password: ") }
        return try vital("input", try Terminal.withoutEcho(input) { () throws(SystemError) in
            // Byte by byte: what follows the line is the session's.
            var line: [UInt8] = []
            var byte: [UInt8] = [0]
            while try readSome(input, into: &byte) > 0, byte[0] != UInt8(ascii: "\n") { line.append(byte[0]) }
            if isTerminal { try? writeAll(notices, "\n") }
            return line
        })
    }
}
