/// What an administrator may have set against namespaces; `nil` where the kernel has no such setting.
public struct NamespaceSettings: Equatable, Sendable {
    /// How many user namespaces there may be, `user.max_user_namespaces`.
    public var mostUserNamespaces: Int?
    /// How many network namespaces there may be, `user.max_net_namespaces`.
    public var mostNetworkNamespaces: Int?
    /// 0 where only root may make user namespaces: `kernel.unprivileged_userns_clone`, of Debian's kernels.
    public var unprivilegedClone: Int?
    /// 1 where whoever is not root gets a user namespace without rights in it:
    /// `kernel.apparmor_restrict_unprivileged_userns`, of Ubuntu's kernels, where it is usual from 24.04 on.
    public var appArmorRestricts: Int?

    /// Those of this machine.
    ///
    /// - Parameter root: where `/proc/sys` is; tests make one.
    public init(root: String = "/proc/sys") {
        mostUserNamespaces = NamespaceSettings.read("\(root)/user/max_user_namespaces")
        mostNetworkNamespaces = NamespaceSettings.read("\(root)/user/max_net_namespaces")
        unprivilegedClone = NamespaceSettings.read("\(root)/kernel/unprivileged_userns_clone")
        appArmorRestricts = NamespaceSettings.read("\(root)/kernel/apparmor_restrict_unprivileged_userns")
    }

    private static func read(_ path: String) -> Int? {
        guard let text = try? readTextFile(path, limit: 64) else { return nil }
        return Int(text.split(whereSeparator: \.isWhitespace).first ?? "")
    }
}
