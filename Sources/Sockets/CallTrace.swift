import CPlatform
import Glibc
import Platform
import Synchronization
import Wire

/// Tells somebody of every socket call of this process. Off, it costs a load and a compare a call.
public enum CallTrace {
    private static let on = Atomic(false)
    private static let hidesData = Atomic(false)
    private static let writer = Mutex<(@Sendable (TracedCall) -> Void)?>(nil)
    /// Since when a call is waited for, by its name and descriptor: it takes as long as the wait and itself.
    private static let waiting = Mutex<[Wait: Timestamp]>([:])

    private struct Wait: Hashable {
        let name: String
        let descriptor: Int32
    }

    private static let gate = Mutex<(@Sendable (TracedCall) -> Void)?>(nil)

    /// From here on each call is told, by the thread that makes it; a waiting call is told when it is entered, too.
    ///
    /// - Parameter hidingData: not what is sent and received, which may be a password.
    ///
    /// - Parameter gate: gets each call before it is made; the call is made when that returns.
    public static func start(
        hidingData: Bool = false, gate: (@Sendable (TracedCall) -> Void)? = nil, _ write: @escaping @Sendable (TracedCall) -> Void
    ) {
        writer.withLock { $0 = write }
        self.gate.withLock { $0 = gate }
        hidesData.store(hidingData, ordering: .relaxed)
        on.store(true, ordering: .releasing)
    }

    public static var isOn: Bool { on.load(ordering: .relaxed) }

    static var isHidingData: Bool { hidesData.load(ordering: .relaxed) }

    /// The process is about to wait until this call can be made. Servers and clients wait in `poll`, for the end of the
    /// server as well; this is what they wait for.
    public static func waits(for name: String, on descriptor: Int32, _ arguments: [TracedCall.Argument] = []) {
        guard isOn else { return }
        let call = made(name, on: descriptor, [.number(Int(descriptor))] + arguments)
        waiting.withLock { $0[Wait(name: name, descriptor: descriptor)] = call.time }
        tell(call)
    }

    /// A call that is about to be made, once the gate lets it.
    static func begun(_ name: String, on descriptor: Int32?, _ arguments: [TracedCall.Argument]) -> TracedCall {
        let since = descriptor.flatMap { number in waiting.withLock { $0.removeValue(forKey: Wait(name: name, descriptor: number)) } }
        let call = made(name, on: descriptor, arguments, since)
        guard let gate = gate.withLock({ $0 }) else { return call }
        gate(call)
        return made(name, on: descriptor, arguments)
    }

    private static func made(
        _ name: String, on descriptor: Int32?, _ arguments: [TracedCall.Argument], _ since: Timestamp? = nil
    ) -> TracedCall {
        TracedCall(name: name, arguments: arguments, descriptor: descriptor, cookie: descriptor.flatMap(cookie), time: since ?? now())
    }

    /// A call that is no socket's and belongs to the story: `fork`, `exit`.
    public static func other(_ name: String, _ arguments: [TracedCall.Argument] = [], _ body: () -> Int) -> Int {
        guard isOn else { return body() }
        let call = begun(name, on: nil, arguments)
        let result = body()
        ended(call, .value(result))
        return result
    }

    static func ended(_ call: TracedCall, _ outcome: TracedCall.Outcome) {
        var call = call
        call.nanoseconds = now() - call.time
        if call.name == "close", let descriptor = call.descriptor { waiting.withLock { $0 = $0.filter { $0.key.descriptor != descriptor } } }
        call.outcome = outcome
        // What the call has made is what it is about.
        if call.name == "socket", case .value(let made) = outcome {
            call.descriptor = Int32(made)
            call.cookie = cookie(Int32(made))
        } else if case .from(let made, _) = outcome, call.name == "accept" {
            call.newCookie = cookie(Int32(made))
        }
        tell(call)
    }

    static func tell(_ call: TracedCall) {
        let write = writer.withLock { $0 }
        write?(call)
    }

    private static func now() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
    }

    /// The corresponding C function is `getsockopt` with `SO_COOKIE`.
    private static func cookie(_ descriptor: Int32) -> UInt64? {
        let cookie = pw_socket_cookie(descriptor)
        return cookie == 0 ? nil : cookie
    }
}

/// One call: tried again after a signal, -1 turned into ``SystemError``, told to the trace.
///
/// - Parameter outcome: what a result means to the trace, asked only when there is one.
@discardableResult
func call<Result: FixedWidthInteger & SignedInteger>(
    _ name: String, on descriptor: Int32?, _ arguments: @autoclosure () -> [TracedCall.Argument],
    outcome: (Result) -> TracedCall.Outcome = { .value(Int($0)) }, _ body: () -> Result
) throws(SystemError) -> Result {
    guard CallTrace.isOn else { return try retrying(name, body) }
    let begun = CallTrace.begun(name, on: descriptor, arguments())
    do {
        let result = try retrying(name, body)
        CallTrace.ended(begun, outcome(result))
        return result
    } catch {
        CallTrace.ended(begun, .error(error.code))
        throw error
    }
}

/// The first bytes of what is sent or was received, for the trace.
func preview(_ bytes: Span<UInt8>) -> TracedCall.Argument {
    CallTrace.isHidingData ? .word("…") : .bytes((0..<min(bytes.count, TracedCall.previewLength + 1)).map { bytes[$0] })
}

func preview(_ count: Int, _ buffer: [UInt8]) -> [UInt8]? {
    CallTrace.isHidingData ? nil : Array(buffer.prefix(min(count, TracedCall.previewLength)))
}
