import Glibc
import Platform

/// A mailbox of one file a message: written in `tmp`, and whole once it is moved to `new` (Bernstein's maildir(5)). Readers
/// and writers need no lock.
final class Maildir: Sendable {
    private let path: String
    private let count: SharedCounter
    private let host: String

    /// Makes the folders that are missing.
    ///
    /// - Throws: ``SystemError`` where they can be neither found nor made.
    init(_ path: String) throws(SystemError) {
        self.path = path
        count = try SharedCounter()
        host = hostName()
        for folder in ["", "/tmp", "/new", "/cur"] {
            do { try retrying("mkdir") { unsafe mkdir(path + folder, 0o700) } } catch where error.code == EEXIST {}
        }
        // What is no folder shows here.
        _ = Descriptor(owning: try retrying("open") { unsafe Glibc.open(path + "/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
    }

    /// Begins a message.
    func begin() throws(SystemError) -> Delivery {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        let name = "\(now.tv_sec).M\(now.tv_nsec / 1_000)P\(getpid())Q\(count.increment()).\(host)"
        return try Delivery(from: "\(path)/tmp/\(name)", to: "\(path)/new/\(name)")
    }

    /// A message on its way into the mailbox; gone with its last reference, if it is not committed.
    final class Delivery: Sendable {
        private let file: OpenFile
        private let (from, to): (String, String)

        fileprivate init(from: String, to: String) throws(SystemError) {
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
            file = try OpenFile(Descriptor(owning: try retrying("open") { unsafe Glibc.open(from, flags, 0o600) }))
            (self.from, self.to) = (from, to)
        }

        deinit {
            unsafe _ = unlink(from)
        }

        func write(_ bytes: ArraySlice<UInt8>, at offset: Int) throws(SystemError) {
            try file.write(bytes, at: offset)
        }

        /// Waits until the disk has it, and shows it to readers: after that the sender need not keep it (RFC 5321 §4.2.5).
        func commit() throws(SystemError) {
            try file.synchronize()
            try retrying("rename") { unsafe rename(from, to) }
        }
    }
}

/// This host's name, as it gives it itself. The corresponding C function is `gethostname`.
func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    unsafe _ = gethostname(&name, name.count - 1)
    let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." }
    return text.isEmpty ? "localhost" : text
}
