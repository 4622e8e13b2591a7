import Foundation
import Testing

/// Who runs a live test: both make a private network namespace, in which `lo` is theirs to capture on.
enum Person: String, CaseIterable, CustomTestStringConvertible {
    /// Root itself makes the namespace; without root, whoever runs the tests, as root of a user namespace.
    case root
    /// An ordinary user, by way of a user namespace.
    case ordinary

    var testDescription: String { rawValue }

    /// What a script is run under.
    var wrapper: [String] {
        let isRoot = getuid() == 0
        switch self {
        case .root: return isRoot ? ["unshare", "-n"] : ["unshare", "-rn"]
        case .ordinary: return Person.unprivileged + ["unshare", "-rn"]
        }
    }

    /// An ordinary user on the machine's own network.
    static var unprivileged: [String] {
        getuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
    }
}

/// Live captures, servers and clients in private network namespaces: the real binary, real sockets, the real kernel.
///
/// No test waits by the clock: each waits for what it is about, and a hang is ended by the suite's time limit.
@Suite(.timeLimit(.minutes(5))) struct LiveTests {
    /// Functions of bash that the scripts share.
    private static let prelude = """
        ip link set lo up
        # until FILE PATTERN: waits for a line.
        until_says() { until grep -q -e "$2" "$1" 2>/dev/null; do sleep 0.01; done; }
        # capture NAME ARGUMENT...: captures in the background into $D/NAME.out.
        capture() { local n=$1; shift; "$P" "$@" >"$D/$n.out" 2>"$D/$n.err" & eval "$n=$!"; until_says "$D/$n.err" '^listening on'; }
        # serve NAME ARGUMENT...: a server in the background.
        serve() { local n=$1; shift; "$P" serve echo "$@" >"$D/$n.out" 2>"$D/$n.err" & eval "$n=$!"; until_says "$D/$n.out" '^listening on'; }
        finish() { kill -INT "$@"; wait "$@"; }

        """

    private func run(_ person: Person, _ script: String) throws -> Finished {
        let binary = Portwatch.path
        // The binary is put where an ordinary user can read it.
        let copy = "cp \(binary) $D/portwatch; P=$D/portwatch; "
        let finished = try Command.shell(copy + LiveTests.prelude + script, wrapper: person.wrapper)
        if finished.status != 0 { Issue.record("\(finished.status): \(finished.errors) \(finished.output)") }
        return finished
    }

    @Test(arguments: Person.allCases)
    func `a capture sees its own exchange and delivers each frame to the right socket`(_ person: Person) throws {
        let finished = try run(
            person,
            """
            serve server --number-lines
            capture watch -i lo --port 1234 --json
            printf 'Here we go...\\nWow, a response!\\nGoodbye\\n' | $P connect echo --number-lines --source-port 9157 >&2
            until grep -q '"state":"TIME_WAIT"' $D/watch.out; do sleep 0.01; done
            finish $watch $server
            cat $D/watch.out
            """)
        let frames = try Portwatch.json(finished.output)
        #expect(finished.errors.contains("3: Goodbye"))
        #expect(frames.count >= 10)
        for frame in frames {
            let tcp = try #require(frame["tcp"] as? [String: Any])
            let demux = try #require(frame["demux"] as? [String: Any])
            let receiver = try #require(demux["receiver"] as? [String: Any])
            let flags = try #require(tcp["flags"] as? Int)
            let toServer = tcp["dstport"] as? Int == 1234
            #expect(receiver["local"] as? String == (toServer ? "127.0.0.1:1234" : "127.0.0.1:9157"))
            if flags & 0x12 == 0x02 {
                #expect(receiver["kind"] as? String == "listener")
                #expect(demux["evidence"] as? String == "kernel")
            } else {
                #expect(receiver["kind"] as? String == "connected")
                #expect(receiver["remote"] as? String == (toServer ? "127.0.0.1:9157" : "127.0.0.1:1234"))
                // Of what has just ended the kernel may know nothing any more.
                #expect(["kernel", "capture"].contains(demux["evidence"] as? String))
            }
        }
    }

    @Test(arguments: Person.allCases)
    func `TCP and UDP on one port number do not meet`(_ person: Person) throws {
        let finished = try run(
            person,
            """
            serve stream
            serve datagrams --udp
            capture watch -i lo --port 1234 --json
            echo over TCP | $P connect echo >&2
            echo over UDP | $P connect echo --udp >&2
            until [ "$(grep -c '"udp"' $D/watch.out)" = 2 ]; do sleep 0.01; done
            finish $watch $stream $datagrams
            cat $D/watch.out
            """)
        let frames = try Portwatch.json(finished.output)
        #expect(frames.filter { $0["udp"] != nil }.count == 2)
        #expect(frames.filter { $0["tcp"] != nil }.count >= 7)
        for frame in frames {
            let demux = try #require(frame["demux"] as? [String: Any])
            let receiver = try #require(demux["receiver"] as? [String: Any])
            let isDatagram = frame["udp"] != nil
            #expect((receiver["kind"] as? String == "datagram") == isDatagram)
            #expect((demux["rule"] as? String)?.hasPrefix("datagram") == isDatagram)
        }
    }

    @Test(arguments: Person.allCases)
    func `a burst of 5,000 datagrams loses none`(_ person: Person) throws {
        let finished = try run(
            person,
            """
            serve server --udp --port 6428
            capture watch -i lo -c 5000 udp dst port 6428
            dd if=/dev/zero bs=10 count=5000 status=none >/dev/udp/127.0.0.1/6428
            wait $watch
            finish $server
            wc -l <$D/watch.out
            cat $D/watch.err
            """)
        #expect(finished.lines.first == "5000")
        #expect(finished.lines.contains("5000 packets captured"))
        #expect(finished.lines.contains("0 packets dropped by kernel"))
    }

    @Test func `a frame is shown while the capture goes on`() throws {
        let finished = try run(
            .ordinary,
            """
            capture watch -i lo
            $P connect echo </dev/null 2>$D/refused || true
            until_says $D/watch.out 'answers frame 1'
            finish $watch
            cat $D/watch.out $D/watch.err
            """)
        let lines = finished.lines
        try #require(lines.count >= 2)
        #expect(lines[0].contains("⇒ –✓   nobody"))
        #expect(lines[1].contains("answers frame 1"))
        #expect(finished.lines.contains("2 packets captured"))
        #expect(finished.lines.contains("2 packets received by filter"))
    }

    @Test func `a datagram to nobody is answered by the ICMP error`() throws {
        let finished = try run(
            .ordinary,
            """
            capture watch -i lo --port 6428
            echo anybody | $P connect echo --udp 127.0.0.1 6428 2>$D/refused && exit 9
            until_says $D/watch.out 'answers frame 1'
            finish $watch
            cat $D/watch.out $D/refused
            """)
        let lines = finished.lines
        try #require(lines.count >= 3)
        #expect(lines[0].contains("⇒ –✓   nobody") && lines[0].contains("UDP 8 B \"anybody\\n\""))
        #expect(lines[1].contains("⇒ D1") && lines[1].contains("icmp-error") && lines[1].contains("ICMP port unreachable"))
        #expect(lines[2].hasPrefix("portwatch: 127.0.0.1:6428: port unreachable"))
    }

    @Test func `any counts each frame on lo once`() throws {
        let finished = try run(
            .ordinary,
            """
            serve server --once
            capture watch -i any --port 1234
            echo hello | $P connect echo >&2
            until_says $D/watch.out 'FIN ACK'
            finish $watch $server
            cat $D/watch.out
            """)
        #expect(finished.lines.filter { $0.contains("TCP SYN   ") }.count == 1)
        #expect(finished.lines.filter { $0.contains("TCP SYN ACK") }.count == 1)
    }

    @Test func `written live and printed as well`() throws {
        let finished = try run(
            .ordinary,
            """
            serve server --once
            capture watch -i lo -w $D/live.pcap --print --port 1234
            echo hello | $P connect echo >&2
            until [ "$(grep -c 'FIN ACK' $D/watch.out)" = 2 ]; do sleep 0.01; done
            finish $watch $server
            $P -r $D/live.pcap 2>/dev/null | wc -l
            wc -l <$D/watch.out
            """)
        #expect(finished.lines.count == 2 && finished.lines.first == finished.lines.last)
    }

    @Test func `SIGUSR1 prints the counters midway, SIGTERM ends it`() throws {
        let finished = try run(
            .ordinary,
            """
            capture watch -i lo
            $P connect echo </dev/null 2>/dev/null || true
            until_says $D/watch.out 'answers'
            kill -USR1 $watch
            until_says $D/watch.err '2 packets captured'
            kill -TERM $watch
            wait $watch
            grep -c '2 packets captured' $D/watch.err
            """)
        #expect(finished.lines == ["2"])
    }

    @Test func `a pipe that is closed ends a live capture quietly`() throws {
        let finished = try run(
            .ordinary,
            """
            serve server --udp
            ( $P -i lo 2>$D/err | head -n 1 >$D/first ) &
            until_says $D/err '^listening on'
            until [ -s $D/first ]; do echo x | $P connect echo --udp >/dev/null 2>&1 || true; done
            wait %2
            finish $server
            cat $D/err
            """)
        #expect(!finished.output.contains("portwatch:"))
    }

    @Test func `an interrupt ends the reading of a pipe, with what was read and the tables`() throws {
        let finished = try run(
            .ordinary,
            """
            mkfifo $D/pipe
            $P -r - --sockets <$D/pipe >$D/out 2>$D/err & reader=$!
            exec 9>$D/pipe
            cat $C/echo.pcap >&9
            until_says $D/out 'FIN ACK'
            finish $reader
            cat $D/out $D/err
            """)
        #expect(finished.lines.filter { $0.contains("⇒ ") }.count == 19)
        #expect(finished.output.contains("Sockets, in the order"))
        #expect(!finished.output.contains("portwatch:"))
    }

    @Test func `interfaces and link types are listed`() throws {
        let finished = try run(.ordinary, "$P -D; $P -i lo -L; $P -i lo -c 1 -d port 80 | head -n 1")
        #expect(finished.lines.contains { $0.hasSuffix("lo [Up, Running, Loopback]") })
        #expect(finished.lines.contains("  EN10MB (Ethernet)"))
        #expect(finished.output.contains("(000) ldh"))
    }

    @Test func `IPv6 on loopback`() throws {
        let finished = try run(
            .ordinary,
            """
            serve server --bind ::1 --number-lines
            capture watch -i lo --port 1234 --sockets
            echo six | $P connect echo --number-lines --source-port 9157 ::1 >&2
            until [ "$(grep -c 'FIN ACK' $D/watch.out)" = 2 ]; do sleep 0.01; done
            finish $watch $server
            cat $D/watch.out
            """)
        #expect(finished.errors.contains("1: six"))
        #expect(finished.output.contains("[::1]:9157     → [::1]:1234     ⇒ C2"))
        #expect(finished.output.contains("listener  any            → [::1]:1234"))
    }

    @Test func `a server's own messages`() throws {
        let finished = try run(
            .ordinary,
            """
            serve server --number-lines --port 0
            port=$(sed -n 's/^listening on 127.0.0.1://p' $D/server.out)
            printf 'one\\ntwo\\n' | $P connect echo --number-lines --source-port 9157 127.0.0.1 "$port"
            cat /proc/$server/comm
            finish $server
            grep -F '[127.0.0.1 9157]' $D/server.out
            """)
        #expect(finished.lines == ["1: one", "2: two", "echod", "[127.0.0.1 9157] one", "[127.0.0.1 9157] two"])
    }
}
