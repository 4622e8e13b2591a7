import Capture
import Demux
import Glibc
import HostSockets
import Inspection
import Platform
import Render
import Services
import Sockets
import Timeline
import Wire

/// Lets one participant make one call at a time, waits until the wire is quiet, and tells what happened in the order of cause:
/// the call, the segments, what returned.
///
/// Times on the clock would not do: of two processes that wait for one segment now this is woken first and now that.
public final class Director {
    public let stage: Stage
    let storybook: Storybook
    private(set) var calls: CallRenderer
    private var inspection: Inspection
    private let writer: CaptureWriter?
    private let seed: UInt64?
    var actors: [Actor] = []
    private var wire = WireWatch()
    /// The names that sockets have in the table, by cookie.
    private var names: [UInt64: SocketName] = [:]
    private var sleeper = Sleeper()
    /// Of all interfaces.
    private var frameCount: UInt64 = 0
    /// What is not to stand on the screen, as a password: what is told has asterisks in its place. The wire has it, and the
    /// file of frames.
    public var secret = ""
    /// Frames of the last step.
    public private(set) var lastFrames: [FrameMoment] = []

    /// - Parameters:
    ///   - options: how frames are shown.
    ///   - seed: for other ports than the usual ones; `nil` for those.
    ///   - writer: gets every frame.
    public init(
        _ stage: Stage, _ storybook: Storybook, _ options: InspectionOptions, seed: UInt64? = nil, writer: CaptureWriter? = nil
    ) {
        self.seed = seed
        self.stage = stage
        self.storybook = storybook
        self.writer = writer
        var options = options
        options.asksAlways = true
        options.text.asksKernel = true
        options.text.isOfStage = true
        calls = CallRenderer(options.text)
        inspection = Inspection(options: options, isLive: true, facts: stage.facts, output: STDOUT_FILENO, storybook: storybook)
        storybook.timeline.hosts = stage.hosts.map { Timeline.Host(name: $0.name, address: $0.address) }
    }

    deinit {
        let family = actors.filter { $0.state != .ended }.flatMap { ProcessTree().family(of: $0.processID) }
        for process in family { signal(process, SIGKILL) }
        for actor in actors { reap(actor.processID, waits: true) }
    }

    /// A client's port that the scene settles: the usual one, or the seed's, so that homework is not to be copied. Different
    /// ports stay different, and none is one that a kernel hands out or a server of the scenes has.
    public func port(_ usual: UInt16) -> UInt16 {
        guard let seed else { return usual }
        // SplitMix64's step, of the seed and the port; then the port in a row of its own.
        var state = seed &+ 0x9e37_79b9_7f4a_7c15
        state = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
        state = (state ^ state >> 27) &* 0x94d0_49bb_1331_11eb
        return 10_000 + (UInt16(truncatingIfNeeded: (state ^ state >> 31) % 20_000) + usual) % 20_000
    }

    // MARK: Participants

    /// Starts a participant: a process of that name on that host, which runs the program, call by call.
    ///
    /// - Parameters:
    ///   - host: its place on the stage.
    ///   - children: how many it may have.
    public func start(
        _ name: String, _ process: String, on host: Int = 0, children: Int = 0, _ program: (Role) throws -> Void
    ) throws(StageError) -> Participant {
        do {
            return try forkParticipant(name, process, host, children, isGated: true) { channel, spares in
                Role.become(process, channel, spares: spares).run(program)
            }
        } catch {
            throw .failed("\(name): \(error)")
        }
    }

    /// Starts one of the built-in servers, which runs as it does everywhere: its calls are its own and are not told.
    public func serve(_ name: String, on host: Int = 0, _ server: Server) throws(StageError) -> Participant {
        do {
            let participant = try forkParticipant(name, "\(server.name)d", host, 0) { (_: MessageChannel.Number, _) in
                let nowhere = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
                try? server.run(output: nowhere, notices: nowhere)
                leave(0)
            }
            try settle()
            return participant
        } catch {
            throw .failed("\(name): \(error)")
        }
    }

