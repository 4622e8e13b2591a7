import Glibc
import Platform

/// A folder of which everything may be reached and nothing outside of it.
///
/// A path is walked component by component, each opened in the folder before it with `O_NOFOLLOW`: so no link leads out, and
/// none can be put in the way between a check and its use. `..` is refused as a word.
final class ServedFolder: Sendable {
    private let root: Descriptor

    /// - Throws: ``SystemError`` where it is not there, or no folder.
    init(_ path: String) throws(SystemError) {
        root = Descriptor(owning: try retrying("open") { unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
    }

    enum Failure: Error, Equatable {
        /// It would lead out of the folder, or cannot be the name of anything.
        case refused
        case failed(SystemError)
    }

    /// Opens what a path names, from the folder on; a slash at its beginning means the folder too.
    ///
    /// - Parameters:
    ///   - path: bytes, as names in Linux are.
    ///   - flags: those of open(2); `O_NOFOLLOW`, `O_CLOEXEC` and `O_NONBLOCK` are added, so that a FIFO does not make it wait.
    /// - Throws: ``Failure/failed(_:)`` with `ELOOP` or `ENOTDIR` for a link.
    func open(_ path: some Collection<UInt8>, _ flags: Int32) throws(Failure) -> Descriptor {
        let names = path.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual([UInt8(ascii: ".")]) }
        if path.contains(0) || names.contains(where: { $0.elementsEqual("..".utf8) }) { throw .refused }
        do throws(SystemError) {
            var folder = try ServedFolder.open(".", in: root.rawValue, O_RDONLY | O_DIRECTORY)
            guard let last = names.last else { return try ServedFolder.open(".", in: root.rawValue, flags) }
            for name in names.dropLast() {
                let next = try ServedFolder.open(String(decoding: name, as: UTF8.self), in: folder.rawValue, O_RDONLY | O_DIRECTORY)
                folder = next
            }
            return try ServedFolder.open(String(decoding: last, as: UTF8.self), in: folder.rawValue, flags)
        } catch {
            throw .failed(error)
        }
    }

    private static func open(_ name: String, in folder: Int32, _ flags: Int32) throws(SystemError) -> Descriptor {
        let all = flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        return Descriptor(owning: try retrying("openat") { unsafe openat(folder, name, all, 0o644) })
    }
}

/// An open file, its place, and what it is: shared by the copies of the service that has it open, closed with the last.
final class OpenFile: Sendable {
    private let descriptor: Descriptor
    let isFolder: Bool
    let isRegular: Bool
    /// In bytes, when it was opened.
    let size: Int

    init(_ descriptor: consuming Descriptor) throws(SystemError) {
        var status = stat()
        let number = descriptor.rawValue
        try retrying("fstat") { unsafe fstat(number, &status) }
        isFolder = status.st_mode & S_IFMT == S_IFDIR
        isRegular = status.st_mode & S_IFMT == S_IFREG
        size = Int(status.st_size)
        self.descriptor = descriptor
    }

    /// The corresponding C function is `pread`.
    func read(_ count: Int, at offset: Int) throws(SystemError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        let read = try retrying("pread") {
            unsafe buffer.withUnsafeMutableBytes { unsafe pread(descriptor.rawValue, $0.baseAddress, $0.count, offset) }
        }
        buffer.removeLast(count - read)
        return buffer
    }

    /// The corresponding C function is `pwrite`, until all is written.
    func write(_ bytes: ArraySlice<UInt8>, at offset: Int) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            done += try retrying("pwrite") {
                unsafe bytes.dropFirst(done).withUnsafeBytes { unsafe pwrite(descriptor.rawValue, $0.baseAddress, $0.count, offset + done) }
            }
        }
    }

    /// Waits until the disk has it. The corresponding C function is `fsync`.
    func synchronize() throws(SystemError) {
        try retrying("fsync") { fsync(descriptor.rawValue) }
    }

    /// How long it is now.
    func currentSize() throws(SystemError) -> Int {
        var status = stat()
        try retrying("fstat") { unsafe fstat(descriptor.rawValue, &status) }
        return Int(status.st_size)
    }

    /// The names in a folder, sorted; those of folders end in a slash. The corresponding C functions are `fdopendir` and
    /// `readdir`.
    func names() -> [String] {
        guard let folder = unsafe fdopendir(dup(descriptor.rawValue)) else { return [] }
        defer { unsafe _ = closedir(folder) }
        unsafe rewinddir(folder)
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let isFolder = unsafe entry.pointee.d_type == UInt8(DT_DIR)
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(isFolder ? name + "/" : name) }
        }
        return names.sorted()
    }
}
