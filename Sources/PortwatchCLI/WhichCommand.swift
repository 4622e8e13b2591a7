import Demux
import HostSockets
import Render
import Wire

/// `portwatch which tcp|udp SOURCE DESTINATION`: the kernel says who gets it, the rule says why the others do not.
enum WhichCommand {
    static func run(_ arguments: [String], _ console: Console) throws(CommandFailure) {
        do {
            try answer(arguments, console)
        } catch .failed(let message, let hint) {
            // 1 says that nobody gets it, so a failure is 2.
            console.notice("portwatch: \(message)" + (hint.map { "\n\($0)" } ?? ""))
            throw .ended(ExitStatus.noAnswer)
        }
    }

    private static func answer(_ arguments: [String], _ console: Console) throws(CommandFailure) {
        let line = try ParsedCommandLine(arguments, .which)
        if line.options.contains(where: { $0.id == .help }) {
            try console.print(HelpText.help(.which), terminator: "")
            return
        }
        try PrivateOption.apply(line, console)
        var inquiry = Inquiry(
            view: try HostView(resolvesNames: !line.options.contains { $0.id == .noNames }), question: try question(line))
        let verdict: HostVerdict
        do {
            verdict = try inquiry.verdict(isDeviceGiven: line.options.contains { $0.id == .interface })
        } catch {
            throw CommandFailure(error)
        }
        try write(verdict, isJSON: line.options.contains { $0.id == .json })
        let isUnseen = verdict.receivers.contains { $0.owners.isEmpty && $0.socket.inode != 0 }
        if isUnseen, let notice = inquiry.view.owners.blindness.notice { console.notice("portwatch: \(notice)") }
        if verdict.receivers.isEmpty { throw .ended(ExitStatus.failure) }
    }

    private static func question(_ line: ParsedCommandLine) throws(CommandFailure) -> LookupQuestion {
        let words = line.words + (line.command ?? [])
        guard words.count == 3 else { throw .usage("tcp or udp, SOURCE, DESTINATION: there must be three words", .which) }
        let transports: [String: IPProtocol] = ["tcp": .tcp, "udp": .udp]
        guard let transport = transports[words[0]] else { throw .usage("\(words[0]): tcp or udp", .which) }
        let (source, destination) = (try endpoint(words[1]), try endpoint(words[2]))
        guard source.address.version == destination.address.version else {
            throw .usage("\(words[1]) and \(words[2]): one is IPv4, the other IPv6", .which)
        }
        var question = LookupQuestion(transport: transport, source: source, destination: destination)
        if let name = line.options.last(where: { $0.id == .interface })?.value {
            guard let index = interfaceIndex(name) else { throw .usage("-i \(name): no such interface", .which) }
            question.device = index
        }
        return question
    }

    private static func endpoint(_ text: String) throws(CommandFailure) -> Endpoint {
        guard let endpoint = Endpoint(text) else {
            throw .usage("\(text): not an address and a port, as in 127.0.0.1:1234 and [::1]:1234", .which)
        }
        // On the wire a v4-mapped address is IPv4's (RFC 4291 §2.5.5.2).
        let address = endpoint.address
        guard address.version == .six, address.high == 0, address.low >> 32 == 0xffff else { return endpoint }
        return Endpoint(IPAddress(ipv4: UInt32(truncatingIfNeeded: address.low)), endpoint.port)
    }

    private static func write(_ verdict: HostVerdict, isJSON: Bool) throws(CommandFailure) {
        let output = HostOutput()
        var out = OutputBuffer()
        if isJSON {
            HostJSONRenderer(networkNamespace: KernelSockets.networkNamespace).render(verdict, into: &out)
        } else {
            HostVerdictRenderer(hasUnicode: output.hasUnicode, columns: output.columns).render(verdict, into: &out)
        }
        try output.write(&out)
    }
}
