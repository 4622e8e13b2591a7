import Platform
import Wire

/// The text of a mail, from DATA to the dot.
extension MailService {
    mutating func beginText(_ rest: ArraySlice<UInt8>, _ turn: inout Turn) {
        guard rest.isEmpty else { return fail("501 DATA alone", &turn) }
        guard let sender, !recipients.isEmpty else { return fail("503 MAIL and RCPT first", &turn) }
        do {
            let delivery = try maildir.begin()
            let header = Array(trace(sender, turn.peer).utf8)
            try delivery.write(header[...], at: 0)
            stage = .text(delivery, length: header.count)
            beganInCRLF = true
            turn.send("354 the text, then a line with a dot alone\r\n")
        } catch {
            turn.warn("mail: \(error)")
            turn.send("451 cannot be stored\r\n")
            reset()
        }
    }

    /// What a server that takes a mail writes above it (RFC 5321 §4.4).
    private func trace(_ sender: String, _ peer: Endpoint) -> String {
        let name = Transcript.printable((greeted ?? []).prefix(256))
        let to = recipients.map { "Delivered-To: <\($0)>\n" }.joined()
        let literal = peer.address.version == .six ? "[IPv6:\(peer.address)]" : "[\(peer.address)]"
        return "Return-Path: <\(sender)>\n\(to)Received: from \(name) (\(literal))\n\tby \(host) (portwatch) with ESMTP; \(WebPage.date())\n"
    }

    /// A dot at a line's beginning was put there by the client, but for the one that is alone (RFC 5321 §4.5.2). Only a CRLF
    /// ends a line of a mail's text, and so one must stand before the dot as well as behind it: were a bare LF to do, a mail
    /// could be hidden in another (RFC 5321 §2.3.8, §4.1.1.4).
    mutating func take(_ line: [UInt8], _ turn: inout Turn) {
        let isWholeLine = beganInCRLF
        beganInCRLF = lines.endedInCRLF
        if line == [UInt8(ascii: ".")], isWholeLine, lines.endedInCRLF { return end(&turn) }
        guard case .text(let delivery, let length) = stage else { return }
        let isStuffed = isWholeLine && line.first == UInt8(ascii: ".") && line.count > 1
        let text = (isStuffed ? line.dropFirst() : line[...]) + [UInt8(ascii: "\n")]
        if length + text.count > turn.limits.message {
            stage = .refused(reply: "552 more than \(turn.limits.message) bytes")
            return
        }
        do {
            try delivery.write(text, at: length)
            stage = .text(delivery, length: length + text.count)
        } catch {
            turn.warn("mail: \(error)")
            stage = .refused(reply: "452 cannot be stored")
        }
    }

    private mutating func end(_ turn: inout Turn) {
        switch stage {
        case .text(let delivery, let length):
            stage = .committing(delivery)
            let peer = turn.peer
            turn.note("[\(peer.address) \(peer.port)] a mail of \(length) bytes")
            turn.ask(.work { (try? delivery.commit()) == nil ? [] : Array("OK".utf8) })
        case .refused(let reply):
            turn.send("\(reply)\r\n")
            stage = .command
            reset()
        case .command, .committing: break
        }
    }

    mutating func hear(_ answer: Answer, _ turn: inout Turn) {
        turn.send(answer == .text(Array("OK".utf8)) ? "250 taken\r\n" : "451 cannot be stored\r\n")
        stage = .command
        reset()
        work(&turn)
    }
}
