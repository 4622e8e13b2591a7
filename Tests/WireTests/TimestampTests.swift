import Testing
import Wire

@Suite struct Timestamps {
    @Test(arguments: [
        (0, 0, 0), (1, 5, 1_000_000_005), (1, 1_500_000_000, 2_500_000_000), (-1, 999_999_999, -1), (0, -1, -1),
        (9_223_372_036, 854_775_807, Int64.max), (9_223_372_036, 854_775_808, Int64.max), (Int.max, 0, Int64.max), (Int.min, 0, Int64.min),
    ] as [(Int, Int, Int64)])
    func `a fraction of a second or more is carried over, and nothing overflows`(_ seconds: Int, _ fraction: Int, _ nanoseconds: Int64) {
        #expect(Timestamp(seconds: seconds, nanoseconds: fraction).nanoseconds == nanoseconds)
    }

    @Test func `order and distance`() {
        let (earlier, later) = (Timestamp(nanoseconds: 5), Timestamp(nanoseconds: 7))
        #expect(earlier < later && later - earlier == 2 && earlier - later == -2)
        let (first, last) = (Timestamp(nanoseconds: .min), Timestamp(nanoseconds: .max))
        #expect(last - first == .max && first - last == .min, "the most that 64 bits can hold")
    }
}
