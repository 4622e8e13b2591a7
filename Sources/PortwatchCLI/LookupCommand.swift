import Glibc
import Sockets
import Wire

/// `portwatch lookup host|service|protocol|network NAME|NUMBER`: a line for each answer; none is exit status 1.
enum LookupCommand {
    static func run(_ arguments: [String], _ console: Console) throws(CommandFailure) {
        let line = try ParsedCommandLine(arguments, .lookup)
        if line.options.contains(where: { $0.id == .help }) {
            try console.print(HelpText.help(.lookup), terminator: "")
            return
        }
        guard line.words.count == 2, line.command == nil else {
            throw .usage("host, service, protocol or network, and NAME or NUMBER: there must be two words", .lookup)
        }
        let (kind, name) = (line.words[0], line.words[1])
        let answers: [String]
        switch kind {
        case "host": answers = try host(name)
        case "service": answers = service(name)
        case "protocol": answers = found(number(name).map { Names.protocol(number: $0) } ?? Names.protocol(named: name)) { entry in
            described("\(entry.name) \(entry.number)", entry.aliases)
        }
        case "network": answers = found(networkNumber(name).map { Names.network(number: $0) } ?? Names.network(named: name)) { entry in
            described("\(entry.name) \(entry.number)", entry.aliases)
        }
        default: throw .usage("\(kind): host, service, protocol or network", .lookup)
        }
        if answers.isEmpty { throw .failed("\(name): no such \(kind)", hint: nil) }
        for answer in answers { try console.print(answer) }
    }

    private static func host(_ name: String) throws(CommandFailure) -> [String] {
        if let address = IPAddress(name) { return Names.host(of: address).map { ["\($0) \(address)"] } ?? [] }
        do {
            // Of a name without a service the port is 0; each address comes once for each kind of socket.
            // The zone of a link-local address is the caller's own (RFC 4007 §11).
            return try resolve(host: name, service: "0", for: .tcp).map { "\(name) \($0.address)\($0.address.version == .six ? zone(of: name) : "")" }
        } catch .unknownHost {
            return []
        } catch {
            throw .failed("\(error)", hint: nil)
        }
    }

    private static func service(_ name: String) -> [String] {
        var entries = UInt16(name).map { Names.services(port: $0) } ?? Names.services(named: name)
        if entries.isEmpty { entries = Names.services(named: name.lowercased()) }
        return entries.map { described("\($0.name) \($0.port)/\($0.transport)", $0.aliases) }
    }

    private static func zone(of name: String) -> Substring { name.firstIndex(of: "%").map { name[$0...] } ?? "" }

    /// `127` and `127.0` are 127.0.0.0, as in the database (networks(5)).
    private static func networkNumber(_ word: String) -> IPAddress? {
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count < 4 else { return IPAddress(word) }
        return IPAddress((parts.map(String.init) + Array(repeating: "0", count: 4 - parts.count)).joined(separator: "."))
    }

    private static func number(_ word: String) -> Int32? { Int32(word) }

    private static func found<Entry>(_ entry: Entry?, _ describe: (Entry) -> String) -> [String] {
        entry.map { [describe($0)] } ?? []
    }

    private static func described(_ entry: String, _ aliases: [String]) -> String {
        aliases.isEmpty ? entry : "\(entry) (also \(aliases.joined(separator: ", ")))"
    }
}
