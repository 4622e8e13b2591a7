import Glibc
import Platform
import Wire

/// A datagram socket: UDP, one for all senders unless it is connected to one.
public struct DatagramSocket: ~Copyable, Socket, Sendable {
    private let descriptor: SocketDescriptor
    public var rawDescriptor: Int32 { descriptor.rawValue }

    /// No datagram is larger: the length field has 16 bits (RFC 768).
    public static let largestDatagram = 65_535

    /// The corresponding C function is `socket` with `SOCK_DGRAM`.
    ///
    /// - Parameter protocolNumber: UDP's, as the protocols database has it; 0 is the default of datagram sockets, which is UDP.
    public init(_ version: IPAddress.Version, protocolNumber: Int32 = 0) throws(SystemError) {
        descriptor = try makeSocket(version, .udp, protocolNumber: protocolNumber)
    }

    /// Create and bind in one.
    public init(
        at endpoint: Endpoint, _ options: SocketOptions = SocketOptions(), protocolNumber: Int32 = 0
    ) throws(SystemError) {
        let socket = try DatagramSocket(endpoint.address.version, protocolNumber: protocolNumber)
        try socket.apply(options)
        try socket.bind(to: endpoint)
        self = socket
    }

    /// Takes an address and a port of this host. The corresponding C function is `bind`.
    ///
    /// - Parameters:
    ///   - endpoint: with port 0 the kernel chooses an ephemeral port.
    ///   - reusesAddress: `SO_REUSEADDR`, which is better left off: with it Linux lets two datagram sockets take one port, and
    ///     one of them hears nothing.
    public func bind(to endpoint: Endpoint, reusesAddress: Bool = false) throws(SystemError) {
        if reusesAddress { try setOption(.reuseAddress, 1) }
        try bindDescriptor(to: endpoint)
    }

    /// Sets what is asked for; what is TCP's alone is left out.
    public func apply(_ options: SocketOptions) throws(SystemError) {
        var options = options
        options.noDelay = false
        try set(options)
    }

    /// Settles the peer: ``send(_:)`` goes to it, datagrams from others no longer reach this socket, and an ICMP port
    /// unreachable from it fails the next call with `ECONNREFUSED` (RFC 1122 §4.1.3.3). Nothing is sent.
    /// The corresponding C function is `connect`.
    public func connect(to peer: Endpoint) throws(SystemError) {
        try call("connect", on: rawDescriptor, [.number(Int(rawDescriptor)), .word("\(peer)")]) {
            unsafe peer.withSocketAddress { unsafe Glibc.connect(rawDescriptor, $0, $1) }
        }
    }

    /// A datagram that was received: how much of the buffer it fills, and who sent it.
    public struct Received: Equatable, Sendable {
        /// May be 0: an empty datagram is one too.
        public let count: Int
        public let sender: Endpoint
    }

    /// Fills the buffer from its start; what is longer than the buffer is cut. The corresponding C function is
    /// `recvfrom`.
    ///
    /// - Returns: `nil` where the socket is non-blocking and no datagram waits.
    public func receive(into buffer: inout [UInt8]) throws(SystemError) -> Received? {
        var address = ReturnedAddress()
        do {
            let outcome: (Int) -> TracedCall.Outcome = { .from($0, address.endpoint) }
            let arguments: [TracedCall.Argument] = CallTrace.isOn ? [.number(Int(rawDescriptor)), .number(buffer.count)] : []
            let count = try call("recvfrom", on: rawDescriptor, arguments, outcome: outcome) {
                unsafe buffer.withUnsafeMutableBytes { bytes in
                    unsafe address.fill { unsafe recvfrom(rawDescriptor, bytes.baseAddress, bytes.count, 0, $0, $1) }
                }
            }
            return Received(count: count, sender: address.endpoint)
        } catch where error.code == EAGAIN {
            return nil
        }
    }

    /// Sends one datagram to the connected peer. The corresponding C function is `send`.
    ///
    /// - Returns: whether it went; `false` where the socket is non-blocking and its buffer is full.
    @discardableResult
    public func send(_ bytes: Span<UInt8>) throws(SystemError) -> Bool {
        try sent("send", [.number(Int(rawDescriptor)), preview(bytes), .number(bytes.count)]) {
            unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(rawDescriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
        }
    }

    /// Sends one datagram to the given peer. The corresponding C function is `sendto`.
    ///
    /// - Returns: whether it went; `false` where the socket is non-blocking and its buffer is full.
    @discardableResult
    public func send(_ bytes: Span<UInt8>, to peer: Endpoint) throws(SystemError) -> Bool {
        try sent("sendto", [.number(Int(rawDescriptor)), preview(bytes), .number(bytes.count), .word("\(peer)")]) {
            unsafe bytes.withUnsafeBytes { bytes in
                unsafe peer.withSocketAddress {
                    unsafe sendto(rawDescriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL), $0, $1)
                }
            }
        }
    }

    /// A datagram goes whole or not at all, so that there is no count to return.
    private func sent(
        _ name: String, _ arguments: @autoclosure () -> [TracedCall.Argument], _ body: () -> Int
    ) throws(SystemError) -> Bool {
        do {
            try call(name, on: rawDescriptor, arguments(), body)
            return true
        } catch where error.code == EAGAIN {
            return false
        }
    }

    /// The corresponding C function is `close`.
    public consuming func close() throws(SystemError) {
        try descriptor.close()
    }
}
