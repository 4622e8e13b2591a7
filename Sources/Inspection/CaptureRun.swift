import Capture
import Glibc
import Platform
import Render
import Wire

/// Runs a source to its end: filters, counts, writes to a file, inspects.
public struct CaptureRun: ~Copyable {
    /// Why a run ended.
    public enum Ending: Equatable, Sendable {
        case finished
        /// Nobody reads the output any more.
        case closedPipe
    }

    /// What a signal means for a live capture.
    public enum AfterSignal: Equatable, Sendable {
        case goOn
        case end
    }

    public enum Failure: Error {
        case capture(CaptureError)
        case output(SystemError)
    }

    /// Frames that passed the filter, as many as were taken.
    public private(set) var taken: UInt64 = 0
    /// The time of the last of them.
    private var latest = Int64.min
    private let limit: UInt64?
    private let filter: FileFilter?
    private let writer: CaptureWriter?
    private let flushesWriter: Bool
    private var inspection: Inspection?
    private let showsCommentary: Bool
    private var failure: Failure?

    /// - Parameters:
    ///   - filter: applied here, frame by frame; a live source has its own in the kernel.
    ///   - writer: gets every frame that passes.
    ///   - inspection: shows every frame that passes; `nil` where frames are only written.
    ///   - limit: how many frames at most.
    public init(
        filter: FileFilter?, writer: CaptureWriter?, flushesWriter: Bool, inspection: consuming Inspection?, limit: UInt64?
    ) {
        self.filter = filter
        self.writer = writer
        self.flushesWriter = flushesWriter
        showsCommentary = inspection?.showsCommentary ?? false
        self.inspection = inspection
        self.limit = limit
    }

    /// Datagrams of which fragments never came.
    public var incompleteDatagrams: UInt64 {
        switch inspection {
        case .some(let inspection): inspection.incompleteDatagrams
        case nil: 0
        }
    }

    /// What a live capture's deliveries rest on; `nil` where the kernel was not asked.
    public var evidence: EvidenceReport? {
        switch inspection {
        case .some(let inspection): inspection.evidence
        case nil: nil
        }
    }

    private var patience: Int32? {
        switch inspection {
        case .some(let inspection): inspection.patience
        case nil: nil
        }
    }

    private var attention: Int32 {
        switch inspection {
        case .some(let inspection): inspection.attention
        case nil: -1
        }
    }

    private var isDone: Bool { failure != nil || limit.map { taken >= $0 } ?? false }

    /// Reads a file. What could be read is shown and written also where reading fails, or is interrupted, in the middle.
    public mutating func run(_ file: CaptureFile) throws(Failure) -> Ending {
        var broken: CaptureError?
        do {
            while !isDone, !Interruption.wasRequested {
                if file.mayWait { flushAll() }
                if try file.next({ info, bytes in take(info, bytes, of: file) }) == .end { break }
            }
        } catch {
            // A record that an interrupted read cut in two is no fault of the file's.
            if !Interruption.wasRequested { broken = error }
        }
        let ending = try close()
        if let broken { throw .capture(broken) }
        return ending
    }

    /// Captures until a signal ends it.
    ///
    /// - Parameters:
    ///   - settles: waits in the end until no more frames come, since what was sent just before may be 10 ms late.
    ///   - onSignal: gets each signal and how many frames were taken, and says what it means.
    public mutating func run(
        _ interface: CaptureInterface, signals: borrowing SignalReceiver, settles: Bool = false,
        onSignal: (_ signal: Int32, _ taken: UInt64) -> AfterSignal
    ) throws(Failure) -> Ending {
        var isOver = false
        var broken: CaptureError?
        while !isOver, !isDone {
            do {
                isOver = try drain(interface)
            } catch {
                broken = error
                break
            }
            flushAll()
            if isOver || isDone { break }
            do {
                isOver = try wait(for: interface, signals)
            } catch {
                failure = .output(error)
            }
            while let signal = signals.next() {
                if onSignal(signal, taken) == .end { isOver = true }
                // What the terminal shows of Ctrl-C stands in a line of its own.
                if signal == SIGINT, Terminal.isTerminal(STDERR_FILENO) { try? writeAll(STDERR_FILENO, "\n") }
            }
        }
        // What the kernel took before the signal came is shown, too.
        if isOver, broken == nil {
            settle(interface, waits: settles)
        }
        let ending = try close()
        if let broken { throw .capture(broken) }
        return ending
    }

