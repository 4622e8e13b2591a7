import Platform
import Render

/// `--color`.
enum ColorChoice: String {
    case auto, always, never

    init(_ word: String, _ spec: CommandSpec) throws(CommandFailure) {
        guard let choice = ColorChoice(rawValue: word) else { throw .usage("--color \(word): auto, always or never", spec) }
        self = choice
    }
}

extension TextOptions {
    /// What depends on where the output goes.
    mutating func setTerminal(_ color: ColorChoice) {
        let isTerminal = Terminal.isTerminal(1)
        if isTerminal { columns = Terminal.columns(1) ?? environment("COLUMNS").flatMap { Int($0) } ?? 80 }
        // The console's font has neither ⇒ nor ≠.
        hasUnicode = Terminal.localeIsUTF8 && environment("TERM") != "linux"
        let wantsNoColor = environment("NO_COLOR").map { !$0.isEmpty } ?? false
        switch color {
        case .always: hasColor = true
        case .never: hasColor = false
        case .auto: hasColor = isTerminal && !wantsNoColor && environment("TERM") != "dumb"
        }
        showsEvents = isTerminal || explains
        showsHeader = isTerminal
    }
}
