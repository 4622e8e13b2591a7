import Capture
import Demux
import FrameScript
import Foundation
import Inspection
import Testing
import Wire

/// What became of a script's frames. Each outcome is a short text:
///
///     L1? listener <- C1 answers 3 corrects 1
///
/// who gets it (`?`: presumed, `-`: nobody), by which rule, who sent it (`-`: no socket did), which frame it answers
/// and which one it disproves.
struct Replay {
    var outcomes: [String] = []
    /// Of a live replay only.
    var deliveries: [Delivery] = []
    /// Of a replay from a file only: the stream numbers in the transport headers.
    var streams: [Int?] = []
    var events: [[String]] = []
    var table = SocketTable()

    /// The states of the sockets that a table would list, by name.
    var states: [String: String] {
        Dictionary(uniqueKeysWithValues: table.listed.map { ($0.name.description, $0.state.word) })
    }

    func socket(_ name: String) -> Socket? { table.listed.first { $0.name.description == name } }
}

extension Replay {
    /// Delivers frame by frame, with no knowledge of what follows.
    ///
    /// - Parameter foresight: `unavailable` for a live capture.
    static func live(
        _ script: FrameScript, limits: SocketTable.Limits = SocketTable.Limits(), sourceLocation: SourceLocation
    ) -> Replay {
        var replay = Replay()
        replay.table = SocketTable(limits: limits)
        var packet = Packet()
        var delivery = Delivery()
        for (index, frame) in script.frames.enumerated() {
            packet.decode(frame.bytes.span, linkType: .ethernet, originalLength: frame.originalLength)
            let outcome = replay.table.deliver(
                &packet, frame.bytes.span, number: UInt64(index + 1), foresight: .unavailable, into: &delivery)
            #expect(outcome == .decided, "live, nothing can be waited for", sourceLocation: sourceLocation)
            replay.outcomes.append(text(delivery))
            replay.deliveries.append(delivery)
            replay.events.append(replay.table.events.map { replay.text($0) })
            #expect(replay.table.brokenInvariants == [], "after frame \(index + 1)", sourceLocation: sourceLocation)
        }
        return replay
    }

    private static func text(_ delivery: Delivery) -> String {
        outcome(
            receiver: delivery.receiver?.name.description, isPresumed: delivery.evidence == .presumed,
            rule: delivery.rule.word, sender: delivery.sender?.name.description, replyTo: delivery.replyTo,
            corrects: delivery.corrects)
    }

    private static func outcome(
        receiver: String?, isPresumed: Bool, rule: String, sender: String?, replyTo: UInt64, corrects: UInt64
    ) -> String {
        (receiver ?? "-") + (isPresumed ? "?" : "") + " \(rule) <- \(sender ?? "-")"
            + (replyTo > 0 ? " answers \(replyTo)" : "") + (corrects > 0 ? " corrects \(corrects)" : "")
    }

    private func text(_ event: SocketEvent) -> String {
        switch event {
        case .opened(let reference, let opening): "+\(reference.name) \(opening)"
        case .ended(let reference, let ending): "-\(reference.name) \(ending)"
        }
    }

    /// Runs the script through the whole inspection as if it came from a file, and reads its JSON lines.
    static func fromFile(_ script: FrameScript) throws -> Replay {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        #expect(FileManager.default.createFile(atPath: path.path, contents: nil))
        defer { try? FileManager.default.removeItem(at: path) }
        let file = try FileHandle(forWritingTo: path)
        var options = InspectionOptions()
        options.isJSON = true
        var inspection = Inspection(options: options, isLive: false, output: file.fileDescriptor)
        for (index, frame) in script.frames.enumerated() {
            let info = FrameInfo(
                number: UInt64(index + 1), time: frame.time, originalLength: frame.originalLength, linkType: .ethernet)
            try inspection.take(info, frame.bytes.span)
        }
        try inspection.finish()
        try file.close()
        var replay = Replay()
        for line in try String(contentsOf: path, encoding: .utf8).split(separator: "\n") {
            replay.outcomes.append(try text(ofLine: Data(line.utf8)))
            replay.streams.append(try stream(ofLine: Data(line.utf8)))
        }
        return replay
    }

    private static func stream(ofLine line: Data) throws -> Int? {
        let object = try JSONSerialization.jsonObject(with: line) as? [String: Any]
        return ["tcp", "udp"].lazy.compactMap { (object?[$0] as? [String: Any])?["stream"] as? Int }.first
    }

    private static func text(ofLine line: Data) throws -> String {
        let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
        let demux = try #require(object["demux"] as? [String: Any])
        func name(_ key: String) -> String? { (demux[key] as? [String: Any])?["id"] as? String }
        return outcome(
            receiver: name("receiver"), isPresumed: demux["evidence"] as? String == "presumed",
            rule: try #require(demux["rule"] as? String), sender: name("sender"),
            replyTo: demux["reply_to"] as? UInt64 ?? 0, corrects: demux["corrects"] as? UInt64 ?? 0)
    }
}

// MARK: Expectations

/// Holds a script's outcomes against its right side, live: nothing is known of what follows.
@discardableResult
func expectLive(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> Replay {
    let script = try FrameScript(text)
    let replay = Replay.live(script, sourceLocation: sourceLocation)
    compare(script, replay.outcomes, isLive: true, sourceLocation)
    return replay
}

/// Holds a script's outcomes against its right side, from a file: what follows is waited for.
@discardableResult
func expectFromFile(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> Replay {
    let script = try FrameScript(text)
    let replay = try Replay.fromFile(script)
    compare(script, replay.outcomes, isLive: false, sourceLocation)
    return replay
}

/// Both. What is only presumed live and known from a file is written `~`.
@discardableResult
func expectBoth(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> Replay {
    try expectFromFile(text, sourceLocation: sourceLocation)
    return try expectLive(text, sourceLocation: sourceLocation)
}

private func compare(_ script: FrameScript, _ outcomes: [String], isLive: Bool, _ sourceLocation: SourceLocation) {
    #expect(outcomes.count == script.frames.count, "a line a frame", sourceLocation: sourceLocation)
    for (index, (frame, outcome)) in zip(script.frames, outcomes).enumerated() {
        guard let expected = frame.expected else { continue }
        let wanted = expected.replacing("~", with: isLive ? "?" : "")
        #expect(
            outcome == wanted, "frame \(index + 1) \(isLive ? "live" : "from a file"): \(frame.text)",
            sourceLocation: sourceLocation)
    }
}
