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
    private var lines: LineBuffer
    private var file: OpenFile?
    private var mode = Mode.read
    private var offset = 0
    private var token = ""
    private var task = Task.command

    private enum Task {
        case command
        /// That many bytes of the file are still to be sent.
        case sending(Int)
        /// Of `total` bytes, `left` are still to come; the failure is told when they have.
        case taking(left: Int, total: Int, Failure?)
        /// Until `auth` has answered.
        case opening(path: [UInt8], Mode)
    }

    private enum Mode: String {
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

    private enum Failure: Error {
        case reason(String)
    }

    private static let piece = 65_536

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
    private mutating func work(_ turn: inout Turn) {
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

    private func opened() throws(Failure) -> OpenFile {
        guard let file else { throw .reason("no file is open") }
        return file
    }

    private func number(_ word: String) throws(Failure) -> Int {
        guard let number = Int(word), number >= 0 else { throw .reason("\(Transcript.printable(Array(word.utf8))): not a number") }
        return number
    }
}

// MARK: - Reading and writing

extension FileService {
    private mutating func read(_ count: Int, _ turn: inout Turn) throws(Failure) {
        let file = try opened()
        guard mode == .read || mode == .both else { throw .reason("opened for writing") }
        let size: Int
        do { size = try file.currentSize() } catch { throw .reason(error.reason) }
        let there = max(0, min(count, size - min(offset, size)))
        turn.send("OK \(there)\n")
        if there > 0 { sendPiece(of: there, &turn) }
    }

    mutating func proceed(_ turn: inout Turn) {
        if case .sending(let left) = task { sendPiece(of: left, &turn) }
        work(&turn)
    }

    /// A piece at a time, so that a large file needs no more memory than a small one.
    private mutating func sendPiece(of left: Int, _ turn: inout Turn) {
        guard let file else { return }
        guard let bytes = try? file.read(min(left, FileService.piece), at: offset), !bytes.isEmpty else {
            // It has become shorter: what was promised cannot come.
            return turn.close(.broken(reason: "closed: the file has shrunk"))
        }
        turn.send(bytes)
        offset += bytes.count
        task = left > bytes.count ? .sending(left - bytes.count) : .command
    }

    private func writeProblem(_ count: Int, _ limits: Limits) -> Failure? {
        guard file != nil else { return .reason("no file is open") }
        if mode == .read { return .reason("opened for reading") }
        return offset > limits.message - min(count, limits.message) || count > limits.message
            ? .reason("no file may be longer than \(limits.message) bytes") : nil
    }

    /// - Returns: whether all of the bytes have come.
    private mutating func take(_ left: Int, _ total: Int, _ failure: Failure?, _ turn: inout Turn) -> Bool {
        let bytes = lines.takeBytes(left)
        var failure = failure
        if failure == nil, let file {
            do {
                try file.write(bytes, at: offset)
                offset += bytes.count
            } catch {
                failure = .reason(error.reason)
            }
        }
        guard bytes.count == left else {
            task = .taking(left: left - bytes.count, total: total, failure)
            return false
        }
        task = .command
        if case .reason(let reason)? = failure { turn.send("ERROR \(reason)\n") } else { turn.send("OK \(total)\n") }
        return true
    }
}
