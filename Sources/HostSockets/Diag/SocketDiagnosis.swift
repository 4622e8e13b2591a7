import CMnl
import Demux
import Glibc
import Platform
import Wire

/// The kernel's tables of TCP and UDP sockets, asked through `NETLINK_SOCK_DIAG`. It needs no right: the kernel tells
/// everybody, of the network namespace in which this was made.
struct SocketDiagnosis: ~Copyable {
    private var netlink: NetlinkSocket

    /// How often a table is read again that changed while it was read.
    private static let mostReadings = 8

    init() throws(NetlinkError) {
        netlink = try NetlinkSocket(NETLINK_SOCK_DIAG)
    }

    /// Every socket of one transport and family in one of these states (a bit each, see ``DiagRequest/everyState``).
    mutating func dump(
        _ transport: IPProtocol, _ version: IPAddress.Version, states: UInt32 = DiagRequest.everyState
    ) throws(NetlinkError) -> [HostSocket] {
        var request = DiagRequest.dump(transport, version, states: states)
        for _ in 0..<SocketDiagnosis.mostReadings {
            var sockets: [HostSocket] = []
            let outcome: NetlinkSocket.Outcome
            do {
                outcome = try netlink.ask(&request) { (type, payload) throws(NetlinkError) in
                    guard type == UInt16(SOCK_DIAG_BY_FAMILY) else { return }
                    if let socket = try DiagMessage.socket(payload, transport: transport) { sockets.append(socket) }
                }
            } catch .overrun {
                continue
            }
            switch outcome {
            case .complete: return sockets
            case .interrupted: continue
            // A kernel built without this transport or family has none of its sockets.
            case .refused(ENOENT), .refused(EOPNOTSUPP), .refused(EAFNOSUPPORT): return []
            case .refused(let code): throw .refused(SystemError(code, in: "SOCK_DIAG_BY_FAMILY"))
            }
        }
        throw .neverConsistent
    }

    /// The socket that the kernel's own look-up finds, whether or not the destination is this machine's.
    mutating func lookUp(_ question: LookupQuestion) throws(NetlinkError) -> HostSocket? {
        var request = DiagRequest.exact(question)
        var found: HostSocket?
        let outcome = try netlink.ask(&request) { (type, payload) throws(NetlinkError) in
            guard type == UInt16(SOCK_DIAG_BY_FAMILY) else { return }
            found = try DiagMessage.socket(payload, transport: question.transport)
        }
        switch outcome {
        case .complete, .interrupted: return found
        case .refused(ENOENT): return nil
        case .refused(let code): throw .refused(SystemError(code, in: "SOCK_DIAG_BY_FAMILY"))
        }
    }
}
