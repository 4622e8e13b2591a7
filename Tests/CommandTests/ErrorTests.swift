import Foundation
import Testing

/// Every error of the documented kinds: its exit status, its one line, and what was shown before it.
@Suite(.timeLimit(.minutes(5))) struct ErrorTests {
    private func expect(
        _ arguments: [String], input: Data = Data(), status: Int32, _ message: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let finished = try Portwatch.run(arguments, input: input)
        #expect(finished.status == status, sourceLocation: sourceLocation)
        let line = finished.errors.split(separator: "\n").first { $0.hasPrefix("portwatch: ") }.map(String.init) ?? finished.errors
        #expect(line == "portwatch: " + message, sourceLocation: sourceLocation)
    }

    @Test(arguments: [
        (["--bogus"], "--bogus: no such option"),
        (["-J"], "-J: no such option"),
        (["-r"], "-r: wants an argument"),
        (["--read"], "--read: wants an argument"),
        (["--json=yes"], "--json: takes no argument"),
        (["-c", "0"], "-c 0: a number from 1 on"),
        (["-c", "many"], "-c many: a number from 1 on"),
        (["-s", "-1"], "-s -1: a number from 0 to 262144"),
        (["-s", "262145"], "-s 262145: a number from 0 to 262144"),
        (["-B", "0"], "-B 0: a number from 1 to 2097151"),
        (["-Q", "sideways"], "-Q sideways: in, out or inout"),
        (["-y", "NONSENSE"], "-y NONSENSE: no such link type"),
        (["--color", "mauve"], "--color mauve: auto, always or never"),
        (["--port", "65536"], "--port 65536: neither a port (0 to 65535) nor a service of the services database"),
        (["--host", "1.2.3.4 or tcp"], "--host 1.2.3.4 or tcp: neither an address nor a name"),
        (["-i", "lo", "-r", "x"], "-i and -r x: one or the other"),
        (["--ladder", "--json"], "--ladder and --json: one or the other"),
        (["--ladder", "-r", "x", "--explain"], "--ladder and --explain: one or the other"),
        (["--ladder", "-v"], "--ladder and -v: one or the other"),
        (["-XX", "--ladder"], "--ladder and -x, -X or -A: one or the other"),
        (["--ladder", "--html", "x.html"], "--ladder and --html: one or the other"),
        (["--html", "x.html", "--json"], "--html x.html and --json: one or the other, or --print as well"),
        (["--html", "-", "--print"], "--html - and --print: both want standard output"),
        (["--html", "-", "-w", "-"], "--html - and -w -: both want standard output"),
        (["--private", "-r", "x"], "--private and -r x: --private is for live captures"),
        (["--private", "--"], "--: behind it a command is missing"),
        (["-r", "x", "--", "true"], "-r x and -- true: a command is for live captures"),
        (["-D", "--", "true"], "-D and -- true: one or the other"),
        (["-i", "lo", "-d", "port", "80", "--", "true"], "-d and -- true: one or the other"),
        (["--mine"], "--mine: whose? It wants -- COMMAND"),
        (["--mine", "-w", "f", "--", "true"], "--mine and -w f: what is written is not told apart by process"),
        (["-C", "1"], "-C: not built yet"),
        (["demo", "nonsense"], "demo nonsense: no such scene; portwatch demo lists them"),
        (["--step"], "--pace, --step and --quiz: of what? They want -r FILE; a live capture has a pace of its own"),
        (["--pace", "real", "-i", "lo"], "--pace, --step and --quiz: of what? They want -r FILE; a live capture has a pace of its own"),
        (["--pace", "live", "-r", "x"], "--pace live: real, a factor as ×0.1 or x0.1 (a tenth as fast), or a delay as 0.5, 500ms or 2s"),
        (["--step", "--json", "-r", "x"], "--step and --json: --step shows a screen; --pace writes JSON lines in time"),
        (["--step", "--quiz", "-r", "x"], "--step and --quiz: one or the other"),
        (["--pace", "1", "--step", "-r", "x"], "--pace and --step: one or the other"),
        (["--seed", "1", "-r", "x"], "--seed: it is for --quiz"),
        (["--quiz", "--seed", "me", "-r", "x"], "--seed me: a number from 0 on"),
        (["--quiz", "-w", "y", "-r", "x"], "--quiz and -w: one or the other"),
        (["--pace", "1", "-q", "--sockets", "-r", "x"], "--pace and -q --sockets: one or the other"),
        (["which"], "tcp or udp, SOURCE, DESTINATION: there must be three words"),
        (["which", "tcp", "1.2.3.4:5"], "tcp or udp, SOURCE, DESTINATION: there must be three words"),
        (["which", "icmp", "1.2.3.4:5", "6.7.8.9:10"], "icmp: tcp or udp"),
        (["which", "tcp", "1.2.3.4", "6.7.8.9:10"], "1.2.3.4: not an address and a port, as in 127.0.0.1:1234 and [::1]:1234"),
        (["which", "tcp", "1.2.3.4:5", "[::1]:99999"], "[::1]:99999: not an address and a port, as in 127.0.0.1:1234 and [::1]:1234"),
        (["which", "tcp", "1.2.3.4:5", "[::1]:80"], "1.2.3.4:5 and [::1]:80: one is IPv4, the other IPv6"),
        (["which", "tcp", "1.2.3.4:5", "6.7.8.9:10", "-i", "no-such-one"], "-i no-such-one: no such interface"),
        (["sockets", "--port", "x"], "--port x: neither a port (0 to 65535) nor a service of the services database"),
        (["sockets", "here"], "here: what is this for?"),
        (["sockets", "--process", ""], "--process: a name or a number"),
        (["sockets", "--ladder"], "--ladder: no such option"),
        (["lookup", "host"], "host, service, protocol or network, and NAME or NUMBER: there must be two words"),
        (["lookup", "planet", "mars"], "planet: host, service, protocol or network"),
        (["serve"], "which service? there are: echo, visitor, finger, sort, file, web, mail, auth, login"),
        (["serve", "gopher"], "gopher: no such service; there are: echo, visitor, finger, sort, file, web, mail, auth, login"),
        (["serve", "echo", "--model", "magic"], "--model magic: iterative, processes, threads, events"),
        (["serve", "echo", "--udp", "--model", "events"], "--model: a datagram socket has no connections"),
        (["serve", "echo", "--udp", "--farm", "2"], "--farm: of connections alone"),
        (["serve", "echo", "--farm", "0"], "--farm 0: a number from 1 to 64"),
        (["serve", "echo", "--backlog", "-1"], "--backlog -1: a number from 0 to 65535"),
        (["serve", "echo", "--root", "."], "--root: of file, web, mail alone"),
        (["serve", "sort", "--once"], "--once: of echo alone"),
        (["serve", "login", "--auth", "here"], "--auth here: not HOST:PORT"),
        (["serve", "echo", "--timeout", "0"], "--timeout 0: seconds, from 0.001 on"),
        (["serve", "echo", "--json"], "--json: with --trace-calls"),
        (["connect", "mail"], "--to ADDRESS: to whom?"),
        (["serve", "echo", "--port", "x"], "--port x: not a port (0 to 65535)"),
        (["serve", "echo", "--bind", "here"], "--bind here: not an IPv4 or IPv6 address"),
        (["serve", "echo", "--udp", "--once"], "--udp and --once: one or the other"),
        (["connect", "echo", "a", "1", "b"], "b: what is this for?"),
        (["connect", "echo", "--source-port", "70000"], "--source-port 70000: not a port (0 to 65535)"),
    ])
    func `a wrong command line is status 64 and a line of usage`(_ arguments: [String], _ message: String) throws {
        try expect(arguments, status: 64, message)
        let finished = try Portwatch.run(arguments)
        let lines = finished.errors.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.last?.hasPrefix("usage: portwatch") == true)
        #expect(finished.output.isEmpty)
    }

    @Test func `files that are no captures`() throws {
        try expect(["-r", "/nonexistent"], status: 1, "/nonexistent: No such file or directory")
        try expect(["-r", "/tmp"], status: 1, "/tmp: a directory, not a capture file")
        try expect(["-r", "/dev/null"], status: 1, "/dev/null: empty, not a capture file")
        try expect(["-r", "-"], status: 1, "standard input: empty, not a capture file")
        try expect(
            ["-r", "/proc/self/status"], status: 1,
            "/proc/self/status: not a capture file: it seems to be text")
        try expect(
            ["-r", "-"], input: Data([0xd4, 0xc3]), status: 1,
            "standard input: not a capture file: it has only 2 bytes")
    }

    @Test func `a file that ends in the middle shows every whole frame`() throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: Portwatch.capture("echo")))
        let all = try Portwatch.run(["-r", Portwatch.capture("echo")]).lines
        try Command.withFolder { folder in
            // The file's header has 24 bytes, a record's 16.
            var ends = [24]
            while let end = ends.last, end < whole.count {
                let length = whole[(end + 8)..<(end + 12)].reversed().reduce(0) { $0 << 8 | Int($1) }
                ends.append(end + 16 + length)
            }
            for cut in stride(from: 25, to: whole.count, by: 7) where !ends.contains(cut) {
                let path = folder + "/cut.pcap"
                try whole.prefix(cut).write(to: URL(fileURLWithPath: path))
                let finished = try Portwatch.run(["-r", path, "-w", folder + "/good.pcap", "--print"])
                let frames = ends.filter { $0 <= cut }.count - 1
                #expect(finished.status == 1)
                // The SYN's answer may lie behind the cut.
                #expect(finished.lines.count == frames)
                if frames >= 2 { #expect(finished.lines == Array(all.prefix(frames))) }
                #expect(finished.errors.contains("portwatch: \(path): cut off within "))
                #expect(try Portwatch.run(["-r", folder + "/good.pcap"]).lines.count == frames)
            }
        }
    }

    @Test func `a bad filter gets a caret where libpcap names the word`() throws {
        let finished = try Portwatch.run(["-r", Portwatch.capture("echo"), "tcp port nonesuch"])
        #expect(finished.status == 1)
        let lines = finished.errors.split(separator: "\n").map(String.init)
        #expect(lines.suffix(2) == ["tcp port nonesuch", "         ^^^^^^^^"])
        try expect(["-r", Portwatch.capture("echo"), "tcp port"], status: 1, "filter: can't parse filter expression: syntax error")
    }

    @Test func `an unknown interface is told with those there are`() throws {
        let wrapper = Person.ordinary.wrapper
        let finished = try Command.shell("cp $P $D/p; $D/p -i nonesuch0 || echo $?", wrapper: wrapper)
        #expect(finished.lines == ["1"])
        let lines = finished.errors.split(separator: "\n").map(String.init)
        #expect(lines.first == "portwatch: nonesuch0: no such interface")
        #expect(lines.last?.contains("lo") == true)
    }

    @Test func `without the right to capture it says what to type`() throws {
        let finished = try Command.shell("cp $P $D/p; $D/p -i lo || echo $?", wrapper: Person.unprivileged)
        #expect(finished.lines == ["1"])
        let lines = finished.errors.split(separator: "\n").map(String.init)
        #expect(lines.first == "portwatch: lo: no permission to capture here")
        #expect(lines.last?.contains("sudo setcap cap_net_raw,cap_net_admin=ep /tmp/") == true)
        #expect(lines.last?.hasSuffix("without root: portwatch --private -- COMMAND") == true)
    }

    @Test func `a full disk is told, and what was shown stays`() throws {
        let full = try Command.shell("$P -r $C/echo.pcap -w /dev/full || echo $?")
        #expect(full.lines == ["1"])
        #expect(full.errors.contains("portwatch: /dev/full: No space left on device"))

        let shown = try Command.shell("$P -r $C/echo.pcap -w /dev/full --print || echo $?")
        #expect(shown.lines.count == 20)

        let screen = try Command.shell("$P -r $C/echo.pcap >/dev/full || echo $? >&2")
        #expect(screen.errors.contains("portwatch: standard output: No space left on device\n1"))

        // A file system of 64 KiB: the frames that fit are whole.
        let script = """
            mkdir $D/small; mount -t tmpfs -o size=64k tmpfs $D/small; cp $P $D/p
            head -c 24 $C/echo.pcap >$D/big.pcap
            for i in $(seq 100); do tail -c +25 $C/echo.pcap; done >>$D/big.pcap
            $D/p -r $D/big.pcap -w $D/small/out.pcap || echo $?
            { $D/p -r $D/small/out.pcap 2>/dev/null || true; } | wc -l
            """
        let small = try Command.shell(script, wrapper: Person.ordinary.wrapper.map { $0 == "-rn" ? "-rnm" : $0 })
        #expect(small.lines.first == "1")
        #expect(small.errors.contains("out.pcap: No space left on device"))
        #expect(Int(small.lines.last ?? "").map { $0 > 600 } == true)
    }

    @Test func `a closed pipe ends it quietly`() throws {
        let script = """
            head -c 24 $C/echo.pcap >$D/big.pcap
            for i in $(seq 2000); do tail -c +25 $C/echo.pcap; done >>$D/big.pcap
            set +o pipefail
            $P -r $D/big.pcap 2>$D/err | head -n 1
            cat $D/err >&2
            """
        let finished = try Command.shell(script)
        #expect(finished.lines.count == 1)
        #expect(!finished.errors.contains("portwatch:"))
    }

    @Test func `a port in use and a refused connection`() throws {
        let script = """
            ip link set lo up; cp $P $D/p
            $D/p serve echo >$D/out & until grep -q listening $D/out; do sleep 0.01; done
            $D/p serve echo || echo $?
            kill %1; wait
            $D/p connect echo </dev/null || echo $?
            """
        let finished = try Command.shell(script, wrapper: Person.ordinary.wrapper)
        #expect(finished.lines == ["1", "1"])
        #expect(finished.errors.contains("portwatch: 127.0.0.1:1234: another socket has this TCP port\n"))
        #expect(finished.errors.contains("portwatch: 127.0.0.1:1234: connection refused: nobody listens on that port\n"))
    }

    /// No file or socket may take the number of a standard descriptor that the caller closed.
    @Test func `closed standard descriptors are told, and nothing lands elsewhere`() throws {
        let script = """
            $P -r $C/echo.pcap >&- 2>$D/err || echo "$?"
            grep -c 'standard output: Bad file descriptor' $D/err
            $P -r $C/echo.pcap -w $D/w.pcap --print <&- >&- 2>&- || echo "$?"
            head -c 4 $D/w.pcap | od -An -tx1
            $P connect echo <&- 2>&1 || true
            """
        let finished = try Command.shell(script, wrapper: Person.ordinary.wrapper)
        #expect(finished.lines.prefix(4) == ["1", "1", "1", " d4 c3 b2 a1"])
    }

    @Test func `a filter that matches nothing is fine`() throws {
        let finished = try Portwatch.run(["-r", Portwatch.capture("echo"), "udp"])
        #expect(finished.status == 0)
        #expect(finished.output.isEmpty)
    }
}
