import Glibc
import Platform

/// Who may come in, and what they may: a file with a line `NAME:HASH:PERMISSION,…` for each, as read when the server began.
public struct Accounts: Sendable {
    struct Account: Equatable, Sendable {
        let hash: String
        let permissions: Set<String>
    }

    private let accounts: [String: Account]
    /// What the password of somebody unknown is held against, so that it takes as long.
    private let nobody: String

    public enum Failure: Error, Equatable, Sendable {
        case unreadable(String, reason: String)
        case malformed(String, line: Int)
        case badName(String)
        /// Others than the owner may write it.
        case notPrivate(String)
        /// There is an account of that name.
        case known(String, file: String)
        case badPassword(Password)
        case noHash
    }

    /// What is wrong with a password.
    public enum Password: Equatable, Sendable {
        case empty, tooLong, hasNUL
    }

    /// - Throws: ``Failure``; a line that is empty or begins with `#` is passed over.
    public init(file: String) throws(Failure) {
        let text: String
        if Accounts.isWritableByOthers(file) { throw .notPrivate(file) }
        do { text = try readTextFile(file, limit: 1_048_576) } catch { throw .unreadable(file, reason: error.reason) }
        var accounts: [String: Account] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.isEmpty || line.hasPrefix("#") { continue }
            let parts = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3, Accounts.isName(parts[0]), parts[1].hasPrefix("$") else { throw .malformed(file, line: index + 1) }
            accounts[parts[0]] = Account(hash: parts[1], permissions: Set(parts[2].split(separator: ",").map(String.init)))
        }
        self.accounts = accounts
        guard let hash = Passwords.hash([]) else { throw .noHash }
        nobody = hash
    }

    /// Adds somebody, whose password is the first line of the input; a terminal does not show it.
    public static func add(
        _ name: String, permissions: [String], to file: String, input: Int32, notices: Int32
    ) throws(ServiceError) {
        do throws(Failure) { try check(name, permissions, file) } catch { throw .accounts(error) }
        let password: [UInt8]
        do { password = try ClientDesk(input: input, output: -1, notices: notices).readPassword() } catch {
            if case .failed(let error) = error { throw error }
            return
        }
        do {
            try add(name, password: password, permissions: permissions, to: file)
        } catch {
            throw .accounts(error)
        }
    }

    /// Adds a line to the file, which only its owner may read.
    static func add(_ name: String, password: [UInt8], permissions: [String], to file: String) throws(Failure) {
        try check(name, permissions, file)
        if password.isEmpty { throw .badPassword(.empty) }
        if password.count > Passwords.longest { throw .badPassword(.tooLong) }
        if password.contains(0) { throw .badPassword(.hasNUL) }
        guard let hash = Passwords.hash(password) else { throw .noHash }
        do {
            let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC
            let descriptor = Descriptor(owning: try retrying("open") { unsafe open(file, flags, 0o600) })
            try writeAll(descriptor.rawValue, "\(name):\(hash):\(permissions.joined(separator: ","))\n")
        } catch {
            throw .unreadable(file, reason: error.reason)
        }
    }

    /// That there can be such a line in the file.
    private static func check(_ name: String, _ permissions: [String], _ file: String) throws(Failure) {
        guard isName(name) else { throw .badName(name) }
        for permission in permissions where !isName(permission) { throw .badName(permission) }
        if unsafe access(file, F_OK) == 0, try Accounts(file: file).accounts[name] != nil { throw .known(name, file: file) }
    }

    /// Whoever can write it can be anybody.
    private static func isWritableByOthers(_ file: String) -> Bool {
        var status = stat()
        return unsafe stat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_mode & (S_IWGRP | S_IWOTH) != 0
    }

    /// The permissions of whoever has this name and this password; `nil` where nobody does. Takes some 15 ms either way.
    func permissions(of name: String, _ password: [UInt8]) -> Set<String>? {
        let account = accounts[name]
        let matches = Passwords.matches(password, account?.hash ?? nobody)
        return matches ? account?.permissions : nil
    }

    /// Names stand between colons and commas, and in lines.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ",") }
    }
}

extension Accounts.Failure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file): \(reason)"
        case .malformed(let file, let line): "\(file): line \(line) is not NAME:HASH:PERMISSION,…"
        case .badName(let name): "\(Transcript.printable(Array(name.utf8))): a name has no spaces, colons and commas, and at most 64 bytes"
        case .notPrivate(let file): "\(file): others than its owner may write it; chmod 600 \(file)"
        case .known(let name, let file): "\(name): is in \(file) already; take the line out to give another password"
        case .badPassword(.empty): "an empty password: everybody knows it"
        case .badPassword(.tooLong): "a password has at most \(Passwords.longest) bytes"
        case .badPassword(.hasNUL): "a password has no NUL byte"
        case .noHash: "no method to hash passwords"
        }
    }
}