    /// Reads what waits, though not for ever: a flood must not keep a signal from being seen.
    private mutating func drain(_ interface: CaptureInterface) throws(CaptureError) -> Bool {
        for _ in 0..<16_384 where !isDone {
            switch try interface.next({ info, bytes in take(info, bytes) }) {
            case .frame: continue
            case .quiet: return false
            case .end: return true
            }
        }
        return false
    }

    /// Reads all that was sent until now, however far behind this is: to the first frame that is later, since others may go
    /// on sending, or until nothing waits.
    ///
    /// - Parameter waits: for three times as long as the kernel may keep a frame.
    private mutating func settle(_ interface: CaptureInterface, waits: Bool) {
        let end = realtimeNanoseconds()
        while !isDone, latest <= end {
            guard (try? drain(interface)) == false else { return }
            let descriptor = interface.rawDescriptor
            var awaited = descriptor >= 0 ? [Awaited(descriptor, for: .readable)] : []
            guard let ready = try? waitUntilReady(&awaited, milliseconds: waits ? 30 : 0) else { return }
            if ready == 0 {
                // Of a device without a descriptor nothing was heard: it is looked at.
                if descriptor < 0 { _ = try? drain(interface) }
                return
            }
        }
    }

    /// - Returns: whether whoever read the output is gone, so that nothing is left to be done.
    private func wait(for interface: CaptureInterface, _ signals: borrowing SignalReceiver) throws(SystemError) -> Bool {
        let descriptor = interface.rawDescriptor
        var awaited = [Awaited(signals.rawDescriptor, for: .readable)]
        if descriptor >= 0 { awaited.append(Awaited(descriptor, for: .readable)) }
        let shows = inspection != nil
        let attention = attention
        if attention >= 0 { awaited.append(Awaited(attention, for: .readable)) }
        if shows { awaited.append(Awaited(STDOUT_FILENO, for: [])) }
        // Some devices have no descriptor to wait for; those are looked at again after 10 ms.
        try waitUntilReady(&awaited, milliseconds: descriptor >= 0 ? patience : 10)
        return shows && !awaited[awaited.count - 1].ready.isDisjoint(with: .hangUp)
    }

    private mutating func take(_ info: FrameInfo, _ bytes: Span<UInt8>, of file: CaptureFile? = nil) {
        if let filter, !filter.passes(info, bytes) { return }
        taken += 1
        latest = info.time.nanoseconds
        do {
            try writer?.write(info, bytes)
            if flushesWriter { try writer?.flush() }
        } catch {
            failure = .capture(error)
        }
        do {
            var commentary: FrameCommentary?
            if let file, showsCommentary { commentary = FrameCommentary(info, file.annotations(of: info)) }
            try inspection?.take(info, bytes, commentary: commentary)
        } catch {
            failure = .output(error)
        }
    }

    private mutating func flushAll() {
        do {
            try inspection?.rest()
        } catch {
            failure = .output(error)
        }
    }

    private mutating func close() throws(Failure) -> Ending {
        if failure == nil {
            do {
                try inspection?.finish()
            } catch {
                failure = .output(error)
            }
        }
        do {
            try writer?.close()
        } catch {
            if failure == nil { failure = .capture(error) }
        }
        guard let failure else { return .finished }
        if case .output(let error) = failure, error.code == EPIPE { return .closedPipe }
        throw failure
    }
}
