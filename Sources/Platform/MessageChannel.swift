import CPlatform
import Glibc

/// One end of a channel between two processes of one machine, which keeps the boundaries of messages (unix(7),
/// SOCK_SEQPACKET).
public struct MessageChannel: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// A descriptor's, in a process that has been forked and owns all of its copies.
    public typealias Number = Int32

    /// The greatest message; what is longer is not sent.
    public static let largest = 64 << 10

    public static func pair() throws(SystemError) -> ChannelEnds {
        var ends: [Int32] = [-1, -1]
        try retrying("socketpair") { unsafe pw_message_pair(&ends) }
        return ChannelEnds(one: MessageChannel(owning: ends[0]), other: MessageChannel(owning: ends[1]))
    }

    /// Takes over an open end.
    public init(owning number: Int32) {
        descriptor = Descriptor(owning: number)
    }

    public var rawDescriptor: Int32 { descriptor.rawValue }

    /// Gives the number away: it is the caller's to close.
    public consuming func release() -> Int32 { descriptor.release() }

    /// - Throws: ``SystemError`` with `EPIPE` where the other end is gone.
    public func send(_ bytes: [UInt8]) throws(SystemError) {
        try retrying("send") { unsafe Glibc.send(descriptor.rawValue, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
    }

    /// The next message, waiting for it unless told otherwise.
    ///
    /// - Returns: `nil` where none is there and it does not wait, or the other end is gone.
    public func receive(waits: Bool = true) throws(SystemError) -> [UInt8]? {
        var room = [UInt8](repeating: 0, count: MessageChannel.largest)
        do {
            let flags = waits ? 0 : Int32(MSG_DONTWAIT)
            let count = try retrying("recv") { unsafe Glibc.recv(descriptor.rawValue, &room, room.count, flags) }
            return count == 0 ? nil : Array(room.prefix(count))
        } catch where error.code == EAGAIN || error.code == ECONNRESET {
            return nil
        }
    }
}

/// The two ends of a ``MessageChannel``.
public struct ChannelEnds: ~Copyable, Sendable {
    public let one: MessageChannel
    public let other: MessageChannel

    public consuming func release() -> (one: Int32, other: Int32) { (one.release(), other.release()) }
}

/// Closes a range of descriptors, whoever owns them: for a forked child, which has copies of its parent's. The corresponding
/// C function is `close_range`.
public func closeAll(from first: Int32, through last: Int32) {
    _ = pw_close_range(UInt32(first), UInt32(bitPattern: last))
}

/// A copy of a descriptor whose number is at least `least`, close-on-exec. The corresponding C function is `fcntl`.
public func duplicate(_ descriptor: Int32, atLeast least: Int32) throws(SystemError) -> Int32 {
    try retrying("fcntl(F_DUPFD_CLOEXEC)") { fcntl(descriptor, F_DUPFD_CLOEXEC, least) }
}
