import Demux
import Wire

/// This machine's sockets as JSON lines.
public struct HostJSONRenderer {
    private let networkNamespace: UInt64?

    /// - Parameter networkNamespace: whose sockets they are, by its inode.
    public init(networkNamespace: UInt64?) {
        self.networkNamespace = networkNamespace
    }

    /// `{ "socket": SOCKET }`.
    public func render(_ entry: HostEntry, into out: inout OutputBuffer) {
        out.append(UInt8(ascii: "{"))
        var json = JSONWriter()
        json.object("socket", &out) { json, out in fields(of: entry, &json, &out) }
        out.append("}\n")
    }

    /// `{ receiver, rule, evidence, candidates, reply? }`.
    public func render(_ verdict: HostVerdict, into out: inout OutputBuffer) {
        out.append(UInt8(ascii: "{"))
        var json = JSONWriter()
        if let receiver = verdict.receivers.first {
            json.object("receiver", &out) { json, out in fields(of: receiver, &json, &out) }
        } else {
            json.null("receiver", &out)
        }
        if verdict.rule == .rule(.groupDelivery) {
            json.key("receivers", &out)
            json.array(&out) { json, out in
                for receiver in verdict.receivers {
                    json.object(&out) { json, out in fields(of: receiver, &json, &out) }
                }
            }
        }
        json.field("rule", verdict.rule.word, &out)
        json.field("evidence", verdict.isKernels ? "kernel" : "presumed", &out)
        candidates(verdict, &json, &out)
        if verdict.receivers.isEmpty, verdict.reply != .nothing { json.field("reply", verdict.reply.rawValue, &out) }
        if let device = verdict.device { json.field("device", device, &out) }
        if !verdict.notes.isEmpty {
            json.key("notes", &out)
            json.array(&out) { json, out in
                for note in verdict.notes { json.string(note, &out) }
            }
        }
        out.append("}\n")
    }

    private func candidates(_ verdict: HostVerdict, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.key("candidates", &out)
        json.array(&out) { json, out in
            for (entry, why) in verdict.inOrder {
                json.object(&out) { json, out in
                    json.field("socket", entry.name.description, &out)
                    json.field("from", entry.fitsSource(verdict.question), &out)
                    json.field("to", entry.fitsDestination(verdict.question), &out)
                    if let why { json.field("why", why.rawValue, &out) }
                    json.field("kind", entry.socket.kind.word, &out)
                    json.field("local", entry.socket.local.description, &out)
                    if let remote = entry.socket.remote { json.field("remote", remote.description, &out) }
                    json.field("cookie", String(entry.socket.cookie), &out)
                    HostJSONRenderer.owners(entry.owners, &json, &out)
                }
            }
        }
    }

    func fields(of entry: HostEntry, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        let socket = entry.socket
        json.field("id", entry.name.description, &out)
        json.field("kind", socket.kind.word, &out)
        json.field("local", socket.local.description, &out)
        if let remote = socket.remote {
            json.field("remote", remote.description, &out)
        } else {
            json.null("remote", &out)
        }
        json.field("transport", socket.transport == .udp ? "udp" : "tcp", &out)
        json.field("state", socket.stateWord, &out)
        if let maker = entry.madeBy { json.field("made_by", maker.description, &out) }
        json.field("inode", socket.inode, &out)
        // A number of 64 bits, which the numbers of many readers of JSON do not hold.
        json.field("cookie", String(socket.cookie), &out)
        json.field("uid", socket.userID, &out)
        if socket.family == .six { json.field("v6only", socket.isIPv6Only || !HostJSONRenderer.takesIPv4(socket), &out) }
        if socket.device != 0 { json.field("device", entry.device ?? String(socket.device), &out) }
        if let networkNamespace { json.field("netns", networkNamespace, &out) }
        HostJSONRenderer.queues(entry, &json, &out)
        HostJSONRenderer.owners(entry.owners, &json, &out)
    }

    /// Whether an IPv6 socket can get IPv4: on `::`, or with a v4-mapped address.
    private static func takesIPv4(_ socket: HostSocket) -> Bool {
        socket.local.address.version == .four || socket.local.address.isWildcard
    }

    private static func queues(_ entry: HostEntry, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        let socket = entry.socket
        if socket.kind == .listener {
            json.field("waiting", socket.receiveQueue, &out)
            json.field("backlog", socket.sendQueue, &out)
        } else {
            json.field("receive_queue", socket.receiveQueue, &out)
            json.field("send_queue", socket.sendQueue, &out)
        }
        if socket.transport == .udp { json.field("drops", socket.drops, &out) }
        if entry.groupSize > 1 { json.field("group", entry.groupSize, &out) }
    }

    static func owners(_ owners: [SocketOwner], _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.key("owners", &out)
        json.array(&out) { json, out in
            for owner in owners {
                json.object(&out) { json, out in
                    json.field("pid", owner.processID, &out)
                    json.field("name", owner.name, &out)
                    json.field("fd", owner.descriptor, &out)
                }
            }
        }
    }
}
