import Platform
import Sockets

/// One connection of the event loop: where it stands, and what it waits for.
final class Connection {
    /// What is done once all of the output is sent.
    enum Next {
        case receive
        case proceed
        case ask(Question)
        /// The question is asked; the inquiry has a place of its own among the events.
        case hear(any Inquiry)
        case close
        /// What still comes is thrown away until then.
        case linger
    }

    let socket: ConnectedSocket
    var service: any Service
    var next = Next.receive
    /// What the service put out and the kernel has not taken yet, from `sent` on.
    var output: [UInt8] = []
    var sent = 0
    var inputEnded = false
    /// What the event queue was last asked to wait for.
    var watched: Readiness = .readable
    var lastActivity: ContinuousClock.Instant
    var pace = Pace()

    init(_ socket: consuming ConnectedSocket, _ service: any Service, at now: ContinuousClock.Instant) {
        self.socket = socket
        self.service = service
        lastActivity = now
    }

    var hasOutput: Bool { sent < output.count }

    /// Nothing is under way: whoever is told to end may close it.
    var isAtRest: Bool {
        guard case .receive = next else { return false }
        return !hasOutput && !service.isMidway
    }

    /// What to wait for: the client is read only when all of the output is sent.
    var wants: Readiness {
        if hasOutput { return .writable }
        switch next {
        case .receive, .linger: return .readable
        case .proceed: return .writable
        case .ask, .hear, .close: return []
        }
    }

    /// Hands the kernel as much of the output as it takes.
    func flush() throws(SystemError) {
        sent += try send(output, from: sent)
        if !hasOutput {
            output.removeAll(keepingCapacity: false)
            sent = 0
        }
    }

    func send(_ bytes: [UInt8], from start: Int = 0) throws(SystemError) -> Int {
        try socket.send(bytes.span.extracting(start...))
    }

    /// When, and why, it is closed if nothing happens.
    ///
    /// - Parameter isCrowded: others wait for a place.
    func end(_ limits: Limits, isCrowded: Bool) -> (time: ContinuousClock.Instant, reason: Closing?) {
        switch next {
        // From the last byte that the kernel took: before that, the client has as long as any.
        case .linger where !hasOutput: return (lastActivity + Limits.lingering, nil)
        // The service is told so, and goes on.
        case .hear: return (lastActivity + Limits.answer, nil)
        case .receive, .proceed, .ask, .close, .linger: break
        }
        let idle = lastActivity + limits.idle
        if isCrowded, lastActivity + Limits.crowded < idle { return (lastActivity + Limits.crowded, .crowdedOut) }
        if !hasOutput, let slow = pace.end(limits), slow < idle { return (slow, .tooSlow) }
        return (idle, .idle)
    }
}
