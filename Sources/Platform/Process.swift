import CPlatform
import Glibc

/// Names this process: what `ps`, `ss -p` and `/proc/PID/comm` show, cut at 15 bytes. The C function is `prctl`.
public func setProcessName(_ name: String) {
    unsafe _ = pw_set_process_name(name)
}
