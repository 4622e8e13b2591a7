import Foundation
import Testing

/// `which` and `sockets` about real sockets in private network namespaces: the kernel's own answer, and what is made of it.
@Suite(.timeLimit(.minutes(5))) struct KernelTests {
    /// A server in Python that makes sockets, says that it is ready, and waits. `$1` is its program.
    private static let prelude = """
        ip link set lo up
        start() {
            printf '%s\\n' 'import os, socket, time' \\
                'V4, V6, TCP, UDP, SOL = socket.AF_INET, socket.AF_INET6, socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOL_SOCKET' \\
                'kept = []' \\
                'def make(family, kind, address, backlog=6, options=()):' \\
                '    s = socket.socket(family, kind); kept.append(s)' \\
                '    for option in options: s.setsockopt(*option)' \\
                '    s.bind(address)' \\
                '    if kind == TCP: s.listen(backlog)' \\
                '    return s' \\
                'def client(address, port, to=1234):' \\
                '    s = socket.socket(V6 if ":" in address else V4); kept.append(s)' \\
                '    s.setsockopt(SOL, socket.SO_REUSEADDR, 1); s.bind((address, port)); s.connect((address, to)); return s' \\
                'LO = (SOL, socket.SO_BINDTODEVICE, b"lo"); REUSE = (SOL, socket.SO_REUSEPORT, 1)' \\
                'ONLY6 = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)' \\
                'REUSEADDR = (SOL, socket.SO_REUSEADDR, 1)' \\
                "$1" 'open(os.environ["D"] + "/ready", "w").close()' 'time.sleep(1000)' >$D/server.py
            python3 $D/server.py & server=$!
            until [ -e $D/ready ]; do kill -0 $server; sleep 0.01; done
        }
        # Not SIGTERM: the threads that tests run on have it blocked, and the server inherits that.
        finish() { kill -KILL $server; wait $server || true; }
        which() { local status=0; $P which "$@" --json || status=$?; echo "{\\"status\\":$status}"; }

        """

    private func run(_ person: Person, _ server: String, _ script: String) throws -> Finished {
        // Nothing of the server's text is the shell's: it stands between single quotes.
        let text =
            "cp \(Portwatch.path) $D/portwatch; P=$D/portwatch; " + KernelTests.prelude + "start '\(server)'\n" + script
            + "\nfinish\n"
        let finished = try Command.shell(text, wrapper: person.wrapper)
        if finished.status != 0 { Issue.record("\(finished.status): \(finished.errors) \(finished.output)") }
        return finished
    }

    /// What the `which`es of a script answered, each with its exit status.
    private func answers(_ finished: Finished) throws -> [Answer] {
        let lines = try Portwatch.json(finished.output)
        return try stride(from: 0, to: lines.count, by: 2).map { index in
            Answer(lines[index], status: try #require(lines[index + 1]["status"] as? Int))
        }
    }

    private struct Answer {
        let status: Int
        let rule: String?
        let evidence: String?
        let reply: String?
        let receiver: [String: Any]
        let why: [String: String]

        init(_ json: [String: Any], status: Int) {
            self.status = status
            rule = json["rule"] as? String
            evidence = json["evidence"] as? String
            reply = json["reply"] as? String
            receiver = json["receiver"] as? [String: Any] ?? [:]
            let losers = (json["candidates"] as? [[String: Any]] ?? []).filter { $0["why"] != nil }
            why = Dictionary(losers.map { ("\($0["local"] ?? "") \($0["remote"] ?? "")", $0["why"] as? String ?? "") }) { first, _ in first }
        }

        var local: String? { receiver["local"] as? String }
        var kind: String? { receiver["kind"] as? String }
        var owners: [[String: Any]] { receiver["owners"] as? [[String: Any]] ?? [] }
    }

    @Test(arguments: Person.allCases)
    func `a listener, its accepted connection, its waiting one, and nobody`(_ person: Person) throws {
        let finished = try run(
            person,
            """
            l = make(V4, TCP, ("127.0.0.1", 1234)); client("127.0.0.1", 9157); kept.append(l.accept()[0]); client("127.0.0.1", 9158)
            """,
            """
            which tcp 127.0.0.1:9157 127.0.0.1:1234
            which tcp 127.0.0.1:9158 127.0.0.1:1234
            which tcp 127.0.0.1:9159 127.0.0.1:1234
            which tcp 127.0.0.1:1234 127.0.0.1:9157
            which tcp 127.0.0.1:9157 127.0.0.1:80
            which udp 127.0.0.1:9157 127.0.0.1:1234
            """)
        let answers = try answers(finished)
        try #require(answers.count == 6)
        let (accepted, waiting, new) = (answers[0], answers[1], answers[2])
        #expect(accepted.rule == "four-tuple" && accepted.evidence == "kernel" && accepted.status == 0)
        #expect(accepted.owners.count == 1 && accepted.receiver["remote"] as? String == "127.0.0.1:9157")
        #expect(accepted.why == ["127.0.0.1:1234 127.0.0.1:9158": "other-peer", "127.0.0.1:1234 ": "connected-first"])
        #expect(waiting.rule == "four-tuple" && waiting.owners.isEmpty && waiting.receiver["inode"] as? Int == 0)
        #expect(waiting.receiver["made_by"] as? String == "L1")
        #expect(new.rule == "listener-address" && new.kind == "listener")
        #expect(new.receiver["waiting"] as? Int == 1 && new.receiver["backlog"] as? Int == 6)
        #expect(new.owners.first?["name"] as? String == "python3")
        #expect(answers[3].local == "127.0.0.1:9157" && answers[3].rule == "four-tuple")
        #expect(answers[4].status == 1 && answers[4].reply == "reset" && answers[4].rule == "closed-port")
        #expect(answers[5].status == 1 && answers[5].reply == "port-unreachable")
    }

    @Test(arguments: Person.allCases)
    func `wildcards, both versions, IPv6 alone, devices`(_ person: Person) throws {
        let finished = try run(
            person,
            """
            make(V6, TCP, ("::", 1400)); make(V6, TCP, ("::", 1401), options=[ONLY6]); make(V4, TCP, ("0.0.0.0", 1402), options=[REUSEADDR])
            make(V4, TCP, ("127.0.0.1", 1403)); make(V4, TCP, ("0.0.0.0", 1404), options=[LO]); client("127.0.0.1", 9157, 1400)
            """,
            """
            which tcp 127.0.0.1:9 127.0.0.1:1400
            which tcp [::1]:9 [::1]:1400
            which tcp 127.0.0.1:9 127.0.0.1:1401
            which tcp [::1]:9 [::1]:1401
            which tcp 127.0.0.1:9 127.7.7.7:1402
            which tcp 127.0.0.1:9 127.7.7.7:1403
            which tcp 127.0.0.1:9 127.0.0.1:1404
            which tcp 127.0.0.1:9157 127.0.0.1:1400
            which tcp [::1]:9 [::1]:1402
            """)
        let answers = try answers(finished)
        try #require(answers.count == 9)
        #expect(answers[0].local == "[::]:1400" && answers[0].rule == "listener-wildcard")
        #expect(answers[1].local == "[::]:1400")
        #expect(answers[2].status == 1 && answers[2].why == ["[::]:1401 ": "v6only"])
        #expect(answers[3].local == "[::]:1401" && answers[3].receiver["v6only"] as? Bool == true)
        #expect(answers[4].local == "0.0.0.0:1402")
        #expect(answers[5].status == 1 && answers[5].why == ["127.0.0.1:1403 ": "other-address"])
        #expect(answers[6].local == "0.0.0.0:1404" && answers[6].receiver["device"] as? String == "lo")
        // An IPv6 socket whose connection is IPv4's.
        #expect(answers[7].local == "127.0.0.1:1400" && answers[7].receiver["v6only"] as? Bool == false)
        #expect(answers[8].status == 1)
    }

    @Test(arguments: Person.allCases)
    func `datagrams: connected first, then bound, then every address; groups`(_ person: Person) throws {
        let finished = try run(
            person,
            """
            make(V4, UDP, ("0.0.0.0", 53), options=[REUSEADDR]); make(V4, UDP, ("127.0.0.1", 53), options=[REUSEADDR])
            make(V4, UDP, ("127.0.0.1", 53), options=[REUSEADDR]).connect(("127.0.0.1", 9157))
            make(V6, UDP, ("::", 54))
            """,
            """
            which udp 127.0.0.1:9157 127.0.0.1:53
            which udp 127.0.0.1:9158 127.0.0.1:53
            which udp 127.0.0.1:9158 127.0.0.2:53
            which udp 127.0.0.1:9158 127.0.0.1:54
            which udp 127.0.0.1:9158 224.0.0.1:53 -i lo
            which udp 127.0.0.1:9158 239.9.9.9:53 -i lo
            which udp 127.0.0.1:9158 198.51.100.7:53
            """)
        let answers = try answers(finished)
        try #require(answers.count == 7)
        #expect(answers[0].rule == "datagram-connected" && answers[0].receiver["state"] as? String == "connected")
        #expect(answers[0].why == ["127.0.0.1:53 ": "connected-first", "0.0.0.0:53 ": "connected-first"])
        #expect(answers[1].rule == "datagram-address" && answers[1].local == "127.0.0.1:53")
        #expect(answers[2].rule == "datagram-wildcard" && answers[2].local == "0.0.0.0:53")
        #expect(answers[3].local == "[::]:54")
        #expect(answers[4].rule == "group-delivery" && answers[4].evidence == "presumed")
        #expect(answers[5].rule == "not-local" && answers[5].reply == nil && answers[5].status == 1)
        #expect(answers[6].rule == "not-local" && answers[6].status == 1)
    }

    @Test(arguments: Person.allCases)
    func `a forked server's connection has two owners, and a full accept queue is told`(_ person: Person) throws {
        let finished = try run(
            person,
            """
            l = make(V4, TCP, ("127.0.0.1", 1234), 1); client("127.0.0.1", 9157); kept.append(l.accept()[0])
            client("127.0.0.1", 9158); client("127.0.0.1", 9159)
            child = os.fork()
            if child == 0: time.sleep(1000)
            open(os.environ["D"] + "/child", "w").write(str(child))
            """,
            """
            which tcp 127.0.0.1:9157 127.0.0.1:1234
            which tcp 127.0.0.1:9160 127.0.0.1:1234
            $P which tcp 127.0.0.1:9160 127.0.0.1:1234 >&2
            $P sockets --port 1234 >&2
            kill -KILL $(cat $D/child)
            """)
        let answers = try answers(finished)
        try #require(answers.count == 2)
        #expect(answers[0].owners.count == 2)
        #expect(Set(answers[0].owners.compactMap { $0["pid"] as? Int }).count == 2)
        #expect(answers[1].receiver["waiting"] as? Int == 2 && answers[1].receiver["backlog"] as? Int == 1)
        #expect(finished.errors.contains("2 connections wait and the backlog is 1: the kernel drops a SYN"))
        #expect(finished.errors.contains("LISTEN      2 of 1"))
        #expect(finished.errors.contains("its accept queue is full"))
    }

    @Test(arguments: Person.allCases)
    func `a reuse-port group: the kernel names the member`(_ person: Person) throws {
        let finished = try run(
            person, "for _ in range(4): make(V4, TCP, (\"127.0.0.1\", 1300), options=[REUSE])",
            """
            for port in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do which tcp 127.0.0.1:$port 127.0.0.1:1300; done
            $P sockets >&2
            """)
        let answers = try answers(finished)
        #expect(answers.count == 16)
        for answer in answers {
            #expect(answer.rule == "reuse-port-group" && answer.why == ["127.0.0.1:1300 ": "group-member"])
        }
        // By a hash of the four-tuple: of 16 ports at least two members get some (one in 4^15 that not).
        #expect(Set(answers.compactMap { $0.receiver["cookie"] as? String }).count > 1)
        #expect(finished.errors.components(separatedBy: "reuse-port group of 4").count == 5)
    }

    @Test func `TIME_WAIT is found, and a half-open connection`() throws {
        let finished = try run(
            .ordinary,
            """
            l = make(V4, TCP, ("127.0.0.1", 1234)); c = client("127.0.0.1", 9157); a = l.accept()[0]; c.close(); a.recv(1); a.close()
            # A connection is not whole before its first byte comes.
            make(V4, TCP, ("127.0.0.1", 1235), options=[(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 30)])
            client("127.0.0.1", 9158, 1235)
            """,
            """
            until $P sockets --json --port 9157 | grep -q TIME_WAIT; do sleep 0.01; done
            which tcp 127.0.0.1:1234 127.0.0.1:9157
            which tcp 127.0.0.1:9158 127.0.0.1:1235
            $P sockets >&2
            """)
        let answers = try answers(finished)
        try #require(answers.count == 2)
        #expect(answers[1].rule == "four-tuple" && answers[1].receiver["state"] as? String == "SYN_RECV")
        #expect(answers[1].receiver["made_by"] as? String == "L1" && answers[1].receiver["inode"] as? Int == 0)
        #expect(finished.errors.contains("half open, waits for the last ACK of its handshake with L2"))
        #expect(answers[0].rule == "time-wait" && answers[0].owners.isEmpty && answers[0].status == 0)
        #expect(answers[0].receiver["state"] as? String == "TIME_WAIT")
        #expect(finished.errors.contains("TIME_WAIT"))
        #expect(finished.errors.contains("no process: it waits for stray segments"))
    }

    // MARK: - The table

    private static let several = """
        l = make(V4, TCP, ("127.0.0.1", 1234)); client("127.0.0.1", 9157); kept.append(l.accept()[0]); client("127.0.0.1", 9158)
        make(V6, TCP, ("::", 1400)); make(V6, UDP, ("::1", 53)); make(V4, UDP, ("127.0.0.1", 55)).connect(("127.0.0.1", 9))
        """

    @Test(arguments: Person.allCases)
    func `sockets in the order of the look-up, filtered`(_ person: Person) throws {
        let finished = try run(
            person, KernelTests.several,
            """
            for options in "" "--port 1234" "--port 53 --port 1400" "--host ::1" "--process python3" "--process $server --host 127.0.0.1" "--process 1"; do
                echo "== $options"; $P sockets -n $options | sed "s/\\[$server\\]/[PID]/"
            done
            $P sockets --json
            """)
        let parts = finished.output.components(separatedBy: "== ").dropFirst()
        let tables = parts.map { $0.components(separatedBy: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") } }
        try #require(tables.count == 7)
        #expect(tables[0].map { $0.split(separator: " ").prefix(5).joined(separator: " ") } == [
            "connected 127.0.0.1:9157 → 127.0.0.1:1234 C1", "connected 127.0.0.1:9158 → 127.0.0.1:1234 C2",
            "connected 127.0.0.1:1234 → 127.0.0.1:9157 C3", "connected 127.0.0.1:1234 → 127.0.0.1:9158 C4",
            "listener any → 127.0.0.1:1234 L1", "listener any → *:1400 L2",
            "datagram 127.0.0.1:9 → 127.0.0.1:55 D1", "datagram any → [::1]:53 D2",
        ])
        #expect(tables[0][0].hasSuffix("ESTABLISHED 0/0     python3[PID] fd 5"))
        #expect(tables[0][1].hasSuffix("ESTABLISHED 0/0     waits in the accept queue of L1"))
        #expect(tables[0][4].hasSuffix("LISTEN      1 of 6  python3[PID] fd 3"))
        #expect(tables.map(\.count) == [8, 5, 2, 1, 8, 6, 0])
        #expect(parts.last?.contains("No such TCP or UDP socket.") == true)
        let sockets = try Portwatch.json(finished.lines.filter { $0.hasPrefix("{") }.joined(separator: "\n"))
        #expect(sockets.count == 8)
        for line in sockets {
            let socket = try #require(line["socket"] as? [String: Any])
            #expect(socket["cookie"] is String && socket["inode"] is Int && socket["owners"] is [Any])
            #expect(socket["netns"] as? Int != 0)
        }
    }

    @Test(arguments: [("C.UTF-8", 80), ("C.UTF-8", 100), ("C.UTF-8", 160), ("C", 80), ("C", 160)])
    func `no line is wider than the terminal`(_ locale: String, _ width: Int) throws {
        let finished = try run(
            .ordinary, KernelTests.several,
            """
            script -qc "stty cols \(width); LC_ALL=\(locale) $P sockets 2>$D/err; LC_ALL=\(locale) $P which tcp 127.0.0.1:9157 127.0.0.1:1234" /dev/null | tr -d '\\r'
            """)
        #expect(finished.lines.count > 12)
        for line in finished.lines {
            #expect(line.unicodeScalars.count <= width || line.hasPrefix("Compare"), "\(line)")
            if locale == "C" { #expect(line.utf8.allSatisfy { $0 < 0x80 }, "\(line)") }
        }
    }

    @Test func `which says 2 where it failed, as 1 says that nobody gets it`() throws {
        let finished = try Command.shell("$P which tcp 127.0.0.1:9 127.0.0.1:9 >/dev/full || echo $?")
        #expect(finished.lines == ["2"])
        #expect(finished.errors == "portwatch: standard output: No space left on device\n")
    }

    @Test func `without the right to see other users' processes it says so, and which right would`() throws {
        // Root's processes are on every machine, and nobody else may look into them.
        try Command.withFolder { folder in
            let copy = folder + "/portwatch"
            try FileManager.default.copyItem(atPath: Portwatch.path, toPath: copy)
            let finished = try Command.run(Person.unprivileged + [copy, "sockets"])
            #expect(finished.status == 0)
            #expect(finished.errors.contains("cannot be looked into") || finished.errors.contains("hidepid"))
            #expect(finished.errors.contains("CAP_SYS_PTRACE with CAP_DAC_READ_SEARCH"))
        }
    }
}
