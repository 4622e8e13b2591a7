extension ClientConversation {
    /// Gives the input, a message with its header, to an SMTP server (RFC 5321 §3.3). Prints what the server says to it.
    mutating func mail(from sender: String, to recipients: [String]) throws(ClientEnd) -> Client.Outcome {
        try answered { (conversation) throws(Silence) in
            try conversation.expect("2")
            try conversation.say("EHLO \(hostName())", "2")
            try conversation.say("MAIL FROM:<\(sender)>", "2")
            for recipient in recipients { try conversation.say("RCPT TO:<\(recipient)>", "2") }
            try conversation.say("DATA", "3")
            try conversation.sendText()
            let answer = try conversation.expect("2")
            try conversation.print(Array("\(answer)\n".utf8)[...])
            // The mail is the server's by now, whatever it answers (RFC 5321 §4.1.1.10).
            conversation.leave("QUIT\r\n")
        }
    }

    private mutating func say(_ command: String, _ wanted: String) throws(Silence) {
        try send("\(command)\r\n")
        try expect(wanted)
    }

    @discardableResult
    private mutating func expect(_ wanted: String) throws(Silence) -> String {
        let line = try reply()
        guard line.hasPrefix(wanted) else { throw silence(line) }
        return line
    }

    /// A reply's last line has a space behind its code, the others a hyphen (RFC 5321 §4.2.1).
    @discardableResult
    private mutating func reply() throws(Silence) -> String {
        try withinOneTime { (conversation) throws(Silence) in
            while true {
                let line = try conversation.receiveLine()
                if line.dropFirst(3).first != UInt8(ascii: "-") { return Transcript.printable(line) }
            }
        }
    }

    /// Each line ends in CRLF, and one that begins with a dot gets another (RFC 5321 §4.5.2).
    private mutating func sendText() throws(Silence) {
        var input = InputLines(desk.input)
        while true {
            let next: [UInt8]?
            do { next = try input.next() } catch { throw .ended(.failed(.failed("input", error))) }
            guard var line = next else { break }
            while let last = line.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { line.removeLast() }
            if line.first == UInt8(ascii: ".") { line.insert(UInt8(ascii: "."), at: 0) }
            try send(line + [UInt8(ascii: "\r"), UInt8(ascii: "\n")])
        }
        try send(".\r\n")
    }
}
