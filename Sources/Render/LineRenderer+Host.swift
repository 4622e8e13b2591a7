import Demux
import Wire

/// What the kernel says of a frame's sockets, on the frame's line.
extension LineRenderer {
    /// The column of the process that holds the receiver.
    mutating func renderProcess(_ delivery: Delivery, _ table: borrowing SocketTable, into out: inout OutputBuffer) {
        let text = delivery.receiver.flatMap { table.host($0)?.shortHolder } ?? ""
        widths.grow(process: text.utf8.count)
        out.append(text)
        out.append(spaces: widths.process - text.utf8.count + 1)
    }

    /// What stands behind the segment, in brackets.
    ///
    /// - Parameter namesQueue: whether it says where a connection waits; on a terminal the process's column does.
    static func remarks(_ delivery: Delivery, _ table: borrowing SocketTable, namesQueue: Bool) -> HostLineRemarks {
        var words: [String] = []
        if let receiver = delivery.receiver, let host = table.host(receiver)?.socket {
            let queue = table.maker(of: receiver).map { "\($0.name)'s accept queue" } ?? "the accept queue"
            if host.waitsToBeAccepted, namesQueue { words.append("in \(queue)") }
            if host.isHalfOpen { words.append("half open: no room in \(queue) yet") }
        }
        let remarks = table.remarks
        if remarks.isQueueFull { words.append("the accept queue is full: it is dropped") }
        if remarks.isUntold { words.append("the socket is not connected: its program is not told") }
        return HostLineRemarks(text: words.map { "  (\($0))" }.joined(), remarks: remarks)
    }

    /// What the kernel adds to the sentence about a socket that is new.
    func sentence(_ opening: SocketEvent.Opening, _ socket: Socket, _ host: HostRecord) -> String {
        let local = host.socket.localText
        let holder = host.owners.isEmpty ? "" : ", \(host.longHolder)"
        switch opening {
        case .activeOpen: return "the client's socket: took port \(socket.local.port), sends this SYN\(holder)"
        case .passiveOpen:
            let waiting = host.socket.receiveQueue
            let group = host.groupSize > 1 ? ", one of a reuse-port group of \(host.groupSize)" : ""
            return "a listener that takes \(local), backlog \(host.socket.sendQueue), \(waiting == 0 ? "nobody waits" : "\(waiting) wait\(waiting == 1 ? "s" : "")")\(group)\(holder)"
        case .handshake:
            let maker = socket.madeBy.map { "made by \($0), " } ?? ""
            let place = host.socket.waitsToBeAccepted ? "; in the accept queue until accept()" : holder
            return "the server's connected socket: \(maker)on the same port \(socket.local.port)\(place)"
        case .presumed:
            let peer = socket.remote.map { " for \($0)" } ?? ""
            return "a connected socket on port \(socket.local.port)\(peer)\(holder)"
        case .sends: return "a datagram socket on port \(socket.local.port): it sends this\(holder)"
        case .receives:
            let peer = host.socket.remote.map { ", connected to \($0)" } ?? ""
            return "a datagram socket that takes \(local)\(peer)\(holder)"
        }
    }
}

/// What the kernel said of a frame, and what of that stands on its line.
struct HostLineRemarks {
    var text = ""
    var remarks = HostRemarks()
}

extension HostSocket {
    /// What it takes segments to, as `ss` writes it: `*:80` for every address of both versions, `0.0.0.0:80` and `[::]:80`
    /// for every one of one version, `127.0.0.1%lo:80` where it is bound to an interface.
    var localText: String { localText(device: nil) }

    func localText(device name: String?) -> String {
        let scope = name.map { "%\($0)" } ?? (device == 0 ? "" : "%\(device)")
        if isDualStack { return "*\(scope):\(local.port)" }
        let address = local.address
        return (address.version == .six ? "[\(address)]" : "\(address)") + "\(scope):\(local.port)"
    }
}

extension HostRecord {
    /// Who holds it, as short as a column wants it.
    var shortHolder: String {
        if let first = holders.first {
            let more = holders.count > 1 ? " +\(holders.count - 1)" : ""
            return "\(first.name)[\(first.processID)] fd \(first.descriptor)\(more)"
        }
        if socket.waitsToBeAccepted { return waiting == 0 ? "accept queue" : "accept queue, \(waiting) wait\(waiting == 1 ? "s" : "")" }
        if socket.isHalfOpen { return "half open" }
        if socket.state == .timeWait { return "none: TIME_WAIT" }
        if isGone || socket.inode == 0 { return "gone" }
        switch ownership {
        case .unknown: return "not seen yet"
        case .found, .nobody: return "not seen"
        }
    }

    /// All who hold it.
    var longHolder: String {
        let shown = owners.prefix(4).map { "\($0.name)[\($0.processID)] fd \($0.descriptor)" }
        return shown.joined(separator: ", ") + (owners.count > 4 ? " and \(owners.count - 4) more" : "")
    }

    /// The same in the table at the end, where a socket may have ended.
    var finalHolder: String {
        let holder = owners.isEmpty ? shortHolder : longHolder
        if socket.kind == .listener {
            let waiting = socket.receiveQueue
            return "\(holder), backlog \(socket.sendQueue), \(waiting == 0 ? "nobody waits" : "\(waiting) wait\(waiting == 1 ? "s" : "")")"
        }
        return holders.isEmpty && !owners.isEmpty ? "\(holder), closed" : holder
    }
}
