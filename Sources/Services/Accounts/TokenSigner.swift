import CNettle
import Glibc
import Platform

/// Makes tokens and recognises its own: `NAME:PERMISSIONS:EXPIRY:SIGNATURE`, signed with HMAC-SHA-256 (RFC 2104).
///
/// Whoever has the key can check one, so that a token outlives the child or thread that gave it. The key is made with
/// the server and never leaves it: a server that is started again knows none of the old tokens.
struct TokenSigner: Sendable {
    private let key: [UInt8]

    /// - Throws: ``SystemError`` where the system has no random numbers.
    init() throws(SystemError) {
        var key = [UInt8](repeating: 0, count: 32)
        let length = key.count
        // It gives up to 256 bytes at once (getentropy(3)).
        try retrying("getentropy") { unsafe key.withUnsafeMutableBytes { unsafe getentropy($0.baseAddress, length) } }
        self.key = key
    }

    init(key: [UInt8]) {
        self.key = key
    }

    struct Token: Equatable, Sendable {
        let name: String
        let permissions: Set<String>
        /// Seconds since 1970.
        let expiry: Int
    }

    func sign(_ token: Token) -> String {
        let text = "\(token.name):\(token.permissions.sorted().joined(separator: ",")):\(token.expiry)"
        return "\(text):\(signature(text))"
    }

    /// - Returns: `nil` for what was not signed with this key, or is over.
    func token(_ text: String, now: Int) -> Token? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let signed = String(text[..<colon])
        guard Passwords.areEqual(Array(text[text.index(after: colon)...].utf8), Array(signature(signed).utf8)) else { return nil }
        let parts = signed.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let expiry = Int(parts[2]), now < expiry else { return nil }
        return Token(name: String(parts[0]), permissions: Set(parts[1].split(separator: ",").map(String.init)), expiry: expiry)
    }

    private func signature(_ text: String) -> String {
        var context = hmac_sha256_ctx()
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_SIZE))
        let bytes = Array(text.utf8)
        unsafe nettle_hmac_sha256_set_key(&context, key.count, key)
        unsafe nettle_hmac_sha256_update(&context, bytes.count, bytes)
        unsafe nettle_hmac_sha256_digest(&context, digest.count, &digest)
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
