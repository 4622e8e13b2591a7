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
