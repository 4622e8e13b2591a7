import Demux
import Timeline
import Wire

/// A timeline, and a quiz on it, as the JSON that the page reads.
///
/// What many moments have in common stands once and is pointed at by its number: sockets as they were, look-ups, and which
/// header field lies where. A field that is not there has its usual value.
struct PageData {
    /// What the bytes of all frames may take, and what a frame keeps at least.
    private static let roomForBytes = 3_000_000
    private static let leastOfFrame = 160

    private var sockets = Interned()
    private var looks = Interned()
    private var layouts = Interned()
    private let keptOfFrame: Int
    private let start: Int64
    private let storybook: Storybook
    private let timeline: Timeline

    private init(_ storybook: Storybook) {
        self.storybook = storybook
        timeline = storybook.timeline
        let count = timeline.frames.reduce(into: 0) { count, _ in count += 1 }
        keptOfFrame = max(PageData.leastOfFrame, PageData.roomForBytes / max(1, count))
        start = timeline.frames.lazy.compactMap { $0.time?.nanoseconds }.first { _ in true } ?? 0
    }

    static func json(_ storybook: Storybook) -> [UInt8] {
        var data = PageData(storybook)
        var out = OutputBuffer()
        data.write(into: &out)
        var bytes: [UInt8] = []
        out.drain { span in
            bytes.reserveCapacity(span.count + span.count / 64)
            for index in 0..<span.count {
                // It stands within a script element, which `</script` and `<!--` end or change; outside of strings JSON has no `<`.
                if span[index] == UInt8(ascii: "<") {
                    bytes += Array("\\u003c".utf8)
                } else {
                    bytes.append(span[index])
                }
            }
        }
        return bytes
    }

    private mutating func write(into out: inout OutputBuffer) {
        var data = self
        var json = JSONWriter()
        json.object(&out) { json, out in
            json.field("title", safe(data.timeline.title), &out)
            json.field("leftOut", data.timeline.leftOut, &out)
            json.field("kept", data.keptOfFrame, &out)
            json.key("hosts", &out)
            json.array(&out) { json, out in
                for host in data.timeline.hosts {
                    json.object(&out) { json, out in
                        json.field("name", safe(host.name), &out)
                        json.field("address", host.address.description, &out)
                    }
                }
            }
            json.key("participants", &out)
            json.array(&out) { json, out in
                for participant in data.timeline.participants {
                    json.object(&out) { json, out in
                        json.field("name", safe(participant.name), &out)
                        json.field("process", safe(participant.process), &out)
                        json.field("pid", participant.processID, &out)
                        json.field("host", participant.host, &out)
                    }
                }
            }
            json.key("moments", &out)
            json.array(&out) { json, out in
                for moment in data.timeline.moments {
                    json.object(&out) { json, out in data.write(moment, &json, &out) }
                }
            }
            PageQuiz.write(data.storybook, &json, &out)
            data.sockets.write("sockets", &json, &out)
            data.looks.write("looks", &json, &out)
            data.layouts.write("layouts", &json, &out)
        }
        self = data
    }

    // MARK: Moments

    private mutating func write(_ moment: Moment, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        switch moment {
        case .frame(let frame): write(frame, &json, &out)
        case .call(let call): write(call, &json, &out)
        case .printed(let participant, let line):
            json.field("kind", "printed", &out)
            json.field("who", participant, &out)
            json.field("text", safe(line), &out)
        case .said(let sentence):
            json.field("kind", "said", &out)
            json.field("text", safe(sentence), &out)
        case .shown(let source, let lines):
            json.field("kind", "shown", &out)
            json.field("text", safe(source), &out)
            json.key("lines", &out)
            json.array(&out) { json, out in for line in lines { json.string(safe(line), &out) } }
        case .heading(let title):
            json.field("kind", "heading", &out)
            json.field("text", safe(title), &out)
        case .died(let participant, let signal):
            json.field("kind", "died", &out)
            json.field("who", participant, &out)
            json.field("signal", signal, &out)
        case .ended(let names):
            json.field("kind", "ended", &out)
            json.key("sockets", &out)
            json.array(&out) { json, out in for name in names { json.string(name.name.description, &out) } }
        }
    }

    private func write(_ call: CallMoment, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.field("kind", "call", &out)
        json.field("who", call.participant, &out)
        switch call.phase {
        case .whole: break
        case .entered: json.field("phase", "entered", &out)
        case .returned: json.field("phase", "returned", &out)
        }
        json.field("name", safe(call.name), &out)
        json.field("args", safe(call.arguments), &out)
        json.field("text", safe(call.text()), &out)
        if let result = call.result { json.field("result", safe(result), &out) }
        if call.isFailure { json.field("fails", true, &out) }
        if let socket = call.socket { json.field("socket", socket.description, &out) }
        if let cookie = call.cookie { json.field("cookie", String(cookie), &out) }
        if let remark = call.remark { json.field("remark", safe(remark), &out) }
    }

