import Glibc
import Platform
import Render
import Timeline

/// `--pace`: a story that is written as time goes on, to a terminal or a pipe.
///
/// It hears each telling from its ``Storybook`` and keeps whoever tells waiting until it was written. What has no time of
/// its own, as a socket call, is written with the next frame, or at the end. ``Interruption`` ends it; whoever presents lets
/// that begin.
public final class PacePresenter {
    private let output: Int32
    private let explains: Bool
    private var schedule: PaceSchedule
    private var kept = ""
    private weak var storybook: Storybook?
    /// Whether nothing more is written: it was interrupted, or nobody reads.
    public private(set) var isOver = false
    /// Why nothing more could be written.
    public private(set) var failure: SystemError?
    /// Says what the reader should know besides: to standard error.
    private let notice: (String) -> Void

    /// A signal that comes just before a wait begins would not end it: none is longer than this, in nanoseconds.
    private static let longestWait: UInt64 = 50_000_000

    public init(_ pace: Pace, explains: Bool, output: Int32, notice: @escaping (String) -> Void) {
        schedule = PaceSchedule(pace)
        self.explains = explains
        self.output = output
        self.notice = notice
    }

    /// From here on it writes what comes into the storybook, which need not keep it.
    public func follow(_ storybook: Storybook) {
        self.storybook = storybook
        storybook.onTelling = { [weak self] telling in self?.tell(telling) }
    }

    public func tell(_ telling: Telling) {
        guard !isOver else { return }
        kept += explains ? telling.explained : telling.text
        var time: Int64?
        if case .frame(let frame) = telling.moment { time = frame.time?.nanoseconds }
        if time == nil, case .factor = schedule.pace { return }
        let cutBefore = schedule.cutPauses
        let now = monotonicNanoseconds()
        let pause = schedule.pause(before: time, now: now)
        if schedule.cutPauses == 1, cutBefore == 0 {
            notice("a pause is longer than \(PaceSchedule.longestPause / 1_000_000_000) s: it is cut to that, and so is each other")
        }
        guard wait(until: now + pause) else {
            abandon()
            return
        }
        write()
    }

    /// What is left is written.
    public func finish() {
        if !isOver { write() }
    }

    private func abandon() {
        isOver = true
        storybook?.isAbandoned = true
    }

    private func write() {
        do {
            try writeAll(output, kept)
        } catch {
            failure = error
            abandon()
        }
        kept = ""
    }

    /// - Returns: `false` where it was interrupted, or where nobody reads any more.
    private func wait(until moment: UInt64) -> Bool {
        while !Interruption.wasRequested {
            let now = monotonicNanoseconds()
            guard now < moment else { return true }
            let milliseconds = (min(moment - now, PacePresenter.longestWait) + 999_999) / 1_000_000
            var reader = [Awaited(output, for: [])]
            let isTold = (try? waitUntilReady(&reader, milliseconds: Int32(milliseconds))) ?? 0
            if isTold > 0, !reader[0].ready.isDisjoint(with: .hangUp) { return false }
        }
        return false
    }
}
