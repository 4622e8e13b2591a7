import Glibc

/// Why there is no private network namespace, and what to do about it.
public struct PrivateNetworkError: Error, Equatable, Sendable, CustomStringConvertible {
    public let reason: String
    /// What to type instead.
    public let hint: String

    public var description: String { reason }

    /// - Parameters:
    ///   - failure: the call that was refused, and the kernel's reason, which alone does not tell much.
    ///   - settings: of which the one that forbids it is named.
    public init(_ failure: SystemError, isRoot: Bool, _ settings: NamespaceSettings) {
        let because = PrivateNetworkError.settingThatForbids(failure, isRoot, settings)
        if let because {
            reason = "\(because.effect) (\(because.name) is \(because.value))"
        } else {
            switch failure.code {
            case EINVAL, ENOSYS: reason = "the kernel has no such namespaces (\(failure))"
            case ENOSPC: reason = "there are as many as there may be (user.max_user_namespaces, user.max_net_namespaces)"
            default: reason = "a container's or a sandbox's rules forbid it: no setting of the kernel does (\(failure))"
            }
        }
        let remedy = because.map { "once: sudo sysctl -w \($0.name)=\($0.wanted)" }
        if isRoot {
            hint = remedy ?? "leave the container or sandbox, or run the container with --privileged"
        } else {
            hint = "type sudo before it" + (remedy.map { "; or \($0)" } ?? "")
        }
    }

    private struct Setting {
        let name: String
        let value: Int
        let wanted: Int
        let effect: String
    }

    private static func settingThatForbids(_ failure: SystemError, _ isRoot: Bool, _ settings: NamespaceSettings) -> Setting? {
        if settings.unprivilegedClone == 0, !isRoot {
            return Setting(
                name: "kernel.unprivileged_userns_clone", value: 0, wanted: 1, effect: "only root may make a network namespace")
        }
        if settings.mostUserNamespaces == 0 {
            return Setting(name: "user.max_user_namespaces", value: 0, wanted: 10000, effect: "user namespaces are forbidden")
        }
        if settings.mostNetworkNamespaces == 0 {
            return Setting(name: "user.max_net_namespaces", value: 0, wanted: 10000, effect: "network namespaces are forbidden")
        }
        // The namespace was made; to use it is what is refused.
        if let value = settings.appArmorRestricts, value != 0, !isRoot, [EPERM, EACCES].contains(failure.code) {
            return Setting(
                name: "kernel.apparmor_restrict_unprivileged_userns", value: value, wanted: 0,
                effect: "AppArmor takes the rights in a namespace of their own from all but root")
        }
        return nil
    }
}
