import Capture
import Glibc
import HostSockets
import Inspection
import Platform
import Render
import Timeline
import Wire

/// `portwatch [options] [filter expression]`, and the same with `-- COMMAND`.
struct InspectCommand {
    var settings: InspectSettings
    let console: Console
    /// What a page is made of, where one is wanted.
    private let pages: Storybook?

    /// No more moments go into a page: it opens at once, and stays smooth.
    private static let longestPage = 10_000

    init(_ line: ParsedCommandLine, _ console: Console) throws(CommandFailure) {
        settings = try InspectSettings(line)
        self.console = console
        let title = settings.file.map { $0 == "-" ? "standard input" : String($0.split(separator: "/").last ?? "") } ?? settings.command?.first ?? "live on \(settings.interface ?? (settings.isPrivate ? "lo" : "this machine"))"
        pages = settings.pagePath.map { _ in Storybook(Timeline(title: title, limit: InspectCommand.longestPage), keepsSockets: false) }
        if settings.alsoPrints { pages?.onTelling = { try? writeAll(STDOUT_FILENO, $0.text) } }
        try PrivateOption.apply(line, console, tellsWayIn: settings.command == nil && !settings.onlyTells)
    }

    mutating func run() throws(CommandFailure) {
        if settings.listsInterfaces {
            try listInterfaces()
        } else if settings.listsLinkTypes {
            try listLinkTypes()
        } else if let file = settings.file {
            try inspect(file: file)
        } else {
            try inspectLive()
        }
    }

    // MARK: Lists

    private func listInterfaces() throws(CommandFailure) {
        for (index, interface) in try interfaces().enumerated() {
            let description = interface.description.map { " (\($0))" } ?? ""
            try console.print("\(index + 1).\(interface.name)\(description) \(interface.flagWords)")
        }
    }

    private mutating func listLinkTypes() throws(CommandFailure) {
        let interface = try open()
        try console.print("Link types of \(interface.name) (option -y sets one):")
        let types: [LinkType]
        do {
            types = try interface.linkTypes()
        } catch {
            throw CommandFailure(error)
        }
        for type in types { try console.print("  \(type.libpcapName)") }
    }

    private func interfaces() throws(CommandFailure) -> [Interface] {
        do {
            return try Interface.all()
        } catch {
            throw CommandFailure(error)
        }
    }

    // MARK: Sources

    private mutating func inspect(file path: String) throws(CommandFailure) {
        let file: CaptureFile
        do {
            file = try CaptureFile(path: path, snapshotLength: settings.capture.snapshotLength)
        } catch {
            throw CommandFailure(error)
        }
        if let notice = file.notice { console.notice(notice) }
        let filter = try compile(file.linkType, file.snapshotLength)
        if try dumped(filter) { return }
        if settings.presentation.form != .atOnce { return try present(file, path, filter) }
        announce(file, path)
        let writer = try writer(like: file, file.snapshotLength)
        let page = try settings.pagePath.map { path throws(CommandFailure) in try PageFile(path) }
        Interruption.begin()
        var run = CaptureRun(
            filter: filter.map { FileFilter($0, linkType: file.linkType, snapshotLength: file.snapshotLength, tell: console.notice) },
            writer: writer, flushesWriter: settings.flushesWriter,
            inspection: showsFrames ? Inspection(options: settings.inspection, isLive: false, output: STDOUT_FILENO, storybook: pages ?? ladder) : nil,
            limit: settings.limit)
        do {
            _ = try run.run(file)
        } catch {
            throw CommandFailure(error)
        }
        if let pages { try page?.write(pages, console) }
        reportIncomplete(run.incompleteDatagrams, console.notice)
    }

    func announce(_ file: CaptureFile, _ path: String) {
        let name = path == "-" ? "standard input" : "file \(path)"
        console.notice(
            "reading from \(name), link-type \(file.linkType.libpcapName), snapshot length \(file.snapshotLength)")
    }

    func reportIncomplete(_ incomplete: UInt64, _ notice: (String) -> Void) {
        if incomplete > 0 {
            notice("\(incomplete) datagram\(incomplete == 1 ? "" : "s") did not become whole: of each a fragment is missing, or was discarded")
        }
    }

    private mutating func inspectLive() throws(CommandFailure) {
        if settings.dumpLevel > 0, settings.interface == nil {
            _ = try dumped(try compile(settings.capture.linkType ?? .ethernet, settings.capture.snapshotLength))
            return
        }
        let console = self.console
        // Blocked before the capture begins, so that a signal that comes early is not lost.
        let signals: SignalReceiver
        do {
            signals = try SignalReceiver([SIGINT, SIGTERM, SIGHUP, SIGUSR1] + (settings.command == nil ? [] : WatchedCommand.signals))
        } catch {
            throw .failed("\(error)", hint: nil)
        }
        let command = try settings.command.map { words throws(CommandFailure) in try WatchedCommand(words, console) }
        let interface = try open()
        if settings.capture.direction == .outward, interface.isLoopback {
            console.notice("\(interface.name): libpcap gives its frames as they come in: -Q out will show none")
        }
        if let warning = interface.warning { console.notice("\(interface.name): \(warning)") }
        settings.inspection.text.fractionDigits = interface.fractionDigits
        let filter = try compile(interface.linkType, interface.snapshotLength)
        if try dumped(filter) { return }
        do {
            try filter?.install(on: interface)
        } catch {
            throw CommandFailure(error)
        }
        let writer = try writer(like: interface, interface.snapshotLength)
        let page = try settings.pagePath.map { path throws(CommandFailure) in try PageFile(path) }
        // Before it is said that the capture is there: what is destroyed from then on is heard of.
        let inspection = try liveInspection(interface, command)
        console.notice(
            "listening on \(interface.name), link-type \(interface.linkType.libpcapName), "
                + "snapshot length \(interface.snapshotLength) bytes")
        if settings.drawsLadder, inspection != nil, command == nil { console.notice("the chart is drawn when the capture ends") }
        var run = CaptureRun(
            filter: nil, writer: writer, flushesWriter: settings.flushesWriter, inspection: inspection, limit: settings.limit)
        try command?.begin()
        do {
            _ = try run.run(interface, signals: signals, settles: command != nil) { signal, taken in
                guard signal == SIGUSR1 else { return command?.take(signal) ?? .end }
                console.report(taken, interface)
                return .goOn
            }
        } catch {
            console.report(run.taken, interface)
            _ = command?.end(signals)
            throw CommandFailure(error)
        }
        console.report(run.taken, interface)
        for line in run.evidence?.lines ?? [] { console.notice(line) }
        if let pages { try page?.write(pages, console) }
        if let status = command?.end(signals), status != ExitStatus.success { throw .ended(status) }
    }

