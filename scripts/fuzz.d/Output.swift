import Glibc

/// A file in memory that an inspection writes to.
struct Output {
    static let shared = Output()
    let descriptor: Int32

    private init() {
        var path = Array("/dev/shm/portwatch-fuzz-XXXXXX".utf8CString)
        descriptor = unsafe mkstemp(&path)
        guard descriptor >= 0 else { fatalError("/dev/shm: no file can be made") }
        unsafe unlink(path)
    }

    func clear() {
        ftruncate(descriptor, 0)
        lseek(descriptor, 0, SEEK_SET)
    }

    var text: [UInt8] {
        let count = Int(lseek(descriptor, 0, SEEK_CUR))
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = unsafe pread(descriptor, buffer.baseAddress, count, 0)
        }
    }
}
