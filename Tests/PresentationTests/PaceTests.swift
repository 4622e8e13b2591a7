import Presentation
import Testing

@Suite struct PaceTests {
    @Test(arguments: [
        ("real", Pace.factor(1)), ("×0.1", .factor(0.1)), ("x2", .factor(2)), ("0.5", .delay(500_000_000)), ("500ms", .delay(500_000_000)),
        ("2s", .delay(2_000_000_000)), ("0", .delay(0)), ("3600", .delay(3_600_000_000_000)),
    ])
    func `what may be asked for`(_ text: String, _ pace: Pace) {
        #expect(Pace(text) == pace)
    }

    @Test(arguments: ["", "x", "×", "x0", "x-1", "-1", "1e3", "inf", "nan", "0x10", "1h", "ms", "s", "3601", "3601s", "x100000", "live", "1.2.3", "٣"])
    func `and what may not`(_ text: String) {
        #expect(Pace(text) == nil)
    }

    /// What is expected is a value, which a schedule changes.
    private func pause(_ schedule: inout PaceSchedule, _ time: Int64?, now: UInt64) -> UInt64 { schedule.pause(before: time, now: now) }

    private let second: UInt64 = 1_000_000_000

    @Test func `against the first frame, so that late is not later still`() {
        var schedule = PaceSchedule(.factor(1))
        #expect(pause(&schedule, 1_000, now: 5 * second) == 0)
        #expect(pause(&schedule, 1_000 + 2_000_000_000, now: 5 * second) == 2 * second)
        // Written half a second late: the next comes when it would have come.
        #expect(pause(&schedule, 1_000 + 3_000_000_000, now: 7 * second + second / 2) == second / 2)
        // Long past its time.
        #expect(pause(&schedule, 1_000 + 3_500_000_000, now: 20 * second) == 0)
        #expect(schedule.cutPauses == 0)
    }

    @Test func `slower and faster`() {
        var slow = PaceSchedule(.factor(0.1))
        #expect(pause(&slow, 0, now: 0) == 0)
        #expect(pause(&slow, 500_000_000, now: 0) == 5 * second)
        var fast = PaceSchedule(.factor(2))
        #expect(pause(&fast, 0, now: 0) == 0)
        #expect(pause(&fast, 5_000_000_000, now: 0) == 5 * second / 2)
    }

    @Test func `no pause is longer than the longest, whatever the times say`() {
        var schedule = PaceSchedule(.factor(1))
        var now: UInt64 = second
        let year: Int64 = 31_536_000_000_000_000
        var total: UInt64 = 0
        for time in [0, year, year + 1_000_000_000, -year, -year + 1_000_000_000, .max, .min, .max, 0] as [Int64] {
            let pause = schedule.pause(before: time, now: now)
            #expect(pause <= PaceSchedule.longestPause)
            now += pause
            total += pause
        }
        #expect(total < 60 * second)
        #expect(schedule.cutPauses > 0)
    }

    @Test func `after a clock that was set, time goes on from there`() {
        var schedule = PaceSchedule(.factor(1))
        let later: Int64 = 1_800_000_000_000_000_000
        #expect(pause(&schedule, later, now: 0) == 0)
        #expect(pause(&schedule, 0, now: 0) == 0)
        #expect(pause(&schedule, 2_000_000_000, now: 0) == 2 * second)
        #expect(pause(&schedule, later, now: 2 * second) == PaceSchedule.longestPause)
        #expect(pause(&schedule, later + 1_000_000_000, now: 2 * second + PaceSchedule.longestPause) == second)
    }

    @Test func `a frame a little too early in the order waits for nobody`() {
        var schedule = PaceSchedule(.factor(1))
        #expect(pause(&schedule, 1_000_000_000, now: 0) == 0)
        #expect(pause(&schedule, 999_000_000, now: 0) == 0)
        #expect(pause(&schedule, 2_000_000_000, now: 0) == second)
    }

    @Test func `a fixed delay stands between any two`() {
        var schedule = PaceSchedule(.delay(second))
        #expect(pause(&schedule, nil, now: 10 * second) == 0)
        #expect(pause(&schedule, 5, now: 10 * second) == second)
        #expect(pause(&schedule, -5, now: 11 * second + second / 4) == second - second / 4)
        #expect(pause(&schedule, 0, now: 100 * second) == 0)
        #expect(pause(&schedule, 0, now: 100 * second) == second)
    }
}
