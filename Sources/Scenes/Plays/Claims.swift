import Demux
import HostSockets
import Timeline
import Wire

// What several scenes hold against the kernel alike.

extension FrameMoment {
    /// Whether the kernel gave it to that socket.
    func reached(_ socket: HostSocket?) -> Bool {
        guard let socket, let receiver else { return false }
        return evidence == .kernel && receiver.cookie == socket.cookie
    }

    /// Whether nobody took it, by the kernel's word.
    var reachedNobody: Bool { rule == .closedPort && evidence == .kernel }

    /// The protocol field of the IPv4 header (RFC 791 §3.1), as the frame has it behind its Ethernet header.
    var protocolNumber: UInt8? { bytes.count > 23 && linkType == .ethernet ? bytes[23] : nil }
}

extension Director {
    /// The frame of the last step that carries data, or else the first.
    var lastFrame: FrameMoment? { lastFrames.first { $0.payloadLength > 0 } ?? lastFrames.first }

    /// Whether nothing was sent in the last step.
    var isWireEmpty: Bool { lastFrames.isEmpty }

    func sockets(of transport: IPProtocol, onPort port: UInt16, of host: Int = 0) throws -> [HostSocket] {
        try sockets(onPort: port, of: host).filter { $0.transport == transport }
    }

    /// The datagram socket with that end of its own.
    func datagramSocket(at local: Endpoint, on host: Int = 0) throws -> HostSocket? {
        try sockets(at: local, on: host).first { $0.kind == .datagram }
    }

    /// Shows the sockets on a port, in the order in which they are asked.
    func showSockets(onPort port: UInt16, of host: Int = 0) throws {
        show(
            "port \(port), as the kernel lists its sockets (sock_diag, which ss asks too)",
            lines(try sockets(onPort: port, of: host).sorted { $0.turn < $1.turn }))
    }

    /// The sockets that a process holds, in the order of its descriptors.
    func sockets(of process: Int32) throws -> [HostSocket] {
        let held = try stage.facts.all().compactMap { socket -> (descriptor: Int32, socket: HostSocket)? in
            holders(of: socket).first { $0.processID == process }.map { ($0.descriptor, socket) }
        }
        return held.sorted { $0.descriptor < $1.descriptor }.map(\.socket)
    }

    func showSockets(of participant: Participant) throws {
        show("the sockets that \(name(of: participant)) holds (/proc/PID/fd, and sock_diag, which ss asks too)", lines(try sockets(of: processID(of: participant))))
    }

    private func lines(_ sockets: [HostSocket]) -> [String] {
        let from = sockets.map { $0.remote?.description ?? "any" }
        let to = sockets.map(\.local.description)
        let (fromWidth, toWidth) = (from.map(\.count).max() ?? 0, to.map(\.count).max() ?? 0)
        return sockets.indices.map { place in
            let socket = sockets[place]
            let title = "\(socket.transport.name ?? "") \(socket.kind)"
            return padded(title, 14) + padded(from[place], fromWidth) + " → " + padded(to[place], toWidth) + "  " + holdersText(of: socket)
        }
    }

    /// `echod[700] fd 4`, with a comma between where several hold it.
    func holdersText(of socket: HostSocket) -> String {
        if socket.state == .timeWait { return "TIME_WAIT, nobody's" }
        if socket.waitsToBeAccepted { return "waits to be accepted" }
        return holders(of: socket).map { "\($0.name)[\($0.processID)] fd \($0.descriptor)" }.joined(separator: ", ")
    }

    private func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
}

extension HostSocket {
    /// UDP, then TCP; of each the connected, by peer, then those that take anybody, and of these the address before the wildcard.
    fileprivate var turn: String {
        "\(transport == .udp ? 0 : 1)\(remote == nil ? 1 : 0)\(remote?.description ?? "")\(local.address.isWildcard ? 1 : 0)"
    }
}
