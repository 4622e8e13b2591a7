import Glibc
import Synchronization

/// What the users' database says of somebody (passwd(5)).
public struct User: Equatable, Sendable {
    public let name: String
    public let identity: UInt32
    /// The first part of the comment field, which is by custom the full name.
    public let fullName: String
    public let home: String
    public let shell: String

    private init(_ entry: passwd) {
        func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
            guard let pointer = unsafe pointer else { return "" }
            return unsafe String(cString: pointer)
        }
        name = unsafe text(entry.pw_name)
        identity = unsafe entry.pw_uid
        fullName = unsafe String(text(entry.pw_gecos).prefix { $0 != "," })
        home = unsafe text(entry.pw_dir)
        shell = unsafe text(entry.pw_shell)
    }

    /// The corresponding C function is `getpwnam_r`.
    public init?(named name: String) {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        unsafe getpwnam_r(name, &entry, &buffer, buffer.count, &found)
        guard let found = unsafe found else { return nil }
        unsafe self.init(found.pointee)
    }

    /// The database's reader is one for the process.
    private static let reader = Mutex(())

    /// Everybody, in the database's order. The corresponding C functions are `setpwent`, `getpwent` and `endpwent`.
    public static func all() -> [User] {
        reader.withLock { _ in
            setpwent()
            defer { endpwent() }
            var users: [User] = []
            while let entry = unsafe getpwent() { users.append(unsafe User(entry.pointee)) }
            return users
        }
    }
}

/// A path from the root on, without links; as it is where there is no such file. The corresponding C function is `realpath`.
public func absolutePath(_ path: String) -> String {
    guard let found = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(found) }
    return unsafe String(cString: found)
}
