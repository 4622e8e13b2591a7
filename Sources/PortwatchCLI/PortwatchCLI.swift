import Capture
import Glibc
import Platform

/// The command line: finds the command, runs it, and turns what went wrong into a line and an exit status.
public enum PortwatchCLI {
    /// - Parameter arguments: the program's name and what stands behind it.
    /// - Returns: the exit status.
    public static func run(_ arguments: [String]) -> Int32 {
        guardStandardDescriptors()
        ignoreBrokenPipes()
        let console = Console()
        do {
            try dispatch(Array(arguments.dropFirst()), console)
            return ExitStatus.success
        } catch {
            switch error {
            case .usage(let message, let spec):
                console.notice("portwatch: \(harmless(message))\n\(HelpText.usageLine(spec))")
                return ExitStatus.usage
            case .failed(let message, let hint):
                console.notice("portwatch: \(harmless(message))" + (hint.map { "\n\(harmless($0))" } ?? ""))
                return ExitStatus.failure
            case .told:
                return ExitStatus.failure
            case .ended(let status):
                return status
            }
        }
    }

    /// A word of the command line may have been pasted: what could steer the terminal is written out.
    private static func harmless(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { text, scalar in
            if scalar.properties.generalCategory == .control, scalar != "\n" { text += scalar.escaped(asASCII: true) } else { text.unicodeScalars.append(scalar) }
        }
    }

    private static func dispatch(_ arguments: [String], _ console: Console) throws(CommandFailure) {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "serve": try ServeCommand.run(rest, console)
        case "connect": try ConnectCommand.run(rest, console)
        case "which": try WhichCommand.run(rest, console)
        case "sockets": try SocketsCommand.run(rest, console)
        case "lookup": try LookupCommand.run(rest, console)
        case "help": try dispatch(rest.isEmpty ? ["--help"] : [rest[0], "--help"], console)
        case "demo": try DemoCommand.run(rest, console)
        default: try inspect(arguments, console)
        }
    }

    private static func inspect(_ arguments: [String], _ console: Console) throws(CommandFailure) {
        let line = try ParsedCommandLine(arguments, .inspect)
        for (id, value) in line.options {
            switch id {
            case .help:
                try console.print(HelpText.help(.inspect), terminator: "")
                return
            case .version:
                try console.print("portwatch \(portwatchVersion)\n\(libpcapVersion)")
                return
            case .generate:
                guard let text = value == "man" ? HelpText.manual() : HelpText.completions(value) else {
                    throw .usage("--generate \(value): man, bash, zsh or fish", .inspect)
                }
                try console.print(text, terminator: "")
                return
            default: continue
            }
        }
        var command = try InspectCommand(line, console)
        try command.run()
    }
}
