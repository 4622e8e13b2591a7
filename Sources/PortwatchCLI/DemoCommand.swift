import Glibc
import Inspection
import Platform
import Presentation
import Render
import Scenes
import Timeline

/// `portwatch demo [SCENE] [options]`.
struct DemoCommand {
    private let scene: any Scene
    private let settings: DemoSettings
    private let console: Console

    static func run(_ arguments: [String], _ console: Console) throws(CommandFailure) {
        let line = try ParsedCommandLine(arguments, .demo)
        if line.options.contains(where: { $0.id == .help }) {
            try console.print(HelpText.help(.demo), terminator: "")
            return
        }
        if line.options.contains(where: { $0.id == .check }) {
            guard line.words.isEmpty else { throw .usage("demo --check plays all scenes: without a name", .demo) }
            return try SceneCheck.run(console)
        }
        guard let name = line.words.first else {
            guard line.options.isEmpty else { throw .usage("demo: which scene? portwatch demo lists them", .demo) }
            return try list(console)
        }
        guard line.words.count == 1 else { throw .usage("demo \(line.words.joined(separator: " ")): one scene at a time", .demo) }
        guard let scene = Scenes.named(name) else {
            throw .usage("demo \(name): no such scene; portwatch demo lists them", .demo)
        }
        try DemoCommand(scene: scene, settings: try DemoSettings(line), console: console).run()
    }

    private static func list(_ console: Console) throws(CommandFailure) {
        let width = Scenes.all.map(\.name.count).max() ?? 0
        for scene in Scenes.all {
            try console.print(scene.name + String(repeating: " ", count: width - scene.name.count + 2) + scene.summary)
        }
    }

    private func run() throws(CommandFailure) {
        if let path = settings.page { return try draw(page: path) }
        if settings.drawsLadder { return try draw() }
        switch settings.presentation.form {
        case .atOnce: try tell()
        case .paced(let pace): try tell(pace)
        case .stepped: try step()
        case .quiz: try quiz()
        }
    }

    /// Plays the scene.
    ///
    /// - Parameter onTelling: gets each moment as it is told.
    private func play(
        _ options: InspectionOptions, keepsSockets: Bool = false, onTelling: ((Telling) -> Void)? = nil
    ) throws(CommandFailure) -> Storybook {
        let storybook = Storybook(Timeline(), keepsSockets: keepsSockets)
        storybook.onTelling = onTelling
        // Nothing is seen until it has been played: some seconds, where it has to wait for something.
        let isSilent = onTelling == nil && Terminal.isTerminal(STDERR_FILENO)
        if isSilent { try? writeAll(STDERR_FILENO, "\(scene.name) is being played\(settings.inspection.text.hasUnicode ? "…" : "...")") }
        defer { if isSilent { try? writeAll(STDERR_FILENO, "\r\u{1b}[K") } }
        do {
            try Player.play(scene, into: storybook, options, capture: settings.capture, seed: settings.seed)
        } catch {
            throw .failed("demo \(scene.name): \(error)", hint: error.hint)
        }
        storybook.onTelling = nil
        return storybook
    }

    // MARK: As it is played

    private func tell() throws(CommandFailure) {
        let explains = settings.inspection.text.explains
        var failure: SystemError?
        _ = try play(settings.inspection) { telling in
            guard !telling.text.isEmpty, failure == nil else { return }
            do throws(SystemError) {
                try writeAll(STDOUT_FILENO, explains ? telling.explained : telling.text)
            } catch {
                failure = error
            }
        }
        if let failure, failure.code != EPIPE { throw .failed("standard output: \(failure.reason)", hint: nil) }
    }

    private func draw() throws(CommandFailure) {
        let storybook = try play(settings.inspection)
        var out = OutputBuffer()
        LadderRenderer(options: settings.inspection.text).render(storybook.timeline, into: &out)
        try console.print(out.takeText(), terminator: "")
    }

