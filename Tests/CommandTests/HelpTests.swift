import Foundation
import Testing

/// `--help`, the manual page, the completions: all from one table, all true.
@Suite struct HelpTests {
    @Test func `the manual page is the one that the program makes`() throws {
        let page = Portwatch.repository.appendingPathComponent("docs/portwatch.1")
        let made = try Portwatch.run(["--generate", "man"]).output
        #expect(try String(contentsOf: page, encoding: .utf8) == made, "scripts/portwatch --generate man >docs/portwatch.1")
    }

    @Test func `each option of the help is taken`() throws {
        let help = try Portwatch.run(["--help"])
        #expect(help.status == 0)
        let names = help.lines.flatMap { line in
            line.prefix(28).split(whereSeparator: { " ,".contains($0) }).filter { $0.hasPrefix("-") }.map(String.init)
        }
        #expect(names.count > 30)
        for name in names {
            let finished = try Portwatch.run([name, "1", "--version"])
            #expect(!finished.errors.contains("no such option"), "\(name)")
        }
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `completions name the options`(_ shell: String) throws {
        let script = try Portwatch.run(["--generate", shell]).output
        for option in ["explain", "sockets", "read", "serve", "connect"] { #expect(script.contains(option)) }
    }

    @Test func `bash takes its completions`() throws {
        let script = """
            eval "$($P --generate bash)"
            COMP_WORDS=(portwatch --exp); COMP_CWORD=1; _portwatch; echo "${COMPREPLY[@]}"
            """
        #expect(try Command.shell(script).lines == ["--explain"])
    }

    @Test func `the version names the library`() throws {
        let lines = try Portwatch.run(["--version"]).lines
        #expect(lines.first?.hasPrefix("portwatch ") == true)
        #expect(lines.last?.hasPrefix("libpcap version ") == true)
    }
}
