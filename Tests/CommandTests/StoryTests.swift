import Foundation
import Testing

/// A story on a real terminal: step by step and as a quiz, driven by keys through tmux.
@Suite(.timeLimit(.minutes(5))) struct StoryTests {
    static let sizes = [(100, 30, "C.UTF-8"), (160, 45, "C.UTF-8"), (100, 30, "C"), (80, 24, "C")]

    // MARK: Step by step

    @Test(arguments: sizes)
    func `a step shows the same screen from either side`(_ columns: Int, _ rows: Int, _ locale: String) throws {
        try Tmux.with(columns, rows, locale, "$P -r $C/echo.pcap --step") { terminal in
            var forward = [try terminal.screen { $0.hasStatus("step 1 of 19") }]
            for step in 2...19 {
                try terminal.press("Space")
                forward.append(try terminal.screen { $0.hasStatus("step \(step) of 19") })
            }
            #expect(forward.allSatisfy { $0.count == rows })
            if locale == "C" { #expect(forward.joined().allSatisfy { $0.unicodeScalars.allSatisfy(\.isASCII) }) }
            for step in (1...18).reversed() {
                try terminal.press("Left")
                #expect(try terminal.screen { $0.hasStatus("step \(step) of 19") } == forward[step - 1], "step \(step)")
            }
            try terminal.press("End")
            #expect(try terminal.screen { $0.hasStatus("step 19 of 19") } == forward[18])
            try terminal.press("Home")
            #expect(try terminal.screen { $0.hasStatus("step 1 of 19") } == forward[0])
        }
    }

    @Test func `look-up and sockets are those of the step`() throws {
        try Tmux.with(100, 30, "C.UTF-8", "$P -r $C/echo.pcap --step") { terminal in
            _ = try terminal.screen { $0.hasStatus("step 1 of 19") }
            try terminal.press("Right", "PageDown", "Enter", "e", "s")
            let screen = try terminal.screen { $0.hasStatus("step 4 of 19") && $0.hasStatus("hide sockets") }
            #expect(screen.contains { $0.hasPrefix("── sockets at step 4 ──") })
            #expect(screen.contains { $0.hasPrefix("      connected ") && $0.hasSuffix("C2 ◀ = =  both ends equal") })
            #expect(screen.contains { $0.hasPrefix("  connected ") && $0.hasSuffix("C2  ESTABLISHED 2/0    14/0   L1") })
            try terminal.press("PageUp", "BSpace")
            let before = try terminal.screen { $0.hasStatus("step 2 of 19") }
            #expect(!before.contains { $0.contains(" C2 ") })
            try terminal.press("e", "s", "?")
            #expect(try terminal.screen { $0.contains { $0.hasPrefix("── keys ──") } }.contains { $0.contains("Home End") })
        }
    }

    @Test(arguments: ["q", "Escape", "C-c"])
    func `the terminal is as it was`(_ key: String) throws {
        try Tmux.with(80, 24, "C.UTF-8", "echo before; $P -r $C/echo.pcap --step; echo ended with $?; stty -a | grep -o ' icanon\\| echo '; cat") { terminal in
            _ = try terminal.screen { $0.hasStatus("step 1 of 19") }
            try terminal.press(key)
            let after = try terminal.screen { $0.contains("ended with 0") && $0.contains(" echo") }
            #expect(after.contains("before") && after.contains(" icanon"))
            #expect(!after.contains { $0.contains("──") })
        }
    }

    @Test(arguments: ["TERM", "HUP", "QUIT", "INT"])
    func `a signal gives the terminal back`(_ signal: String) throws {
        try Command.withFolder { folder in
            let script = "(echo $BASHPID >\(folder)/process; exec $P -r $C/echo.pcap --step); echo ended with $?; stty -a | grep -o ' icanon'; cat"
            try Tmux.with(80, 24, "C.UTF-8", script) { terminal in
                _ = try terminal.screen { $0.hasStatus("step 1 of 19") }
                let process = try String(contentsOfFile: folder + "/process", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
                #expect(try Command.run(["kill", "-\(signal)", process]).status == 0)
                let after = try terminal.screen { $0.contains("ended with 0") && $0.contains(" icanon") }
                #expect(!after.contains { $0.contains("──") })
            }
        }
    }

    @Test func `another size, and Ctrl-Z`() throws {
        let script = "bash --norc --noprofile -i"
        try Tmux.with(80, 24, "C.UTF-8", script) { terminal in
            try terminal.press("$P -r $C/multiplex.pcap --step", "Enter")
            _ = try terminal.screen { $0.hasStatus("step 1 of 33") }
            try terminal.press("End")
            _ = try terminal.screen { $0.hasStatus("step 33 of 33, the end") }
            try terminal.resize(120, 30)
            let wide = try terminal.screen { $0.count == 30 && $0.hasStatus("step 33 of 33, the end") && $0.hasStatus("? keys") }
            // Told anew for the width: segments stand in their lines.
            #expect(wide.contains { $0.contains("⇒ C1") && $0.contains("ACK") })
            try terminal.press("C-z")
            _ = try terminal.screen { $0.contains { $0.contains("Stopped") } && !$0.contains { $0.contains("──") } }
            try terminal.press("fg", "Enter")
            #expect(try terminal.screen { $0.hasStatus("step 33 of 33, the end") } == wide)
        }
    }

    @Test func `a capture from a pipe, keys from the terminal`() throws {
        try Tmux.with(100, 30, "C.UTF-8", "cat $C/udp-echo.pcap | $P -r - --step") { terminal in
            _ = try terminal.screen { $0.hasStatus("step 1 of 8") }
            try terminal.press("Space")
            _ = try terminal.screen { $0.hasStatus("step 2 of 8") }
        }
    }

    @Test func `without a terminal it says what else there is`() throws {
        let finished = try Portwatch.run(["-r", Portwatch.capture("echo"), "--step"])
        #expect(finished.status == 1)
        #expect(finished.output.isEmpty)
        #expect(finished.errors.contains("portwatch: --step: there is no terminal"))
        #expect(finished.errors.contains("--pace"))
    }

    // MARK: Quiz

    @Test(arguments: sizes)
    func `a quiz from its first question to its score`(_ columns: Int, _ rows: Int, _ locale: String) throws {
        try Tmux.with(columns, rows, locale, "$P -r $C/udp-echo.pcap --quiz; echo ended with $?; cat") { terminal in
            let first = try terminal.screen { $0.first == terminal.title("Question 1 of 3", "score 0 of 0") }
            #expect(first.contains { $0.contains(" ?") && !$0.contains("D2") })
            try terminal.press("v", "4 19 6 2 ")
            _ = try terminal.screen { $0.contains { $0.hasPrefix(" hands ") && $0.hasSuffix("31 votes") } }
            try terminal.press("v", "1 28 2 0 ")
            _ = try terminal.screen { $0.contains { $0.hasPrefix(" after ") && $0.hasSuffix("31 votes") } }
            try terminal.press("b")
            let told = try terminal.screen { $0.first == terminal.title("Question 1 of 3", "score 1 of 1") }
            #expect(told.contains { $0.hasPrefix(" b is right: D2. ") })
            try terminal.press("Space", "h")
            _ = try terminal.screen { $0.contains { $0.hasPrefix(" hint: ") } }
            try terminal.press("Enter", "Space", "a")
            _ = try terminal.screen { $0.first == terminal.title("Question 3 of 3", "score 1 of 2, 1 skipped") }
            try terminal.press("Space")
            _ = try terminal.screen { $0.first == terminal.title("The end", "score 1 of 2, 1 skipped") }
            try terminal.press("Space")
            let end = try terminal.screen { $0.contains("ended with 0") }
            #expect(end.contains("score 1 of 2, 1 skipped"))
        }
    }

    @Test func `answers as JSON, questions on the terminal`() throws {
        try Command.withFolder { folder in
            let file = folder + "/answers"
            try Tmux.with(100, 30, "C.UTF-8", "$P -r $C/udp-unreachable.pcap --quiz --json --seed 3 >\(file); echo ended with $?; cat") { terminal in
                _ = try terminal.screen { $0.first?.hasPrefix(" Question 1 of 1") == true }
                try terminal.press("d")
                _ = try terminal.screen { $0.contains { $0.contains("is right") } }
                try terminal.press("q")
                _ = try terminal.screen { $0.contains("ended with 0") }
            }
            let objects = try Portwatch.json(try String(contentsOfFile: file, encoding: .utf8))
            #expect(objects.count == 1)
            #expect(objects[0]["answer"] as? String == "d" && objects[0]["correct"] as? Bool == true)
            #expect(objects[0]["milliseconds"] is Int)
        }
    }

    @Test func `without a terminal a worksheet, also where there is a keyboard alone`() throws {
        try Tmux.with(100, 30, "C.UTF-8", "$P -r $C/echo.pcap --quiz | head -1; cat") { terminal in
            _ = try terminal.screen { $0.contains("Question 1") }
        }
    }

    // MARK: In time

    @Test func `in time it is the same text`() throws {
        for name in ["echo", "refused", "udp-echo"] {
            for options in [[], ["--explain", "--sockets"], ["--json"], ["-v", "--explain"]] {
                let plain = try Portwatch.run(["-r", Portwatch.capture(name)] + options)
                for pace in ["0", "real", "x100"] {
                    let paced = try Portwatch.run(["-r", Portwatch.capture(name), "--pace", pace] + options)
                    #expect(paced.status == 0)
                    #expect(paced.output == plain.output, "\(name) \(options) \(pace)")
                }
            }
        }
    }

    @Test func `a closed pipe ends it, and so does Ctrl-C`() throws {
        // The second frame would come after an hour.
        let script = "timeout 20 $P -r $C/echo.pcap --pace 3600 | head -1; timeout -s INT 0.2 $P -r $C/echo.pcap --pace 3600 | wc -l || true"
        let finished = try Command.shell("set +o pipefail; " + script)
        #expect(finished.status == 0)
        #expect(finished.lines.count == 2 && finished.lines.last == "1")
    }
}

extension [String] {
    fileprivate func hasStatus(_ text: String) -> Bool { last?.contains(text) == true }
}

/// A terminal of its own, with a program on it.
final class Tmux {
    private let socket: String
    private let columns: Int

    private init(_ socket: String, _ columns: Int) {
        self.socket = socket
        self.columns = columns
    }

    static func with(_ columns: Int, _ rows: Int, _ locale: String, _ script: String, _ body: (Tmux) throws -> Void) throws {
        try Command.withFolder { folder in try with(folder + "/tmux", columns, rows, locale, script, body) }
    }

    private static func with(
        _ socket: String, _ columns: Int, _ rows: Int, _ locale: String, _ script: String, _ body: (Tmux) throws -> Void
    ) throws {
        let terminal = Tmux(socket, columns)
        let captures = Portwatch.repository.appendingPathComponent("Captures").path
        let command = "export LC_ALL=\(locale) NO_COLOR=1 P='\(Portwatch.path)' C='\(captures)' TERM=screen; \(script)"
        defer { _ = try? terminal.tmux(["kill-server"]) }
        let made = try terminal.tmux(["new-session", "-d", "-s", "one", "-x", "\(columns)", "-y", "\(rows)", command])
        try #require(made.status == 0, "\(made.errors)")
        try body(terminal)
    }

    /// Foundation knows by an inherited descriptor that a process has ended; tmux's server, which goes on, must not keep it.
    /// Nor the signals that the threads of tests have blocked: it ends by SIGTERM. (env makes them usual and unblocks them.)
    private static let closing = """
        for f in /proc/self/fd/*; do n=${f##*/}; if ((n > 2)); then eval "exec $n>&-"; fi; done; exec tmux "$@"
        """

    private func tmux(_ words: [String]) throws -> Finished {
        try Command.run(["env", "--default-signal", "bash", "-c", Tmux.closing, "tmux", "-S", socket, "-u", "-f", "/dev/null"] + words)
    }

    /// Presses keys, by tmux's names for them, or types text.
    func press(_ keys: String...) throws {
        for key in keys { #expect(try tmux(["send-keys", "-t", "one", key]).status == 0) }
    }

    func resize(_ columns: Int, _ rows: Int) throws {
        #expect(try tmux(["resize-window", "-t", "one", "-x", "\(columns)", "-y", "\(rows)"]).status == 0)
    }

    /// The first row of a quiz.
    func title(_ left: String, _ right: String) -> String {
        " " + left + String(repeating: " ", count: columns - 2 - left.count - right.count) + right
    }

    /// The screen, row by row, once it is as it is waited for. What never comes is a failure, not a hang.
    func screen(sourceLocation: SourceLocation = #_sourceLocation, _ isThere: ([String]) -> Bool) throws -> [String] {
        var rows: [String] = []
        for _ in 0..<600 {
            rows = try tmux(["capture-pane", "-p", "-t", "one"]).output
                .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
            if isThere(rows) { return rows }
            usleep(50_000)
        }
        Issue.record("the screen never came; it is:\n\(rows.joined(separator: "\n"))", sourceLocation: sourceLocation)
        return rows
    }
}
