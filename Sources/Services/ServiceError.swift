import Glibc
import Platform
import Sockets
import Wire

/// Why a server or a client could not do its work. The text is `WHAT: WHY`.
public enum ServiceError: Error, Equatable, Sendable {
    /// Another socket has the address and port (`EADDRINUSE`).
    case portInUse(Endpoint, Transport)
    /// The port is for privileged processes only (`EACCES`).
    case portNotPermitted(Endpoint, Transport)
    /// No interface of this host has the address (`EADDRNOTAVAIL`).
    case addressNotAvailable(Endpoint)
    /// The host or the service is unknown.
    case unresolved(ResolutionError)
    /// Nobody has the port: RST for TCP, ICMP port unreachable for UDP (`ECONNREFUSED`).
    case refused(Endpoint, Transport)
    /// An earlier connection with the same four-tuple is not over: mostly TIME_WAIT (`EADDRNOTAVAIL` of `connect`).
    case fourTupleInUse(sourcePort: UInt16, Endpoint)
    /// A line of the input does not fit in a datagram (`EMSGSIZE`).
    case lineTooLongForDatagram(number: Int)
    /// Any other failed call, and what it was about.
    case failed(String, SystemError)
}

extension ServiceError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .portInUse(let endpoint, let transport):
            "\(endpoint): another socket has this \(transport.rawValue.uppercased()) port"
        case .portNotPermitted(let endpoint, let transport):
            "\(endpoint): no permission for this \(transport.rawValue.uppercased()) port"
        case .addressNotAvailable(let endpoint):
            "\(endpoint): no interface of this host has that address"
        case .unresolved(let error):
            "\(error)"
        case .refused(let endpoint, .tcp):
            "\(endpoint): connection refused: nobody listens on that port"
        case .refused(let endpoint, .udp):
            "\(endpoint): port unreachable: nobody is bound to that port"
        case .fourTupleInUse(let port, let endpoint):
            "\(endpoint): port \(port) still has an earlier connection there"
        case .lineTooLongForDatagram(let number):
            "line \(number): too long for one datagram"
        case .failed(let what, let error):
            "\(what): \(error.reason) (\(error.call))"
        }
    }

    /// What to do about it, where that can be said in a line.
    public var hint: String? {
        switch self {
        case .portInUse(let endpoint, let transport):
            "see who has it: ss -\(transport == .tcp ? "lt" : "lu")np 'sport = :\(endpoint.port)'; or take another port"
        case .portNotPermitted:
            "take a port from 1024 on, or run it with sudo"
        case .addressNotAvailable:
            "see the addresses there are: ip -brief address"
        case .refused(let endpoint, let transport):
            "start a server there: portwatch serve echo\(transport == .udp ? " --udp" : "") --port \(endpoint.port)"
        case .fourTupleInUse(let port, _):
            "it is open, or over in a minute (TIME_WAIT): ss -tan 'sport = :\(port)'; or take another source port"
        case .unresolved, .lineTooLongForDatagram, .failed:
            nil
        }
    }
}

extension ServiceError {
    /// A failure to make a socket that is bound to `endpoint`.
    init(binding endpoint: Endpoint, _ transport: Transport, _ error: SystemError) {
        self =
            switch error.code {
            case EADDRINUSE: .portInUse(endpoint, transport)
            case EACCES: .portNotPermitted(endpoint, transport)
            case EADDRNOTAVAIL: .addressNotAvailable(endpoint)
            default: .failed("\(endpoint)", error)
            }
    }

    /// A failure to connect to `endpoint`, from a port that was asked for or from any.
    init(connecting endpoint: Endpoint, _ transport: Transport, from sourcePort: UInt16?, _ error: SystemError) {
        self =
            switch (error.code, sourcePort) {
            case (ECONNREFUSED, _): .refused(endpoint, transport)
            case (EADDRNOTAVAIL, let port?): .fourTupleInUse(sourcePort: port, endpoint)
            default: .failed("\(endpoint)", error)
            }
    }
}
