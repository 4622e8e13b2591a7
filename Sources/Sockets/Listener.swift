import CPlatform
import Glibc
import Platform
import Wire

/// A listener: the TCP socket that new connections reach (the textbook's welcoming socket). It carries no data;
/// each ``accept()`` gives a connected socket of its own, on the same port.
public struct Listener: ~Copyable, Socket, Sendable {
    private let descriptor: SocketDescriptor
    public var rawDescriptor: Int32 { descriptor.rawValue }

    init(_ descriptor: consuming SocketDescriptor) {
        self.descriptor = descriptor
    }

    /// Create, bind, listen in one.
    public init(
        at endpoint: Endpoint, backlog: Int32, _ options: SocketOptions = SocketOptions(), protocolNumber: Int32 = 0
    ) throws(SystemError) {
        let socket = try StreamSocket(endpoint.address.version, protocolNumber: protocolNumber)
        try socket.apply(options)
        try socket.bind(to: endpoint, reusesAddress: options.reusesAddress)
        self = try socket.listen(backlog: backlog)
    }

    /// Takes the connection that has waited longest in the accept queue. The corresponding C function is `accept4`.
    ///
    /// A connection that broke while it waited is passed over: Linux reports its error here (accept(2), "Error
    /// handling").
    ///
    /// - Parameter nonblocking: whether the new socket is; it does not inherit that from the listener.
    /// - Returns: `nil` where the listener is non-blocking and no connection waits.
    /// - Throws: ``SystemError``. After `EMFILE`, `ENFILE`, `ENOBUFS` and `ENOMEM` the connection still waits.
    public func accept(nonblocking: Bool = false) throws(SystemError) -> ConnectedSocket? {
        var address = ReturnedAddress()
        while true {
            do {
                let outcome: (Int32) -> TracedCall.Outcome = { .from(Int($0), address.endpoint) }
                let number = try call("accept", on: rawDescriptor, [.number(Int(rawDescriptor))], outcome: outcome) {
                    unsafe address.fill { unsafe pw_accept(rawDescriptor, $0, $1, nonblocking ? 1 : 0) }
                }
                return ConnectedSocket(SocketDescriptor(owning: number), remote: address.endpoint)
            } catch where error.code == EAGAIN {
                return nil
            } catch where Listener.errorsOfTheConnection.contains(error.code) {
                continue
            }
        }
    }

    private static let errorsOfTheConnection: Set<Int32> = [
        ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, ENETUNREACH,
    ]

    /// The corresponding C function is `close`. What waits in the accept queue is reset.
    public consuming func close() throws(SystemError) {
        try descriptor.close()
    }
}

/// Lets a listener listen no longer, while its owner is busy: whoever connects is refused, and what waits in the accept queue
/// is reset. The corresponding C function is `shutdown`, which on Linux does that to a listener.
public func stopListening(_ listener: Int32) {
    _ = try? call("shutdown", on: listener, [.number(Int(listener)), .word("SHUT_RD")]) { shutdown(listener, Int32(SHUT_RD)) }
}
