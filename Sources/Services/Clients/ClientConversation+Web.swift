extension ClientConversation {
    /// Asks for the path of each line of the input, on one connection as long as the server keeps it, and prints the content
    /// of the answers (RFC 9112 §6). A status other than 200 is told.
    mutating func get(host: String, port: String) throws(ClientEnd) -> Client.Outcome {
        var paths = InputLines(desk.input)
        var outcome = Client.Outcome.answered
        let name = host.contains(":") ? "[\(host)]" : host
        while let line = try vital("input", try paths.next()) {
            let path = String(decoding: line, as: UTF8.self).filter { !$0.isNewline }
            if path.isEmpty { continue }
            var status = ""
            let result = try answered { (conversation) throws(Silence) in
                try conversation.send("GET \(path.hasPrefix("/") ? path : "/" + path) HTTP/1.1\r\nHost: \(name):\(port)\r\nUser-Agent: portwatch\r\n\r\n")
                status = try conversation.receiveAnswer()
            }
            if result != .answered { return result }
            if !status.hasPrefix("200") {
                desk.notice("\(path): \(status)")
                outcome = .unanswered
            }
        }
        return outcome
    }

    /// - Returns: the status and its reason.
    private mutating func receiveAnswer() throws(Silence) -> String {
        let first = String(decoding: try receiveLine(), as: UTF8.self)
        guard first.hasPrefix("HTTP/1."), first.utf8.count > 9 else { throw silence("that is no HTTP: \(Transcript.printable(Array(first.utf8.prefix(40))))") }
        var length: Int?
        while case let line = String(decoding: try receiveLine(), as: UTF8.self), !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            switch parts[0].lowercased() {
            case "content-length": length = Int(parts[1].filter { $0 != " " })
            case "transfer-encoding": throw silence("an answer in chunks, which this client does not read")
            default: break
            }
        }
        var left = length ?? .max
        while left > 0 {
            guard let piece = try receive(atMost: left) else {
                if length == nil { break }
                throw silence("closed with \(left) bytes to come")
            }
            try print(piece)
            left -= piece.count
        }
        return Transcript.printable(Array(first.utf8.dropFirst(9)))
    }
}
