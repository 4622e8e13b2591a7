import Glibc
import Platform
import Services
import Sockets
import Wire

/// What the command line of a client asks for.
struct ConnectSettings {
    private let entry: Catalogue
    private(set) var trace: TraceOutput?
    private var client = Client.Options()
    private var variant: (name: String, Client.Variant)?
    private var user: String?
    private var sender: String?
    private var recipients: [String] = []

    init(_ line: ParsedCommandLine, _ entry: Catalogue) throws(CommandFailure) {
        self.entry = entry
        client.name = entry.name
        client.service = entry.defaultService
        if line.words.count > 1 {
            // An IPv6 address may stand in brackets, as it is written elsewhere.
            let host = line.words[1]
            client.host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        }
        if line.words.count > 2 { client.service = line.words[2] }
        var givesJSON = false
        for (id, value) in line.options {
            if try client.sockets.take(id, value, .connect) { continue }
            switch id {
            case .udp, .numberLines:
                let (name, chosen): (String, Client.Variant) = id == .udp ? ("--udp", .datagrams) : ("--number-lines", .numberedLines)
                guard entry.name == "echo" else { throw .usage("\(name): of echo alone", .connect) }
                if let variant, variant.name != name { throw .usage("--udp and --number-lines: one or the other", .connect) }
                variant = (name, chosen)
            case .sourcePort: client.sourcePort = try portNumber(value, "--source-port", .connect)
            case .bind:
                guard let address = IPAddress(value) else { throw .usage("--bind \(value): not an IPv4 or IPv6 address", .connect) }
                client.sourceAddress = address
            case .user: user = value
            case .from: sender = value
            case .to: recipients.append(value)
            case .verbose: client.tellsAttributes = true
            case .traceCalls: trace = TraceOutput()
            case .json: givesJSON = true
            default: break
            }
        }
        trace?.isJSON = givesJSON
        if givesJSON, trace == nil { throw .usage("--json: with --trace-calls", .connect) }
        if let timeout = client.sockets.timeout { client.patience = timeout }
    }

    mutating func options() throws(CommandFailure) -> Client.Options {
        let own = user ?? userName(getuid()) ?? "nobody"
        switch entry.name {
        case "echo": client.variant = variant?.1 ?? .stream
        case "visitor": client.variant = .question(Array(own.utf8) + [0])
        case "finger": client.variant = .question(Array("\(user ?? "")\r\n".utf8))
        case "web": client.variant = .web
        case "mail":
            if recipients.isEmpty { throw .usage("--to ADDRESS: to whom?", .connect) }
            client.variant = .mail(from: sender ?? own, to: recipients)
        case "auth": client.variant = .credentials(user: own, isSession: false)
        case "login": client.variant = .credentials(user: own, isSession: true)
        default: client.variant = .dialogue
        }
        return client
    }
}
