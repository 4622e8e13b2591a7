import Foundation
import Testing

/// What a finished process left behind.
struct Finished {
    let status: Int32
    let output: String
    let errors: String

    var lines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) }
}

enum Portwatch {
    /// The program under test: the release binary that `scripts/test` names, else the one built beside the tests.
    static let path: String = {
        if let path = ProcessInfo.processInfo.environment["PORTWATCH"] { return path }
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent("portwatch").path
    }()

    static let repository: URL = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func capture(_ name: String) -> String {
        repository.appendingPathComponent("Captures/\(name).pcap").path
    }

    /// Runs the program with a fixed environment.
    static func run(
        _ arguments: [String], input: Data = Data(), environment: [String: String] = [:]
    ) throws -> Finished {
        try Command.run([path] + arguments, input: input, environment: environment)
    }

    /// The `demux` objects, or any other, of JSON lines.
    static func json(_ text: String) throws -> [[String: Any]] {
        try text.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }
}

enum Command {
    /// Runs a program to its end.
    static func run(_ words: [String], input: Data = Data(), environment: [String: String] = [:]) throws -> Finished {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // A hang becomes a failure: nothing here takes a fraction of that.
        process.arguments = ["timeout", "--kill-after=5", "100"] + words
        process.environment = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:"
                + (ProcessInfo.processInfo.environment["PATH"] ?? ""), "LC_ALL": "C.UTF-8", "TZ": "UTC",
            "TERM": "xterm",
        ].merging(environment) { $1 }
        let (inPipe, outPipe, errPipe) = (Pipe(), Pipe(), Pipe())
        process.standardInput = inPipe
        process.standardOutput = outPipe
        process.standardError = errPipe
        try process.run()
        // The three are served at once: none may wait for another to be read.
        let group = DispatchGroup()
        let (out, err) = (Received(), Received())
        for (pipe, received) in [(outPipe, out), (errPipe, err)] {
            DispatchQueue.global().async(group: group) {
                received.data = pipe.fileHandleForReading.readDataToEndOfFile()
            }
        }
        try? inPipe.fileHandleForWriting.write(contentsOf: input)
        try? inPipe.fileHandleForWriting.close()
        group.wait()
        process.waitUntilExit()
        return Finished(
            status: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
            output: String(decoding: out.data, as: UTF8.self), errors: String(decoding: err.data, as: UTF8.self))
    }

    /// Runs a script of bash, with `$P` as the program under test and `$D` as a folder of its own.
    static func shell(_ script: String, wrapper: [String] = [], input: Data = Data()) throws -> Finished {
        try withFolder { folder in
            try run(
                wrapper + ["bash", "-c", "set -euo pipefail; " + script], input: input,
                environment: ["P": Portwatch.path, "D": folder, "C": Portwatch.repository.appendingPathComponent("Captures").path])
        }
    }

    /// A folder that everybody may write to and that is gone afterwards.
    static func withFolder<R>(_ body: (String) throws -> R) throws -> R {
        let url = URL(fileURLWithPath: "/tmp/portwatch-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: url.path)
        defer { try? FileManager.default.removeItem(at: url) }
        return try body(url.path)
    }
}

/// Written by one thread and read after it ended.
private final class Received: @unchecked Sendable {
    var data = Data()
}
