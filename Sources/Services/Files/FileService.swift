import Glibc
import Platform
import Wire

/// Opens, reads, writes, seeks and closes a file of the served folder for a client, one at a time:
///
///     OPEN path mode   mode r reads, w writes anew, a appends, rw both        OK size
///     READ n           at most n bytes from where the last one ended           OK count, then as many bytes
///     WRITE n          then n bytes                                            OK n
///     SEEK n           to the nth byte                                         OK n
///     CLOSE                                                                    OK
///     TOKEN token      what `auth` gave, for a server that asks it             OK
///
/// What cannot be done is answered by `ERROR` and the reason.
struct FileService: Service {
    static let port: UInt16 = 5195

    private let folder: ServedFolder
    /// Who is asked whether a token permits `read` or `write`; `nil` permits all.
    private let authority: Endpoint?
    var lines: LineBuffer
    var file: OpenFile?
    var mode = Mode.read
    var offset = 0
    private var token = ""
    private var isNew = true
    /// Of what is written: how many lines or kilobytes, how much since then, and whether the last byte ended a line.
    var pieces = 0
    var sincePiece = 0
    var endedLine = true
    private var errors = 0
    var task = Task.command

    enum Task {
        case command
        /// That many bytes of the file are still to be sent.
        case sending(Int)
        /// Of `total` bytes, `left` are still to come; the failure is told when they have.
        case taking(left: Int, total: Int, Failure?)
        /// Until `auth` has answered.
        case opening(path: [UInt8], Mode)
    }

    enum Mode: String {
        case read = "r", write = "w", append = "a", both = "rw"

        var flags: Int32 {
            switch self {
            case .read: O_RDONLY
            case .write: O_WRONLY | O_CREAT | O_TRUNC
            // Each write goes to the end, wherever that is by then: two who append lose nothing of each other's (open(2)).
            case .append: O_WRONLY | O_CREAT | O_APPEND
            case .both: O_RDWR | O_CREAT
            }
        }
    }

    enum Failure: Error {
        case reason(String)
    }

    static let piece = 65_536
    /// A client that only makes mistakes is not one.
    private static let mostErrors = 20

    init(_ folder: ServedFolder, authority: Endpoint?, _ limits: Limits) {
        self.folder = folder
        self.authority = authority
        lines = LineBuffer(limit: limits.lineLength)
    }

    var isMidway: Bool {
        if case .command = task { lines.isMidway } else { true }
    }

    var isMidLine: Bool {
        switch task {
        case .command: lines.isMidway
        case .taking: !endedLine
        case .sending, .opening: false
        }
    }

    var steps: Int { lines.taken &+ pieces }

    func farewell(_ closing: Closing) -> String {
        switch closing {
        case .tooSlow: "ERROR too slow\n"
        case .idle, .crowdedOut: "ERROR idle for too long\n"
        default: ""
        }
    }

    mutating func receive(_ bytes: ArraySlice<UInt8>, _ turn: inout Turn) {
        lines.supply(bytes)
        work(&turn)
    }

    /// Goes from command to command, as far as what has come goes, and the output shall.
    mutating func work(_ turn: inout Turn) {
        while turn.question == nil, turn.ending == nil {
            switch task {
            case .opening: return
            case .sending: return turn.proceedWhenSent()
            case .taking(let left, let total, let failure):
                guard take(left, total, failure, &turn) else { return }
            case .command:
                // Many small commands ask for much: the rest of them waits until that is sent.
                if turn.output.count >= FileService.piece { return turn.proceedWhenSent() }
                switch lines.next() {
                case .none: return
                case .tooLong: return turn.close(.lineTooLong(limit: turn.limits.lineLength))
                case .line(let line): obey(line, &turn)
                }
            }
        }
    }

