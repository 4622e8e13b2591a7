import Foundation
import Testing

/// Every capture against expected output that was read and judged line by line.
///
/// The list says which capture with which options gives which file; `scripts/update-expected` writes the files anew,
/// and the difference is read before it is committed.
@Suite struct ReplayTests {
    struct Replay: CustomTestStringConvertible {
        let name: String
        /// How wide the terminal is; `nil` for a pipe.
        let columns: Int?
        let locale: String
        let arguments: [String]

        var testDescription: String { name }
    }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Expected")

    static let replays: [Replay] = {
        let list = (try? String(contentsOf: folder.appendingPathComponent("LIST"), encoding: .utf8)) ?? ""
        return list.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let words = line.split(separator: " ").map(String.init)
            return Replay(
                name: words[0], columns: Int(words[1]), locale: words[2], arguments: Array(words[3...]))
        }
    }()

    @Test func `the list is there`() {
        #expect(ReplayTests.replays.count > 20)
    }

    @Test(arguments: replays)
    func `output is as expected`(_ replay: Replay) throws {
        let expected = try String(
            contentsOf: ReplayTests.folder.appendingPathComponent(replay.name + ".txt"), encoding: .utf8)
        let script = Portwatch.repository.appendingPathComponent("scripts/replay").path
        let finished = try Command.run(
            [script, replay.columns.map(String.init) ?? "-", replay.locale] + replay.arguments,
            environment: ["PORTWATCH": Portwatch.path])
        #expect(finished.status == 0)
        #expect(finished.output == expected, "scripts/update-expected \(replay.name), then read the difference")
    }

    @Test func `standard input gives what the file gives`() throws {
        for name in ["echo", "multiplex", "udp-echo", "refused"] {
            let path = Portwatch.capture(name)
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            let fromFile = try Portwatch.run(["--read", path, "--explain", "--sockets"])
            let fromPipe = try Portwatch.run(["-r", "-", "--explain", "--sockets"], input: data)
            #expect(fromPipe.output == fromFile.output)
            #expect(!fromFile.output.isEmpty)
            #expect(fromPipe.status == 0)
        }
    }

    @Test func `JSON lines have every field that interface documents name`() throws {
        let lines = try Portwatch.json(try Portwatch.run(["-r", Portwatch.capture("echo"), "--json"]).output)
        #expect(lines.count == 19)
        let first = try #require(lines.first)
        #expect(first.keys.sorted() == ["demux", "eth", "frame", "ip", "tcp"])
        func keys(_ path: String) throws -> [String] { try #require(first[path] as? [String: Any]).keys.sorted() }
        #expect(try keys("frame") == ["cap_len", "len", "number", "protocols", "time_epoch"])
        #expect(try keys("eth") == ["dst", "src", "type"])
        #expect(
            try keys("ip") == [
                "checksum", "checksum_status", "dsfield", "dst", "flags", "frag_offset", "hdr_len", "id", "len", "proto",
                "src", "ttl",
            ])
        #expect(
            try keys("tcp") == [
                "ack_raw", "checksum", "checksum_status", "dstport", "flags", "hdr_len", "len", "options", "seq_raw",
                "srcport", "stream", "urgent_pointer", "window_size_value",
            ])
        #expect(try keys("demux") == ["evidence", "receiver", "rule", "sender"])
        let payload = try #require(lines[3]["payload"] as? [String: Any])
        #expect(payload["preview"] as? String == "Here we go...\n")
        #expect(payload["len"] as? Int == 14)
    }

    @Test func `a filter leaves frame numbers as places in the file`() throws {
        let finished = try Portwatch.run(["-r", Portwatch.capture("echo"), "--json", "tcp[13] & 2 != 0"])
        let numbers = try Portwatch.json(finished.output).map { ($0["frame"] as? [String: Any])?["number"] as? Int }
        #expect(numbers == [1, 2])
    }

    @Test func `port and host join the filter`() throws {
        func count(_ arguments: [String]) throws -> Int {
            try Portwatch.run(["-r", Portwatch.capture("multiplex")] + arguments).lines.count
        }
        let all = try count([])
        let web = try count(["--port", "80"])
        let ftp = try count(["--port", "21"])
        #expect(web + ftp == all)
        #expect(try count(["--port", "http", "--port", "ftp"]) == all)
        #expect(try count(["--host", "10.0.0.1", "--port", "80"]) + count(["--host", "10.0.0.2"]) == web)
        #expect(try count(["--host", "10.0.0.1", "--host", "10.0.0.3", "--port", "21"]) == ftp)
        #expect(try count(["--port", "80", "src", "port", "9157"]) < web)
        #expect(try count(["--port", "4711"]) == 0)
    }

    @Test func `the ICMP error about a port belongs to the port`() throws {
        let finished = try Portwatch.run(["-r", Portwatch.capture("udp-unreachable"), "--port", "6428"])
        #expect(finished.lines.count == 2)
        #expect(try Portwatch.run(["-r", Portwatch.capture("udp-unreachable"), "--port", "80"]).lines.isEmpty)
    }

    @Test func `a count ends it`() throws {
        for count in 1...19 {
            let finished = try Portwatch.run(["-r", Portwatch.capture("echo"), "-c", "\(count)"])
            #expect(finished.lines.count == count)
            #expect(finished.status == 0)
        }
    }

    @Test func `written frames read back the same`() throws {
        try Command.withFolder { folder in
            for name in ["echo", "multiplex", "ipv6-echo", "udp-unreachable"] {
                let copy = folder + "/copy.pcap"
                let written = try Portwatch.run(["-r", Portwatch.capture(name), "-w", copy])
                #expect(written.output.isEmpty)
                #expect(written.status == 0)
                #expect(try Data(contentsOf: URL(fileURLWithPath: copy)) == Data(contentsOf: URL(fileURLWithPath: Portwatch.capture(name))))
            }
            let printed = try Portwatch.run(["-r", Portwatch.capture("echo"), "-w", folder + "/p.pcap", "--print"])
            #expect(printed.output == (try Portwatch.run(["-r", Portwatch.capture("echo")])).output)
        }
    }

    @Test func `a file may be written to standard output`() throws {
        let script = "$P -r $C/echo.pcap -w - 2>$D/err | $P -r - --json 2>>$D/err"
        #expect(try Command.shell(script).lines.count == 19)
    }
}
