import Glibc
import Services
import Sockets
import Wire

/// `portwatch serve SERVICE [options]`.
enum ServeCommand {
    static func run(_ arguments: [String], _ console: Console) throws(CommandFailure) {
        let line = try ParsedCommandLine(arguments, .serve)
        if line.options.contains(where: { $0.id == .help }) {
            try console.print(HelpText.help(.serve), terminator: "")
            return
        }
        let entry = try service(line, .serve, wordsAtMost: 1)
        let settings = try ServeSettings(line, entry)
        if let name = settings.newUser {
            do {
                try Accounts.add(name, permissions: settings.permissions, to: settings.service.users ?? "users", input: STDIN_FILENO, notices: STDERR_FILENO)
            } catch {
                throw CommandFailure(error)
            }
            return
        }
        try PrivateOption.apply(line, console, tellsWayIn: true)
        if let trace = settings.trace { trace.start(process: "\(entry.name)d", hidingData: settings.hasSecrets) }
        do {
            try settings.server().run(output: STDOUT_FILENO, notices: STDERR_FILENO)
        } catch {
            throw CommandFailure(error)
        }
    }
}
