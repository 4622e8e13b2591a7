import Foundation
import Testing

@testable import Platform

/// Who descends from whom: of real processes, and in a `/proc` made for the test.
@Suite(.timeLimit(.minutes(5))) struct ProcessTreeTests {
    private let tree = ProcessTree()

    @Test func `a child and a grandchild descend from this process, and nobody else does`() throws {
        // A shell and the cat that it waits for, which ends when it is told so.
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/bash")
        shell.arguments = ["-c", "cat; true"]
        let input = Pipe()
        shell.standardInput = input
        try shell.run()
        let child = shell.processIdentifier
        var below: [Int32] = []
        while below.isEmpty { below = tree.descendants(of: child) }
        let grandchild = try #require(below.first)

        #expect(below == [grandchild])
        #expect(tree.parent(of: child) == getpid())
        #expect(tree.parent(of: grandchild) == child)
        #expect(tree.isDescendant(child))
        #expect(tree.isDescendant(grandchild))
        #expect(tree.isDescendant(grandchild, of: child))
        #expect(!tree.isDescendant(child, of: grandchild))
        #expect(!tree.isDescendant(getpid()))
        #expect(!tree.isDescendant(getppid()))
        #expect(!tree.isDescendant(1))
        let descendants = tree.descendants()
        #expect(descendants.contains(child) && descendants.contains(grandchild))
        #expect(!descendants.contains(getpid()) && !descendants.contains(1))

        try input.fileHandleForWriting.close()
        shell.waitUntilExit()
        #expect(tree.parent(of: child) == nil)
        #expect(!tree.isDescendant(child))
    }

    @Test func `a name may hold anything`() throws {
        try withProc(["1": "1 (init) S 0 1", "20": "20 (a) S 5 (b\n) R 1 20", "21": "21 (x)) Z 20 21", "22": "22 () S 21 22"]) { tree in
            #expect(tree.parent(of: 20) == 1)
            #expect(tree.parent(of: 21) == 20)
            #expect(tree.isDescendant(22, of: 20))
            #expect(tree.isDescendant(22, of: 1))
            #expect(tree.descendants(of: 20).sorted() == [21, 22])
        }
    }

    @Test func `nonsense and circles come to an end`() throws {
        let texts = ["7": "7 (a) S 8 7", "8": "8 (b) S 7 8", "9": "9 (c) S", "10": "", "11": "11 (d) S x 1", "12": "12 (e) S 12 12"]
        try withProc(texts) { tree in
            #expect(!tree.isDescendant(7, of: 1))
            #expect(tree.descendants(of: 7).sorted() == [7, 8])
            #expect(tree.descendants(of: 12) == [12])
            for process: Int32 in [9, 10, 11, 99] { #expect(tree.parent(of: process) == nil) }
            #expect(tree.descendants(of: 99).isEmpty)
        }
    }

    private func withProc(_ stats: [String: String], _ body: (ProcessTree) throws -> Void) throws {
        let root = "/tmp/portwatch-proc-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        for (process, text) in stats {
            try FileManager.default.createDirectory(atPath: "\(root)/\(process)", withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(root)/\(process)/stat"))
        }
        try body(ProcessTree(root: root))
    }
}
