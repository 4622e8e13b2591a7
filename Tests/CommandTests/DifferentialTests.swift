import Demux
import Foundation
import Testing

/// The rule of `docs/rule.md` held against the kernel of this machine (`scripts/differential` for more of it).
@Suite(.timeLimit(.minutes(5))) struct DifferentialTests {
    /// The program, built beside the tests.
    private static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("Differential").path

    private func run(_ arguments: String, _ person: [String] = []) throws -> Finished {
        // Put where an ordinary user can read it; what it is linked with it finds by itself.
        try Command.shell("cp \(DifferentialTests.program) $D/differential; \(person.joined(separator: " ")) $D/differential \(arguments)")
    }

    @Test func `The model, the kernel's look-up and the delivery agree on 10,000 segments`() throws {
        let finished = try run("--segments 10000")
        #expect(finished.status == 0, "\(finished.output) \(finished.errors)")
        #expect(finished.output.contains("\n0 disagreements\n"))
    }

    @Test func `For an ordinary user, too`() throws {
        let finished = try run("--segments 1000", Person.unprivileged)
        #expect(finished.status == 0, "\(finished.output) \(finished.errors)")
    }

    /// The test of the test: a model that lacks a part of the rule disagrees with the kernel.
    @Test(arguments: HostRules.named.map(\.name)) func `Each part of the rule is missed when it is taken away`(_ rule: String) throws {
        let finished = try run("--segments 200000 --break \(rule)")
        #expect(finished.status == 1, "\(finished.output) \(finished.errors)")
    }

    @Test func `The same seed gives the same segments`() throws {
        let outputs = try (0..<2).map { _ in try run("--seed 11 --segments 500").lines.filter { !$0.contains("processor time") } }
        #expect(outputs[0] == outputs[1] && outputs[0].first == "differential --seed 11 --segments 500")
    }
}
