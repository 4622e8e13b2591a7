import Demux
import Testing
import Wire

/// A machine's sockets, a line each in the order in which they were bound, and who gets what:
///
///     L1 tcp 0.0.0.0:80
///     C1 tcp 10.0.0.1:80 - 10.0.0.2:9157
///     D1 udp [::]:53 v6only reuseport device=2 uid=7
///
/// A name that comes again is the same socket later on. `six` is an IPv6 socket with an IPv4 address.
struct HostScript {
    var table = HostTable()
    private(set) var names: [UInt64: String] = [:]
    private(set) var sockets: [HostSocket] = []

    init(_ text: String, rules: HostRules = .all) throws {
        table.rules = rules
        try add(text)
    }

    mutating func add(_ text: String) throws {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            let cookie = names.first { $0.value == words[0] }?.key ?? UInt64(names.count + 1)
            names[cookie] = words[0]
            var socket = try HostScript.socket(words.dropFirst())
            socket.cookie = cookie
            table.insert(socket)
            sockets.removeAll { $0.cookie == cookie }
            sockets.append(socket)
        }
    }

    mutating func remove(_ name: String) {
        guard let cookie = names.first(where: { $0.value == name })?.key else { return }
        table.remove(cookie: cookie)
    }

    private static func socket(_ words: ArraySlice<String>) throws -> HostSocket {
        var words = words
        let transport: IPProtocol = words.removeFirst() == "tcp" ? .tcp : .udp
        let local = try #require(Endpoint(words.removeFirst()))
        var remote: Endpoint?
        if words.first == "-" {
            let end = try #require(Endpoint(words[words.startIndex + 1]))
            remote = end
            words = words.dropFirst(2)
        }
        let connected: HostSocket.State = remote == nil ? (transport == .tcp ? .listen : .closed) : .established
        let isSix = local.address.version == .six || words.contains("six")
        var socket = HostSocket(
            transport: transport, family: isSix ? .six : .four, state: connected, local: local, remote: remote)
        for word in words {
            let parts = word.split(separator: "=")
            switch parts[0] {
            case "six": break
            case "v6only": socket.isIPv6Only = true
            case "reuseport": socket.reusesPort = true
            case "alone": socket.reusesPort = false
            case "time-wait": socket.state = .timeWait
            case "syn-sent": socket.state = .synSent
            case "new": socket.state = .newSynReceived
            case "closed": socket.state = .closed
            case "device": socket.device = try #require(UInt32(parts[1]))
            case "uid": socket.userID = try #require(UInt32(parts[1]))
            default: throw Unknown(word: word)
            }
        }
        return socket
    }

    struct Unknown: Error { let word: String }

    /// `tcp 10.0.0.2:9157 > 10.0.0.1:80 on 2` as a question.
    static func question(_ text: String) throws -> LookupQuestion {
        let words = text.split(separator: " ").map(String.init)
        return LookupQuestion(
            transport: words[0] == "tcp" ? .tcp : .udp, source: try #require(Endpoint(words[1])),
            destination: try #require(Endpoint(words[3])), device: words.count > 5 ? UInt32(words[5]) ?? 0 : 0)
    }

    /// `C1 by four-tuple; L1 connected-first`.
    func who(_ text: String) throws -> String {
        tell(table.lookup(try HostScript.question(text)))
    }

    func tell(_ delivery: HostDelivery) -> String {
        ([tell(delivery.receiver) + " by " + delivery.rule.word]
            + delivery.candidates.map { "\(names[$0.socket.cookie] ?? "?") \($0.why.rawValue)" }).joined(separator: "; ")
    }

    func tell(_ receiver: HostDelivery.Receiver?) -> String {
        switch receiver {
        case .socket(let socket): names[socket.cookie] ?? "?"
        case .group(let members): "one of " + members.map { names[$0.cookie] ?? "?" }.sorted().joined(separator: " ")
        case .several(let sockets): "each of " + sockets.map { names[$0.cookie] ?? "?" }.joined(separator: " ")
        case .nobody(let answer): "nobody: " + answer.rawValue
        case nil: "nobody"
        }
    }
}
