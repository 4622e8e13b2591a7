import Glibc
import Services
import Wire

/// `portwatch serve echo [options]`.
enum ServeCommand {
    static func run(_ arguments: [String], _ console: Console) throws(CommandFailure) {
        let line = try ParsedCommandLine(arguments, .serve)
        if line.options.contains(where: { $0.id == .help }) {
            try console.print(HelpText.help(.serve), terminator: "")
            return
        }
        try checkService(line, .serve, wordsAtMost: 1)
        let server = EchoServer(try options(line))
        try PrivateOption.apply(line, console, tellsWayIn: true)
        do {
            try server.run(output: STDOUT_FILENO, notices: STDERR_FILENO)
        } catch {
            throw CommandFailure(error)
        }
    }

    private static func options(_ line: ParsedCommandLine) throws(CommandFailure) -> EchoServer.Options {
        var options = EchoServer.Options()
        var variants: [(name: String, variant: EchoServer.Variant)] = []
        for (id, value) in line.options {
            switch id {
            case .udp: variants.append(("--udp", .datagrams))
            case .numberLines: variants.append(("--number-lines", .numberedLines))
            case .once: variants.append(("--once", .once))
            case .servicePort: options.port = try portNumber(value, "--port", .serve)
            case .bind:
                guard let address = IPAddress(value) else {
                    throw .usage("--bind \(value): not an IPv4 or IPv6 address", .serve)
                }
                options.address = address
            default: break
            }
        }
        if Set(variants.map(\.name)).count > 1 {
            throw .usage("\(variants[0].name) and \(variants[1].name): one or the other", .serve)
        }
        options.variant = variants.first?.variant ?? .stream
        return options
    }
}

/// `portwatch connect echo [options] [HOST [PORT]]`.
enum ConnectCommand {
    static func run(_ arguments: [String], _ console: Console) throws(CommandFailure) {
        let line = try ParsedCommandLine(arguments, .connect)
        if line.options.contains(where: { $0.id == .help }) {
            try console.print(HelpText.help(.connect), terminator: "")
            return
        }
        try checkService(line, .connect, wordsAtMost: 3)
        let client = EchoClient(try options(line))
        try PrivateOption.apply(line, console)
        let outcome: EchoClient.Outcome
        do {
            outcome = try client.run(input: STDIN_FILENO, output: STDOUT_FILENO, notices: STDERR_FILENO)
        } catch {
            throw CommandFailure(error)
        }
        // The notices have said which.
        if outcome == .unanswered { throw .told }
    }

    private static func options(_ line: ParsedCommandLine) throws(CommandFailure) -> EchoClient.Options {
        var options = EchoClient.Options()
        if line.words.count > 1 {
            // An IPv6 address may stand in brackets, as it is written elsewhere.
            let host = line.words[1]
            options.host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        }
        if line.words.count > 2 { options.service = line.words[2] }
        var variants: Set<String> = []
        for (id, value) in line.options {
            switch id {
            case .udp:
                options.variant = .datagrams
                variants.insert("--udp")
            case .numberLines:
                options.variant = .numberedLines
                variants.insert("--number-lines")
            case .sourcePort: options.sourcePort = try portNumber(value, "--source-port", .connect)
            default: break
            }
        }
        if variants.count > 1 { throw .usage("--udp and --number-lines: one or the other", .connect) }
        return options
    }
}

/// The services of interface's table that are to come, so that naming one says so.
private let laterServices: Set<String> = ["visitor", "finger", "sort", "file", "web", "mail", "auth", "login"]

private func checkService(_ line: ParsedCommandLine, _ spec: CommandSpec, wordsAtMost: Int) throws(CommandFailure) {
    guard let service = line.words.first else { throw .usage("which service? there is: echo", spec) }
    if laterServices.contains(service) { throw .usage("\(service): not built yet; there is: echo", spec) }
    guard service == "echo" else { throw .usage("\(service): no such service; there is: echo", spec) }
    let surplus = Array(line.words.dropFirst(wordsAtMost)) + (line.command ?? [])
    if let word = surplus.first { throw .usage("\(word): what is this for?", spec) }
}

private func portNumber(_ text: String, _ option: String, _ spec: CommandSpec) throws(CommandFailure) -> UInt16 {
    guard let port = UInt16(text) else { throw .usage("\(option) \(text): not a port (0 to 65535)", spec) }
    return port
}

extension CommandFailure {
    fileprivate init(_ error: ServiceError) {
        self = .failed(error.description, hint: error.hint)
    }
}
