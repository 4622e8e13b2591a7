import CPlatform
import Glibc

/// A network namespace of this process's own: a loopback interface that nobody else uses, all ports free, no way out.
public enum PrivateNetwork {
    /// Moves the process into a new network namespace and brings its `lo` up. Needs no right: whoever is not root becomes
    /// root of a user namespace, in which he is still himself to the files.
    ///
    /// To be called while there is one thread, and before any socket is made: those that there are stay where they are.
    /// The corresponding C function is `unshare`.
    public static func enter() throws(PrivateNetworkError) {
        let (user, group) = (geteuid(), getegid())
        do {
            // Root of a container may be refused the one and get the other.
            if user != 0 || pw_unshare_network(0) != 0 {
                // A file with capabilities runs as a process that cannot write its own map, unless it says so.
                _ = pw_set_dumpable()
                try retrying("unshare") { pw_unshare_network(1) }
                try becomeRoot(user, group)
            }
            try retrying("ioctl(SIOCSIFFLAGS)") { unsafe pw_interface_up("lo") }
        } catch {
            throw PrivateNetworkError(error, isRoot: user == 0, NamespaceSettings())
        }
    }

    /// The order is the kernel's wish: without rights a group map may be written once `setgroups` is denied
    /// (user_namespaces(7)).
    private static func becomeRoot(_ user: UInt32, _ group: UInt32) throws(SystemError) {
        try write("/proc/self/setgroups", "deny")
        try write("/proc/self/uid_map", "0 \(user) 1")
        try write("/proc/self/gid_map", "0 \(group) 1")
    }

    private static func write(_ path: String, _ text: String) throws(SystemError) {
        let file = Descriptor(owning: try retrying(path) { unsafe open(path, O_WRONLY | O_CLOEXEC) })
        do {
            try writeAll(file.rawValue, text)
        } catch {
            throw SystemError(error.code, in: path)
        }
    }
}
