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

    private func processes() -> [Int32] { entries(of: root).compactMap { Int32($0) } }

    /// A process and its descendants, by what each thread says of its children: quicker than to read all processes, and good
    /// only while none of the parents ends (proc(5), `/proc/PID/task/TID/children`).
    public func family(of process: Int32) -> [Int32] {
        var family = [process]
        var next = 0
        while next < family.count {
            let threads = entries(of: "\(root)/\(family[next])/task")
            for thread in threads {
                let text = (try? readTextFile("\(root)/\(family[next])/task/\(thread)/children", limit: 1 << 16)) ?? ""
                family += text.split(separator: " ").compactMap { Int32($0) }.filter { !family.contains($0) }
            }
            next += 1
        }
        return family
    }
}
