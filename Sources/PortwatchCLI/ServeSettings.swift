import Services
import Sockets
import Wire

/// What the command line of a server asks for.
struct ServeSettings {
    private let entry: Catalogue
    private(set) var service = Catalogue.Settings()
    private(set) var trace: TraceOutput?
    /// Somebody to add to `auth`'s file instead of serving.
    private(set) var newUser: String?
    private(set) var permissions: [String] = []
    private var model: Server.Model?
    private var address: IPAddress?
    private var port: UInt16?
    private var backlog: Int32?
    private var farm: Int?
    private var isQuiet = false
    private var isVerbose = false
    private var sockets = SocketOptions()

    init(_ line: ParsedCommandLine, _ entry: Catalogue) throws(CommandFailure) {
        self.entry = entry
        var variants: [String] = []
        var givesJSON = false
        for (id, value) in line.options {
            if try sockets.take(id, value, .serve) { continue }
            switch id {
            case .udp, .numberLines, .once:
                let (name, variant): (String, Catalogue.Settings.Echo) =
                    id == .udp ? ("--udp", .datagrams) : id == .once ? ("--once", .once) : ("--number-lines", .numberedLines)
                guard entry.name == "echo" else { throw .usage("\(name): of echo alone", .serve) }
                if !variants.contains(name) { variants.append(name) }
                service.echo = variant
            case .servicePort: port = try portNumber(value, "--port", .serve)
            case .bind:
                guard let address = IPAddress(value) else { throw .usage("--bind \(value): not an IPv4 or IPv6 address", .serve) }
                self.address = address
            case .model:
                guard let model = Server.Model(rawValue: value) else {
                    throw .usage("--model \(value): \(Server.Model.allCases.map(\.rawValue).joined(separator: ", "))", .serve)
                }
                self.model = model
            case .backlog: backlog = Int32(try number(value, "--backlog", 0...65_535, .serve))
            case .farm: farm = try number(value, "--farm", 1...64, .serve)
            case .root: service.root = value
            case .authority: service.authority = try endpoint(value)
            case .users: service.users = value
            case .addUser: newUser = value
            case .grant: permissions = value.split(separator: ",").map(String.init)
            case .connections: service.limits.connections = try number(value, "--connections", 1...1_000_000, .serve)
            case .lineLength: service.limits.lineLength = try number(value, "--line-length", 1...16_777_216, .serve)
            case .quiet: isQuiet = true
            case .verbose: isVerbose = true
            case .traceCalls: trace = TraceOutput()
            case .json: givesJSON = true
            default: break
            }
        }
        if let timeout = sockets.timeout {
            service.limits.idle = timeout
            // A line may take as long as silence; the whole has more.
            service.limits.request = timeout
        }
        trace?.isJSON = givesJSON
        try check(variants, line)
    }

    private func check(_ variants: [String], _ line: ParsedCommandLine) throws(CommandFailure) {
        if variants.count > 1 { throw .usage("\(variants[0]) and \(variants[1]): one or the other", .serve) }
        func refuse(_ id: OptionID, _ name: String, _ services: String...) throws(CommandFailure) {
            if line.options.contains(where: { $0.id == id }), !services.contains(entry.name) {
                throw .usage("\(name): of \(services.joined(separator: ", ")) alone", .serve)
            }
        }
        try refuse(.root, "--root", "file", "web", "mail")
        try refuse(.authority, "--auth", "file", "login")
        for (id, name) in [(OptionID.users, "--users"), (.addUser, "--add-user"), (.grant, "--grant")] { try refuse(id, name, "auth") }
        if variants == ["--udp"], model != nil { throw .usage("--model: a datagram socket has no connections", .serve) }
        if variants == ["--udp"], farm != nil { throw .usage("--farm: of connections alone", .serve) }
        if line.options.contains(where: { $0.id == .json }), trace == nil { throw .usage("--json: with --trace-calls", .serve) }
    }

    /// What is sent and received may be a password.
    var hasSecrets: Bool { ["auth", "login"].contains(entry.name) || service.authority != nil }

    func server() throws(ServiceError) -> Server {
        var server = try entry.server(service, model)
        if let address { server.address = address }
        if let port { server.port = port }
        if let backlog { server.backlog = backlog }
        server.farm = farm
        let isUndelayed = server.sockets.noDelay
        server.sockets = sockets
        if isUndelayed { server.sockets.noDelay = true }
        server.talks = !isQuiet
        server.tellsAttributes = isVerbose
        return server
    }

    private func endpoint(_ text: String) throws(CommandFailure) -> Endpoint {
        if let endpoint = Endpoint(text) { return endpoint }
        guard let colon = text.lastIndex(of: ":"), colon > text.startIndex else { throw .usage("--auth \(text): not HOST:PORT", .serve) }
        do {
            return try resolve(host: String(text[..<colon]), service: String(text[text.index(after: colon)...]), for: .tcp)[0]
        } catch {
            throw .usage("--auth \(error)", .serve)
        }
    }
}
