import Glibc
import Platform

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

    /// The names in a folder, sorted, without those that begin with a dot; those of folders end in a slash. The corresponding C functions are `fdopendir` and
    /// `readdir`.
    func names() -> [[UInt8]] {
        guard let folder = unsafe fdopendir(dup(descriptor.rawValue)) else { return [] }
        defer { unsafe _ = closedir(folder) }
        unsafe rewinddir(folder)
        var names: [[UInt8]] = []
        while let entry = unsafe readdir(folder) {
            let isFolder = unsafe entry.pointee.d_type == UInt8(DT_DIR)
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe Array(bytes.prefix { $0 != 0 })
            }
            if name.first != UInt8(ascii: ".") { names.append(isFolder ? name + [UInt8(ascii: "/")] : name) }
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
