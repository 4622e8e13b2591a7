import Foundation
import Testing

@testable import Platform

/// Which setting forbids a private network namespace, and what to do: on machines that are not this one.
@Suite struct PrivateNetworkErrorTests {
    /// A machine's settings, each at its path below `/proc/sys`, and what is refused there.
    private func error(
        _ code: Int32, in call: String = "unshare", isRoot: Bool = false, _ settings: [String: String]
    ) throws -> PrivateNetworkError {
        let root = "/tmp/portwatch-sys-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        for folder in ["user", "kernel"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
        }
        for (path, text) in settings { try Data((text + "\n").utf8).write(to: URL(fileURLWithPath: "\(root)/\(path)")) }
        return PrivateNetworkError(SystemError(code, in: call), isRoot: isRoot, NamespaceSettings(root: root))
    }

    @Test func `Debian's switch`() throws {
        let error = try error(EPERM, ["kernel/unprivileged_userns_clone": "0", "user/max_user_namespaces": "96365"])
        #expect(error.reason == "only root may make a network namespace (kernel.unprivileged_userns_clone is 0)")
        #expect(error.hint == "type sudo before it; or once: sudo sysctl -w kernel.unprivileged_userns_clone=1")
    }

    @Test(arguments: [("user/max_user_namespaces", "user"), ("user/max_net_namespaces", "network")])
    func `a limit of none`(_ path: String, _ kind: String) throws {
        let name = path.replacing("/", with: ".")
        let error = try error(ENOSPC, [path: "0"])
        #expect(error.reason == "\(kind) namespaces are forbidden (\(name) is 0)")
        #expect(error.hint == "type sudo before it; or once: sudo sysctl -w \(name)=10000")
    }

    /// There the namespace is made, and what fails is to write its map or to bring `lo` up.
    @Test(arguments: ["/proc/self/uid_map", "ioctl(SIOCSIFFLAGS)"])
    func `Ubuntu's AppArmor`(_ call: String) throws {
        let error = try error(EPERM, in: call, ["kernel/apparmor_restrict_unprivileged_userns": "1", "kernel/unprivileged_userns_clone": "1"])
        #expect(error.reason.hasSuffix("from all but root (kernel.apparmor_restrict_unprivileged_userns is 1)"))
        #expect(error.hint == "type sudo before it; or once: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0")
    }

    @Test func `a limit that is reached, a kernel without, a sandbox`() throws {
        let free = ["user/max_user_namespaces": "96365", "kernel/apparmor_restrict_unprivileged_userns": "0"]
        #expect(try error(ENOSPC, free).reason.hasPrefix("there are as many as there may be"))
        #expect(try error(EINVAL, [:]).reason == "the kernel has no such namespaces (unshare: Invalid argument)")
        let sandbox = try error(EPERM, free)
        #expect(sandbox.reason.contains("sandbox"))
        #expect(sandbox.hint == "type sudo before it")
    }

    @Test func `root is not sent to sudo, nor blamed on what binds others`() throws {
        let settings = ["kernel/unprivileged_userns_clone": "0", "kernel/apparmor_restrict_unprivileged_userns": "1"]
        let container = try error(EPERM, isRoot: true, settings)
        #expect(container.reason.contains("a container's"))
        #expect(container.hint == "leave the container or sandbox, or run the container with --privileged")
        let limited = try error(ENOSPC, isRoot: true, ["user/max_user_namespaces": "0"])
        #expect(limited.hint == "once: sudo sysctl -w user.max_user_namespaces=10000")
    }
}
