import CMnl

/// The head of a netlink message (netlink(7)): what it is, and whose question it answers.
struct NetlinkHeader: Equatable {
    let type: UInt16
    let flags: UInt16
    let sequence: UInt32
    let port: UInt32

    /// Part of an answer of several messages, which ends with `NLMSG_DONE`.
    var isMultipart: Bool { flags & UInt16(NLM_F_MULTI) != 0 }
    /// The table changed while it was read.
    var isInterrupted: Bool { flags & UInt16(NLM_F_DUMP_INTR) != 0 }
}

/// Whether a walk goes on.
enum Walk {
    case further, finished
}

/// Takes what was received apart into its messages (`struct nlmsghdr`: length, type, flags, sequence, port), each with
/// its payload.
///
/// Not with libmnl's `mnl_nlmsg_ok`: it compares lengths as signed numbers, so that one of 2 GiB and more passes.
///
/// - Throws: ``NetlinkError/malformed(_:)`` where the bytes are no messages; what came before has been given.
func walkMessages(
    _ bytes: Span<UInt8>, _ body: (NetlinkHeader, Span<UInt8>) throws(NetlinkError) -> Walk
) throws(NetlinkError) {
    let headLength = 16
    var place = 0
    while bytes.count - place >= headLength {
        let length = bytes.native32(at: place)
        guard length >= headLength, length <= bytes.count - place else {
            throw .malformed("a message of \(length) bytes where there are \(bytes.count - place)")
        }
        let head = NetlinkHeader(
            type: bytes.native16(at: place + 4), flags: bytes.native16(at: place + 6), sequence: bytes.native32(at: place + 8),
            port: bytes.native32(at: place + 12))
        if try body(head, bytes.extracting(place + headLength..<place + Int(length))) == .finished { return }
        // Padded to four bytes.
        place += (Int(length) + 3) & ~3
    }
    if place < bytes.count { throw .malformed("\(bytes.count - place) bytes are no message") }
}

/// Goes through the attributes (`struct nlattr`: length, type, value, padded to four bytes) from `offset` on.
///
/// - Throws: ``NetlinkError/malformed(_:)`` where one claims more than there is.
func walkAttributes(
    _ bytes: Span<UInt8>, from offset: Int, _ body: (_ type: UInt16, _ value: Span<UInt8>) -> Void
) throws(NetlinkError) {
    let headLength = 4
    var place = offset
    while bytes.count - place >= headLength {
        let length = Int(bytes.native16(at: place))
        guard length >= headLength, length <= bytes.count - place else {
            throw .malformed("an attribute of \(length) bytes where there are \(bytes.count - place)")
        }
        // The two highest bits of the type are flags (NLA_F_NESTED, NLA_F_NET_BYTEORDER).
        body(bytes.native16(at: place + 2) & 0x3fff, bytes.extracting(place + headLength..<place + length))
        place += (length + 3) & ~3
    }
}

/// Netlink's own numbers are in the byte order of the machine. A read out of bounds traps: it would be our own bug.
extension Span where Element == UInt8 {
    func native16(at offset: Int) -> UInt16 {
        precondition(offset >= 0 && offset &+ 2 <= count)
        return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self)
    }

    func native32(at offset: Int) -> UInt32 {
        precondition(offset >= 0 && offset &+ 4 <= count)
        return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
    }
}
