import CCrypt
import CNettle
import Glibc
import Platform

/// Salted, slow hashes of passwords, of which the password cannot be found again (crypt(5)).
enum Passwords {
    /// The longest that crypt(3) takes, in bytes.
    static let longest = 511

    /// A new hash, with a salt of the system's random numbers, by the library's preferred method (yescrypt on Debian 12).
    /// The corresponding C functions are `crypt_gensalt_ra` and `crypt_ra`.
    static func hash(_ password: [UInt8]) -> String? {
        guard let setting = unsafe crypt_gensalt_ra(nil, 0, nil, 0) else { return nil }
        defer { unsafe free(setting) }
        return hash(password, unsafe String(cString: setting))
    }

    /// Whether a password belongs to a hash. Takes some 15 ms on purpose, whether it does or not.
    static func matches(_ password: [UInt8], _ hash: String) -> Bool {
        guard let made = self.hash(password, hash) else { return false }
        return areEqual(Array(made.utf8), Array(hash.utf8))
    }

    /// - Returns: `nil` also for a password that the C library would cut at a NUL.
    private static func hash(_ password: [UInt8], _ setting: String) -> String? {
        if password.contains(0) { return nil }
        let text = password.map { CChar(bitPattern: $0) } + [0]
        var memory: UnsafeMutableRawPointer?
        var size: Int32 = 0
        let result = unsafe crypt_ra(text, setting, &memory, &size)
        defer {
            // What it computed with is the password's business.
            if let memory = unsafe memory { unsafe explicit_bzero(memory, Int(size)) }
            unsafe free(memory)
        }
        return unsafe result.map { unsafe String(cString: $0) }
    }

    /// Compares in a time that tells nothing of where they differ. The corresponding C function is `memeql_sec`.
    static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        unsafe one.count == other.count && nettle_memeql_sec(one, other, one.count) == 1
    }
}
