import Glibc
import Platform
import Presentation
import Render

/// A quiz about a storybook: asked on the terminal where there is one, else as a worksheet; with `--json` an object a question.
struct QuizRun {
    private let presenter: QuizPresenter
    private let isJSON: Bool
    private let isAsked: Bool
    private let console: Console

    /// - Parameter readsStandardInput: whether that is a capture, so that keys come from the terminal itself.
    init(
        _ storybook: Storybook, seed: UInt64?, isJSON: Bool, readsStandardInput: Bool, hasUnicode: Bool, hasColor: Bool, _ console: Console
    ) {
        presenter = QuizPresenter(storybook, seed: seed, hasUnicode: hasUnicode, hasColor: hasColor)
        self.isJSON = isJSON
        self.console = console
        let hasKeys = readsStandardInput || Terminal.isTerminal(STDIN_FILENO)
        // With --json what stands on standard output is the answers; the questions need another place.
        let hasScreen = Terminal.isTerminal(STDOUT_FILENO) || isJSON && Terminal.isTerminal(STDERR_FILENO)
        isAsked = hasKeys && hasScreen
    }

    func run() throws(CommandFailure) {
        let isShared = Terminal.isTerminal(STDOUT_FILENO)
        var outcome: QuizPresenter.Outcome?
        if isAsked {
            do {
                // Each answer is written at once, unless it would stand in the middle of the screen.
                outcome = try presenter.run(drawsOnStandardOutput: isShared) { object in
                    if isJSON, !isShared { try? writeAll(STDOUT_FILENO, object) }
                }
            } catch {
                throw .failed("the terminal: \(error)", hint: nil)
            }
        }
        guard let outcome else {
            try console.print(isJSON ? presenter.json : presenter.worksheet(columns: Terminal.columns(STDOUT_FILENO) ?? 100), terminator: "")
            return
        }
        if isJSON {
            if isShared { try console.print(outcome.json, terminator: "") }
            console.notice(outcome.score)
        } else {
            try console.print(outcome.score)
        }
    }
}