    /// Starts what forwards frames or the like, which waits by itself for what comes.
    public func run(
        _ name: String, _ process: String, on host: Int = 0, _ program: (Role) throws -> Void
    ) throws(StageError) -> Participant {
        do {
            let participant = try forkParticipant(name, process, host, 0) { channel, spares in
                Role.becomeFree(process, channel).run(program)
            }
            try settle()
            return participant
        } catch {
            throw .failed("\(name): \(error)")
        }
    }

    private func forkParticipant(
        _ name: String, _ process: String, _ host: Int, _ children: Int, isGated: Bool = false,
        _ body: (MessageChannel.Number, [MessageChannel.Number]) -> Never
    ) throws -> Participant {
        var mine: [Int32] = []
        var theirs: [Int32] = []
        for _ in 0...children {
            let ends = try MessageChannel.pair().release()
            mine.append(ends.one)
            theirs.append(ends.other)
        }
        switch try Platform.fork() {
        case .child:
            // Sockets are to have the numbers that they have in every program: from 3 on.
            let channels = try theirs.map { try duplicate($0, atLeast: Director.firstChannel) }
            closeAllBut(channels)
            try stage.hosts[host].host.namespace.enter()
            closeAll(from: 3, through: Director.firstChannel - 1)
            endWithParent()
            body(channels[0], Array(channels.dropFirst()))
        case .parent(let child):
            for end in theirs { closeInherited(end) }
            return add(name, process, child, host, MessageChannel(owning: mine[0]), isGated: isGated, spares: Array(mine.dropFirst()))
        }
    }

    private static let firstChannel: Int32 = 200

    /// The namespaces' descriptors are wanted a moment longer.
    private func closeAllBut(_ channels: [Int32]) {
        var next = Director.firstChannel
        for channel in channels.sorted() {
            if channel > next { closeAll(from: next, through: channel - 1) }
            next = channel + 1
        }
        closeAll(from: next, through: -1)
    }

    private func add(
        _ name: String, _ process: String, _ processID: Int32, _ host: Int, _ channel: consuming MessageChannel,
        isGated: Bool, spares: [Int32]
    ) -> Participant {
        let place = storybook.timeline.participants.count
        storybook.timeline.participants.append(Timeline.Participant(name: name, process: process, processID: processID, host: host))
        actors.append(
            Actor(place: place, name: name, process: process, processID: processID, host: host, channel: channel, isGated: isGated,
                spares: spares))
        stage.facts.processes.append(processID)
        calls.grow(storybook.timeline.participants)
        return Participant(place: place)
    }

    /// A child that a participant has forked.
    public func child(_ name: String) throws(StageError) -> Participant {
        guard let actor = actors.last(where: { $0.name == name }) else { throw .disproved("there is no \(name)") }
        return Participant(place: actor.place)
    }

    // MARK: Steps

    /// Lets a participant make its next call, which must be the one named, and tells what comes of it.
    ///
    /// - Parameters:
    ///   - call: the C function's name.
    ///   - remark: what is to be seen here, beside the call; asked for when all of it has happened.
    ///   - returns: what is to be seen when it returns, of a call that is told twice.
    public func step(
        _ participant: Participant, _ call: String, _ remark: @autoclosure () throws -> String? = nil, returns: String? = nil
    ) throws {
        let actor = actors[participant.place]
        try tellReturn(of: actor, nil)
        try meet(actor)
        while case .asks(let asked) = actor.state, asked.name != call, Director.passed.contains(asked.name) {
            allow(actor, asked)
            try settle()
            tellFrames()
            // Its return is not told; what was printed behind it is.
            actor.news.removeAll { if case .returned = $0 { true } else { false } }
            tellPrinted(actor)
            actor.pending = nil
        }
        guard case .asks(let asked) = actor.state else { throw StageError.disproved("\(actor.name) is not about to call \(call)\(broken(actor))") }
        guard asked.name == call else { throw StageError.disproved("\(actor.name) is about to call \(asked.name), not \(call)") }
        allow(actor, asked)
        lastFrames = []
        let frames = try settle()
        try tell(actor, asked, frames, remark, returns)
    }

    /// Lets a participant make several calls, one by one.
    public func steps(_ participant: Participant, _ calls: String...) throws {
        for call in calls { try step(participant, call) }
    }

