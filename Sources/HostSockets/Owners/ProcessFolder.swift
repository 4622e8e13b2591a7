import Glibc
import Platform

/// Reads of a process what `/proc/PID` shows: its name and the sockets among its descriptors. Processes come and go
/// while they are read; one that is gone has nothing.
struct ProcessFolder {
    private let root: String

    /// - Parameter root: where `/proc` is; tests make one.
    init(root: String = "/proc") {
        self.root = root
    }

    enum Outcome: Equatable {
        case read
        /// Another user's, and no right to see it.
        case denied
        case gone
    }

    /// Every process that is shown.
    func processes() -> [Int32] {
        var numbers: [Int32] = []
        _ = unsafe forEachEntry(root) { _, name in
            if let number = unsafe ProcessFolder.number(name) { numbers.append(number) }
        }
        return numbers
    }

    /// Whether processes of others are not even shown (proc(5), `hidepid=invisible`): the first of all always lives.
    var isHiding: Bool { unsafe access("\(root)/1", F_OK) != 0 }

    /// Gives each descriptor that is a socket, with its inode.
    func sockets(of process: Int32, _ body: (_ descriptor: Int32, _ inode: UInt64) -> Void) -> Outcome {
        var isDenied = false
        let refused = unsafe forEachEntry("\(root)/\(process)/fd") { folder, name in
            guard !isDenied, let descriptor = unsafe ProcessFolder.number(name) else { return }
            errno = 0
            if let inode = unsafe ProcessFolder.inode(folder, name) {
                body(descriptor, inode)
            } else {
                // The folder may be opened with CAP_DAC_READ_SEARCH; to follow what is in it is another right.
                isDenied = errno == EACCES
            }
        }
        // What leads nowhere because its process has just ended is refused with EACCES as well, until its parent has taken
        // note of the end.
        if isDenied || refused != nil, hasEnded(process) { return .gone }
        switch refused {
        case nil: return isDenied ? .denied : .read
        case EACCES, EPERM: return .denied
        default: return .gone
        }
    }

    /// Whether it is gone, or a zombie (`PID (NAME) STATE …`, proc_pid_stat(5)).
    private func hasEnded(_ process: Int32) -> Bool {
        let fields = text("\(root)/\(process)/stat", most: 512)
        guard let end = fields.lastIndex(of: UInt8(ascii: ")")), end + 2 < fields.count else { return unsafe access("\(root)/\(process)", F_OK) != 0 }
        return fields[end + 2] == UInt8(ascii: "Z") || fields[end + 2] == UInt8(ascii: "X")
    }

    /// Whether the descriptor is that socket at this moment.
    func holds(_ process: Int32, _ descriptor: Int32, _ inode: UInt64) -> Bool {
        let path = "\(root)/\(process)/fd/\(descriptor)"
        return unsafe path.withCString { unsafe ProcessFolder.inode(AT_FDCWD, $0) } == inode
    }

    /// Its children (`/proc/PID/task/PID/children`, proc(5)); none where the kernel does not tell.
    func children(of process: Int32) -> [Int32] {
        text("\(root)/\(process)/task/\(process)/children", most: 4096).split(separator: UInt8(ascii: " ")).compactMap {
            Int32(String(decoding: $0, as: UTF8.self))
        }
    }

    /// The process's name, `comm`, as it may stand on any terminal; empty when it is gone.
    func name(of process: Int32) -> String {
        let name = text("\(root)/\(process)/comm", most: 64)[...]
        return escaped(name.last == UInt8(ascii: "\n") ? name.dropLast() : name)
    }

    /// The first bytes of a file; none where it cannot be read.
    private func text(_ path: String, most: Int) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        let descriptor = Descriptor(owning: file)
        var bytes = [UInt8](repeating: 0, count: most)
        guard let count = try? retrying("read", { unsafe read(descriptor.rawValue, &bytes, bytes.count) }) else { return [] }
        return Array(bytes.prefix(count))
    }

    // MARK: Entries

    /// Gives each entry of a folder: the folder's descriptor and the entry's name.
    ///
    /// - Returns: why it could not be opened, or `nil`.
    private func forEachEntry(_ path: String, _ body: (Int32, UnsafePointer<CChar>) -> Void) -> Int32? {
        guard let folder = unsafe opendir(path) else { return errno }
        defer { _ = unsafe closedir(folder) }
        let descriptor = unsafe dirfd(folder)
        while let entry = unsafe readdir(folder) {
            unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe body(descriptor, $0) }
            }
        }
        return nil
    }

    /// A name that is a number of at most nine digits and nothing else.
    private static func number(_ name: UnsafePointer<CChar>) -> Int32? {
        var number: Int32 = 0
        var place = unsafe name
        while unsafe place.pointee != 0 {
            let digit = unsafe Int32(place.pointee) - 48
            guard digit >= 0, digit <= 9, number < 100_000_000 else { return nil }
            number = number * 10 + digit
            unsafe place += 1
        }
        return unsafe place == name ? nil : number
    }

    /// The inode in a link's `socket:[12345]`; `nil` for what is no socket, or is gone.
    private static func inode(_ folder: Int32, _ name: UnsafePointer<CChar>) -> UInt64? {
        // The longest: a prefix of eight characters, twenty digits, a bracket.
        var link = InlineArray<32, UInt8>(repeating: 0)
        var bytes = link.mutableSpan
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe readlinkat(folder, name, $0.baseAddress!, $0.count) }
        let prefix: StaticString = "socket:["
        let start = prefix.utf8CodeUnitCount
        guard count > start + 1, bytes[count - 1] == UInt8(ascii: "]") else { return nil }
        for index in 0..<start where unsafe bytes[index] != prefix.utf8Start[index] { return nil }
        var number: UInt64 = 0
        for index in start..<count - 1 {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            let (product, overflowed) = number.multipliedReportingOverflow(by: 10)
            guard !overflowed, product <= UInt64.max - UInt64(digit) else { return nil }
            number = product + UInt64(digit)
        }
        return number
    }
}

/// A process chooses its name: what a terminal would obey or not show is written as `\x1b`, and so is what is not UTF-8.
func escaped(_ bytes: ArraySlice<UInt8>) -> String {
    var text = ""
    var rest = bytes
    while !rest.isEmpty {
        // The longest character of UTF-8 is four bytes.
        let length = (1...min(4, rest.count)).first { String(validating: rest.prefix($0), as: UTF8.self)?.unicodeScalars.count == 1 }
        if let length, let scalar = String(validating: rest.prefix(length), as: UTF8.self)?.unicodeScalars.first, isShown(scalar) {
            text.unicodeScalars.append(scalar)
            rest = rest.dropFirst(length)
        } else {
            let byte = rest.removeFirst()
            text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }
    return text
}

private func isShown(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: false
    default: true
    }
}
