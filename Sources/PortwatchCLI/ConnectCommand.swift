import Glibc
import Platform
import Services
import Sockets
import Wire

/// `portwatch connect SERVICE [options] [HOST [PORT]]`.
enum ConnectCommand {
    static func run(_ arguments: [String], _ console: Console) throws(CommandFailure) {
        let line = try ParsedCommandLine(arguments, .connect)
        if line.options.contains(where: { $0.id == .help }) {
            try console.print(HelpText.help(.connect), terminator: "")
            return
        }
        let entry = try service(line, .connect, wordsAtMost: 3)
        var settings = try ConnectSettings(line, entry)
        let client = Client(try settings.options())
        try PrivateOption.apply(line, console)
        if let trace = settings.trace { trace.start(process: entry.name, hidingData: ["auth", "login", "file"].contains(entry.name)) }
        let outcome: Client.Outcome
        do {
            outcome = try client.run(input: STDIN_FILENO, output: STDOUT_FILENO, notices: STDERR_FILENO)
        } catch {
            throw CommandFailure(error, service: entry.name)
        }
        // The notices have said which.
        if outcome == .unanswered { throw .told }
    }
}
