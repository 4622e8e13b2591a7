import Glibc
import Platform
import Wire

/// Takes mail for whomever it is, by SMTP, into one Maildir: the minimum of RFC 5321 §4.5.1, with the extensions SIZE
/// (RFC 1870), 8BITMIME (RFC 6152) and PIPELINING (RFC 2920).
struct MailService: Service {
    static let port: UInt16 = 2525

    let maildir: Maildir
    let host = hostName()
    var lines: LineBuffer
    var stage = Stage.command
    var greeted: [UInt8]?
    var sender: String?
    var recipients: [String] = []
    /// Of a text: the line before ended in CRLF, as DATA did.
    var beganInCRLF = true
    private var errors = 0

    enum Stage {
        case command
        /// The text comes; `length` bytes are written, or would be, were it not too large.
        case text(Maildir.Delivery, length: Int)
        case refused(reply: String)
        /// The disk is waited for. The delivery is held until then: without it the message would be gone.
        case committing(Maildir.Delivery)
    }

    private static let mostRecipients = 100
    private static let mostErrors = 20

    init(_ maildir: Maildir, _ limits: Limits) {
        self.maildir = maildir
        lines = LineBuffer(limit: limits.lineLength)
    }

    var isMidway: Bool {
        if case .command = stage { lines.isMidway || sender != nil } else { true }
    }

    var isMidLine: Bool { lines.isMidway }
    var steps: Int { lines.taken }

    /// RFC 5321 §3.8, §4.5.3.2.
    func farewell(_ closing: Closing) -> String {
        switch closing {
        case .tooSlow: "421 \(host) closes: too slow\r\n"
        case .idle, .crowdedOut: "421 \(host) closes: idle for too long\r\n"
        default: ""
        }
    }

    mutating func begin(_ turn: inout Turn) {
        turn.send("220 \(host) portwatch SMTP\r\n")
    }

    mutating func receive(_ bytes: ArraySlice<UInt8>, _ turn: inout Turn) {
        lines.supply(bytes)
        work(&turn)
    }

    mutating func work(_ turn: inout Turn) {
        while turn.ending == nil, turn.question == nil {
            switch lines.next() {
            case .none: return
            case .tooLong:
                turn.send("500 line too long\r\n")
                turn.close(.lineTooLong(limit: turn.limits.lineLength))
            case .line(let line):
                if case .command = stage { obey(line, &turn) } else { take(line, &turn) }
            }
        }
    }
}

// MARK: - Commands

extension MailService {
    private mutating func obey(_ line: [UInt8], _ turn: inout Turn) {
        let peer = turn.peer
        turn.note(Transcript.line(line, from: peer))
        let word = line.prefix { $0 != UInt8(ascii: " ") }
        let verb = word.uppercasedASCII
        let rest = line[word.endIndex...].trimmed
        switch verb {
        case "HELO", "EHLO":
            guard !rest.isEmpty else { return fail("501 \(verb) and your name", &turn) }
            greeted = Array(rest)
            reset()
            turn.send(
                verb == "HELO" ? "250 \(host)\r\n" : "250-\(host)\r\n250-SIZE \(turn.limits.message)\r\n250-8BITMIME\r\n250 PIPELINING\r\n")
        case "MAIL": mailFrom(rest, &turn)
        case "RCPT": recipientTo(rest, &turn)
        case "DATA": beginText(rest, &turn)
        case "RSET":
            reset()
            turn.send("250 OK\r\n")
        case "NOOP": turn.send("250 OK\r\n")
        // Whether somebody is here is not told before mail comes (RFC 5321 §7.3).
        case "VRFY": turn.send("252 send some mail, it will be taken\r\n")
        case "HELP": turn.send("214 HELO EHLO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT\r\n")
        case "QUIT":
            turn.send("221 \(host) closes\r\n")
            turn.close()
        case _ where WebRequest.isMethod(verb):
            turn.send("421 this is no web server\r\n")
            turn.close(nil)
        default: fail("500 no such command", &turn)
        }
    }

    /// A client that only makes mistakes is not one (RFC 5321 §4.2.2 on 421, §7.8).
    mutating func fail(_ reply: String, _ turn: inout Turn) {
        errors += 1
        turn.send("\(reply)\r\n")
        if errors >= MailService.mostErrors {
            turn.send("421 too many errors\r\n")
            turn.close(nil)
        }
    }

    mutating func reset() {
        sender = nil
        recipients = []
    }

    private mutating func mailFrom(_ rest: ArraySlice<UInt8>, _ turn: inout Turn) {
        guard greeted != nil else { return fail("503 EHLO first", &turn) }
        guard sender == nil else { return fail("503 one sender at a time", &turn) }
        guard let (address, parameters) = MailService.path(rest, after: "FROM:") else { return fail("501 MAIL FROM:<address>", &turn) }
        for parameter in parameters {
            let parts = parameter.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? parts[1] : []
            switch parts[0].uppercasedASCII {
            case "SIZE":
                // Up to twenty digits (RFC 1870 §3); what no Int holds is too large as well.
                guard value.count <= 20, !value.isEmpty, value.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return fail("501 SIZE=bytes", &turn) }
                if value.decimal ?? .max > turn.limits.message { return fail("552 at most \(turn.limits.message) bytes", &turn) }
            case "BODY" where ["7BIT", "8BITMIME"].contains(value.uppercasedASCII): break
            default: return fail("555 unknown parameter", &turn)
            }
        }
        sender = address
        turn.send("250 OK\r\n")
    }

    private mutating func recipientTo(_ rest: ArraySlice<UInt8>, _ turn: inout Turn) {
        guard sender != nil else { return fail("503 MAIL first", &turn) }
        guard let (address, parameters) = MailService.path(rest, after: "TO:"), !address.isEmpty else { return fail("501 RCPT TO:<address>", &turn) }
        guard parameters.isEmpty else { return fail("555 unknown parameter", &turn) }
        // RFC 5321 §4.5.3.1.8, §4.5.3.1.10.
        guard recipients.count < MailService.mostRecipients else { return fail("452 too many recipients", &turn) }
        recipients.append(address)
        turn.send("250 OK\r\n")
    }

    /// `FROM:<address> PARAMETER…`. An empty address is the sender of error reports (RFC 5321 §4.5.5); a quoted part of it may
    /// have spaces and brackets (RFC 5321 §4.1.2). It becomes part of a header line: ASCII, and no control characters.
    static func path(_ text: some BidirectionalCollection<UInt8>, after keyword: String) -> (address: String, parameters: [[UInt8]])? {
        let bytes = Array(text)
        guard bytes.prefix(keyword.utf8.count).uppercasedASCII == keyword else { return nil }
        let path = bytes[keyword.utf8.count...].trimmed
        guard path.first == UInt8(ascii: "<") else { return nil }
        var (isQuoted, isEscaped) = (false, false)
        for (index, byte) in zip(path.indices, path).dropFirst() {
            if byte == UInt8(ascii: ">"), !isQuoted {
                let (address, rest) = (path[(path.startIndex + 1)..<index], path[(index + 1)...])
                guard address.count <= 256, rest.first ?? 32 == UInt8(ascii: " ") else { return nil }
                return (String(decoding: address, as: UTF8.self), rest.split(separator: UInt8(ascii: " ")).map(Array.init))
            }
            guard byte < 127, byte > 32 || byte == 32 && isQuoted, isQuoted || byte != UInt8(ascii: "<") else { return nil }
            if byte == UInt8(ascii: "\""), !isEscaped { isQuoted.toggle() }
            isEscaped = isQuoted && !isEscaped && byte == UInt8(ascii: "\\")
        }
        return nil
    }
}