    /// What a participant waited for has returned: tells it.
    ///
    /// - Throws: ``StageError/disproved(_:)`` if it still waits.
    public func back(_ participant: Participant, _ call: String, _ remark: @autoclosure () throws -> String? = nil) throws {
        let actor = actors[participant.place]
        guard case .returned(let done)? = actor.news.first, done.name == call else {
            throw StageError.disproved("\(actor.name)'s \(call) has not returned\(broken(actor))")
        }
        try tellReturn(of: actor, try remark())
    }

    /// Tells what a participant has printed, of one that makes no calls that are told.
    public func hear(_ participant: Participant) { tellPrinted(actors[participant.place]) }

    /// Whether a participant waits in that call.
    public func waits(_ participant: Participant, in call: String) -> Bool {
        let actor = actors[participant.place]
        return actor.pending?.name == call && actor.news.isEmpty
    }

    /// Calls that a story does without, unless it asks for them.
    private static let passed: Set<String> = ["setsockopt", "getsockname", "getpeername", "waitpid"]

    private func broken(_ actor: Actor) -> String {
        for case .broke(let why) in actor.news { return " (\(why))" }
        if let pending = actor.pending { return ": it waits in \(pending.name)(\(pending.arguments))" }
        return actor.state == .ended ? ": it has ended" : ""
    }

    private func allow(_ actor: Actor, _ call: StageMessage.Call) {
        // Whoever listens by now was there before the next segment comes.
        try? inspection.rest()
        actor.state = .busy
        actor.pending = call
        actor.isPendingTold = false
        try? actor.channel.send(StageMessage.go)
    }

    /// Waits until a participant is about to call something, or waits in a call.
    private func meet(_ actor: Actor) throws {
        if case .asks = actor.state { return }
        _ = try settle()
        tellFrames()
    }

    // MARK: Waiting for quiet

    private static let leastCalmRounds = 4

    /// Waits until every participant sleeps and nothing more comes over the wire; then has the frames looked at.
    @discardableResult
    func settle() throws -> [FrameMoment] {
        let clock = ContinuousClock()
        let start = clock.now
        var lastActivity = start
        var frames: [(info: FrameInfo, bytes: [UInt8])] = []
        // Rounds, not only time: the director may be the one that had to wait for a core.
        var calmRounds = 0
        while true {
            // Asked before they are listened to: what they said before they fell asleep is heard below.
            let isAsleep = actors.allSatisfy(\.isQuiet)
            var isActive = false
            for actor in actors where actor.listen() {
                isActive = true
                try meetChildren(of: actor)
            }
            if try takeFrames(&frames) { isActive = true }
            let now = clock.now
            calmRounds = isActive || !isAsleep ? 0 : calmRounds + 1
            if isActive {
                lastActivity = now
                continue
            }
            let quiet = lastActivity.duration(to: now)
            let patience: Duration = wire.isOutstanding ? .milliseconds(280) : .milliseconds(4)
            if calmRounds >= Director.leastCalmRounds, quiet >= patience { break }
            if start.duration(to: now) > .seconds(20) {
                let busy = actors.filter { !$0.isQuiet }.map(\.name)
                throw StageError.failed("nothing came to rest within 20 s" + (busy.isEmpty ? "" : ": \(busy.joined(separator: ", ")) still runs"))
            }
            sleeper.sleep(milliseconds: 1)
        }
        wire.forget()
        return try inspect(frames)
    }

    private func takeFrames(_ frames: inout [(info: FrameInfo, bytes: [UInt8])]) throws -> Bool {
        var hasSome = false
        for capture in stage.captures {
            while true {
                var taken: (FrameInfo, [UInt8])?
                let step = try capture.next { info, bytes in
                    taken = (info, (0..<bytes.count).map { bytes[$0] })
                }
                guard step == .frame, let taken else { break }
                hasSome = true
                wire.see(taken.1, taken.0.linkType)
                frames.append((taken.0, taken.1))
            }
        }
        return hasSome
    }

    /// In the order of their times, whichever interface they were seen on, and numbered through.
    private func merged(_ frames: [(info: FrameInfo, bytes: [UInt8])]) -> [(info: FrameInfo, bytes: [UInt8])] {
        guard stage.captures.count > 1 else { return frames }
        let order = frames.indices.sorted { (frames[$0].info.time, $0) < (frames[$1].info.time, $1) }
        return order.map { place in
            var frame = frames[place]
            frameCount += 1
            frame.info.number = frameCount
            return frame
        }
    }

