import Sockets

extension ClientConversation {
    /// What is known of an answer once its head is there.
    private struct Answer {
        var status: String
        var keepsAlive: Bool
        var length: Int?
    }

    /// Asks for the path of each line of the input, on one connection as long as the server keeps it, and prints the content
    /// of the answers (RFC 9112 §6). A status other than 200 is told.
    ///
    /// - Parameter connect: makes another connection, after one that the server has closed.
    mutating func get(
        host: String, port: String, _ connect: () throws(ClientEnd) -> ConnectedSocket
    ) throws(ClientEnd) -> Client.Outcome {
        var paths = InputLines(desk.input)
        var (outcome, isOpen) = (Client.Outcome.answered, true)
        let name = host.contains(":") ? "[\(host)]" : host
        while let line = try vital("input", try paths.next()) {
            let path = ClientConversation.target(line)
            if path.isEmpty { continue }
            if !isOpen { try resume(try connect()) }
            var status = ""
            let result = try answered { (conversation) throws(Silence) in
                try conversation.send("GET \(path) HTTP/1.1\r\nHost: \(name):\(port)\r\nUser-Agent: portwatch\r\n\r\n")
                (status, isOpen) = try conversation.receiveAnswer()
            }
            if result != .answered { return result }
            if !status.utf8.starts(with: "200".utf8) {
                desk.notice("\(path): \(status)")
                outcome = .unanswered
            }
        }
        return outcome
    }

    /// What a line asks for, as a request has it: a slash in front, and what no target may have, such as a space, written out
    /// (RFC 3986 §2.1). A `%` stays: the line may be written so already.
    private static func target(_ line: [UInt8]) -> String {
        let path = line.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        if path.isEmpty { return "" }
        let written = path.map { byte in
            let isPlain = byte > 32 && byte < 127 && !"\"<>\\^`{|}#".utf8.contains(byte)
            return isPlain ? String(Unicode.Scalar(byte)) : (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
        }.joined()
        return path.first == UInt8(ascii: "/") ? written : "/" + written
    }

    /// - Returns: the status and its reason, and whether the connection goes on.
    private mutating func receiveAnswer() throws(Silence) -> (status: String, keepsAlive: Bool) {
        let answer = try withinOneTime { (conversation) throws(Silence) in try conversation.receiveHead() }
        var left = answer.length ?? .max
        while left > 0 {
            guard let piece = try receive(atMost: left) else {
                if answer.length == nil { break }
                throw silence("closed with \(left) bytes to come")
            }
            try print(piece)
            left -= piece.count
        }
        return (answer.status, answer.keepsAlive && answer.length != nil)
    }

    private mutating func receiveHead() throws(Silence) -> Answer {
        let first = try receiveLine()
        guard first.starts(with: "HTTP/1.".utf8), first.count > 9 else { throw silence("that is no HTTP: \(Transcript.printable(first.prefix(40)))") }
        var answer = Answer(status: Transcript.printable(first.dropFirst(9)), keepsAlive: first[7] != UInt8(ascii: "0"))
        while case let line = try receiveLine(), !line.isEmpty {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let value = line[(colon + 1)...].trimmed
            switch line[..<colon].lowercasedASCII {
            case "content-length":
                guard let length = value.decimal else { throw silence("a length that is none: \(Transcript.printable(value.prefix(40)))") }
                answer.length = length
            case "connection":
                let options = value.split(separator: UInt8(ascii: ",")).map { $0.trimmed.lowercasedASCII }
                if options.contains("close") { answer.keepsAlive = false } else if options.contains("keep-alive") { answer.keepsAlive = true }
            case "transfer-encoding": throw silence("an answer in chunks, which this client does not read")
            default: break
            }
        }
        return answer
    }
}
