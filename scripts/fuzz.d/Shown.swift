import Hostile
import Inspection
import Render

/// What is shown and how, from three bytes.
struct Shown {
    var options = InspectionOptions()
    let isLive: Bool
    let isRepeated: Bool
    /// Whether a chart is drawn in the place of lines.
    let drawsLadder: Bool

    init(_ data: inout FuzzData) {
        let what = data.byte()
        let where_ = data.byte()
        let how = data.byte()
        options.isJSON = what & 3 == 0
        options.text.explains = what & 4 != 0
        options.showsSockets = what & 8 != 0
        options.text.isQuiet = what & 0x70 == 0x70
        options.showsFrames = !(options.showsSockets && options.text.isQuiet)
        options.text.verbosity = [0, 0, 1, 2][Int(what >> 4 & 3)]
        isLive = what & 0x40 != 0
        isRepeated = what & 0x80 != 0

        options.text.columns = [nil, nil, 40, 60, 80, 91, 92, 100, 110, 119, 120, 132, 140, 160, 200, 240][Int(where_ & 0xf)]
        options.text.hasUnicode = where_ & 0x10 == 0
        options.text.hasColor = where_ & 0x20 != 0
        options.text.showsHeader = where_ & 0x40 != 0
        options.text.showsEvents = where_ & 0x80 != 0

        options.text.timeFormat = [.sinceFirst, .none, .epoch, .sincePrevious, .dateAndTime, .sinceFirst, .sinceFirst, .epoch][Int(how & 7)]
        options.text.fractionDigits = how & 8 == 0 ? 6 : 9
        options.text.showsLinkLayer = how & 0x10 != 0
        options.text.absoluteSequence = how & 0x20 != 0
        options.text.verifiesChecksums = how & 0x40 == 0
        if how & 0x80 != 0 { options.text.dump = Shown.dump(how) }
        drawsLadder = !options.isJSON && how & 0x38 == 0x38
        if drawsLadder { options.showsFrames = false }
        options.isLineBuffered = what & how & 0x10 != 0
        options.text.serviceName = { port, _ in port == 80 ? "http" : nil }
    }

    private static func dump(_ how: UInt8) -> TextOptions.Dump {
        TextOptions.Dump(hasLinkLayer: how & 1 != 0, hasHex: how & 6 != 6, hasText: how & 2 != 0)
    }

    func judge(_ text: [UInt8], frames: Int) throws(Finding) {
        if options.isJSON { try judgeJSON(text, frames) } else { try judgeText(text, frames) }
    }

    private func judgeJSON(_ text: [UInt8], _ frames: Int) throws(Finding) {
        let lines = TextLines.plain(text)
        let expected = options.showsFrames ? frames : 0
        try check(lines.count == expected || lines.count > expected && options.showsSockets, "\(lines.count) lines for \(frames) frames")
        for (index, bytes) in lines.enumerated() {
            let line = JSONLine(bytes)
            if let mistake = line.mistake { throw Finding("line \(index + 1): \(mistake)") }
            guard index < expected else { continue }
            try check(line.values["frame.number"] == "\(index + 1)", "line \(index + 1) is frame \(line.values["frame.number"] ?? "")")
            try check(line.values["demux.rule"] != nil, "line \(index + 1) has no rule")
        }
    }

    private func judgeText(_ text: [UInt8], _ frames: Int) throws(Finding) {
        // tcpdump's -A shows line ends and tabs as they are.
        var rules = TextLines.Rules()
        rules.isASCII = !options.text.hasUnicode
        rules.hasColor = options.text.hasColor
        rules.hasTabs = options.text.dump != nil
        if let mistake = TextLines.mistake(text, rules) { throw Finding("\(mistake) in:\n\(String(decoding: text, as: UTF8.self))") }
        if drawsLadder { return try judgeLadder(text) }
        guard options.text.dump == nil, options.showsFrames else { return }
        let lines = Array(TextLines.plain(text).prefix { !$0.isEmpty })
        if let columns = options.text.columns {
            if let line = TextLines.tooWide(lines, columns: columns, isASCII: rules.isASCII) { throw Finding("wider than \(columns): \(line)") }
        } else if isOneLineAFrame {
            try check(lines.count == frames, "\(lines.count) lines for \(frames) frames")
        }
    }

    private func judgeLadder(_ text: [UInt8]) throws(Finding) {
        let columns = options.text.columns ?? LadderRenderer.defaultWidth
        for bytes in TextLines.plain(text) {
            let line = String(decoding: bytes, as: UTF8.self)
            if line.hasPrefix("Sockets, in the order") { return }
            try check(TextLines.columns(bytes) <= columns, "wider than \(columns): \(line)")
        }
    }

    private var isOneLineAFrame: Bool {
        options.text.verbosity == 0 && !options.text.showsLinkLayer && !options.text.explains && !options.text.showsEvents
            && !options.text.showsHeader
    }
}
