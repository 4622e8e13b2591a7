import Glibc
import Platform

/// The whole of a terminal: what is drawn on it and what is typed, until it is given back as it was.
///
/// It draws on the alternate screen, where a terminal has one; what stood on it before comes back in the end. The Linux
/// console has none: there the last picture stays, and the prompt stands in its last row.
public struct Screen: ~Copyable {
    public enum Event: Equatable, Sendable {
        case key(Key)
        /// It may have another size now; what is on it is to be drawn anew.
        case changed
        /// A signal asks for the end, or the terminal is gone.
        case ended
    }

    private let output: Int32
    private let input: Int32
    /// Where the terminal was opened for this.
    private let owned: Descriptor?
    private let signals: SignalReceiver
    private let before: TerminalMode
    private var reader = KeyReader()
    private var waiting: [Event] = []
    /// What stands on the screen, row by row; empty where that is not known.
    private var shown: [String] = []
    public private(set) var size: ScreenSize

    /// How long after ESC another byte of the same key may come.
    private static let longestKey: Int32 = 50

    /// Takes over the terminal.
    ///
    /// - Parameter drawsOnStandardOutput: else on the terminal that this process belongs to, whatever standard output is.
    /// - Returns: `nil` where there is no terminal to draw on, or none to read keys from.
    public static func open(drawsOnStandardOutput: Bool = true) throws(SystemError) -> Screen? {
        if drawsOnStandardOutput, !Terminal.isTerminal(STDOUT_FILENO) { return nil }
        // One that prints line after line and knows no places.
        if environment("TERM") == "dumb" { return nil }
        // Keys are read from standard input, unless that is a capture.
        if drawsOnStandardOutput, Terminal.isTerminal(STDIN_FILENO) {
            guard let mode = TerminalMode(of: STDIN_FILENO) else { return nil }
            return try Screen(output: STDOUT_FILENO, input: STDIN_FILENO, owned: nil, mode)
        }
        guard let terminal = Terminal.controlling() else { return nil }
        let number = terminal.rawValue
        guard let mode = TerminalMode(of: number) else { return nil }
        return try Screen(output: drawsOnStandardOutput ? STDOUT_FILENO : number, input: number, owned: terminal, mode)
    }

    private init(output: Int32, input: Int32, owned: consuming Descriptor?, _ mode: TerminalMode) throws(SystemError) {
        // SIGTTOU is not among them: in the background one may not draw.
        signals = try SignalReceiver([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH])
        self.output = output
        self.input = input
        self.owned = owned
        before = mode
        size = Screen.measure(output)
        enter()
    }

    deinit {
        leave()
    }

    private func enter() {
        before.keyByKey.apply(to: input, dropsTyped: true)
        // The alternate screen; no cursor; no line goes on in the next; all is empty.
        write("\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l\u{1b}[2J")
    }

    private func leave() {
        write("\u{1b}[0m\u{1b}[?7h\u{1b}[?25h\u{1b}[\(size.rows);1H\u{1b}[2K\u{1b}[?1049l")
        before.apply(to: input)
    }

    /// A terminal that is gone is seen where keys are read.
    private func write(_ text: String) {
        try? writeAll(output, text)
    }

    private static func measure(_ output: Int32) -> ScreenSize {
        if let size = Terminal.size(output) { return ScreenSize(rows: size.rows, columns: size.columns) }
        return ScreenSize(
            rows: environment("LINES").flatMap { Int($0) } ?? 24, columns: environment("COLUMNS").flatMap { Int($0) } ?? 80)
    }

    // MARK: Drawing

    /// Shows these lines from the first row on, and nothing else. Only rows that change are written.
    public mutating func draw(_ lines: [String]) {
        var text = ""
        if shown.count != size.rows {
            text = "\u{1b}[0m\u{1b}[2J"
            shown = Array(repeating: "", count: size.rows)
        }
        for row in 0..<size.rows {
            let line = row < lines.count ? ScreenText.cut(lines[row], columns: size.columns) : ""
            guard line != shown[row] else { continue }
            shown[row] = line
            text += "\u{1b}[\(row + 1);1H\(line)\u{1b}[0m"
            // Behind a full line the cursor stands on its last character still.
            if ScreenText.columns(line) < size.columns { text += "\u{1b}[K" }
        }
        if !text.isEmpty { write(text) }
    }

    // MARK: Waiting

    /// What happens next.
    public mutating func next() -> Event {
        while waiting.isEmpty { hear() }
        return waiting.removeFirst()
    }

    private mutating func hear() {
        var awaited = [Awaited(signals.rawDescriptor, for: .readable), Awaited(input, for: .readable)]
        guard let count = try? waitUntilReady(&awaited, milliseconds: reader.waitsForMore ? Screen.longestKey : nil) else {
            waiting.append(.ended)
            return
        }
        if count == 0 { waiting += reader.takeRest().map { .key($0) } }
        while let signal = signals.next() { take(signal) }
        guard !awaited[1].ready.isEmpty, !waiting.contains(.ended) else { return }
        var bytes = [UInt8](repeating: 0, count: 256)
        guard let count = try? readSome(input, into: &bytes), count > 0 else {
            waiting.append(.ended)
            return
        }
        for key in reader.take(bytes[..<count]) { waiting.append(key == .redraw ? changed() : .key(key)) }
    }

    private mutating func changed() -> Event {
        shown = []
        size = Screen.measure(output)
        return .changed
    }

    private mutating func take(_ signal: Int32) {
        switch signal {
        case SIGWINCH: waiting.append(changed())
        case SIGTSTP:
            leave()
            Terminal.stopUntilContinued()
            enter()
            waiting.append(changed())
        case SIGCONT:
            // Stopped by SIGSTOP, of which nobody hears: the shell may have set the terminal as it likes it.
            before.keyByKey.apply(to: input)
            write("\u{1b}[?25l\u{1b}[?7l")
            waiting.append(changed())
        default: waiting.append(.ended)
        }
    }
}