    /// Each look-up is shown: the kernel is asked for those whom it was held against.
    private func draw(page path: String) throws(CommandFailure) {
        let page = try PageFile(path)
        try page.write(try play(settings.steppedInspection), console)
    }

    // MARK: When it has been played

    // Whoever looks on has as much time as they like; the kernels of a scene have not, and would send again what nobody
    // acknowledges. So it is played to its end first, in a second or some, and then shown.

    private func tell(_ pace: Pace) throws(CommandFailure) {
        let storybook = try play(settings.inspection).told
        Interruption.begin()
        let presenter = PacePresenter(
            pace, explains: settings.inspection.text.explains, output: STDOUT_FILENO, notice: console.notice)
        for telling in storybook.tellings { presenter.tell(telling) }
        presenter.finish()
        if let error = presenter.failure, error.code != EPIPE { throw .failed("standard output: \(error.reason)", hint: nil) }
    }

    private func step() throws(CommandFailure) {
        guard Terminal.isTerminal(STDOUT_FILENO) else { throw InspectCommand.noTerminal }
        let storybook = try play(settings.steppedInspection, keepsSockets: true).told
        var presenter = StepPresenter(
            storybook, hasUnicode: settings.inspection.text.hasUnicode, explains: settings.inspection.text.explains)
        do {
            guard try presenter.run() else { throw InspectCommand.noTerminal }
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure.failed("the terminal: \(error)", hint: nil)
        }
    }

    private func quiz() throws(CommandFailure) {
        var options = settings.steppedInspection
        options.text.columns = 100
        options.text.showsHeader = false
        options.text.hasColor = false
        let storybook = try play(options)
        try QuizRun(
            storybook, seed: settings.seed, isJSON: settings.isJSON, readsStandardInput: false,
            hasUnicode: settings.inspection.text.hasUnicode, hasColor: settings.inspection.text.hasColor, console
        ).run()
    }
}

/// What a demonstration's options ask for.
struct DemoSettings {
    private(set) var inspection = InspectionOptions()
    private(set) var presentation = PresentationSettings()
    private(set) var capture: String?
    /// For other ports than the usual ones, and another order of a quiz's choices.
    private(set) var seed: UInt64?
    private(set) var drawsLadder = false
    /// Where the page goes, if one is wanted.
    private(set) var page: String?
    private(set) var isJSON = false

    init(_ line: ParsedCommandLine) throws(CommandFailure) {
        var color = ColorChoice.auto
        for (id, value) in line.options {
            switch id {
            case .pace, .step, .quiz: try presentation.apply(id, value, .demo)
            case .seed:
                guard let number = UInt64(value) else { throw .usage("--seed \(value): a number from 0 on", .demo) }
                seed = number
            case .explain: inspection.text.explains = true
            case .write: capture = value
            case .ladder: drawsLadder = true
            case .page: page = value
            case .json: isJSON = true
            case .color: color = try ColorChoice(value, .demo)
            default: break
            }
        }
        try presentation.check(json: false, others: [(drawsLadder, "--ladder"), (page != nil, "--html")], .demo)
        if drawsLadder, page != nil { throw .usage("--ladder and --html: one or the other", .demo) }
        if isJSON, case .quiz = presentation.form {} else if isJSON { throw .usage("--json: it is for --quiz", .demo) }
        if drawsLadder, inspection.text.explains { throw .usage("--ladder and --explain: one or the other", .demo) }
        if capture == "-" { throw .usage("-w -: standard output has the story", .demo) }
        inspection.text.setTerminal(color)
        inspection.text.showsEvents = true
        // 127.0.0.1 with an ephemeral port, so that no column moves in the middle of a story.
        inspection.text.addressWidth = 15
        // A story is for reading, also where it goes into a file.
        if inspection.text.columns == nil { inspection.text.columns = 100 }
    }

    /// With every look-up whole, since nobody knows which one will be asked for.
    var steppedInspection: InspectionOptions {
        var options = inspection
        options.text.explains = true
        options.text.repeatsLookups = true
        return options
    }
}
