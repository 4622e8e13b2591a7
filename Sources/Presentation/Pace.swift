/// How fast a story is told.
public enum Pace: Equatable, Sendable {
    /// So many times as fast as it happened: 1 as it did, 0.1 a tenth as fast.
    case factor(Double)
    /// So many nanoseconds before each thing that happened, whenever it did.
    case delay(UInt64)

    static let factors = 0.0001...10_000.0
    /// The longest delay, in seconds.
    static let longestDelay = 3_600.0

    /// `real`, `×0.1` or `x0.1`, `0.5`, `500ms`, `2s`; `nil` for anything else.
    public init?(_ text: String) {
        if text == "real" {
            self = .factor(1)
        } else if let first = text.first, first == "×" || first == "x" {
            guard let factor = Pace.number(text.dropFirst()), Pace.factors.contains(factor) else { return nil }
            self = .factor(factor)
        } else {
            let (digits, unit): (Substring, Double) =
                text.hasSuffix("ms") ? (text.dropLast(2), 0.001) : (text.hasSuffix("s") ? text.dropLast() : text[...], 1)
            guard let number = Pace.number(digits), number * unit <= Pace.longestDelay else { return nil }
            self = .delay(UInt64((number * unit * 1e9).rounded()))
        }
    }

    /// Digits with a point or without. What else a floating-point number may look like is none to whoever types it.
    private static func number(_ text: Substring) -> Double? {
        guard !text.isEmpty, text.utf8.count < 20, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2e }) else { return nil }
        return Double(text)
    }
}

/// When each thing of a story is to be told. Pure: it reads no clock.
///
/// Against the first frame's time, so that what is late once does not make all that follows late.
public struct PaceSchedule: Sendable {
    public let pace: Pace
    /// No pause is longer, in nanoseconds: a capture's times are whatever its writer wrote.
    public static let longestPause: UInt64 = 10_000_000_000
    /// A frame's time, and the clock's at which it is told: the others are told against these.
    private var anchor: (frame: Int64, clock: UInt64)?
    /// When the last was told, for a fixed delay.
    private var last: UInt64?
    /// How many pauses were cut short.
    public private(set) var cutPauses = 0

    public init(_ pace: Pace) {
        self.pace = pace
    }

    /// How long is to be waited before something is told, in nanoseconds; then it is taken as told.
    ///
    /// - Parameters:
    ///   - time: the frame's; `nil` where it has none: it goes with what was told last.
    ///   - now: a clock's that only goes forward.
    public mutating func pause(before time: Int64?, now: UInt64) -> UInt64 {
        switch pace {
        case .delay(let delay):
            // The first is told at once. Whoever is late has the next wait no shorter: a delay is for looking.
            guard let last else {
                last = now
                return 0
            }
            let pause = last &+ delay > now ? last &+ delay - now : 0
            self.last = now &+ pause
            return pause
        case .factor(let factor):
            guard let time else { return 0 }
            guard let anchor else {
                self.anchor = (time, now)
                return 0
            }
            let since = (Double(time) - Double(anchor.frame)) / factor
            let late = Double(now) - Double(anchor.clock) - since
            if late > Double(PaceSchedule.longestPause), time < anchor.frame {
                // The clock was set back by more than any pause: from here on it counts from here.
                self.anchor = (time, now)
                return 0
            }
            if late >= 0 { return 0 }
            guard -late > Double(PaceSchedule.longestPause) else { return UInt64(-late) }
            cutPauses += 1
            self.anchor = (time, now &+ PaceSchedule.longestPause)
            return PaceSchedule.longestPause
        }
    }
}
