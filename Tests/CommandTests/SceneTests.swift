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

    @Test func `every scene has a page that is ready-made`() throws {
        let folder = Portwatch.repository.appendingPathComponent("docs/scenes")
        let index = try String(contentsOf: folder.appendingPathComponent("index.html"), encoding: .utf8)
        for name in SceneTests.names {
            let page = try String(contentsOf: folder.appendingPathComponent("\(name).html"), encoding: .utf8)
            #expect(page.hasPrefix("<!doctype html>") || page.hasPrefix("<!DOCTYPE html>"))
            #expect(index.contains("\"\(name).html\""))
        }
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
        let full = try Command.shell("\"$P\" demo echo >/dev/full")
        #expect(full.status == 1 && full.errors.contains("standard output: No space left on device"))
    }

    @Test func `the frames of a scene can be written, and read again`() throws {
        let finished = try Command.shell(
            "cp \"$P\" $D/portwatch; cd $D; ./portwatch demo echo -w echo.pcap >story; ./portwatch -r echo.pcap",
            wrapper: Person.unprivileged)
        #expect(finished.status == 0, "\(finished.errors)")
        #expect(finished.lines.count == 19)
        #expect(finished.lines.first?.contains("SYN") == true)
    }

    // MARK: Shown to a class

    @Test(arguments: [(100, 30, "C.UTF-8"), (160, 45, "C")])
    func `a scene is stepped through, and looks the same from either side`(_ columns: Int, _ rows: Int, _ locale: String) throws {
        try Tmux.with(columns, rows, locale, "$P demo halfclose --step") { terminal in
            func status(_ rows: [String], _ words: String) -> Bool { rows.last?.contains(words) == true }
            let first = try terminal.screen { status($0, "step 1 of ") }
            let count = try #require(first.last?.firstMatch(of: /step 1 of (\d+)/).flatMap { Int($0.1) })
            #expect(count > 30)
            var forward = [first]
            for step in 2...count {
                try terminal.press("Space")
                forward.append(try terminal.screen { status($0, "step \(step) of ") })
            }
            for step in stride(from: count - 1, to: 0, by: -7) {
                for _ in 0..<(step == count - 1 ? 1 : 7) { try terminal.press("Left") }
                #expect(try terminal.screen { status($0, "step \(step) of ") } == forward[step - 1], "step \(step)")
            }
            #expect(forward.joined().contains { $0.contains("shutdown(3, SHUT_WR)") })
            // The table of the sockets is there beside a call, too.
            try terminal.press("End", "s")
            _ = try terminal.screen { $0.contains { $0.contains("TIME_WAIT") } && status($0, "hide sockets") }
        }
    }

    @Test(arguments: [(100, 30, "C.UTF-8"), (160, 45, "C.UTF-8"), (100, 30, "C")])
    func `a quiz about a scene`(_ columns: Int, _ rows: Int, _ locale: String) throws {
        try Tmux.with(columns, rows, locale, "$P demo multiplex --quiz; echo ended with $?; cat") { terminal in
            for question in 1...8 {
                let asked = try terminal.screen { $0.first?.hasPrefix(" Question \(question) of 8") == true && $0.contains { $0.hasPrefix("   a  ") } }
                #expect(!asked.contains { $0.contains("is right") })
                try terminal.press("a")
                _ = try terminal.screen { $0.contains { $0.contains(" is right") } }
                try terminal.press("Space")
            }
            let end = try terminal.screen { $0.first?.hasPrefix(" The end") == true }
            #expect(end[0].contains("of 8"))
            try terminal.press("q")
            _ = try terminal.screen { $0.contains("ended with 0") }
        }
    }

    @Test(arguments: names)
    func `a worksheet has its questions first, and then the answers`(_ name: String) throws {
        let sheet = try SceneTests.play(.ordinary, "\(name) --quiz --seed 3")
        #expect(sheet.status == 0, "\(sheet.errors)")
        let parts = sheet.output.components(separatedBy: "\n-----")
        try #require(parts.count == 2)
        let questions = parts[0].components(separatedBy: "\nQuestion ").count - 1
        // One message is one question; all others have enough to ask.
        #expect(name == "encapsulation" ? questions == 1 : (5...8).contains(questions))
        #expect(!parts[0].contains("is right") && !parts[0].contains("✓"))
        #expect(parts[1].components(separatedBy: "\nAnswer ").count - 1 == questions)
    }

    @Test func `in time, and as a chart`() throws {
        let plain = try SceneTests.play(.ordinary, "closed").output
        let paced = try SceneTests.play(.ordinary, "closed --pace 0").output
        #expect(try SceneTests.steady(paced) == SceneTests.steady(plain))
        let chart = try SceneTests.play(.ordinary, "closed --ladder")
        #expect(chart.status == 0 && chart.output.contains("──── SYN ─") && chart.lines.allSatisfy { $0.unicodeScalars.count <= 100 })
    }
}
