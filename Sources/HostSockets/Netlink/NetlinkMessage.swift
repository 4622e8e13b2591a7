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

/// Takes what was received apart into its messages, each with its payload.
///
/// - Throws: ``NetlinkError/malformed(_:)`` where the bytes are no messages; what came before has been given.
func walkMessages(
    _ bytes: Span<UInt8>, _ body: (NetlinkHeader, Span<UInt8>) throws(NetlinkError) -> Walk
) throws(NetlinkError) -> Walk {
    try unsafe bytes.withUnsafeBytes { (raw) throws(NetlinkError) -> Walk in
        guard var next = unsafe raw.baseAddress?.assumingMemoryBound(to: nlmsghdr.self) else { return .further }
        var rest = Int32(clamping: raw.count)
        // It holds that a whole head is there, and that the length that it claims is there as well.
        while unsafe mnl_nlmsg_ok(next, rest) {
            let head = unsafe NetlinkHeader(
                type: next.pointee.nlmsg_type, flags: next.pointee.nlmsg_flags, sequence: next.pointee.nlmsg_seq,
                port: next.pointee.nlmsg_pid)
            let payload = unsafe UnsafeRawBufferPointer(
                start: mnl_nlmsg_get_payload(next), count: mnl_nlmsg_get_payload_len(next))
            if try unsafe body(head, payload.bindMemory(to: UInt8.self).span) == .finished { return .finished }
            unsafe next = unsafe UnsafePointer(mnl_nlmsg_next(next, &rest))
        }
        // A message is padded to four bytes; beyond that nothing may be left.
        if rest > 3 { throw .malformed("\(rest) bytes are no message") }
        return .further
    }
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
