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
    var greeted: String?
    var sender: String?
    var recipients: [String] = []
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
        let text = String(decoding: line, as: UTF8.self)
        let peer = turn.peer
        turn.note(Transcript.line(line, from: peer))
        let verb = text.prefix { $0 != " " }.uppercased()
        let rest = String(text.dropFirst(verb.count)).trimmed
        switch verb {
        case "HELO", "EHLO":
            guard !rest.isEmpty else { return fail("501 \(verb) and your name", &turn) }
            greeted = rest
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

    private mutating func mailFrom(_ rest: String, _ turn: inout Turn) {
        guard greeted != nil else { return fail("503 EHLO first", &turn) }
        guard sender == nil else { return fail("503 one sender at a time", &turn) }
        guard let (address, parameters) = MailService.path(rest, after: "FROM:") else { return fail("501 MAIL FROM:<address>", &turn) }
        for parameter in parameters {
            let parts = parameter.uppercased().split(separator: "=", omittingEmptySubsequences: false)
            switch parts.first {
            case "SIZE":
                guard parts.count == 2, let size = Int(parts[1]) else { return fail("501 SIZE=bytes", &turn) }
                if size > turn.limits.message { return fail("552 at most \(turn.limits.message) bytes", &turn) }
            case "BODY" where parts.count == 2 && (parts[1] == "7BIT" || parts[1] == "8BITMIME"): break
            default: return fail("555 unknown parameter", &turn)
            }
        }
        sender = address
        turn.send("250 OK\r\n")
    }

    private mutating func recipientTo(_ rest: String, _ turn: inout Turn) {
        guard sender != nil else { return fail("503 MAIL first", &turn) }
        guard let (address, parameters) = MailService.path(rest, after: "TO:"), !address.isEmpty else { return fail("501 RCPT TO:<address>", &turn) }
        guard parameters.isEmpty else { return fail("555 unknown parameter", &turn) }
        // RFC 5321 §4.5.3.1.8, §4.5.3.1.10.
        guard recipients.count < MailService.mostRecipients else { return fail("452 too many recipients", &turn) }
        recipients.append(address)
        turn.send("250 OK\r\n")
    }

    /// `FROM:<address> PARAMETER…`. An empty address is the sender of error reports (RFC 5321 §4.5.5).
    static func path(_ text: String, after keyword: String) -> (address: String, parameters: [Substring])? {
        guard text.uppercased().hasPrefix(keyword) else { return nil }
        let path = String(text.dropFirst(keyword.count)).trimmed
        guard path.hasPrefix("<"), let end = path.firstIndex(of: ">") else { return nil }
        let address = path[path.index(after: path.startIndex)..<end]
        // It becomes part of a header line.
        guard address.utf8.count <= 256, address.utf8.allSatisfy({ $0 > 32 && $0 != 127 && $0 != UInt8(ascii: "<") }) else { return nil }
        return (String(address), path[path.index(after: end)...].split(separator: " "))
    }
}

extension String {
    /// Without the spaces at its ends.
    fileprivate var trimmed: String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
