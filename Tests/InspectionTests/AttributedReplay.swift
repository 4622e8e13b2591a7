import Capture
import Demux
import Foundation
import FrameScript
import HostSockets
import Inspection
import Testing
import Wire

/// A script's frames captured live on a machine whose kernel answers from memory. Each outcome is a short text:
///
///     L1! listener-wildcard <- C1!
///
/// who gets it (`!`: the kernel said so, `?`: presumed, `-`: nobody), by which rule, who sent it (`!`: the kernel named it).
struct AttributedReplay {
    var outcomes: [String] = []
    var lines: [[String: Any]] = []
    var report = EvidenceReport()

    /// - Parameters:
    ///   - delay: how much later than the frames the kernel is asked, in nanoseconds.
    ///   - between: what happens on the machine before a frame, by the frame's number.
    @discardableResult
    static func expect(
        _ text: String, _ facts: FactsInMemory, delay: Int64 = 0, between: [Int: () -> Void] = [:], sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> AttributedReplay {
        let script = try FrameScript(text)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        #expect(FileManager.default.createFile(atPath: path.path, contents: nil))
        defer { try? FileManager.default.removeItem(at: path) }
        let file = try FileHandle(forWritingTo: path)
        var options = InspectionOptions()
        options.isJSON = true
        var replay = AttributedReplay()
        var inspection = Inspection(options: options, isLive: true, facts: facts, device: 1, output: file.fileDescriptor)
        for (index, frame) in script.frames.enumerated() {
            facts.now = frame.time.nanoseconds + delay
            between[index + 1]?()
            let info = FrameInfo(
                number: UInt64(index + 1), time: frame.time, originalLength: frame.originalLength, linkType: .ethernet)
            try inspection.take(info, frame.bytes.span)
        }
        try inspection.finish()
        let evidence = inspection.evidence
        replay.report = try #require(evidence)
        for line in try String(contentsOf: path, encoding: .utf8).split(separator: "\n") {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            let demux = try #require(object?["demux"] as? [String: Any])
            replay.lines.append(demux)
            replay.outcomes.append(AttributedReplay.outcome(demux))
        }
        for (frame, outcome) in zip(script.frames, replay.outcomes) {
            #expect(outcome == frame.expected, "\(frame.text)", sourceLocation: sourceLocation)
        }
        #expect(replay.outcomes.count == script.frames.count, sourceLocation: sourceLocation)
        return replay
    }

    private static func outcome(_ demux: [String: Any]) -> String {
        let sign = ["kernel": "!", "presumed": "?"][demux["evidence"] as? String ?? ""] ?? ""
        let receiver = (demux["receiver"] as? [String: Any])?["id"] as? String
        let sender = demux["sender"] as? [String: Any]
        let named = sender?["cookie"] != nil ? "!" : ""
        return "\(receiver ?? "-")\(sign) \(demux["rule"] ?? "") <- \((sender?["id"] as? String).map { $0 + named } ?? "-")"
    }
}

/// A machine that is B and D: 10.0.0.2 and 10.0.0.4.
func machine(_ sockets: [HostSocket]) throws -> FactsInMemory {
    FactsInMemory(sockets, local: [try #require(IPAddress("10.0.0.2")), try #require(IPAddress("10.0.0.4"))])
}

/// A listener, or a connection where it has a peer.
func tcpSocket(
    _ local: String, _ remote: String? = nil, state: HostSocket.State? = nil, cookie: UInt64, inode: UInt64? = nil
) throws -> HostSocket {
    try hostSocket(.tcp, local, remote, state ?? (remote == nil ? .listen : .established), cookie, inode)
}

func datagramSocket(_ local: String, _ remote: String? = nil, cookie: UInt64) throws -> HostSocket {
    try hostSocket(.udp, local, remote, remote == nil ? .closed : .established, cookie, nil)
}

private func hostSocket(
    _ transport: IPProtocol, _ local: String, _ remote: String?, _ state: HostSocket.State, _ cookie: UInt64, _ inode: UInt64?
) throws -> HostSocket {
    let local = try #require(Endpoint(local))
    let remote = try remote.map { try #require(Endpoint($0)) }
    var socket = HostSocket(transport: transport, family: local.address.version, state: state, local: local, remote: remote)
    socket.cookie = cookie
    socket.inode = inode ?? cookie
    socket.sendQueue = 6
    return socket
}