    private func inspect(_ frames: [(info: FrameInfo, bytes: [UInt8])]) throws -> [FrameMoment] {
        var told: [FrameMoment] = []
        held = []
        storybook.diversion = { self.held.append($0) }
        defer { storybook.diversion = nil }
        for frame in merged(frames) {
            try writer?.write(frame.info, frame.bytes.span)
            // Whoever ends a scene in the middle has the frames up to there.
            try writer?.flush()
            try inspection.take(frame.info, masked(frame.bytes).span)
        }
        for telling in held {
            guard case .frame(let frame) = telling.moment else { continue }
            remember(frame)
            told.append(frame)
        }
        return told
    }

    /// Frames that were looked at and are yet to be told.
    private var held: [Telling] = []

    private func remember(_ frame: FrameMoment) {
        for socket in [frame.sender, frame.receiver].compactMap({ $0 }) + frame.opened + frame.candidates.map(\.socket) {
            if let cookie = socket.cookie { names[cookie] = socket.name }
        }
    }

    /// What the story calls the socket with that cookie.
    func name(ofCookie cookie: UInt64) -> SocketName? { names[cookie] }

    private func meetChildren(of actor: Actor) throws {
        for (index, message) in actor.news.enumerated() {
            guard case .forked(let child, let spare, let name, let process) = message else { continue }
            actor.news.remove(at: index)
            let channel = MessageChannel(owning: actor.spares[spare])
            _ = add(name, process, child, actor.host, channel, isGated: true, spares: [])
            return try meetChildren(of: actor)
        }
    }

    // MARK: Telling

    private func tell(
        _ actor: Actor, _ call: StageMessage.Call, _ frames: [FrameMoment], _ remark: () throws -> String?,
        _ returnRemark: String?
    ) throws {
        lastFrames = frames
        let returned: StageMessage.Call? = if case .returned(let done)? = actor.news.first { done } else { nil }
        // A call that waits for the wire is told before what it sends, and again when it returns.
        let isTwofold = returned == nil || call.name == "connect" && !frames.isEmpty
        let words = try remark()
        if isTwofold {
            add(actor, call, .entered, words)
            actor.isPendingTold = true
            tellFrames()
            if returned != nil { try tellReturn(of: actor, returnRemark) }
        } else {
            actor.news.removeFirst()
            add(actor, returned ?? call, .whole, words)
            tellPrinted(actor)
            tellFrames()
            if call.name == "close", let cookie = call.cookie { tellEnd(of: [cookie]) }
        }
    }

    private func tellReturn(of actor: Actor, _ remark: String?) throws {
        guard case .returned(let done)? = actor.news.first else { return tellPrinted(actor) }
        actor.news.removeFirst()
        add(actor, done, .returned, remark)
        tellPrinted(actor)
    }

    private func tellPrinted(_ actor: Actor) {
        while let news = actor.news.first {
            switch news {
            case .printed(let line):
                actor.news.removeFirst()
                tell(.printed(participant: actor.place, line))
            default: return
            }
        }
    }

    private func tellFrames() {
        let tellings = held
        held = []
        // What is acknowledged and nothing else is in the timeline, and not in the story, unless later look-ups point at its own.
        for telling in tellings {
            if case .frame(let frame) = telling.moment, frame.isPureAcknowledgment, !telling.isExplainedFirst {
                storybook.add(Telling(telling.moment, text: "", sockets: telling.sockets))
            } else {
                storybook.add(telling)
            }
        }
    }

    private func add(_ actor: Actor, _ call: StageMessage.Call, _ phase: CallMoment.Phase, _ remark: String?) {
        let moment = CallMoment(
            participant: actor.place, phase: phase, name: call.name, arguments: masked(call.arguments),
            result: phase == .entered ? nil : call.result.map(masked), isFailure: call.isFailure,
            socket: (call.newCookie ?? call.cookie).flatMap { names[$0] }, cookie: call.newCookie ?? call.cookie, remark: remark)
        tell(.call(moment))
    }

    private func masked(_ text: String) -> String { String(decoding: masked(Array(text.utf8)), as: UTF8.self) }

