import Capture
import Inspection
import Platform
import Presentation
import Render
import Wire

/// What the command line of an inspection asks for.
struct InspectSettings {
    var interface: String?
    var file: String?
    var writePath: String?
    /// Where the page goes, if one is wanted.
    var pagePath: String?
    var alsoPrints = false
    var limit: UInt64?
    var filter = FilterBuilder()
    var capture = InterfaceOptions()
    var linkTypeName: String?
    var inspection = InspectionOptions()
    var resolvesNames = true
    var flushesWriter = false
    var listsInterfaces = false
    var listsLinkTypes = false
    var dumpLevel = 0
    var color = ColorChoice.auto
    var isPrivate = false
    /// Whether a sequence chart is drawn in the place of lines.
    var drawsLadder = false
    /// Whether only the command's own sockets' frames are shown.
    var isMine = false
    /// The command that is run while the capture goes on.
    var command: [String]?
    /// How a file is presented, if not all at once.
    var presentation = PresentationSettings()

    /// Whether nothing is captured: a list or the compiled filter is all that is asked for.
    var onlyTells: Bool { listsInterfaces || listsLinkTypes || dumpLevel > 0 }

    private var timeLevel = 0
    private var hexLevel = 0
    private var hexTextLevel = 0
    private var asText = false

    init(_ line: ParsedCommandLine) throws(CommandFailure) {
        for (id, value) in line.options { try apply(id, value) }
        // As in tcpdump, the file of -F stands in the place of words on the command line.
        if !line.options.contains(where: { $0.id == .filterFile }) { filter.expression = line.words.joined(separator: " ") }
        command = line.command
        try checkCommand()
        try finish()
        try checkPresentation()
    }

    private mutating func apply(_ id: OptionID, _ value: String) throws(CommandFailure) {
        switch id {
        case .interface: interface = value
        case .read: file = value
        case .write: writePath = value
        case .page: pagePath = value
        case .print: alsoPrints = true
        case .count: limit = UInt64(try number(value, "-c", 1...Int.max))
        case .port: try filter.addPort(value)
        case .host: try filter.addHost(value)
        case .filterFile: filter.expression = try readFilter(value)
        case .snapshotLength:
            let bytes = try number(value, "-s", 0...InterfaceOptions.wholeFrames)
            capture.snapshotLength = bytes == 0 ? InterfaceOptions.wholeFrames : bytes
        case .bufferSize: capture.bufferKibibytes = try number(value, "-B", 1...2_097_151)
        case .direction:
            guard let direction = InterfaceOptions.Direction(rawValue: value) else {
                throw .usage("-Q \(value): in, out or inout", .inspect)
            }
            capture.direction = direction
        case .linkType: linkTypeName = value
        case .notPromiscuous: capture.promiscuous = false
        case .immediate: capture.immediate = true
        case .packetBuffered: flushesWriter = true
        case .privateNetwork: isPrivate = true
        case .mine: isMine = true
        case .listInterfaces: listsInterfaces = true
        case .listLinkTypes: listsLinkTypes = true
        case .dumpFilter: dumpLevel += 1
        case .noNames: resolvesNames = false
        case .color: color = try ColorChoice(value, .inspect)
        case .pace, .step, .quiz, .seed: try presentation.apply(id, value, .inspect)
        default: applyShowing(id)
        }
    }

    private mutating func applyShowing(_ id: OptionID) {
        switch id {
        case .explain: inspection.text.explains = true
        case .sockets: inspection.showsSockets = true
        case .ladder: drawsLadder = true
        case .json: inspection.isJSON = true
        case .quiet: inspection.text.isQuiet = true
        case .verbose: inspection.text.verbosity += 1
        case .linkLayer: inspection.text.showsLinkLayer = true
        case .hex: hexLevel += 1
        case .hexText: hexTextLevel += 1
        case .text: asText = true
        case .time: timeLevel += 1
        case .absoluteSequence: inspection.text.absoluteSequence = true
        case .skipChecksums: inspection.text.verifiesChecksums = false
        case .lineBuffered: inspection.isLineBuffered = true
        default: break
        }
    }

