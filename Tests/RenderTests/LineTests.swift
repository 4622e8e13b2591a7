import Demux
import FrameScript
import Foundation
@testable import Render
import Testing
import Wire

/// Frames as lines of text: where they are cut, and that they are never too long.
@Suite struct LineTests {
    /// Payload of every kind, at both ends of the address columns.
    private static let script = """
        A:9157 > B:80  SYN seq 100
        B:80 > A:9157  SYN ACK seq 300 ack 101
        A:9157 > B:80  ACK seq 101 ack 301
        A:9157 > B:80  PSH ACK seq 101 ack 301 14 B
        B:80 > A:9157  PSH ACK seq 301 ack 115 63 B
        B:80 > A:9157  PSH ACK seq 364 ack 115 64 B
        B:80 > A:9157  PSH ACK seq 428 ack 115 65 B
        B:80 > A:9157  PSH ACK seq 493 ack 115 1400 B
        B:80 > A:9157  FIN PSH URG ACK seq 1893 ack 115 3 B
        192.168.100.100:50000 > 192.168.100.200:60000  SYN seq 4000000000
        192.168.100.200:60000 > 192.168.100.100:50000  RST ACK seq 0 ack 4000000001
        A:9157 > C:6428  UDP 6 B
        A:9157 > C:6428  UDP 512 B
        A:9157 > C:6428  UDP 1 B
        """

    /// The text of a script's frames, delivered live.
    private func render(_ script: FrameScript, _ options: TextOptions, payload: UInt8? = nil) -> String {
        var table = SocketTable()
        var renderer = LineRenderer(options: options)
        var out = OutputBuffer()
        var packet = Packet()
        var delivery = Delivery()
        for (index, frame) in script.frames.enumerated() {
            var bytes = frame.bytes
            packet.decode(bytes.span, linkType: .ethernet, originalLength: frame.originalLength)
            if let payload {
                for place in packet.payload.clamped(to: bytes.count) { bytes[place] = payload }
            }
            _ = table.deliver(&packet, bytes.span, number: UInt64(index + 1), foresight: .unavailable, into: &delivery)
            renderer.render(
                &packet, bytes.span, number: UInt64(index + 1), time: frame.time, &delivery, &table, into: &out)
        }
        return out.text
    }

    private func columns(_ line: Substring) -> Int { line.unicodeScalars.count }

    @Test(arguments: [true, false])
    func `From 92 columns on no line is longer than the terminal is wide`(_ hasUnicode: Bool) throws {
        let script = try FrameScript(LineTests.script)
        var options = TextOptions()
        options.hasUnicode = hasUnicode
        for payload in [nil, UInt8(0xff), 0x0a, 0x22, 0x61] {
            for width in 92...200 {
                options.columns = width
                for line in render(script, options, payload: payload).split(separator: "\n") where columns(line) > width {
                    Issue.record("\(columns(line)) of \(width) columns: \(line)")
                }
            }
        }
    }

    /// Where the columns before it leave no room at all, the segment's own words still stand; the preview does not.
    @Test(arguments: [true, false])
    func `A preview is never the reason why a line is too long`(_ hasUnicode: Bool) throws {
        let script = try FrameScript(LineTests.script)
        var options = TextOptions()
        options.hasUnicode = hasUnicode
        for payload in [nil, UInt8(0xff), 0x0a, 0x61] {
            for width in 40...200 {
                options.columns = width
                for line in render(script, options, payload: payload).split(separator: "\n") {
                    guard columns(line) > width, let quote = line.firstIndex(of: "\"") else { continue }
                    Issue.record("\(columns(line)) of \(width) columns, \(line[quote...]): \(line)")
                }
            }
        }
    }

    /// A line's last part, from the number of bytes on.
    private func preview(_ bytes: Int, _ columns: Int?, unicode: Bool = true) throws -> String {
        var options = TextOptions()
        options.columns = columns
        options.hasUnicode = unicode
        let text = render(try FrameScript("A:9157 > B:80  PSH ACK seq 1 ack 1 \(bytes) B"), options)
        let start = try #require(text.range(of: "\(bytes) B")).lowerBound
        return String(text[start...].dropLast())
    }

