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
            case .append: O_WRONLY | O_CREAT
            case .both: O_RDWR | O_CREAT
            }
        }
    }

    enum Failure: Error {
        case reason(String)
    }

    static let piece = 65_536

    init(_ folder: ServedFolder, authority: Endpoint?, _ limits: Limits) {
        self.folder = folder
        self.authority = authority
        lines = LineBuffer(limit: limits.lineLength)
    }

    var isMidway: Bool {
        if case .command = task { lines.isMidway } else { true }
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
        let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        let (verb, peer) = (words.first?.uppercased() ?? "", turn.peer)
        if verb != "TOKEN" { turn.note(Transcript.line(line, from: peer)) }
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
            if case .reason(let reason) = error { turn.send("ERROR \(reason)\n") }
        }
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
        case .text: turn.send("ERROR not permitted\n")
        case .failed(let reason):
            turn.warn("auth: \(reason)")
            turn.send("ERROR nobody to ask for permission\n")
        }
        work(&turn)
    }

    private mutating func finishOpening(_ path: [UInt8], _ mode: Mode, _ turn: inout Turn) {
        file = nil
        do throws(ServedFolder.Failure) {
            let opened: OpenFile
            let descriptor = try folder.open(path, mode.flags)
            do { opened = try OpenFile(descriptor) } catch { throw .failed(error) }
            guard opened.isRegular else { return turn.send("ERROR not a file\n") }
            file = opened
            self.mode = mode
            let size = mode == .write ? 0 : opened.size
            offset = mode == .append ? size : 0
            turn.send("OK \(size)\n")
        } catch {
            switch error {
            case .refused: turn.send("ERROR not in the served folder\n")
            case .failed(let error): turn.send("ERROR \(error.reason)\n")
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