    private mutating func write(_ frame: FrameMoment, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.field("kind", "frame", &out)
        json.field("number", frame.number, &out)
        if let time = frame.time { json.field("time", time.nanoseconds.subtractingReportingOverflow(start).partialValue, &out) }
        if let from = frame.from { json.field("from", from.description, &out) }
        if let to = frame.to { json.field("to", to.description, &out) }
        if let transport = frame.transport { json.field("proto", transport.rawValue, &out) }
        if let flags = frame.flags { json.field("flags", flags.rawValue, &out) }
        if frame.sequence != 0 { json.field("seq", frame.sequence, &out) }
        if frame.acknowledgment != 0 { json.field("ack", frame.acknowledgment, &out) }
        if frame.payloadLength != 0 { json.field("length", frame.payloadLength, &out) }
        json.field("segment", safe(frame.segment), &out)
        json.field("rule", frame.rule.word, &out)
        if frame.evidence != .capture { json.field("evidence", frame.evidence.word, &out) }
        if let sender = frame.sender { json.field("sender", number(of: sender), &out) }
        if let receiver = frame.receiver { json.field("receiver", number(of: receiver), &out) }
        names("receivers", frame.receivers, &json, &out)
        if !frame.candidates.isEmpty { json.field("look", number(of: frame.candidates), &out) }
        if frame.otherCandidates != 0 { json.field("others", frame.otherCandidates, &out) }
        if frame.replyTo != 0 { json.field("replyTo", frame.replyTo, &out) }
        if frame.corrects != 0 { json.field("corrects", frame.corrects, &out) }
        if frame.isUntold { json.field("untold", true, &out) }
        if frame.isQueueFull { json.field("full", true, &out) }
        if !frame.opened.isEmpty {
            json.key("opened", &out)
            json.array(&out) { json, out in for socket in frame.opened { json.number(number(of: socket), &out) } }
        }
        if !frame.ended.isEmpty {
            json.key("ended", &out)
            json.array(&out) { json, out in
                for (name, ending) in frame.ended {
                    json.array(&out) { json, out in
                        json.string(name.description, &out)
                        json.string(ending == .timeWait ? "TIME_WAIT" : "closed", &out)
                        json.string(LineRenderer.sentence(ending), &out)
                    }
                }
            }
        }
        json.field("size", frame.originalLength, &out)
        json.field("bytes", base64(frame.bytes.prefix(keptOfFrame)), &out)
        let layout = PageLayout.json(frame)
        json.field("layout", layouts.number(of: layout), &out)
    }

    private func names(_ key: StaticString, _ names: [SocketName], _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        guard !names.isEmpty else { return }
        json.key(key, &out)
        json.array(&out) { json, out in for name in names { json.string(name.description, &out) } }
    }

    // MARK: What stands once

    private mutating func number(of socket: SocketMoment) -> Int {
        var out = OutputBuffer(capacity: 256)
        var json = JSONWriter()
        json.object(&out) { json, out in
            json.field("id", socket.name.description, &out)
            json.field("proto", socket.transport.rawValue, &out)
            json.field("local", socket.local.description, &out)
            if let remote = socket.remote { json.field("remote", remote.description, &out) }
            json.field("state", socket.state.word, &out)
            if socket.evidence != .capture { json.field("evidence", socket.evidence.word, &out) }
            if socket.isServer { json.field("server", true, &out) }
            if let maker = socket.madeBy { json.field("madeBy", maker.description, &out) }
            if let peer = socket.peer { json.field("peer", peer.description, &out) }
            if !socket.holders.isEmpty {
                json.key("holders", &out)
                json.array(&out) { json, out in
                    for holder in socket.holders {
                        json.object(&out) { json, out in
                            json.field("pid", holder.processID, &out)
                            json.field("process", safe(holder.name), &out)
                            json.field("fd", holder.descriptor, &out)
                        }
                    }
                }
            }
            if let inode = socket.inode { json.field("inode", inode, &out) }
            if let cookie = socket.cookie { json.field("cookie", String(cookie), &out) }
            if let waiting = socket.waiting { json.field("waiting", waiting, &out) }
        }
        return sockets.number(of: out.takeText())
    }

    private mutating func number(of candidates: [CandidateMoment]) -> Int {
        var out = OutputBuffer(capacity: 256)
        var json = JSONWriter()
        json.array(&out) { json, out in
            for candidate in candidates {
                let socket = number(of: candidate.socket)
                json.object(&out) { json, out in
                    json.field("socket", socket, &out)
                    json.field("from", candidate.acceptsSource, &out)
                    json.field("to", candidate.acceptsDestination, &out)
                    if candidate.wins { json.field("wins", true, &out) }
                    if let why = candidate.why { json.field("why", why.rawValue, &out) }
                }
            }
        }
        return looks.number(of: out.takeText())
    }
}

/// Pieces of JSON, each once.
private struct Interned {
    private var numbers: [String: Int] = [:]
    private var texts: [String] = []

    mutating func number(of text: String) -> Int {
        if let number = numbers[text] { return number }
        numbers[text] = texts.count
        texts.append(text)
        return texts.count - 1
    }

    func write(_ key: StaticString, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.key(key, &out)
        json.array(&out) { _, out in
            for (number, text) in texts.enumerated() {
                out.append(number == 0 ? "" : ",\n")
                out.append(text)
            }
        }
    }
}

/// A text of somebody else's: what a reader would not see, or be deceived by, becomes an escape that is seen.
private func safe(_ text: String) -> String { text.shown(hasUnicode: true) }

/// RFC 4648 §4.
private func base64(_ bytes: some Collection<UInt8>) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var (group, held) = (UInt32(0), 0)
    for byte in bytes {
        group = group << 8 | UInt32(byte)
        held += 1
        guard held == 3 else { continue }
        for shift in [18, 12, 6, 0] { text.append(digits[Int(group >> UInt32(shift) & 63)]) }
        (group, held) = (0, 0)
    }
    if held == 1 {
        text += [digits[Int(group >> 2)], digits[Int(group << 4 & 63)], UInt8(ascii: "="), UInt8(ascii: "=")]
    } else if held == 2 {
        text += [digits[Int(group >> 10)], digits[Int(group >> 4 & 63)], digits[Int(group << 2 & 63)], UInt8(ascii: "=")]
    }
    return String(decoding: text, as: UTF8.self)
}
