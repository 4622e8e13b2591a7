import Platform

/// A participant as the director sees it.
final class Actor {
    /// Its place in the timeline's participants.
    let place: Int
    let name: String
    let process: String
    let processID: Int32
    let host: Int
    let channel: MessageChannel
    /// Whether it asks before each call.
    let isGated: Bool
    /// Channels on which its children may talk.
    var spares: [Int32]

    enum State: Equatable {
        /// It runs, or waits in the call that it was allowed.
        case busy
        /// It waits to be allowed this.
        case asks(StageMessage.Call)
        case ended
    }

    var state = State.busy
    /// The call that it was allowed and that has not returned.
    var pending: StageMessage.Call?
    /// Whether that it waits in it has been told.
    var isPendingTold = false
    /// What has happened and was not told yet, in its own order.
    var news: [StageMessage] = []
    /// The call that returned last, told or not.
    var lastReturned: StageMessage.Call?

    init(
        place: Int, name: String, process: String, processID: Int32, host: Int, channel: consuming MessageChannel, isGated: Bool,
        spares: [Int32]
    ) {
        self.place = place
        self.name = name
        self.process = process
        self.processID = processID
        self.host = host
        self.channel = channel
        self.isGated = isGated
        self.spares = spares
    }

    /// Takes what it says, as far as it has.
    ///
    /// - Returns: whether there was anything.
    func listen() -> Bool {
        var heard = false
        while state != .ended, let message = (try? channel.receive(waits: false)) ?? nil {
            heard = true
            guard let message = StageMessage(message) else { continue }
            switch message {
            case .asks(let call): state = .asks(call)
            case .returned(let call):
                news.append(message)
                pending = nil
                lastReturned = call
                if call.name == "exit" { state = .ended }
            case .printed, .forked, .broke: news.append(message)
            }
        }
        return heard
    }

    /// Whether nothing will come of it until somebody else does something: it waits to be allowed a call, sleeps in one, or has
    /// ended. Between two calls it is busy, even if it sleeps for a moment.
    var isQuiet: Bool {
        let isEnded = state == .ended
        switch state {
        case .asks: return true
        case .busy where isGated && pending == nil: return false
        // What one that ends has open, the kernel closes while it ends.
        case .busy, .ended: break
        }
        return ProcessTree().family(of: processID).allSatisfy { process in
            threadStates(of: process).allSatisfy { (isEnded ? "ZX" : "SZXT").contains($0) }
        }
    }
}