    @Test func `A preview is whole where it fits, and says where it is cut`() throws {
        #expect(try preview(5, nil) == #"5 B "abcde""#)
        let longest = LineRenderer.longestPreview
        #expect(try preview(longest, nil).hasSuffix("\""))
        #expect(try preview(longest + 1, nil).hasSuffix(#""…"#))
        #expect(try preview(longest + 1, nil).count == (try preview(longest, nil).count) + 1)
        #expect(try preview(longest + 1, nil, unicode: false).hasSuffix(#""..."#))
        #expect(try preview(5, 92) == #"5 B "abcde""#)
        #expect(try preview(40, 92).hasSuffix(#""…"#))
        #expect(try preview(40, 92, unicode: false).hasSuffix(#""..."#))
    }

    /// One column more or less decides, and not two.
    @Test(arguments: [true, false])
    func `A preview is cut only where it must be`(_ hasUnicode: Bool) throws {
        for bytes in 1...20 {
            var options = TextOptions()
            options.hasUnicode = hasUnicode
            let script = try FrameScript("A:9157 > B:80  PSH ACK seq 1 ack 1 \(bytes) B")
            options.columns = 119
            let whole = columns(render(script, options).dropLast())
            guard whole >= 92 else { continue }
            options.columns = whole
            #expect(render(script, options).hasSuffix("\"\n"), "\(bytes) bytes fit \(whole) columns")
            if whole > 92 {
                options.columns = whole - 1
                #expect(!render(script, options).hasSuffix("\"\n"), "\(bytes) bytes do not fit \(whole - 1) columns")
            }
        }
    }

    @Test func `Below 92 columns the segment stands on a second line, the delivery never`() throws {
        var options = TextOptions()
        options.columns = 91
        let lines = render(try FrameScript("A:9157 > B:80  PSH ACK seq 1 ack 1 5 B"), options).split(separator: "\n")
        #expect(lines == [
            "   1  0.000000  10.0.0.1:9157  → 10.0.0.2:80    ⇒ C2?  four-tuple", #"      PSH ACK 5 B "abcde""#,
        ])
    }

    @Test func `A pipe gets all of it on one line`() throws {
        let text = render(try FrameScript("A:9157 > B:80  PSH ACK seq 1 ack 1 5 B"), TextOptions())
        #expect(
            text == "   1  0.000000  10.0.0.1:9157  → 10.0.0.2:80    ⇒ C2?  four-tuple  TCP PSH ACK  seq 1  ack 1    5 B \"abcde\"\n")
    }

    @Test func `Without UTF-8 all is ASCII`() throws {
        var options = TextOptions()
        options.hasUnicode = false
        options.showsEvents = true
        options.explains = true
        options.verbosity = 2
        let text = render(try FrameScript(LineTests.script), options)
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
        #expect(text.contains(" -> ") && text.contains(" => "))
    }

    /// Columns grow to the longest entry and never shrink, so that what stands below each other belongs together.
    @Test func `Columns never shrink`() throws {
        let text = render(try FrameScript(LineTests.script), TextOptions())
        var last = 0
        for line in text.split(separator: "\n") {
            let place = columns(line.prefix { $0 != "⇒" })
            #expect(place >= last)
            last = place
        }
    }
}

/// Frames as JSON lines, read back with Foundation.
@Suite struct JSONLineTests {
    private func objects(_ text: String, explains: Bool = false) throws -> [[String: Any]] {
        let script = try FrameScript(text)
        var table = SocketTable()
        let renderer = JSONRenderer(verifiesChecksums: true, explains: explains)
        var out = OutputBuffer()
        var packet = Packet()
        var delivery = Delivery()
        for (index, frame) in script.frames.enumerated() {
            packet.decode(frame.bytes.span, linkType: .ethernet, originalLength: frame.originalLength)
            _ = table.deliver(
                &packet, frame.bytes.span, number: UInt64(index + 1), foresight: .unavailable, into: &delivery)
            renderer.render(
                packet, frame.bytes.span, number: UInt64(index + 1), time: frame.time, delivery, table, into: &out)
        }
        return try out.text.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }

