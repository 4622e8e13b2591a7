import Demux
import Wire

extension LineRenderer {
    /// A line for each socket that a frame shows for the first time. Stands before the frame's own line.
    func renderOpenings(_ events: [SocketEvent], _ table: borrowing SocketTable, into out: inout OutputBuffer) {
        for event in events {
            guard case .opened(let reference, let opening) = event else { continue }
            let socket = table.socket(reference)
            let start = out.count
            out.append("      + ")
            out.append(reference.name.description)
            out.append("  ")
            out.append(table.host(reference).map { sentence(opening, socket, $0) } ?? sentence(opening, socket))
            endLine(from: start, indent: 12, into: &out)
        }
    }

    private func sentence(_ opening: SocketEvent.Opening, _ socket: Socket) -> String {
        let isPresumed = socket.evidence == .presumed
        switch opening {
        case .activeOpen:
            return "the client's socket: took port \(socket.local.port), sends this SYN"
        case .passiveOpen:
            return "a listener that takes \(socket.local)" + (isPresumed ? " (presumed until it answers)" : "")
        case .handshake:
            let maker = socket.madeBy.map { "made by \($0), " } ?? ""
            return "the server's connected socket: \(maker)on the same port \(socket.local.port)"
        case .presumed:
            let peer = socket.remote.map { " for \($0)" } ?? ""
            return "a connected socket on port \(socket.local.port)\(peer) (its handshake was not captured)"
        case .sends:
            return "a datagram socket on port \(socket.local.port): it sends this"
        case .receives:
            if socket.local.address.isMulticast { return "who joined \(socket.local) (presumed: a group does not answer)" }
            return "a datagram socket that takes \(socket.local)" + (isPresumed ? " (presumed until it answers)" : "")
        }
    }

    /// A line for each socket that ended between two frames, by the kernel's word.
    public mutating func renderEndings(between events: [SocketEvent], into out: inout OutputBuffer) {
        if options.showsEvents { renderEndings(events, into: &out) }
    }

    /// A line for each socket that ended with a frame. Stands after the frame's own line.
    func renderEndings(_ events: [SocketEvent], into out: inout OutputBuffer) {
        for event in events {
            guard case .ended(let reference, let ending) = event else { continue }
            let start = out.count
            out.append("      ")
            out.append(signs.minus)
            out.append(UInt8(ascii: " "))
            out.append(reference.name.description)
            out.append("  ")
            out.append(LineRenderer.sentence(ending))
            endLine(from: start, indent: 12, into: &out)
        }
    }

    static func sentence(_ ending: SocketEnding) -> String {
        switch ending {
        case .closed: "closed"
        case .timeWait: "TIME_WAIT: it sent the first FIN"
        case .reset(let frame): "reset by frame \(frame)"
        case .refused(let frame): "refused by frame \(frame): nobody listens there"
        case .gone(let frame): "gone: frame \(frame) says that nobody is there"
        case .disproved(let frame): "was never there: frame \(frame) says so"
        case .replaced(let frame): "replaced: frame \(frame) begins a new connection on the same four-tuple"
        case .destroyed: "closed: the kernel has destroyed it"
        }
    }
}
