import Glibc
import Platform
import Wire

/// A connected socket: one end of a TCP connection, found by all four of its addresses and ports.
public struct ConnectedSocket: ~Copyable, Socket, Sendable {
    private let descriptor: SocketDescriptor
    public var rawDescriptor: Int32 { descriptor.rawValue }

    /// The other end, as `accept` or `connect` gave it: known even after the connection is gone.
    public let remote: Endpoint

    init(_ descriptor: consuming SocketDescriptor, remote: Endpoint) {
        self.descriptor = descriptor
        self.remote = remote
    }

    /// Create and connect in one, for a client that lets the kernel choose its port.
    public init(to endpoint: Endpoint) throws(SystemError) {
        self = try StreamSocket(endpoint.address.version).connect(to: endpoint)
    }

    /// What one ``receive(into:)`` brought.
    public enum Received: Equatable, Sendable {
        /// That many bytes at the buffer's start, at least one. TCP keeps no boundaries of messages.
        case bytes(Int)
        /// The other end has sent its FIN: nothing follows.
        case endOfStream
        /// Nothing is there now, and the socket is non-blocking.
        case wouldBlock
    }

    /// Fills the buffer from its start, as far as there is something. The corresponding C function is `recv`.
    public func receive(into buffer: inout [UInt8]) throws(SystemError) -> Received {
        precondition(!buffer.isEmpty, "an empty buffer would look like the end of the stream")
        do {
            let number = rawDescriptor
            let room = buffer.count
            let count = try call("recv", on: number, [.number(Int(number)), .number(room)], outcome: { .received($0, preview($0, buffer)) }) {
                unsafe buffer.withUnsafeMutableBytes { unsafe recv(number, $0.baseAddress, $0.count, 0) }
            }
            return count == 0 ? .endOfStream : .bytes(count)
        } catch where error.code == EAGAIN {
            return .wouldBlock
        }
    }

    /// Hands bytes to the kernel, as many as it takes now. The corresponding C function is `send`.
    ///
    /// - Returns: how many it took; 0 where the socket is non-blocking and its buffer is full.
    /// - Throws: ``SystemError`` with `EPIPE` or `ECONNRESET` where the other end is gone; never a SIGPIPE.
    public func send(_ bytes: Span<UInt8>) throws(SystemError) -> Int {
        do {
            return try call("send", on: rawDescriptor, [.number(Int(rawDescriptor)), preview(bytes), .number(bytes.count)]) {
                unsafe bytes.withUnsafeBytes {
                    unsafe Glibc.send(rawDescriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
            }
        } catch where error.code == EAGAIN {
            return 0
        }
    }

    /// Sends the FIN: nothing will follow, but the other end may go on (the half-close of RFC 9293 §3.6).
    /// The corresponding C function is `shutdown` with `SHUT_WR`.
    public func shutdownSending() throws(SystemError) {
        try call("shutdown", on: rawDescriptor, [.number(Int(rawDescriptor)), .word("SHUT_WR")]) {
            shutdown(rawDescriptor, Int32(SHUT_WR))
        }
    }

    /// The other end as the kernel knows it now. The corresponding C function is `getpeername`.
    ///
    /// - Throws: ``SystemError`` with `ENOTCONN` where the connection is gone; ``remote`` still knows.
    public func remoteEndpoint() throws(SystemError) -> Endpoint {
        var address = ReturnedAddress()
        let outcome: (Int32) -> TracedCall.Outcome = { _ in .end(address.endpoint) }
        try call("getpeername", on: rawDescriptor, [.number(Int(rawDescriptor))], outcome: outcome) {
            unsafe address.fill { unsafe getpeername(rawDescriptor, $0, $1) }
        }
        return address.endpoint
    }

    /// The corresponding C function is `close`. Where received bytes are unread the kernel sends RST instead of FIN
    /// (RFC 2525 §2.17).
    public consuming func close() throws(SystemError) {
        try descriptor.close()
    }

    /// Closes with RST, whatever is unread or unsent: the abort of RFC 9293 §3.9.1.6. The corresponding C functions
    /// are `setsockopt` with `SO_LINGER` and a time of 0, and `close`.
    public consuming func abort() throws(SystemError) {
        var value = linger(l_onoff: 1, l_linger: 0)
        let number = rawDescriptor
        try call("setsockopt", on: number, [.number(Int(number)), .word("SO_LINGER"), .number(0)]) {
            unsafe setsockopt(number, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
        }
        try descriptor.close()
    }
}
