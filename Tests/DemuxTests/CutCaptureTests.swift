import Capture
import Foundation
import Hostile
import Inspection
import Render
import Testing
import Wire

/// Every capture, cut at every length: nothing traps, and a cut frame says nothing that the whole one does not.
@Suite struct CutCaptureTests {
    private struct Frame {
        let info: FrameInfo
        let bytes: [UInt8]
    }

    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Captures")

    /// The repository's captures, and those of a folder that `PORTWATCH_CAPTURES` names.
    private static let captures: [String] = {
        let folders = [folder.path] + (ProcessInfo.processInfo.environment["PORTWATCH_CAPTURES"].map { [$0] } ?? [])
        return folders.flatMap { folder in
            ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
                .filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }.map { folder + "/" + $0 }
        }
    }()

    private func read(_ path: String, snapshotLength: Int = .max) -> [Frame] {
        var frames: [Frame] = []
        // A capture may be damaged: what comes before counts.
        guard let file = try? CaptureFile(path: path, snapshotLength: snapshotLength) else { return [] }
        while case .frame? = try? file.next({ info, bytes in
            frames.append(Frame(info: info, bytes: bytes.indices.map { bytes[$0] }))
        }) {}
        return frames
    }

    @Test func `there are captures, and each can be read`() throws {
        #expect(Self.captures.count >= 10)
        for path in Self.captures where path.hasPrefix(Self.folder.path) { #expect(!read(path).isEmpty) }
    }

    @Test(arguments: captures) func `each frame cut at every length`(_ path: String) throws {
        var packet = Packet()
        var wrong: [String] = []
        var noticed = 0
        for frame in read(path) {
            let length = max(frame.info.originalLength, frame.bytes.count)
            let whole = decode(frame.bytes, frame.info.linkType, length)
            for count in 0...frame.bytes.count where wrong.count < 5 {
                let cut = Array(frame.bytes.prefix(count))
                packet.decode(cut.span, linkType: frame.info.linkType, originalLength: length)
                let contradictions = packet.contradictions(cut.span, whole, frame.bytes.span)
                wrong += contradictions.map { "frame \(frame.info.number) cut to \(count): \($0)" }
                if case .truncated? = packet.stop?.reason { noticed += 1 }
            }
        }
        #expect(wrong == [])
        #expect(noticed > 0 || path.hasPrefix(Self.folder.path) == false, "cuts are noticed")
    }

    private func decode(_ bytes: [UInt8], _ linkType: LinkType, _ length: Int) -> Packet {
        var packet = Packet()
        packet.decode(bytes.span, linkType: linkType, originalLength: length)
        return packet
    }

    /// As `-s` cuts them.
    @Test(arguments: captures) func `each snapshot length from 0 to 128`(_ path: String) throws {
        let whole = read(path)
        for length in 0...128 {
            let cut = read(path, snapshotLength: length)
            #expect(cut.count == whole.count)
            for (one, other) in zip(cut, whole) {
                try #require(one.info == other.info && one.bytes == Array(other.bytes.prefix(length)))
            }
        }
    }

    /// Snapshot lengths at and around the ends of headers, and some between.
    private static let lengths = [0, 1, 4, 13, 14, 15, 20, 33, 34, 38, 42, 47, 48, 53, 54, 60, 66, 73, 74, 80, 96, 128]

    @Test(arguments: captures) func `whole inspections of what is cut, as JSON`(_ path: String) throws {
        let frames = read(path)
        var options = InspectionOptions()
        options.isJSON = true
        options.text.explains = true
        let whole = TextLines.plain(try inspect(frames, .max, options)).map { JSONLine($0) }
        #expect(whole.count == frames.count)
        for length in Self.lengths {
            let lines = TextLines.plain(try inspect(frames, length, options)).map { JSONLine($0) }
            #expect(lines.count == frames.count)
            for (index, (line, other)) in zip(lines, whole).enumerated() {
                #expect(line.mistake == nil)
                let contradiction = line.contradiction(of: other)
                #expect(contradiction == nil, "frame \(index + 1) cut to \(length)")
            }
        }
    }

    @Test(arguments: captures) func `whole inspections of what is cut, as text`(_ path: String) throws {
        let frames = read(path)
        for (length, columns) in zip(Self.lengths, [nil, 80, 92, 100, 120, 160] + Array(repeating: 91, count: Self.lengths.count)) {
            var options = InspectionOptions()
            options.text.columns = columns
            options.text.verbosity = 2
            options.text.explains = true
            options.text.showsEvents = columns != nil
            options.text.hasUnicode = columns != 92
            let text = try inspect(frames, length, options)
            var rules = TextLines.Rules()
            rules.isASCII = !options.text.hasUnicode
            #expect(TextLines.mistake(text, rules) == nil)
            if let columns { #expect(TextLines.tooWide(TextLines.plain(text), columns: columns, isASCII: rules.isASCII) == nil, "\(length)") }
        }
    }

    /// In every way in which times stand there: they take room from what follows.
    @Test(arguments: captures) func `no line is wider than its terminal`(_ path: String) throws {
        let frames = read(path)
        let formats: [TextOptions.TimeFormat] = [.sinceFirst, .none, .epoch, .sincePrevious, .dateAndTime]
        for (index, columns) in [40, 60, 80, 91, 92, 100, 119, 120, 160].enumerated() {
            var options = InspectionOptions()
            options.text.columns = columns
            options.text.timeFormat = formats[index % formats.count]
            options.text.fractionDigits = 9
            options.text.explains = true
            options.text.showsEvents = true
            options.text.showsHeader = true
            for verbosity in 0...2 {
                options.text.verbosity = verbosity
                let lines = TextLines.plain(try inspect(frames, .max, options))
                #expect(TextLines.tooWide(lines, columns: columns, isASCII: false) == nil, "\(columns) columns, \(options.text.timeFormat)")
            }
        }
    }

    /// What an inspection writes of the frames, each cut to a length.
    private func inspect(_ frames: [Frame], _ length: Int, _ options: InspectionOptions) throws -> [UInt8] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        #expect(FileManager.default.createFile(atPath: path.path, contents: nil))
        defer { try? FileManager.default.removeItem(at: path) }
        let file = try FileHandle(forWritingTo: path)
        var inspection = Inspection(options: options, isLive: false, output: file.fileDescriptor)
        for frame in frames {
            let cut = Array(frame.bytes.prefix(length))
            var info = frame.info
            info.originalLength = max(info.originalLength, frame.bytes.count)
            try inspection.take(info, cut.span)
        }
        try inspection.finish()
        try file.close()
        return [UInt8](try Data(contentsOf: path))
    }
}
