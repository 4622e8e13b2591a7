import CPlatform
import Glibc

/// Names this process: what `ps`, `ss -p` and `/proc/PID/comm` show, cut at 15 bytes. The C function is `prctl`.
public func setProcessName(_ name: String) {
    unsafe _ = pw_set_process_name(name)
}

/// The file that this process runs, as in `/usr/bin/portwatch`.
public var executablePath: String {
    var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe path.withUnsafeMutableBytes { unsafe readlink("/proc/self/exe", $0.baseAddress!, $0.count) }
    return count > 0 ? String(decoding: path[..<count], as: UTF8.self) : CommandLine.arguments.first ?? "portwatch"
}

/// The port of a service in the services database, over whatever transport. The corresponding C function is `getservbyname`.
public func servicePort(named name: String) -> UInt16? {
    guard let entry = unsafe getservbyname(name, nil) else { return nil }
    return UInt16(bigEndian: UInt16(truncatingIfNeeded: unsafe entry.pointee.s_port))
}

/// The service that has a port in the services database. The corresponding C function is `getservbyport`.
///
/// - Parameter transport: `tcp` or `udp`.
public func serviceName(port: UInt16, transport: String) -> String? {
    guard let entry = unsafe getservbyport(Int32(port.bigEndian), transport) else { return nil }
    return unsafe String(cString: entry.pointee.s_name)
}

/// The name of a user, or `nil` where the users' database has none. The corresponding C function is `getpwuid`.
public func userName(_ identity: UInt32) -> String? {
    guard let entry = unsafe getpwuid(identity), let name = unsafe entry.pointee.pw_name else { return nil }
    return unsafe String(cString: name)
}

/// What each thread of a process does: `S` sleeps, `R` runs, `Z` has ended (proc_pid_stat(5)); none where there is no such
/// process.
public func threadStates(of process: Int32) -> [Character] {
    entries(of: "/proc/\(process)/task").compactMap { thread in
        // `PID (NAME) STATE …`, and the name may hold anything.
        guard let text = try? readTextFile("/proc/\(process)/task/\(thread)/stat", limit: 512), let end = text.lastIndex(of: ")") else { return nil }
        return text[text.index(after: end)...].first { $0 != " " }
    }
}

/// The names in a folder, without `.` and `..`; none where it cannot be read.
public func entries(of path: String) -> [String] {
    guard let folder = unsafe opendir(path) else { return [] }
    defer { _ = unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
            unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}