    private func masked(_ bytes: [UInt8]) -> [UInt8] {
        secret.isEmpty ? bytes : bytes.replacing(Array(secret.utf8), with: secret.utf8.map { _ in UInt8(ascii: "*") })
    }

    func tell(_ moment: Moment) {
        storybook.add(Telling(moment, text: calls.text(moment, storybook.timeline.participants)))
    }

    // MARK: What is said

    /// A part of the scene begins.
    public func heading(_ text: String) { tell(.heading(text)) }

    /// A sentence, of which the kernel has said that it is so.
    ///
    /// - Parameter claim: what bears it out.
    /// - Throws: ``StageError/disproved(_:)`` where it is not so.
    public func say(_ sentence: String, where claim: @autoclosure () throws -> Bool) throws {
        guard try claim() else { throw StageError.disproved(sentence) }
        tell(.said(sentence))
    }

    /// A sentence that claims nothing of this run: a word, a question.
    public func say(_ sentence: String) { tell(.said(sentence)) }

    /// What the kernel shows, by whatever means.
    public func show(_ source: String, _ lines: [String]) { tell(.shown(source: source, lines)) }

    /// Ends a participant by a signal, as `kill` would.
    public func kill(_ participant: Participant, _ number: Int32 = SIGKILL) throws {
        let actor = actors[participant.place]
        let held = try sockets(heldBy: actor)
        tell(.died(participant: actor.place, signal: number))
        signal(actor.processID, number)
        reap(actor.processID, waits: true)
        actor.state = .ended
        actor.pending = nil
        lastFrames = try settle()
        tellFrames()
        tellEnd(of: held)
    }

    /// Ends a server that runs by itself, as it ends everywhere: on SIGTERM, and with what it has under way.
    public func end(_ server: Participant) throws {
        let actor = actors[server.place]
        let held = try sockets(heldBy: actor)
        signal(actor.processID, SIGTERM)
        reap(actor.processID, waits: true)
        actor.state = .ended
        lastFrames = try settle()
        tellFrames()
        tellEnd(of: held)
    }

    /// By cookie.
    private func sockets(heldBy actor: Actor) throws -> [UInt64] {
        try stage.facts.all(of: actor.host).filter { holders(of: $0).contains { $0.processID == actor.processID } }.map(\.cookie)
    }

    /// Tells that sockets are gone that end without a segment, once the kernel says so: that is some milliseconds later, when
    /// the last reader of its tables has gone (RCU).
    private func tellEnd(of cookies: [UInt64]) {
        let silent = cookies.filter { names[$0].map { $0.kind != .connected } ?? false }
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(2)
        while !stage.facts.destroyed.isSuperset(of: silent.filter { !isHeld($0) }), clock.now < deadline {
            inspection.tellEndings()
            sleeper.sleep(milliseconds: 1)
        }
        inspection.tellEndings()
    }

    /// Whether another process has it still: then it goes on.
    private func isHeld(_ cookie: UInt64) -> Bool {
        let sockets = (try? stage.facts.all()) ?? []
        return sockets.first { $0.cookie == cookie }.map { !holders(of: $0).isEmpty } ?? false
    }

    /// Waits for what comes by itself, and tells it.
    ///
    /// - Parameter most: how long at most; whoever claims afterwards that it came finds out.
    public func await(_ most: Duration, _ hasCome: () throws -> Bool) throws {
        let clock = ContinuousClock()
        let deadline = clock.now + most
        lastFrames = []
        while try !hasCome(), clock.now < deadline {
            sleeper.sleep(milliseconds: 20)
            lastFrames = try settle()
            tellFrames()
        }
    }

    /// Lets time pass on the wire, for what comes by itself.
    public func wait(_ time: Duration) throws {
        sleeper.sleep(milliseconds: time.inMilliseconds)
        lastFrames = try settle()
        tellFrames()
    }

    /// All has been played: participants that wait are let go, and sockets told of that have ended meanwhile.
    func finish() throws {
        for actor in actors { try tellReturn(of: actor, nil) }
        try inspection.finish()
    }
}

/// Waits for a time.
struct Sleeper {
    func sleep(milliseconds: Int32) {
        var none: [Awaited] = []
        _ = try? waitUntilReady(&none, milliseconds: milliseconds)
    }
}
