/// Reading and writing the file that is open.
extension FileService {
    mutating func read(_ count: Int, _ turn: inout Turn) throws(Failure) {
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

    func writeProblem(_ count: Int, _ limits: Limits) -> Failure? {
        guard let file else { return .reason("no file is open") }
        if mode == .read { return .reason("opened for reading") }
        let offset = mode == .append ? (try? file.currentSize()) ?? offset : offset
        return offset > limits.message - min(count, limits.message) || count > limits.message
            ? .reason("no file may be longer than \(limits.message) bytes") : nil
    }

    /// - Returns: whether all of the bytes have come.
    mutating func take(_ left: Int, _ total: Int, _ failure: Failure?, _ turn: inout Turn) -> Bool {
        let bytes = lines.takeBytes(left)
        if let last = bytes.last {
            endedLine = last == UInt8(ascii: "\n")
            sincePiece += bytes.count
            if endedLine || sincePiece >= 1_024 { (pieces, sincePiece) = (pieces &+ 1, 0) }
        }
        var failure = failure
        if failure == nil, let file {
            do {
                try file.write(bytes, at: offset)
                offset = mode == .append ? try file.currentSize() : offset + bytes.count
            } catch {
                failure = .reason(error.reason)
            }
        }
        guard bytes.count == left else {
            task = .taking(left: left - bytes.count, total: total, failure)
            return false
        }
        task = .command
        if case .reason(let reason)? = failure { fail(reason, &turn) } else { turn.send("OK \(total)\n") }
        return true
    }
}