    private mutating func obey(_ line: [UInt8], _ turn: inout Turn) {
        let parts = line.split(separator: UInt8(ascii: " "))
        let words = parts.map { String(decoding: $0, as: UTF8.self) }
        let (verb, peer) = (parts.first?.uppercasedASCII ?? "", turn.peer)
        // A token all the same, if a tab or something else stands behind the word.
        if line.trimmed.prefix(5).uppercasedASCII != "TOKEN" { turn.note(Transcript.line(line, from: peer)) }
        do throws(Failure) {
            switch (verb, words.count) {
            case ("OPEN", 3...):
                // The path may have spaces: the mode is the last word.
                let rest = line.drop { $0 != UInt8(ascii: " ") }.dropFirst()
                guard let end = rest.lastIndex(of: UInt8(ascii: " ")), let mode = Mode(rawValue: words[words.count - 1])
                else { throw .reason("mode r, w, a or rw") }
                try open(Array(rest[..<end]), mode, &turn)
            case ("READ", 2): try read(try number(words[1]), &turn)
            case ("WRITE", 2):
                let count = try number(words[1])
                task = .taking(left: count, total: count, writeProblem(count, turn.limits))
                endedLine = true
            case ("SEEK", 2):
                _ = try opened()
                offset = try number(words[1])
                turn.send("OK \(offset)\n")
            case ("CLOSE", 1):
                _ = try opened()
                file = nil
                turn.send("OK\n")
            case ("TOKEN", 2):
                token = words[1]
                turn.send("OK\n")
            default: throw .reason("OPEN path mode, READ n, WRITE n, SEEK n, CLOSE or TOKEN token")
            }
        } catch {
            if case .reason(let reason) = error { fail(reason, &turn) }
            // What begins with none of the commands speaks another protocol: a browser's request would bring its page's own
            // lines after the head's.
            if isNew, !FileService.verbs.contains(verb) { turn.close(nil) }
            // How long its bytes are is not known: they must not be taken for commands.
            if verb == "WRITE" { turn.close(nil) }
        }
        isNew = false
    }

    private static let verbs: Set<String> = ["OPEN", "READ", "WRITE", "SEEK", "CLOSE", "TOKEN"]

    mutating func fail(_ reason: String, _ turn: inout Turn) {
        errors += 1
        turn.send("ERROR \(reason)\n")
        guard errors >= FileService.mostErrors else { return }
        turn.send("ERROR too many errors\n")
        turn.close(nil)
    }
}

// MARK: - Opening

extension FileService {
    private mutating func open(_ path: [UInt8], _ mode: Mode, _ turn: inout Turn) throws(Failure) {
        guard let authority else { return finishOpening(path, mode, &turn) }
        let permission = mode == .read ? "read" : "write"
        task = .opening(path: path, mode)
        turn.ask(.server(authority, line: Array("CHECK \(token.isEmpty ? "-" : token) \(permission)".utf8)))
    }

    mutating func hear(_ answer: Answer, _ turn: inout Turn) {
        guard case .opening(let path, let mode) = task else { return }
        task = .command
        switch answer {
        case .text(let text) where text.starts(with: "OK".utf8): finishOpening(path, mode, &turn)
        case .text: fail("not permitted", &turn)
        case .failed(let reason):
            turn.warn("auth: \(reason)")
            fail("nobody to ask for permission", &turn)
        }
        work(&turn)
    }

    private mutating func finishOpening(_ path: [UInt8], _ mode: Mode, _ turn: inout Turn) {
        file = nil
        do throws(ServedFolder.Failure) {
            let opened: OpenFile
            let descriptor = try folder.open(path, mode.flags)
            do { opened = try OpenFile(descriptor) } catch { throw .failed(error) }
            guard opened.isRegular else { return fail("not a file", &turn) }
            file = opened
            self.mode = mode
            let size = mode == .write ? 0 : opened.size
            offset = mode == .append ? size : 0
            turn.send("OK \(size)\n")
        } catch {
            switch error {
            case .refused: fail("not in the served folder", &turn)
            case .notAFile: fail("not a file", &turn)
            case .failed(let error): fail(error.reason, &turn)
            }
        }
    }

    func opened() throws(Failure) -> OpenFile {
        guard let file else { throw .reason("no file is open") }
        return file
    }

    private func number(_ word: String) throws(Failure) -> Int {
        guard let number = Int(word), number >= 0 else { throw .reason("\(Transcript.printable(Array(word.utf8))): not a number") }
        return number
    }
}