    /// The value at a path such as `tcp.flags`.
    private func value<Value>(_ object: [String: Any], _ path: String) -> Value? {
        var found: Any? = object
        for key in path.split(separator: ".") { found = (found as? [String: Any])?[String(key)] }
        return found as? Value
    }

    @Test func `A segment's headers and delivery`() throws {
        let lines = try objects(
            """
            A:9157 > B:80  SYN seq 100
            B:80 > A:9157  SYN ACK seq 300 ack 101
            A:9157 > B:80  PSH ACK seq 101 ack 301 14 B
            """)
        let last = try #require(lines.last)
        #expect(value(last, "frame.number") == 3)
        #expect(value(last, "frame.time_epoch") == "0.002000000")
        #expect(value(last, "frame.protocols") == "eth:ip:tcp")
        #expect(value(last, "frame.len") == 68)
        #expect(value(last, "ip.src") == "10.0.0.1")
        #expect(value(last, "ip.checksum_status") == "good")
        #expect(value(last, "tcp.srcport") == 9157)
        #expect(value(last, "tcp.dstport") == 80)
        #expect(value(last, "tcp.stream") == 0)
        #expect(value(last, "tcp.seq_raw") == 101)
        #expect(value(last, "tcp.ack_raw") == 301)
        #expect(value(last, "tcp.flags") == 0x18)
        #expect(value(last, "tcp.len") == 14)
        #expect(value(last, "tcp.checksum_status") == "good")
        #expect(value(last, "payload.len") == 14)
        #expect(value(last, "payload.preview") == "abcdefghijklmn")
        #expect(value(last, "demux.rule") == "four-tuple")
        #expect(value(last, "demux.evidence") == "capture")
        #expect(value(last, "demux.sender.id") == "C1")
        #expect(value(last, "demux.receiver.id") == "C2")
        #expect(value(last, "demux.receiver.kind") == "connected")
        #expect(value(last, "demux.receiver.local") == "10.0.0.2:80")
        #expect(value(last, "demux.receiver.remote") == "10.0.0.1:9157")
        #expect(value(last, "demux.receiver.made_by") == "L1")
        #expect(value(last, "demux.receiver.peer") == "C1")
        #expect(value(lines[1], "demux.reply_to") == 1)
        #expect(value(lines[0], "demux.receiver.remote") == NSNull())
    }

    @Test func `A frame has no key for what it does not have`() throws {
        let lines = try objects(
            """
            A:9157 > C:53  UDP
            A > C  protocol 50 20 B
            C > A  ICMP port unreachable quoting 1
            """)
        #expect(lines[0].keys.sorted() == ["demux", "eth", "frame", "ip", "udp"])
        #expect(lines[1].keys.sorted() == ["demux", "eth", "frame", "ip", "payload", "stopped"])
        #expect(value(lines[1], "demux.receiver") == NSNull())
        #expect(value(lines[2], "icmp.quoted.udp.dstport") == 53)
        #expect(value(lines[2], "demux.corrects") == 1)
    }

    @Test func `A cut header has the fields that are whole`() throws {
        let line = try #require(try objects("A:9157 > B:80  SYN seq 100 cut 8").first)
        let tcp = try #require(line["tcp"] as? [String: Any])
        #expect(tcp.keys.sorted() == ["dstport", "seq_raw", "srcport"])
        #expect(value(line, "stopped.reason") == "truncated")
        #expect(value(line, "frame.cap_len") == 42)
    }

    @Test func `Candidates where they are asked for`() throws {
        let lines = try objects(
            """
            A:1 > C:80  ACK seq 1 ack 1
            A:2 > C:80  ACK seq 1 ack 1
            """, explains: true)
        let candidates = try #require(value(lines[1], "demux.candidates") as [[String: Any]]?)
        #expect(candidates.map { $0["socket"] as? String } == ["C2", "C4"])
        #expect(candidates.map { $0["why"] as? String } == ["other-peer", nil])
        #expect(candidates.map { $0["from"] as? Bool } == [false, true])
    }
}
