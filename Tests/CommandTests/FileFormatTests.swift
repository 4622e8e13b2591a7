import Foundation
import Testing

/// Captures in other formats than plain pcap, through the program itself.
@Suite(.timeLimit(.minutes(5))) struct FileFormatTests {
    /// The frames of echo.pcap: a header of 24 bytes, records of 16 and the frame.
    private static let frames: [Data] = {
        guard let data = FileManager.default.contents(atPath: Portwatch.capture("echo")) else { return [] }
        var (offset, frames): (Int, [Data]) = (24, [])
        while offset + 16 <= data.count {
            let length = data[(offset + 8)..<(offset + 12)].reversed().reduce(0) { $0 << 8 | Int($1) }
            frames.append(data[(offset + 16)..<(offset + 16 + length)])
            offset += 16 + length
        }
        return frames
    }()

    private static func long(_ value: Int) -> Data { Data((0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }) }
    private static func short(_ value: Int) -> Data { long(value).prefix(2) }
    private static func padded(_ data: Data) -> Data { data + Data(count: (4 - data.count % 4) % 4) }

    private static func block(_ type: Int, _ body: Data) -> Data {
        let length = long(12 + padded(body).count)
        return long(type) + length + padded(body) + length
    }

    private static func option(_ code: Int, _ value: Data) -> Data { short(code) + short(value.count) + padded(value) }
    private static func option(_ code: Int, _ text: String) -> Data { option(code, Data(text.utf8)) }

    private static func packet(_ interface: Int, _ ticks: Int, _ frame: Data, _ options: Data = Data()) -> Data {
        block(6, long(interface) + long(ticks >> 32) + long(ticks) + long(frame.count) + long(frame.count) + padded(frame) + options)
    }

    /// Ethernet in microseconds, raw IP in nanoseconds, and a frame without a time.
    private static let mixed: Data = {
        let section = block(0x0a0d_0d0a, long(0x1a2b_3c4d) + short(1) + short(0) + long(-1) + long(-1) + option(4, "a test"))
        let ethernet = block(1, short(1) + short(0) + long(0) + option(2, "lo") + option(3, "the \u{1b}[31mfirst"))
        let raw = block(1, short(101) + short(0) + long(0) + option(9, Data([9])))
        let comments = option(1, "it \"says\"\nhello \u{202e}ü") + option(1, "twice")
        let seconds = 1_700_000_000
        let simple = block(3, long(frames[3].count) + padded(frames[3]))
        return section + ethernet + packet(0, seconds * 1_000_000 + 1, frames[0]) + raw
            + packet(1, seconds * 1_000_000_000 + 2_345, frames[1].dropFirst(14))
            + packet(0, seconds * 1_000_000 + 3, frames[2], comments) + simple
    }()

    @Test func `interfaces of different link types and resolutions`() throws {
        let finished = try Portwatch.run(["-n", "-r", "-"], input: Self.mixed)
        #expect(finished.status == 0)
        // From the first finer time on, all have nine digits; a frame without a time has none. The SYN waits for its answer.
        let times = finished.lines.map { $0.dropFirst(6).prefix(11).trimmingCharacters(in: .whitespaces) }
        #expect(times == ["0.000000  1", "0.000001345", "0.000002000", ""])
        #expect(finished.lines.allSatisfy { $0.contains("127.0.0.1:1234") })
        let dates = try Portwatch.run(["-n", "-tttt", "-r", "-"], input: Self.mixed)
        #expect(dates.lines.map { $0.contains("2023-11-14 22:13:20.00000") } == [true, true, true, false])
    }

    @Test func `what the file says of them with -v`() throws {
        let finished = try Portwatch.run(["-n", "-v", "-r", "-"], input: Self.mixed)
        let told = finished.lines.filter { ["section", "interface", "comment", "note"].contains($0.split(separator: " ").first) }
        #expect(
            told.map { $0.trimmingCharacters(in: .whitespaces) } == [
                "section   written by: a test", "interface 0, lo, the \\u{1b}[31mfirst", "interface 0, lo, the \\u{1b}[31mfirst",
                "comment   it \"says\"\\nhello \\u{202e}ü", "comment   twice", "interface 0, lo, the \\u{1b}[31mfirst",
                "note      a simple packet block: the capture has no time for it",
            ])
        let ascii = try Portwatch.run(["-n", "-v", "-r", "-"], input: Self.mixed, environment: ["LC_ALL": "C"])
        #expect(ascii.lines.contains { $0.hasSuffix("hello \\u{202e}\\u{fc}") })
    }

    @Test func `what the file says of them in JSON`() throws {
        let finished = try Portwatch.run(["-n", "--json", "-r", "-"], input: Self.mixed)
        let frames = try Portwatch.json(finished.output).map { try #require($0["frame"] as? [String: Any]) }
        #expect(frames.map { $0["interface_id"] as? Int } == [0, 1, 0, 0])
        #expect(frames.map { $0["interface_name"] as? String } == ["lo", nil, "lo", "lo"])
        #expect(frames.map { $0["comment"] as? [String] } == [nil, nil, ["it \"says\"\nhello \u{202e}ü", "twice"], nil])
        let times = ["1700000000.000001000", "1700000000.000002345", "1700000000.000003000", nil]
        #expect(frames.map { $0["time_epoch"] as? String } == times)
    }

    @Test func `a filter is compiled for each link type`() throws {
        #expect(try Portwatch.run(["-n", "-r", "-", "tcp port 1234"], input: Self.mixed).lines.count == 4)
        let finished = try Portwatch.run(["-n", "-r", "-", "ether proto 0x0800"], input: Self.mixed)
        #expect(finished.lines.count == 4)
        let ethernet = try Portwatch.run(["-n", "-r", "-", "ether host 0:0:0:0:0:0"], input: Self.mixed)
        #expect(ethernet.status == 0)
        #expect(ethernet.lines.count == 3)
        #expect(ethernet.errors.components(separatedBy: "no frame of link type 12 (raw IP) passes").count == 2)
    }

    @Test func `a pcap file takes frames of one link type`() throws {
        try Command.withFolder { folder in
            let path = folder + "/out.pcap"
            let finished = try Portwatch.run(["-n", "-r", "-", "-w", path], input: Self.mixed)
            #expect(finished.status == 1)
            #expect(finished.errors.hasSuffix("portwatch: \(path): frame 2 has link type 12 (raw IP), and a pcap file has only one: here 1 (Ethernet)\n"))
            #expect(try Portwatch.run(["-n", "-r", path]).lines.count == 1)
        }
    }

    /// By content, not by name, from a file and from standard input; a cut one shows what it has.
    @Test(arguments: ["gzip", "zstd"]) func compressed(_ command: String) throws {
        let script = """
            \(command) -c <$C/echo.pcap >$D/plain.pcap
            $P -n -r $C/echo.pcap >$D/expected
            $P -n -r $D/plain.pcap | cmp - $D/expected
            $P -n -r - <$D/plain.pcap | cmp - $D/expected
            cat $D/plain.pcap | $P -n -r - | cmp - $D/expected
            head -c 200 $D/plain.pcap >$D/cut.pcap
            $P -n -r $D/cut.pcap || echo $?
            """
        let finished = try Command.shell(script)
        #expect(finished.status == 0)
        #expect(finished.lines.last == "1")
        #expect(finished.errors.contains("cut.pcap: cut off: its \(command) data end in the middle\n"))
    }

    @Test func `another compression is named, with how to go on`() throws {
        let finished = try Command.shell("printf 'BZh91AY&SY' >$D/x.pcap; $P -r $D/x.pcap || echo $?")
        #expect(finished.lines == ["1"])
        let errors = finished.errors.split(separator: "\n")
        #expect(errors.first?.hasSuffix("x.pcap: compressed with bzip2, which is not read here") == true)
        #expect(errors.last?.hasPrefix("bzip2 -dc /tmp/") == true)
        #expect(errors.last?.hasSuffix("x.pcap | portwatch -r -") == true)
    }

    /// A frame is shown when it arrives, although the fifo stays open: its writer waits until it is on the screen.
    @Test(arguments: ["cat", "gzip", "zstd"]) func `a slow fifo`(_ command: String) throws {
        // echo.pcap's SYN and SYN ACK, then the third frame: each compressed on its own, which is as good as one stream.
        let script = """
            pack() { if [ \(command) = cat ]; then cat; else \(command) -c; fi; }
            mkfifo $D/fifo; $P -n -l -r $D/fifo >$D/out 2>/dev/null & pid=$!
            exec 3>$D/fifo
            shown() { until [ "$(wc -l <$D/out)" = $1 ]; do kill -0 $pid; sleep 0.01; done; }
            head -c 204 $C/echo.pcap | pack >&3; shown 2
            tail -c +205 $C/echo.pcap | head -c 82 | pack >&3; shown 3
            exec 3>&-; wait $pid; wc -l <$D/out
            """
        #expect(try Command.shell(script).lines == ["3"])
    }
}
