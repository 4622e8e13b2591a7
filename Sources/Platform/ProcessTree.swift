import Glibc

/// Who descends from whom, as `/proc` tells it. Processes come and go while it is read: an answer is of the moment.
public struct ProcessTree: Sendable {
    private let root: String

    /// - Parameter root: where `/proc` is; tests make one.
    public init(root: String = "/proc") {
        self.root = root
    }

    /// The parent of a process, or `nil` when it is gone; 0 for those that the kernel started.
    public func parent(of process: Int32) -> Int32? {
        guard let text = try? readTextFile("\(root)/\(process)/stat", limit: 4096) else { return nil }
        // `PID (NAME) STATE PARENT …`, where NAME may hold brackets and spaces (proc_pid_stat(5)).
        guard let end = text.utf8.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = text.utf8[end...].split(separator: UInt8(ascii: " "), maxSplits: 3)
        return fields.count > 2 ? Int32(String(fields[2]) ?? "") : nil
    }

    /// Whether a process is a child of `ancestor`, a child of such a child, and so on. Nobody descends from itself.
    ///
    /// Of a subreaper also those remain descendants whose parents have ended.
    public func isDescendant(_ process: Int32, of ancestor: Int32 = getpid()) -> Bool {
        var current = process
        // A process that takes a number anew while the way up is read could lead in a circle, though not for ever.
        for _ in 0..<4096 {
            guard let parent = parent(of: current), parent > 0 else { return false }
            if parent == ancestor { return true }
            current = parent
        }
        return false
    }

    /// All descendants, in no order.
    public func descendants(of ancestor: Int32 = getpid()) -> [Int32] {
        var children: [Int32: [Int32]] = [:]
        for process in processes() {
            if let parent = parent(of: process) { children[parent, default: []].append(process) }
        }
        var found: [Int32] = []
        var next = [ancestor]
        while let process = next.popLast() {
            // Taken out, so that nothing is visited twice.
            let own = children.removeValue(forKey: process) ?? []
            found += own
            next += own
        }
        return found
    }

    private func processes() -> [Int32] {
        guard let folder = unsafe opendir(root) else { return [] }
        defer { _ = unsafe closedir(folder) }
        var numbers: [Int32] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if let number = Int32(name) { numbers.append(number) }
        }
        return numbers
    }
}
