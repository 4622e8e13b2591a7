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
        /// A FIFO, a device, a socket: opening it alone may do something.
        case notAFile
        case failed(SystemError)
    }

    /// Opens what a path names, from the folder on; a slash at its beginning means the folder too.
    ///
    /// - Parameters:
    ///   - path: bytes, as names in Linux are.
    ///   - flags: those of open(2); `O_NOFOLLOW`, `O_CLOEXEC` and `O_NONBLOCK` are added, so that a FIFO does not make it wait.
    /// - Throws: ``Failure/failed(_:)`` with `ELOOP` or `ENOTDIR` for a link.
    func open(_ path: some Collection<UInt8>, _ flags: Int32) throws(Failure) -> Descriptor {
        let names = Array(path).split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual([UInt8(ascii: ".")]) }
        if path.contains(0) || names.contains(where: { $0.elementsEqual("..".utf8) }) { throw .refused }
        var folder = try ServedFolder.open([UInt8(ascii: ".")], in: root.rawValue, O_RDONLY | O_DIRECTORY)
        for name in names.dropLast() {
            let next = try ServedFolder.open(name, in: folder.rawValue, O_RDONLY | O_DIRECTORY)
            folder = next
        }
        return try ServedFolder.open(names.last.map(Array.init) ?? [UInt8(ascii: ".")], in: folder.rawValue, flags)
    }

    /// Looks at what is there before it opens it; a link is left to `O_NOFOLLOW`.
    private static func open(_ name: some Collection<UInt8>, in folder: Int32, _ flags: Int32) throws(Failure) -> Descriptor {
        let path = name.map { CChar(bitPattern: $0) } + [0]
        do throws(SystemError) {
            var status = stat()
            let seen = try retrying("fstatat") { unsafe fstatat(folder, path, &status, AT_SYMLINK_NOFOLLOW) }
            if seen == 0, ![S_IFREG, S_IFDIR, S_IFLNK].contains(status.st_mode & S_IFMT) { throw SystemError(ENODEV, in: "openat") }
        } catch {
            if error.code == ENODEV { throw .notAFile }
            if error.code != ENOENT { throw .failed(error) }
        }
        let all = flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        do { return Descriptor(owning: try retrying("openat") { unsafe openat(folder, path, all, 0o644) }) } catch { throw .failed(error) }
    }
}
