import Foundation
import Testing

/// Options of servers and clients: farms, attributes, traces, ports and their errors, look-ups.
@Suite(.timeLimit(.minutes(5))) struct ServerOptionTests {
    private func run(_ script: String, _ wrapper: [String] = Person.ordinary.wrapper) throws -> [String] {
        let finished = try Command.shell(ServerScript.prelude + script, wrapper: wrapper)
        if finished.status != 0 { Issue.record("\(finished.status): \(finished.errors) \(finished.output)") }
        return finished.lines
    }

    @Test func `a farm shares one port, and replaces a member that dies`() throws {
        let lines = try run(
            """
            serve f visitor --farm 3 --port 5193
            members() { cat /proc/$f/task/$f/children; }
            ss -Hltn 'sport = :5193' | wc -l
            for i in $(seq 30); do $P connect visitor --user cew; done | sort -u | wc -l
            sed -n 's/^member \\([0-9]*\\) listens/\\1/p' f.out | sort | cmp - <(members | tr ' ' '\\n' | sed '/^$/d' | sort) && echo told
            first=$(members | cut -d ' ' -f 1); kill -KILL $first
            until grep -q "member $first has died by signal 9: another takes its place" f.err; do sleep 0.01; done
            until [ $(ss -Hltn 'sport = :5193' | wc -l) = 3 ]; do sleep 0.01; done
            $P connect visitor --user cew
            finish $f; ss -Hltn | wc -l
            head -n 1 f.out
            """)
        // The count is one over all members.
        #expect(lines == ["3", "30", "told", "Hello cew, you are visitor number 31 to this server", "0", "listening on 127.0.0.1:5193"])
    }

    @Test func `a farm ends with whoever looks after it`() throws {
        let lines = try run(
            """
            serve f echo --farm 2; kill -KILL $f
            until [ $(ss -Hltn | wc -l) = 0 ]; do sleep 0.01; done; echo gone
            """)
        #expect(lines == ["gone"])
    }

    @Test func `attributes are what was asked for`() throws {
        let lines = try run(
            """
            serve s echo -v --receive-buffer 20000 --send-buffer 30000 --timeout 7 --no-delay
            echo hello | $P connect echo -v --receive-buffer 40000 --source-port 9157 --bind 127.0.0.2 2>client.err
            finish $s; cat s.err client.err
            """)
        #expect(
            lines == [
                "hello",
                "listener 4: getsockname 127.0.0.1:1234, getpeername none, SO_RCVBUF 40000, SO_SNDBUF 60000, SO_RCVTIMEO 7.0 seconds, SO_SNDTIMEO 7.0 seconds, TCP_NODELAY on, SO_KEEPALIVE off, SO_REUSEADDR on, SO_REUSEPORT off",
                "socket 6: getsockname 127.0.0.1:1234, getpeername 127.0.0.2:9157, SO_RCVBUF 40000, SO_SNDBUF 60000, SO_RCVTIMEO 7.0 seconds, SO_SNDTIMEO 7.0 seconds, TCP_NODELAY on, SO_KEEPALIVE off, SO_REUSEADDR on, SO_REUSEPORT off",
                lines.last ?? "",
            ])
        #expect(lines.last?.hasPrefix("portwatch: socket 3: getsockname 127.0.0.2:9157, getpeername 127.0.0.1:1234, SO_RCVBUF 80000, ") == true)
    }

    /// The classic figure: what server and client call, in this order.
    @Test func `a trace has the calls in order, with the sockets' cookies`() throws {
        let lines = try run(
            """
            serve s echo --number-lines --trace-calls
            until grep -q 'accept(4) …' s.err; do sleep 0.01; done
            printf 'hello\\n' | $P connect echo --number-lines --trace-calls >/dev/null 2>client.err
            finish $s
            for f in s.err client.err; do grep -o '\\] [a-z]*(' $f | tr -d '\\n] ' | sed 's/($//'; echo; done
            grep -c '^[0-9]\\{10\\}\\.[0-9]\\{9\\} echod\\[[0-9]*\\] ' s.err
            grep -o 'recv(5, 16384) = 6 "hello.n"' s.err
            grep -o 'getaddrinfo.*)' client.err
            echo $(grep 'accept.*gives' s.err | sed 's/.*gives //' | sort -u) $(grep 'recv(5' s.err | sed 's/.*cookie //' | sort -u) | awk '{ print $1 == $2 }'
            """)
        #expect(
            lines.dropFirst(2) == [
                lines.count > 2 ? lines[2] : "", "recv(5, 16384) = 6 \"hello\\n\"", "getaddrinfo(\"127.0.0.1\", \"1234\")", "1",
            ])
        // What waits is told twice; how often it waits is chance.
        func order(_ calls: String) -> [Substring] {
            calls.split(separator: "(").reduce(into: []) { list, call in if list.last != call { list.append(call) } }
        }
        #expect(
            order(lines[0]) == [
                "getprotobyname", "socket", "setsockopt", "bind", "listen", "getsockname", "accept", "recv", "send", "recv", "close", "accept", "close",
            ])
        #expect(order(lines[1]) == ["getaddrinfo", "getprotobyname", "socket", "connect", "send", "recv", "shutdown", "recv", "close"])
    }

    @Test func `a trace in JSON is JSON, and has no passwords`() throws {
        let lines = try run(
            """
            printf 'secret word\\n' | $P serve auth --users users --add-user ada --grant read
            serve a auth --users users --trace-calls --json
            printf 'secret word\\n' | $P connect auth --user ada --trace-calls --json 2>client.err >/dev/null
            finish $a; cat a.err client.err
            """)
        let calls = try Portwatch.json(lines.joined(separator: "\n"))
        #expect(Set(calls.compactMap { $0["call"] as? String }).isSuperset(of: ["socket", "bind", "listen", "accept", "recv", "send", "close", "connect", "getaddrinfo"]))
        #expect(calls.contains { $0["waits"] as? Bool == true })
        #expect(calls.allSatisfy { $0["call"] as? String != "recv" || $0["waits"] != nil || $0["cookie"] is String })
        #expect(!lines.contains { $0.contains("secret") })
    }

    /// `visitor` closes first, so that its end has the TIME_WAIT.
    @Test(arguments: [("", "", "listening on 127.0.0.1:5193"),
        ("", "--no-reuse-address", "portwatch: 127.0.0.1:5193: a connection of an earlier server in TIME_WAIT there, and this socket is without SO_REUSEADDR"),
        ("--no-reuse-address", "", "portwatch: 127.0.0.1:5193: a connection of an earlier server in TIME_WAIT there, and that server was without SO_REUSEADDR, which both need"),
        ("--no-reuse-address", "--no-reuse-address", "portwatch: 127.0.0.1:5193: a connection of an earlier server in TIME_WAIT there, and neither that server nor this socket has SO_REUSEADDR, which both need")])
    func `a port in TIME_WAIT is had only with SO_REUSEADDR on both sockets`(_ old: String, _ new: String, _ said: String) throws {
        let lines = try run(
            """
            serve s visitor \(old); $P connect visitor >/dev/null; finish $s
            until [ $(ss -Htan state time-wait | wc -l) = 1 ]; do sleep 0.01; done
            "$P" serve visitor \(new) >out 2>&1 & p=$!
            until [ -s out ]; do sleep 0.01; done; kill -TERM $p 2>/dev/null || true; wait $p || true; head -n 1 out
            """)
        #expect(lines == [said])
    }

    @Test func `a port for the system's servers, and one in use, are told as such`() throws {
        let script = """
            cp $P $D/p; $D/p serve web --port 80 2>&1 || true
            """
        let lines = try Command.shell(script, wrapper: Person.unprivileged).lines
        #expect(lines.first == "portwatch: 127.0.0.1:80: no permission for this TCP port: those below 1024 are the system's own servers'")
        let used = try run("serve s echo; $P serve echo --model threads 2>&1 || true; $P serve echo --farm 2 2>&1 || true; finish $s")
        #expect(used.filter { $0.hasPrefix("portwatch:") } == Array(repeating: "portwatch: 127.0.0.1:1234: another socket has this TCP port", count: 2))
    }

    @Test func `names are looked up both ways`() throws {
        let lines = try run(
            """
            for words in "host 127.0.0.1" "service http" "service 80" "service finger" "protocol tcp" "protocol 17" "network loopback" "network 127.0.0.0"; do $P lookup $words | head -n 1; done
            $P lookup host localhost | grep -c '^localhost 127.0.0.1$'
            for words in "service no-such" "protocol 254" "network no-such"; do $P lookup $words 2>&1 || echo $?; done
            """)
        #expect(
            lines == [
                "localhost 127.0.0.1", "http 80/tcp (also www)", "http 80/tcp (also www)", "finger 79/tcp", "tcp 6 (also TCP)", "udp 17 (also UDP)",
                "loopback 127.0.0.0", "loopback 127.0.0.0", "1", "portwatch: no-such: no such service", "1",
                "portwatch: 254: no such protocol", "1", "portwatch: no-such: no such network", "1",
            ])
    }

    /// Every service under every model; scripts/hostile does more of the same.
    @Test func `no client can hurt a server`() throws {
        let script = Portwatch.repository.appendingPathComponent("scripts/hostile.d/hostile.py").path
        let lines = try run("python3 -B \(script) --binary $P --connections 24 --crowd 60 --line 4000000 2>&1 || true")
        #expect(lines.filter { !$0.contains(": ok, ") } == [])
        #expect(lines.count == 44)
    }
}
