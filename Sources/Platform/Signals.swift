import CPlatform
import Glibc

/// Signals as something to read: they are blocked, and wait in a descriptor (signalfd(2)).
///
/// Make it before any thread, so that every thread has them blocked.
public struct SignalReceiver: ~Copyable, Sendable {
    private let descriptor: Descriptor

    public init(_ signals: [Int32]) throws(SystemError) {
        let number = unsafe pw_signalfd(signals, Int32(signals.count))
        if number < 0 { throw SystemError(errno, in: "signalfd") }
        descriptor = Descriptor(owning: number)
    }

    /// To wait for with `poll` or `epoll`: readable when a signal waits.
    public var rawDescriptor: Int32 { descriptor.rawValue }

    /// The next signal that waits, or `nil`. Never blocks.
    public func next() -> Int32? { takeSignal(descriptor.rawValue) }
}

/// The next signal that waits in a ``SignalReceiver``'s descriptor.
@discardableResult
public func takeSignal(_ descriptor: Int32) -> Int32? {
    let signal = pw_signalfd_read(descriptor)
    return signal == 0 ? nil : signal
}

/// Lets a write to a closed pipe fail with `EPIPE` instead of ending the process.
public func ignoreBrokenPipes() {
    pw_ignore_sigpipe()
}

/// The wish to end early, for a program that reads what may make it wait.
public enum Interruption {
    /// From here on the first SIGINT or SIGTERM ends a read that waits, and is remembered; the second ends the process.
    public static func begin() {
        pw_catch_interrupt()
    }

    public static var wasRequested: Bool { pw_was_interrupted() == 1 }
}
