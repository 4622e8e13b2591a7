import Foundation
import Testing

/// What a person sees: widths, colours, and the lack of them.
@Suite struct TerminalTests {
    /// Runs it on a terminal of that width and gives the lines as they came.
    private func lines(_ columns: Int, _ arguments: String, environment: [String: String] = [:]) throws -> [String] {
        let command = "stty cols \(columns) rows 50; exec \(Portwatch.path) \(arguments) 2>/dev/null"
        let finished = try Command.run(["script", "-qec", command, "/dev/null"], environment: environment)
        // By scalars: a terminal's line end is one character to Swift.
        let scalars = finished.output.unicodeScalars.filter { $0 != "\r" }
        return String(String.UnicodeScalarView(scalars)).split(separator: "\n").map(String.init)
    }

    @Test(arguments: ["echo", "multiplex", "udp-echo", "ipv6-echo", "refused"])
    func `no line is wider than the terminal`(_ name: String) throws {
        for columns in [80, 92, 100, 119, 120, 160, 200] {
            for (locale, options) in [("C.UTF-8", "--sockets --explain"), ("C", "--sockets"), ("C.UTF-8", "--ladder"), ("C", "--ladder"), ("C", "-vv -e --explain -S")] {
                let shown = try lines(
                    columns, "-r \(Portwatch.capture(name)) \(options)", environment: ["NO_COLOR": "1", "LC_ALL": locale])
                // The line of ss is one to be copied and stands as it is.
                for line in shown where !line.contains("Compare:") {
                    #expect(line.unicodeScalars.count <= columns, "\(columns) \(locale) \(options): \(line)")
                }
            }
        }
    }

    @Test func `colour by connection on a terminal, none where it is not wanted`() throws {
        let path = Portwatch.capture("concurrent")
        let colored = try lines(100, "-r \(path)").joined()
        for hue in ["\u{1b}[36m", "\u{1b}[33m", "\u{1b}[35m", "\u{1b}[32m"] { #expect(colored.contains(hue)) }
        #expect(try !lines(100, "-r \(path)", environment: ["NO_COLOR": "1"]).joined().contains("\u{1b}"))
        #expect(try !lines(100, "-r \(path)", environment: ["TERM": "dumb"]).joined().contains("\u{1b}"))
        #expect(try !lines(100, "-r \(path) --color never").joined().contains("\u{1b}"))
        #expect(try !Portwatch.run(["-r", path]).output.contains("\u{1b}"))
        #expect(try Portwatch.run(["-r", path, "--color", "always"]).output.contains("\u{1b}"))
    }

    @Test func `red is for nobody alone`() throws {
        let refused = try lines(100, "-r \(Portwatch.capture("refused"))").joined()
        #expect(refused.contains("\u{1b}[31m–\u{1b}[0m"))
        #expect(try !lines(100, "-r \(Portwatch.capture("multiplex"))").joined().contains("\u{1b}[31m"))
    }

    @Test func `colours change nothing but the colour`() throws {
        let path = Portwatch.capture("refused")
        let plain = try lines(120, "-r \(path) --color never")
        let colored = try lines(120, "-r \(path) --color always")
        let stripped = colored.map { line in line.replacing(/\u{1b}\[[0-9;]*m/, with: "") }
        #expect(stripped == plain)
    }

    @Test func `the console without the signs gets ASCII`() throws {
        let shown = try lines(100, "-r \(Portwatch.capture("echo"))", environment: ["TERM": "linux"]).joined()
        #expect(shown.contains("->"))
        #expect(shown.unicodeScalars.allSatisfy { $0.isASCII })
    }
}