    private func checkCommand() throws(CommandFailure) {
        if let file, isPrivate { throw .usage("--private and -r \(file): --private is for live captures", .inspect) }
        if isMine, command == nil { throw .usage("--mine: whose? It wants -- COMMAND", .inspect) }
        if isMine, let writePath { throw .usage("--mine and -w \(writePath): what is written is not told apart by process", .inspect) }
        guard let command else { return }
        guard let name = command.first else { throw .usage("--: behind it a command is missing", .inspect) }
        if let file { throw .usage("-r \(file) and -- \(name): a command is for live captures", .inspect) }
        for (isGiven, option) in [(listsInterfaces, "-D"), (listsLinkTypes, "-L"), (dumpLevel > 0, "-d")] where isGiven {
            throw .usage("\(option) and -- \(name): one or the other", .inspect)
        }
    }

    private func checkPresentation() throws(CommandFailure) {
        if presentation.form != .atOnce, file == nil, !onlyTells {
            throw .usage("--pace, --step and --quiz: of what? They want -r FILE; a live capture has a pace of its own", .inspect)
        }
        try presentation.check(
            json: inspection.isJSON,
            others: [
                (drawsLadder, "--ladder"), (pagePath != nil, "--html"), (writePath != nil && !alsoPrints, "-w"), (writePath == "-", "-w -"), (!inspection.showsFrames, "-q --sockets"),
                (dumpLevel > 0, "-d"), (listsInterfaces, "-D"),
            ], .inspect)
    }

    private mutating func finish() throws(CommandFailure) {
        let formats: [TextOptions.TimeFormat] = [.sinceFirst, .none, .epoch, .sincePrevious, .dateAndTime, .sinceFirst]
        guard timeLevel < formats.count else { throw .usage("-t: at most five times", .inspect) }
        inspection.text.timeFormat = formats[timeLevel]
        if hexTextLevel > 0 {
            inspection.text.dump = TextOptions.Dump(hasLinkLayer: hexTextLevel > 1, hasText: true)
        } else if hexLevel > 0 {
            inspection.text.dump = TextOptions.Dump(hasLinkLayer: hexLevel > 1)
        } else if asText {
            inspection.text.dump = TextOptions.Dump(hasHex: false, hasText: true)
        }
        if inspection.showsSockets, inspection.text.isQuiet { inspection.showsFrames = false }
        if drawsLadder { try checkLadder() }
        if let file {
            if interface != nil { throw .usage("-i and -r \(file): one or the other", .inspect) }
            for (isGiven, option) in [(linkTypeName != nil, "-y"), (listsLinkTypes, "-L"), (capture.direction != nil, "-Q")] where isGiven {
                throw .usage("\(option) and -r \(file): \(option) is for live captures", .inspect)
            }
        }
        if let pagePath {
            if inspection.isJSON, !alsoPrints { throw .usage("--html \(pagePath) and --json: one or the other, or --print as well", .inspect) }
            if pagePath == "-", alsoPrints || writePath == "-" { throw .usage("--html - and \(alsoPrints ? "--print" : "-w -"): both want standard output", .inspect) }
            // The page shows each look-up: the kernel is asked for those whom it was held against.
            if !alsoPrints { (inspection.showsFrames, inspection.text.explains) = (false, true) }
        }
        if let linkTypeName {
            guard let linkType = LinkType(libpcapName: linkTypeName) else {
                throw .usage("-y \(linkTypeName): no such link type", .inspect)
            }
            capture.linkType = linkType
        }
        if writePath == "-", alsoPrints { throw .usage("-w - and --print: both want standard output", .inspect) }
        if resolvesNames { inspection.text.serviceName = { Platform.serviceName(port: $0, transport: $1) } }
        inspection.text.setTerminal(color)
    }

    /// A chart has arrows, and no lines for anything else to stand under.
    private mutating func checkLadder() throws(CommandFailure) {
        let text = inspection.text
        for (isGiven, option) in [
            (pagePath != nil, "--html"), (inspection.isJSON, "--json"), (text.explains, "--explain"), (text.verbosity > 0, "-v"), (text.showsLinkLayer, "-e"),
            (text.dump != nil, "-x, -X or -A"), (text.absoluteSequence, "-S"),
        ] where isGiven {
            throw .usage("--ladder and \(option): one or the other", .inspect)
        }
        inspection.showsFrames = false
    }

    private func number(_ text: String, _ option: String, _ range: ClosedRange<Int>) throws(CommandFailure) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw .usage("\(option) \(text): a number from \(range.lowerBound)\(range.upperBound == .max ? " on" : " to \(range.upperBound)")", .inspect)
        }
        return number
    }

    private func readFilter(_ path: String) throws(CommandFailure) -> String {
        do {
            return try readTextFile(path, limit: 1 << 20)
        } catch {
            throw .failed("\(path): \(error.reason)", hint: nil)
        }
    }
}
