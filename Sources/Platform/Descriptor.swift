import CPlatform
import Glibc

/// A file descriptor with one owner: closed when its life ends, never twice.
public struct Descriptor: ~Copyable, Sendable {
    /// The number, for calls that borrow it. It stays the owner's to close.
    public let rawValue: Int32

    /// Takes over an open descriptor.
    public init(owning rawValue: Int32) {
        self.rawValue = rawValue
    }

    deinit {
        _ = Glibc.close(rawValue)
    }

    /// Closes now, and says what `deinit` must keep to itself. The corresponding C function is `close`.
    ///
    /// It is not tried again after `EINTR`: on Linux the descriptor is gone already (close(2), NOTES).
    public consuming func close() throws(SystemError) {
        let number = rawValue
        discard self
        if Glibc.close(number) != 0, errno != EINTR { throw SystemError(errno, in: "close") }
    }

    /// Gives the number away: from here on it is the caller's to close.
    public consuming func release() -> Int32 {
        let number = rawValue
        discard self
        return number
    }
}

/// Makes reads and writes on a descriptor return `EAGAIN` instead of waiting. The C function is `fcntl`.
public func setNonblocking(_ descriptor: Int32, _ on: Bool = true) throws(SystemError) {
    let flags = try retrying("fcntl") { fcntl(descriptor, F_GETFL) }
    try retrying("fcntl") { fcntl(descriptor, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK) }
}

/// Writes all of `bytes`, waiting where the descriptor makes it wait.
///
/// - Throws: ``SystemError`` with `EPIPE` for a closed pipe, `ENOSPC` for a full disk, and the like.
public func writeAll(_ descriptor: Int32, _ bytes: Span<UInt8>) throws(SystemError) {
    var done = 0
    while done < bytes.count {
        let rest = bytes.extracting(done...)
        do {
            done += try retrying("write") {
                unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            }
        } catch where error.code == EAGAIN {
            try waitUntilReady(descriptor, for: .writable)
        }
    }
}

public func writeAll(_ descriptor: Int32, _ text: String) throws(SystemError) {
    let bytes = Array(text.utf8)
    try writeAll(descriptor, bytes.span)
}

/// Lets the kernel itself leave out the outgoing copies on a packet socket: on `lo` each frame comes twice.
/// The corresponding C call is `setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING)`.
public func ignoreOutgoingFrames(_ descriptor: Int32) throws(SystemError) {
    try retrying("setsockopt(PACKET_IGNORE_OUTGOING)") { pw_packet_ignore_outgoing(descriptor) }
}

/// The text of a file, as far as `limit` bytes go.
public func readTextFile(_ path: String, limit: Int) throws(SystemError) -> String {
    let file = Descriptor(owning: try retrying("open") { unsafe open(path, O_RDONLY | O_CLOEXEC) })
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while text.count < limit {
        let count = try retrying("read") { unsafe read(file.rawValue, &chunk, chunk.count) }
        if count == 0 { break }
        text.append(contentsOf: chunk[..<count])
    }
    return String(decoding: text.prefix(limit), as: UTF8.self)
}

/// Sees to it that no file or socket of ours becomes standard input, output or error where the caller closed them.
/// To be called before anything is opened.
public func guardStandardDescriptors() {
    pw_guard_standard_descriptors()
}
