import Glibc
import Platform
import Sockets
import Wire

/// Why a server or a client could not do its work. The text is `WHAT: WHY`.
public enum ServiceError: Error, Equatable, Sendable {
    /// Another socket has the address and port (`EADDRINUSE`).
    case portInUse(Endpoint, Transport)
    /// Nobody listens on the port, but connections of an earlier server are in TIME_WAIT there (`EADDRINUSE`, RFC 9293 §3.6.1):
    /// so many, and which of the two sockets was without `SO_REUSEADDR`.
    case portInTimeWait(Endpoint, connections: Int, without: WithoutReuse)
    /// The port is for privileged processes only (`EACCES`).
    case portNotPermitted(Endpoint, Transport)
    /// No interface of this host has the address (`EADDRNOTAVAIL`).
    case addressNotAvailable(Endpoint)
    /// The host or the service is unknown.
    case unresolved(ResolutionError)
    /// Nobody has the port: RST for TCP, ICMP port unreachable for UDP (`ECONNREFUSED`).
    case refused(Endpoint, Transport)
    /// Nobody has answered in the time that there was (`EINPROGRESS` of a `connect` with a time-out, socket(7)).
    case noAnswer(Endpoint)
    /// An earlier connection with the same four-tuple is not over: mostly TIME_WAIT (`EADDRNOTAVAIL` of `connect`).
    case fourTupleInUse(sourcePort: UInt16, Endpoint)
    /// A line of the input does not fit in a datagram (`EMSGSIZE`).
    case lineTooLongForDatagram(number: Int)
    /// A member of a farm ended before it listened; it has said why.
    case memberFailed
    /// The file of `auth`'s accounts cannot be used.
    case accounts(Accounts.Failure)
    /// Any other failed call, and what it was about.
    case failed(String, SystemError)

    /// Which socket lacks `SO_REUSEADDR`, that both need.
    public enum WithoutReuse: Equatable, Sendable {
        case this, earlier, both
    }
}

extension ServiceError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .portInUse(let endpoint, let transport):
            "\(endpoint): another socket has this \(transport.rawValue.uppercased()) port"
        case .portInTimeWait(let endpoint, let count, let without):
            "\(endpoint): \(count == 1 ? "a connection" : "\(count) connections") of an earlier server in TIME_WAIT there, and "
                + without.text
        case .portNotPermitted(let endpoint, let transport):
            "\(endpoint): no permission for this \(transport.rawValue.uppercased()) port: those below \(PortTable.firstUnprivileged) are "
                + "the system's own servers'"
        case .addressNotAvailable(let endpoint):
            "\(endpoint): no interface of this host has that address"
        case .unresolved(let error):
            "\(error)"
        case .refused(let endpoint, .tcp):
            "\(endpoint): connection refused: nobody listens on that port"
        case .refused(let endpoint, .udp):
            "\(endpoint): port unreachable: nobody is bound to that port"
        case .noAnswer(let endpoint):
            "\(endpoint): no answer in time"
        case .fourTupleInUse(let port, let endpoint):
            "\(endpoint): port \(port) still has an earlier connection there"
        case .lineTooLongForDatagram(let number):
            "line \(number): too long for one datagram"
        case .memberFailed:
            "a member of the farm could not begin"
        case .accounts(let failure):
            "\(failure)"
        case .failed(let what, let error):
            "\(what): \(error.reason) (\(error.call))"
        }
    }

    /// What to do about it, where that can be said in a line.
    public var hint: String? { hint(for: "SERVICE") }

    /// - Parameter service: what the client asked for.
    public func hint(for service: String) -> String? {
        switch self {
        case .portInUse(let endpoint, let transport):
            "see who has it: ss -\(transport == .tcp ? "lt" : "lu")np 'sport = :\(endpoint.port)'; or take another port"
        case .portInTimeWait(let endpoint, _, let without):
            "wait a minute (ss -tan 'sport = :\(endpoint.port)')" + (without == .this ? ", or leave out --no-reuse-address" : "")
        case .portNotPermitted:
            "take a port from \(PortTable.firstUnprivileged) on, or run it with sudo"
        case .addressNotAvailable:
            "see the addresses there are: ip -brief address"
        case .refused(let endpoint, let transport):
            "start a server there: portwatch serve \(service)\(transport == .udp ? " --udp" : "") --port \(endpoint.port)"
        case .fourTupleInUse(let port, _):
            "it is open, or over in a minute (TIME_WAIT): ss -tan 'sport = :\(port)'; or take another source port"
        case .accounts(.unreadable(let file, _)):
            "make the first account: portwatch serve auth --users \(file) --add-user NAME --grant read,write"
        case .unresolved, .noAnswer, .lineTooLongForDatagram, .memberFailed, .accounts, .failed:
            nil
        }
    }
}

extension ServiceError.WithoutReuse {
    fileprivate var text: String {
        switch self {
        case .this: "this socket is without SO_REUSEADDR"
        case .earlier: "that server was without SO_REUSEADDR, which both need"
        case .both: "neither that server nor this socket has SO_REUSEADDR, which both need"
        }
    }

    /// Of a socket that could not be bound. What the earlier one had shows where one with the option tries the same.
    fileprivate init(_ endpoint: Endpoint, reusesAddress: Bool) {
        if reusesAddress {
            self = .earlier
        } else {
            do {
                try StreamSocket(endpoint.address.version).bind(to: endpoint)
                self = .this
            } catch {
                self = .both
            }
        }
    }
}

extension ServiceError {
    /// A failure to make a socket that is bound to `endpoint`.
    init(binding endpoint: Endpoint, _ transport: Transport, _ error: SystemError, reusesAddress: Bool = true) {
        self =
            switch error.code {
            case EADDRINUSE:
                if transport == .tcp, case .timeWait(let count)? = PortTable.holder(of: endpoint) {
                    .portInTimeWait(endpoint, connections: count, without: WithoutReuse(endpoint, reusesAddress: reusesAddress))
                } else {
                    .portInUse(endpoint, transport)
                }
            case EACCES: .portNotPermitted(endpoint, transport)
            case EADDRNOTAVAIL: .addressNotAvailable(endpoint)
            default: .failed("\(endpoint)", error)
            }
    }

    /// A failure to connect to `endpoint`, from a port that was asked for or from any.
    init(connecting endpoint: Endpoint, _ transport: Transport, from sourcePort: UInt16?, _ error: SystemError) {
        self =
            switch (error.code, sourcePort) {
            case (EINPROGRESS, _): .noAnswer(endpoint)
            case (ECONNREFUSED, _): .refused(endpoint, transport)
            case (EADDRNOTAVAIL, let port?): .fourTupleInUse(sourcePort: port, endpoint)
            default: .failed("\(endpoint)", error)
            }
    }
}
