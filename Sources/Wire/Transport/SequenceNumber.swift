/// A TCP sequence number: compared and counted modulo 2³² (RFC 9293 §3.4).
public struct SequenceNumber: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
    @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// The number `distance` bytes on.
    @inlinable @inline(__always)
    public static func + (number: SequenceNumber, distance: UInt32) -> SequenceNumber {
        SequenceNumber(number.rawValue &+ distance)
    }

    /// How many bytes lie from `earlier` to `later`, across the wrap.
    @inlinable @inline(__always)
    public static func - (later: SequenceNumber, earlier: SequenceNumber) -> UInt32 {
        later.rawValue &- earlier.rawValue
    }

    /// Whether this number comes before or equals `other`: less than half the number space before it.
    @inlinable @inline(__always)
    public func precedesOrEquals(_ other: SequenceNumber) -> Bool {
        Int32(bitPattern: other.rawValue &- rawValue) >= 0
    }

    @inlinable @inline(__always)
    public func precedes(_ other: SequenceNumber) -> Bool {
        Int32(bitPattern: other.rawValue &- rawValue) > 0
    }
}
