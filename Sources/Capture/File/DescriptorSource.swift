import Glibc
import Platform

/// The bytes of a file, a fifo or standard input.
final class DescriptorSource: ByteSource {
    private let name: String
    private let descriptor: Descriptor
    let canWait: Bool

    /// Opens a file, or standard input where the path is `-`.
    init(path: String, name: String) throws(CaptureError) {
        self.name = name
        var status = stat()
        if path == "-" {
            if isatty(0) == 1 {
                throw CaptureError(name, "a terminal, not a capture file", hint: "give it one: portwatch -r - < FILE")
            }
        } else {
            guard unsafe stat(path, &status) == 0 else { throw CaptureError(path, DescriptorSource.reason(errno)) }
            if status.st_mode & S_IFMT == S_IFDIR { throw CaptureError(path, "a directory, not a capture file") }
        }
        let number = path == "-" ? fcntl(0, F_DUPFD_CLOEXEC, 0) : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { throw CaptureError(name, DescriptorSource.reason(errno)) }
        descriptor = Descriptor(owning: number)
        canWait = unsafe fstat(number, &status) != 0 || status.st_mode & S_IFMT != S_IFREG
    }

    var mayWait: Bool {
        guard canWait else { return false }
        var waiting = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&waiting, 1, 0) == 0
    }

    /// A signal that asks for the end ends a read that waits; any other does not.
    func read(into buffer: inout MutableSpan<UInt8>) throws(CaptureError) -> Int {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(descriptor.rawValue, $0.baseAddress, $0.count) }
            if count >= 0 { return count }
            switch errno {
            case EINTR: if Interruption.wasRequested { throw CaptureError(name, "interrupted") }
            case EAGAIN: try wait()
            case let code: throw CaptureError(name, DescriptorSource.reason(code))
            }
        }
    }

    /// Whoever opened standard input may have made it non-blocking.
    private func wait() throws(CaptureError) {
        var waiting = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&waiting, 1, -1) < 0 else { return }
        if errno != EINTR { throw CaptureError(name, DescriptorSource.reason(errno)) }
        if Interruption.wasRequested { throw CaptureError(name, "interrupted") }
    }

    private static func reason(_ code: Int32) -> String { SystemError(code, in: "").reason }
}
