import Foundation
import Testing

@testable import Services

@Suite struct `Accounts and tokens` {
    /// RFC 4231 §4.3, test case 2, by way of a token.
    @Test func `a signature is HMAC-SHA-256`() throws {
        let signer = TokenSigner(key: Array("Jefe".utf8))
        let signed = signer.sign(.init(name: "a", permissions: ["read"], expiry: 9))
        let made = try #require(signed.split(separator: ":").last)
        let checked = try #require(openssl("a:read:9", key: "Jefe"))
        #expect(made == checked)
    }

    private func openssl(_ text: String, key: String) -> Substring? {
        let process = Process()
        let (input, output) = (Foundation.Pipe(), Foundation.Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", "import hmac,sys; print(hmac.new(sys.argv[1].encode(), sys.stdin.read().encode(), 'sha256').hexdigest())", key]
        process.standardInput = input
        process.standardOutput = output
        try? process.run()
        input.fileHandleForWriting.write(Data(text.utf8))
        input.fileHandleForWriting.closeFile()
        return String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).split(separator: "\n").first
    }

    @Test func `a token is known again, and none that was changed`() throws {
        let signer = try TokenSigner()
        let token = TokenSigner.Token(name: "ada", permissions: ["read", "write"], expiry: 1_000)
        let text = signer.sign(token)
        #expect(signer.token(text, now: 999) == token)
        #expect(signer.token(text, now: 1_000) == nil)
        for index in text.indices {
            var other = text
            other.replaceSubrange(index...index, with: text[index] == "x" ? "y" : "x")
            #expect(signer.token(other, now: 0) == nil)
        }
        #expect(try TokenSigner().token(text, now: 0) == nil)
        for nonsense in ["", ":", ":::", "ada:read:1000"] { #expect(signer.token(nonsense, now: 0) == nil) }
    }

    @Test func `a password is hashed with a salt, and recognised`() throws {
        let file = "/tmp/portwatch-accounts-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Accounts.add("ada", password: Array("secret word".utf8), permissions: ["read", "write"], to: file)
        try Accounts.add("bob", password: Array("secret word".utf8), permissions: [], to: file)
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2 && !lines[0].contains("secret") && lines[0].split(separator: ":")[1] != lines[1].split(separator: ":")[1])
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let accounts = try Accounts(file: file)
        #expect(accounts.permissions(of: "ada", Array("secret word".utf8)) == ["read", "write"])
        #expect(accounts.permissions(of: "bob", Array("secret word".utf8)) == [])
        #expect(accounts.permissions(of: "ada", Array("Secret word".utf8)) == nil)
        #expect(accounts.permissions(of: "eve", Array("secret word".utf8)) == nil)
        #expect(accounts.permissions(of: "eve", []) == nil)
    }

    @Test func `a file that is none is told by its line`() throws {
        let file = "/tmp/portwatch-accounts-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try "# a remark\n\nada:plain:read\n".write(toFile: file, atomically: true, encoding: .utf8)
        #expect(throws: Accounts.Failure.malformed(file, line: 3)) { try Accounts(file: file) }
        #expect(throws: Accounts.Failure.badName("a:b")) { try Accounts.add("a:b", password: [], permissions: [], to: file) }
    }

    @Test func `a password that cannot be kept is refused, and so is a second of one name`() throws {
        let file = "/tmp/portwatch-accounts-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let long = [UInt8](repeating: 120, count: 512)
        for (password, failure) in [([], .empty), (long, .tooLong), (Array("abc\0def".utf8), .hasNUL)] as [([UInt8], Accounts.Password)] {
            #expect(throws: Accounts.Failure.badPassword(failure)) { try Accounts.add("ada", password: password, permissions: [], to: file) }
        }
        try Accounts.add("ada", password: long.dropLast(), permissions: ["read"], to: file)
        #expect(throws: Accounts.Failure.known("ada", file: file)) { try Accounts.add("ada", password: [120], permissions: [], to: file) }
        // Bytes that are no text are not all the same.
        try Accounts.add("bob", password: [0xff], permissions: [], to: file)
        let accounts = try Accounts(file: file)
        #expect(accounts.permissions(of: "bob", [0xfe]) == nil && accounts.permissions(of: "bob", [0xff]) == [])
        #expect(accounts.permissions(of: "ada", long.dropLast()) == ["read"] && accounts.permissions(of: "ada", long) == nil)
    }

    @Test func `a file that others may write is no file of accounts`() throws {
        let file = "/tmp/portwatch-accounts-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Accounts.add("ada", password: [120], permissions: [], to: file)
        for mode in [0o666, 0o620] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
            #expect(throws: Accounts.Failure.notPrivate(file)) { try Accounts(file: file) }
        }
    }
}
