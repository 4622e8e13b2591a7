import Foundation
import Testing

/// The sequence chart as the program draws it.
@Suite(.timeLimit(.minutes(5))) struct LadderTests {
    private func chart(_ arguments: [String], environment: [String: String] = [:]) throws -> [String] {
        let finished = try Portwatch.run(arguments + ["--ladder"], environment: environment)
        #expect(finished.status == 0)
        return finished.lines
    }

    @Test func `a pipe gets 100 columns, or what COLUMNS says`() throws {
        let path = Portwatch.capture("multiplex")
        let widths = try [[:], ["COLUMNS": "60"], ["COLUMNS": "160"]].map { environment in
            try chart(["-r", path], environment: environment).map(\.unicodeScalars.count).max() ?? 0
        }
        #expect(widths[0] <= 100 && widths[0] > 80)
        #expect(widths[1] <= 60)
        #expect(widths[2] <= 160 && widths[2] > 120)
    }

    @Test(arguments: ["arp", "echo", "farm", "fragments", "multiplex", "once", "refused", "udp-echo", "vxlan", "web"])
    func `each frame is drawn once, in order, at every width`(_ name: String) throws {
        let path = Portwatch.capture(name)
        let frames = try Portwatch.run(["-r", path, "-q"]).lines.count
        for columns in [40, 66, 80, 100, 132, 200] {
            let lines = try chart(["-r", path], environment: ["COLUMNS": "\(columns)"])
            let numbers = lines.compactMap { $0.firstMatch(of: /^ *(\d+) {2}/).flatMap { Int($0.1) } }
            #expect(numbers == Array(1...frames))
            #expect(lines.allSatisfy { $0.unicodeScalars.count <= columns })
        }
    }

    @Test func `filter, count and table`() throws {
        let lines = try chart(["-r", Portwatch.capture("both"), "-c", "3", "--sockets", "port", "5196"])
        #expect(lines.contains { $0.hasPrefix("  12  │") })
        #expect(lines.count { $0.prefix(4).contains(where: \.isNumber) } == 3)
        let table = try #require(lines.firstIndex { $0.hasPrefix("Sockets, in the order") })
        #expect(lines[table - 1].isEmpty)
        #expect(table > 5)
    }

    @Test func `what is written is drawn only where that is wanted`() throws {
        try Command.withFolder { folder in
            let written = try chart(["-r", Portwatch.capture("echo"), "-w", folder + "/a"])
            let both = try chart(["-r", Portwatch.capture("echo"), "-w", folder + "/b", "--print"])
            #expect(written.isEmpty)
            #expect(!both.isEmpty)
        }
    }

    @Test func `live, at the end, with the kernel's word and the processes`() throws {
        let program = """
            import os, socket, time
            s = socket.socket(); s.bind(("127.0.0.1", 1234)); s.listen(6)
            if os.fork() == 0:
                s.close(); c = socket.socket(); c.bind(("127.0.0.1", 9157)); c.connect(("127.0.0.1", 1234))
                time.sleep(0.3); c.send(b"hello"); time.sleep(0.3); c.close(); os._exit(0)
            k, _ = s.accept(); time.sleep(0.3); k.recv(10); k.recv(10); k.close(); os.wait(); time.sleep(0.1)
            for port in 6428, 6429:
                u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.sendto(b"x", ("127.0.0.1", port)); time.sleep(0.1); u.close(); time.sleep(0.3)
            """
        let finished = try Command.shell(
            """
            cp "$P" $D/portwatch
            printf '%s' '\(program.replacingOccurrences(of: "'", with: "\""))' >$D/program.py
            COLUMNS=160 $D/portwatch --private --ladder -n -- python3 $D/program.py
            """, wrapper: Person.unprivileged)
        #expect(finished.status == 0, "\(finished.errors)")
        let chart = finished.output
        #expect(chart.contains("C1 :9157") && chart.contains("L1 :1234") && chart.contains("C2 :1234"))
        #expect(chart.contains("↔ :9157"))
        // The server's process over both of its sockets, the client's over its own.
        #expect(chart.contains(/python3\[\d+\] +python3\[\d+\] ─+/))
        #expect(chart.contains("▶ ●✓ new, made by L1"))
        #expect(chart.contains(/PSH ACK 5 B  seq 1 ack 1 ─+┼─+▶ ●✓/))
        #expect(chart.contains("┊ TIME_WAIT"))
        #expect(chart.contains(/UDP 1 B ─+▶ ✗✓ nobody has :6428/))
        // A datagram socket ends without a frame; the kernel tells of it.
        #expect(chart.contains(/\n {6,}[ │┊]*× closed[ ·│┊]*\n/))
    }
}
