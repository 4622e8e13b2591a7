import Foundation
import Testing

/// Every scene, played by root and by an ordinary user: its claims are checked while it plays, its text against what was read
/// and judged line by line.
///
/// `scripts/scenes --update` writes the expected text anew; `scripts/scenes --times 50` plays each so often.
@Suite(.timeLimit(.minutes(5))) struct SceneTests {
    static let names: [String] = {
        let folder = ReplayTests.folder.appendingPathComponent("Scenes")
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".txt") }.map { String($0.dropLast(4)) }.sorted()
    }()

    static func expected(_ name: String) throws -> String {
        try String(contentsOf: ReplayTests.folder.appendingPathComponent("Scenes/\(name).txt"), encoding: .utf8)
    }

    /// With times, process numbers and the kernel's own ports made the same.
    static func steady(_ text: String) throws -> String {
        let script = Portwatch.repository.appendingPathComponent("scripts/scenes.d/steady.awk").path
        return try Command.run(["awk", "-f", script], input: Data(text.utf8)).output
    }

    /// As the person, on the machine's own network: the scene makes its namespaces itself.
    static func play(_ person: Person, _ words: String) throws -> Finished {
        try Command.shell(
            "cp \"$P\" $D/portwatch; cd $D; ./portwatch demo \(words)",
            wrapper: person == .ordinary ? Person.unprivileged : [])
    }

    @Test func `every scene has an expected text, and every text a scene`() throws {
        let listed = try Portwatch.run(["demo"]).lines.compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(listed.sorted() == SceneTests.names)
        #expect(!listed.isEmpty)
    }

    @Test(arguments: names, Person.allCases)
    func `a scene tells its story`(_ name: String, _ person: Person) throws {
        let finished = try SceneTests.play(person, name)
        #expect(finished.status == 0, "\(finished.errors)")
        #expect(try SceneTests.steady(finished.output) == SceneTests.expected(name), "scripts/scenes --update \(name), then read the difference")
    }

    @Test func `all of them can be rehearsed at once`() throws {
        let finished = try SceneTests.play(.ordinary, "--check")
        #expect(finished.status == 0, "\(finished.errors)")
        #expect(finished.lines.count == SceneTests.names.count && finished.lines.allSatisfy { $0.contains("  ok  ") })
    }

    @Test func `a seed gives other ports, and the same again for the same seed`() throws {
        let usual = try SceneTests.play(.ordinary, "multiplex").output
        let (one, again) = (try SceneTests.play(.ordinary, "multiplex --seed 7").output, try SceneTests.play(.ordinary, "multiplex --seed 7").output)
        #expect(try SceneTests.steady(one) == SceneTests.steady(again))
        #expect(usual.contains("10.0.0.1:9157") && !one.contains(":9157"))
        #expect(one.contains("All four numbers decide"))
    }

    @Test func `what is not there is said`() throws {
        let unknown = try Portwatch.run(["demo", "nonsense"])
        #expect(unknown.status == 64 && unknown.errors.contains("no such scene"))
        let two = try Portwatch.run(["demo", "echo", "closed"])
        #expect(two.status == 64 && two.errors.contains("one scene at a time"))
    }

    @Test func `the frames of a scene can be written, and read again`() throws {
        let finished = try Command.shell(
            "cp \"$P\" $D/portwatch; cd $D; ./portwatch demo echo -w echo.pcap >story; ./portwatch -r echo.pcap",
            wrapper: Person.unprivileged)
        #expect(finished.status == 0, "\(finished.errors)")
        #expect(finished.lines.count == 19)
        #expect(finished.lines.first?.contains("SYN") == true)
    }
}
