/// When a frame was seen: nanoseconds since 1970-01-01 00:00 UTC, leap seconds not counted.
public struct Timestamp: Hashable, Comparable, Sendable {
    public let nanoseconds: Int64

    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// From a second and a fraction, as records of captures have them. A fraction of a second or more is carried
    /// over; a time that 64 bits of nanoseconds cannot hold (before 1678, after 2262) becomes the nearest that they can.
    @inlinable
    public init(seconds: Int, nanoseconds fraction: Int) {
        let whole = Int64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let sum = whole.partialValue.addingReportingOverflow(Int64(fraction))
        if !whole.overflow, !sum.overflow {
            nanoseconds = sum.partialValue
        } else {
            nanoseconds = seconds < 0 ? .min : .max
        }
    }

    @inlinable
    public static func < (one: Timestamp, other: Timestamp) -> Bool { one.nanoseconds < other.nanoseconds }

    /// Nanoseconds from `earlier` to `later`; negative where the clock was set back. More than 64 bits can hold is the
    /// most that they can.
    @inlinable
    public static func - (later: Timestamp, earlier: Timestamp) -> Int64 {
        let (difference, overflow) = later.nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return overflow ? later < earlier ? .min : .max : difference
    }
}
