import Glibc
import Inspection
import Platform
import Render
import Scenes
import Timeline

/// `portwatch demo [SCENE] [options]`.
enum DemoCommand {
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
        guard let name = line.words.first else { return try list(console) }
        guard line.words.count == 1 else { throw .usage("demo \(line.words.joined(separator: " ")): one scene at a time", .demo) }
        guard let scene = Scenes.named(name) else {
            throw .usage("demo \(name): no such scene; portwatch demo lists them", .demo)
        }
        try play(scene, try DemoSettings(line), console)
    }

    private static func list(_ console: Console) throws(CommandFailure) {
        let width = Scenes.all.map(\.name.count).max() ?? 0
        for scene in Scenes.all {
            try console.print(scene.name + String(repeating: " ", count: width - scene.name.count + 2) + scene.summary)
        }
    }

    private static func play(_ scene: any Scene, _ settings: DemoSettings, _ console: Console) throws(CommandFailure) {
        let storybook = Storybook(Timeline(), keepsSockets: false)
        let page = try settings.page.map { path throws(CommandFailure) in try PageFile(path) }
        storybook.onTelling = { telling in
            if settings.page == nil, !telling.text.isEmpty {
                try? writeAll(STDOUT_FILENO, settings.inspection.text.explains ? telling.explainedText : telling.text)
            }
        }
        do {
            try Player.play(scene, into: storybook, settings.inspection, capture: settings.capture, seed: settings.seed)
        } catch {
            throw .failed("demo \(scene.name): \(error)", hint: error.hint)
        }
        try page?.write(storybook.timeline, console)
    }
}

/// What a demonstration's options ask for.
struct DemoSettings {
    var inspection = InspectionOptions()
    var capture: String?
    /// Where the page goes, if one is wanted.
    var page: String?
    var seed: UInt64?

    init(_ line: ParsedCommandLine) throws(CommandFailure) {
        var color = ColorChoice.auto
        for (id, value) in line.options {
            switch id {
            case .seed:
                guard let number = UInt64(value) else { throw .usage("--seed \(value): a number", .demo) }
                seed = number
            case .explain: inspection.text.explains = true
            case .write: capture = value
            case .page:
                page = value
                // Each look-up is shown: the kernel is asked for those whom it was held against.
                inspection.text.explains = true
            case .color: color = try ColorChoice(value, .demo)
            default: break
            }
        }
        inspection.text.setTerminal(color)
        inspection.text.showsEvents = true
        // 127.0.0.1 with an ephemeral port, so that no column moves in the middle of a story.
        inspection.text.addressWidth = 15
        // A story is for reading, also where it goes into a file.
        if inspection.text.columns == nil { inspection.text.columns = 100 }
    }
}
