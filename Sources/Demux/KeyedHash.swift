/// SipHash-1-3 over 64-bit words (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012).
///
/// Keyed anew in each process: whoever writes a capture cannot choose four-tuples that fall into one place and make
/// each look-up walk through all of them. The words are the whole input and their number is fixed for each kind of
/// key, so that the length need not be hashed.
struct KeyedHash: Sendable {
    private let key0: UInt64
    private let key1: UInt64

    init() {
        var random = SystemRandomNumberGenerator()
        key0 = random.next()
        key1 = random.next()
    }

    @inline(__always)
    func hash(_ one: UInt64, _ two: UInt64) -> UInt64 {
        var state = State(key0, key1)
        state.add(one)
        state.add(two)
        return state.finish()
    }

    @inline(__always)
    func hash(_ one: UInt64, _ two: UInt64, _ three: UInt64) -> UInt64 {
        var state = State(key0, key1)
        state.add(one)
        state.add(two)
        state.add(three)
        return state.finish()
    }

    @inline(__always)
    func hash(_ one: UInt64, _ two: UInt64, _ three: UInt64, _ four: UInt64, _ five: UInt64) -> UInt64 {
        var state = State(key0, key1)
        state.add(one)
        state.add(two)
        state.add(three)
        state.add(four)
        state.add(five)
        return state.finish()
    }

    private struct State {
        var v0: UInt64
        var v1: UInt64
        var v2: UInt64
        var v3: UInt64

        @inline(__always)
        init(_ key0: UInt64, _ key1: UInt64) {
            v0 = key0 ^ 0x736f_6d65_7073_6575
            v1 = key1 ^ 0x646f_7261_6e64_6f6d
            v2 = key0 ^ 0x6c79_6765_6e65_7261
            v3 = key1 ^ 0x7465_6462_7974_6573
        }

        @inline(__always)
        mutating func add(_ word: UInt64) {
            v3 ^= word
            round()
            v0 ^= word
        }

        @inline(__always)
        mutating func finish() -> UInt64 {
            v2 ^= 0xff
            round()
            round()
            round()
            return v0 ^ v1 ^ v2 ^ v3
        }

        @inline(__always)
        private mutating func round() {
            v0 &+= v1
            v2 &+= v3
            v1 = v1 << 13 | v1 >> 51
            v3 = v3 << 16 | v3 >> 48
            v1 ^= v0
            v3 ^= v2
            v0 = v0 << 32 | v0 >> 32
            v2 &+= v1
            v0 &+= v3
            v1 = v1 << 17 | v1 >> 47
            v3 = v3 << 21 | v3 >> 43
            v1 ^= v2
            v3 ^= v0
            v2 = v2 << 32 | v2 >> 32
        }
    }
}
