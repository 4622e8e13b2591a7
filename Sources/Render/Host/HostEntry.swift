import Demux
import Wire

/// A socket of this machine as a listing shows it: with its name, its owners, and what else was found out about it.
public struct HostEntry: Equatable, Sendable {
    public var socket: HostSocket
    public var name: SocketName
    public var owners: [SocketOwner] = []
    /// The listener in whose queue it waits; `nil` for none, or where the listener is not listed.
    public var madeBy: SocketName?
    /// How many sockets have this same address and port, itself among them.
    public var groupSize = 1
    /// The name of the interface that it is bound to.
    public var device: String?
    /// The name of whom it belongs to, and of its port's service, where names are wanted.
    public var user: String?
    public var service: String?

    public init(_ socket: HostSocket, _ name: SocketName) {
        self.socket = socket
        self.name = name
    }
}

extension HostSocket {
    /// The kernel's name of the state (`include/net/tcp_states.h`); a datagram socket's own in lower case, as it is none.
    public var stateWord: String {
        if transport == .udp { return state == .established ? "connected" : "bound" }
        return switch state {
        case .established: "ESTABLISHED"
        case .synSent: "SYN_SENT"
        case .synReceived, .newSynReceived: "SYN_RECV"
        case .finWait1: "FIN_WAIT1"
        case .finWait2: "FIN_WAIT2"
        case .timeWait: "TIME_WAIT"
        case .closed: "CLOSE"
        case .closeWait: "CLOSE_WAIT"
        case .lastAck: "LAST_ACK"
        case .listen: "LISTEN"
        case .closing: "CLOSING"
        }
    }
}

extension HostEntry {
    /// What it takes segments or datagrams from: its peer, or anybody.
    public var from: String { socket.remote?.description ?? "any" }

    /// What it takes them to, with the name of the interface that it is bound to.
    public var to: String { socket.localText(device: device) }

    /// How many wait of how many, for a listener; else the bytes that wait to be read and to be acknowledged.
    var queue: String {
        socket.state == .listen && socket.transport == .tcp
            ? "\(socket.receiveQueue) of \(socket.sendQueue)" : "\(socket.receiveQueue)/\(socket.sendQueue)"
    }

    /// Who holds it, or why nobody does.
    ///
    /// - Parameter most: of how many owners; the others are counted.
    func holders(most: Int = .max) -> String {
        if owners.isEmpty { return holderless }
        let shown = owners.prefix(most).map { "\($0.name)[\($0.processID)] fd \($0.descriptor)" }
        return shown.joined(separator: ", ") + (owners.count > most ? " and \(owners.count - most) more" : "")
    }

    private var holderless: String {
        let queue = madeBy.map { " of \($0)" } ?? ""
        if socket.waitsToBeAccepted { return "waits in the accept queue\(queue)" }
        if socket.isHalfOpen { return "half open, waits for the last ACK of its handshake\(madeBy.map { " with \($0)" } ?? "")" }
        if socket.state == .timeWait { return "no process: it waits for stray segments" }
        if socket.inode == 0 { return "no process: closed, the kernel ends it" }
        return "a process that is not shown, of \(user ?? "uid \(socket.userID)")"
    }

    /// What else is to say: of its group, its service, its losses.
    var remarks: [String] {
        var remarks: [String] = []
        if groupSize > 1 {
            remarks.append(socket.transport == .tcp ? "reuse-port group of \(groupSize)" : "\(groupSize) share this port")
        }
        if let service { remarks.append(service) }
        if socket.isAcceptQueueFull { remarks.append("its accept queue is full") }
        if socket.drops > 0 { remarks.append("\(socket.drops) dropped") }
        return remarks
    }
}
