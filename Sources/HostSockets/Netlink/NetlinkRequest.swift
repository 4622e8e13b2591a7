import CMnl

/// A request in the making: netlink's head, and behind it a body of fixed size, zero where nothing was stored.
struct NetlinkRequest {
    private(set) var bytes: [UInt8]

    init(type: Int32, flags: Int32 = 0, bodyLength: Int) {
        bytes = [UInt8](repeating: 0, count: mnl_nlmsg_size(bodyLength))
        unsafe bytes.withUnsafeMutableBytes { raw in
            let head = unsafe mnl_nlmsg_put_header(raw.baseAddress!)!
            unsafe head.pointee.nlmsg_type = UInt16(truncatingIfNeeded: type)
            unsafe head.pointee.nlmsg_flags = UInt16(truncatingIfNeeded: NLM_F_REQUEST | flags)
            unsafe mnl_nlmsg_put_extra_header(head, bodyLength)
        }
    }

    /// Stores a number as it lies in memory, `offset` bytes into the body.
    mutating func store<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number, at offset: Int) {
        put(number, at: NetlinkRequest.headLength + offset)
    }

    /// What the answers repeat (`nlmsg_seq`).
    mutating func setSequence(_ sequence: UInt32) {
        put(sequence, at: 8)
    }

    /// Appends to the body; the message is as much longer.
    mutating func append(_ more: [UInt8]) {
        bytes += more
        put(UInt32(bytes.count), at: 0)
    }

    mutating func setLength(_ length: UInt16, ofAttributeAt place: Int) {
        put(length, at: place)
    }

    private mutating func put<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number, at place: Int) {
        precondition(place >= 0 && place + MemoryLayout<Number>.size <= bytes.count)
        unsafe bytes.withUnsafeMutableBytes { unsafe $0.storeBytes(of: number, toByteOffset: place, as: Number.self) }
    }

    private static let headLength = 16
}
