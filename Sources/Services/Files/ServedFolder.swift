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
