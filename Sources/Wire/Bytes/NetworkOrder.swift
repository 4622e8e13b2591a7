/// Reading numbers in network byte order (RFC 1700, "Data Notations": most significant byte first).
///
/// A header's initialiser checks its whole length once; each read below then costs a compare that the
/// compiler can see is already decided, a load and a byte swap. A read out of bounds traps: it would be our own bug.
extension Span where Element == UInt8 {
    @inlinable @inline(__always)
    public func uint16(at offset: Int) -> UInt16 {
        precondition(offset >= 0 && offset &+ 2 <= count)
        return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self).bigEndian
    }

    @inlinable @inline(__always)
    public func uint32(at offset: Int) -> UInt32 {
        precondition(offset >= 0 && offset &+ 4 <= count)
        return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self).bigEndian
    }

    @inlinable @inline(__always)
    public func uint64(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset &+ 8 <= count)
        return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self).bigEndian
    }

    /// Six bytes as a number: a hardware address.
    @inlinable @inline(__always)
    public func uint48(at offset: Int) -> UInt64 {
        UInt64(uint16(at: offset)) << 32 | UInt64(uint32(at: offset + 2))
    }
}