    /// An inspection that asks the kernel, if the kernel can be asked.
    private mutating func liveInspection(
        _ interface: CaptureInterface, _ command: WatchedCommand?
    ) throws(CommandFailure) -> Inspection? {
        guard showsFrames else { return nil }
        var facts: KernelFacts?
        do {
            facts = try KernelFacts()
        } catch {
            let reason = "the kernel's socket table: \(error)"
            if settings.isMine { throw .failed("--mine: \(reason)", hint: nil) }
            console.notice("\(reason); sockets are inferred from what is captured")
        }
        settings.inspection.text.asksKernel = facts != nil
        settings.inspection.likelyOwner = command?.identity
        if settings.isMine { settings.inspection.isMine = { ProcessTree().isDescendant($0) } }
        return Inspection(
            options: settings.inspection, isLive: true, facts: facts, device: interfaceIndex(interface.name) ?? 0,
            output: STDOUT_FILENO, storybook: pages ?? ladder)
    }

    /// What a chart is drawn from at the end; `nil` where lines are shown.
    private var ladder: Storybook? {
        guard settings.drawsLadder else { return nil }
        let storybook = Storybook(Timeline(), keepsSockets: false, keepsTexts: false)
        var text = settings.inspection.text
        text.columns = text.columns ?? environment("COLUMNS").flatMap { Int($0) } ?? LadderRenderer.defaultWidth
        let hasTable = settings.inspection.showsSockets
        var drawing: LadderDrawing?
        storybook.onEnd = { [unowned storybook] out in
            var going = drawing ?? LadderRenderer(options: text).drawing(of: storybook.timeline)
            drawing = nil
            let hasMore = going.draw(into: &out)
            drawing = going
            if !hasMore, hasTable { out.append("\n") }
            return hasMore
        }
        return storybook
    }

    private mutating func open() throws(CommandFailure) -> CaptureInterface {
        let all = (try? Interface.all()) ?? []
        var name = settings.interface ?? (settings.isPrivate ? "lo" : all.first?.name ?? "any")
        if let index = Int(name), index >= 1, index <= all.count { name = all[index - 1].name }
        // A command's connections may be short: the sooner the kernel is asked, the more of them have a process still. The
        // kernel then gives up a block of the buffer sooner, however few frames are in it, so that it wants more of them.
        if settings.command != nil {
            settings.capture.timeoutMilliseconds = 4
            settings.capture.bufferKibibytes = max(settings.capture.bufferKibibytes, 32_768)
        }
        do {
            return try CaptureInterface(name: name, options: settings.capture)
        } catch {
            throw CommandFailure(error)
        }
    }

    // MARK: Filter, writer, inspection

    func compile(_ linkType: LinkType, _ snapshotLength: Int) throws(CommandFailure) -> CaptureFilter? {
        guard let expression = settings.filter.joined ?? (settings.dumpLevel > 0 ? "" : nil) else { return nil }
        do {
            // The user's own words first: a mistake there is told without what --port and --host add to them.
            let words = settings.filter.expression
            if !words.isEmpty, words != expression { _ = try CaptureFilter(words, linkType: linkType) }
            return try CaptureFilter(expression, linkType: linkType, snapshotLength: snapshotLength)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Prints the compiled filter where that is all that is asked for.
    private func dumped(_ filter: CaptureFilter?) throws(CommandFailure) -> Bool {
        guard settings.dumpLevel > 0, let filter else { return false }
        try console.print(filter.listing(settings.dumpLevel), terminator: "")
        return true
    }

    func writer(like source: any FrameSource, _ snapshotLength: Int) throws(CommandFailure) -> CaptureWriter? {
        guard let path = settings.writePath else { return nil }
        do {
            return try CaptureWriter(path: path, like: source, snapshotLength: snapshotLength)
        } catch {
            throw CommandFailure(error)
        }
    }

    private var showsFrames: Bool { settings.writePath == nil || settings.alsoPrints || settings.pagePath != nil }
}

extension CommandFailure {
    init(_ error: CaptureError) {
        self = .failed(error.description, hint: error.hint)
    }

    init(_ failure: CaptureRun.Failure) {
        switch failure {
        case .capture(let error): self.init(error)
        case .output(let error): self = .failed("standard output: \(error.reason)", hint: nil)
        }
    }
}
