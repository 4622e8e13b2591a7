import Wire

/// How an interface of a pcapng file tells time: in ticks of a power of ten or two of a second, from an offset.
struct InterfaceClock {
    /// What `if_tsresol` says: below 0x80 the negative power of ten, else that of two. Microseconds unless said.
    private let resolution: UInt8
    /// Seconds that are added (`if_tsoffset`).
    private let offset: Int64
    /// Where a tick is a whole number of nanoseconds: how many, and up to which tick their sum with the offset is exact.
    private let nanosecondsInTick: UInt64
    private let simpleUpTo: UInt64
    private let offsetNanoseconds: Int64

    init(resolution: UInt8 = 6, offset: Int64 = 0) {
        self.resolution = resolution
        self.offset = offset
        let product = offset.multipliedReportingOverflow(by: 1_000_000_000)
        offsetNanoseconds = product.partialValue
        guard resolution <= 9, !product.overflow, product.partialValue <= .max / 2 else {
            (nanosecondsInTick, simpleUpTo) = (0, 0)
            return
        }
        nanosecondsInTick = InterfaceClock.powerOfTen(9 - resolution)
        simpleUpTo = UInt64(Int64.max / 2) / nanosecondsInTick
    }

    /// 6 where no tick is lost by it, else 9.
    var fractionDigits: UInt8 { resolution & 0x7f <= 6 ? 6 : 9 }

    /// - Returns: the time, and whether it is one that can be told.
    @inline(__always)
    func time(_ ticks: UInt64) -> (time: Timestamp, isExact: Bool) {
        guard ticks < simpleUpTo else { return wideTime(ticks) }
        return (Timestamp(nanoseconds: Int64(truncatingIfNeeded: ticks &* nanosecondsInTick) &+ offsetNanoseconds), true)
    }

    /// Any resolution, exact to the nanosecond.
    @inline(never)
    private func wideTime(_ ticks: UInt64) -> (time: Timestamp, isExact: Bool) {
        let (whole, fraction) = resolution & 0x80 != 0 ? binary(ticks) : decimal(ticks)
        let seconds = Int64(clamping: whole).addingReportingOverflow(offset)
        guard whole <= Int64.max, !seconds.overflow else {
            return (Timestamp(nanoseconds: offset < 0 && whole <= Int64.max ? .min : .max), false)
        }
        let time = Timestamp(seconds: Int(seconds.partialValue), nanoseconds: Int(fraction))
        return (time, time.nanoseconds != .max && time.nanoseconds != .min)
    }

    /// The whole seconds and the nanoseconds, also of a time that a ``Timestamp`` cannot hold. The seconds wrap as
    /// libpcap's and Wireshark's do.
    func parts(_ ticks: UInt64) -> (seconds: Int64, nanoseconds: UInt64) {
        let (whole, fraction) = resolution & 0x80 != 0 ? binary(ticks) : decimal(ticks)
        return (Int64(bitPattern: whole) &+ offset, fraction)
    }

    private func decimal(_ ticks: UInt64) -> (seconds: UInt64, nanoseconds: UInt64) {
        // 10¹⁹ is the greatest power of ten in 64 bits: of finer ticks there never is a second.
        guard resolution <= 19 else {
            return (0, resolution > 28 ? 0 : ticks / InterfaceClock.powerOfTen(resolution - 9))
        }
        let (seconds, rest) = ticks.quotientAndRemainder(dividingBy: InterfaceClock.powerOfTen(resolution))
        if resolution <= 9 { return (seconds, rest * InterfaceClock.powerOfTen(9 - resolution)) }
        return (seconds, rest / InterfaceClock.powerOfTen(resolution - 9))
    }

    private func binary(_ ticks: UInt64) -> (seconds: UInt64, nanoseconds: UInt64) {
        let shift = UInt64(resolution & 0x7f)
        let seconds = shift < 64 ? ticks >> shift : 0
        let rest = shift < 64 ? ticks & (1 << shift &- 1) : ticks
        // rest · 10⁹ / 2ˢ, of which the product has up to 94 bits.
        let product = rest.multipliedFullWidth(by: 1_000_000_000)
        let nanoseconds =
            shift == 0 ? 0 : shift < 64 ? product.high << (64 - shift) | product.low >> shift : product.high >> (shift - 64)
        return (seconds, nanoseconds)
    }

    private static func powerOfTen(_ exponent: UInt8) -> UInt64 {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }
}
