import Foundation
import Testing

/// What ends a server or a member of it, what does not, and what is left then.
@Suite(.timeLimit(.minutes(5))) struct ServerEndTests {
    private static let prelude = ServerScript.prelude + """
        members() { cat /proc/$f/task/$f/children; }
        first() { members | cut -d ' ' -f 1; }
        listen() { until [ $(ss -Hltn | wc -l) = $1 ]; do sleep 0.01; done; }

        """

    private func run(_ script: String) throws -> [String] {
        let finished = try Command.shell(ServerEndTests.prelude + script, wrapper: Person.ordinary.wrapper)
        if finished.status != 0 { Issue.record("\(finished.status): \(finished.errors) \(finished.output)") }
        return finished.lines
    }

    @Test func `a farm replaces a member that is told to end, and one that dies before it listens`() throws {
        let lines = try run(
            """
            serve f echo --farm 2
            m=$(first); kill -TERM $m
            until grep -q "member $m has ended: another takes its place" f.err; do sleep 0.01; done; listen 2
            # The next ones hardly begin.
            for i in 1 2 3; do until m=$(first); [ -n "$m" ]; do sleep 0.001; done; kill -KILL $m; until ! kill -0 $m 2>/dev/null; do sleep 0.01; done; done
            listen 2; printf 'x\\n' | $P connect echo
            finish $f; ss -Hltn | wc -l
            """)
        #expect(lines == ["x", "0"])
    }

    @Test func `a farm that can start no member tries again`() throws {
        let lines = try run(
            """
            serve f echo --farm 2
            prlimit --pid $f --nofile=5:5; kill -KILL $(first)
            until grep -q -e 'no member for now' -e 'has ended with status 1' f.err; do sleep 0.01; done
            kill -0 $f && echo lives; printf 'x\\n' | $P connect echo
            finish $f; ss -Hltn | wc -l
            """)
        #expect(lines == ["lives", "x", "0"])
    }

    @Test func `no child outlives the member that forked it`() throws {
        let lines = try run(
            """
            serve f echo --farm 1 --model processes
            exec 5<>/dev/tcp/127.0.0.1/1234; echo x >&5; read -r line <&5; echo $line
            m=$(first); child=$(cat /proc/$m/task/$m/children); child=${child% }
            kill -KILL $m; until ! kill -0 $child 2>/dev/null; do sleep 0.01; done
            listen 1; finish $f; echo ended
            """)
        #expect(lines == ["x", "ended"])
    }

    @Test(arguments: ["iterative", "processes", "threads", "events"])
    func `what is under way is ended, and then the server, with status 0`(_ model: String) throws {
        let lines = try run(
            """
            serve s visitor --model \(model); exec 5<>/dev/tcp/127.0.0.1/5193; printf 'ma' >&5
            until [ $(ss -Htn state established 'sport = :5193' | awk '$1 == 0' | wc -l) = 1 ]; do sleep 0.01; done; sleep 0.2
            kill -TERM $s; until grep -q ending s.err; do sleep 0.01; done
            printf 'ria\\0' >&5; cat <&5; wait $s; echo $?; grep -v ending s.err || :
            """)
        #expect(lines == ["Hello maria, you are visitor number 1 to this server", "0"])
    }

    @Test(arguments: ["iterative", "processes", "threads", "events"])
    func `what is under way is told, and a second signal ends it`(_ model: String) throws {
        let lines = try run(
            """
            serve s echo --number-lines --model \(model); exec 5<>/dev/tcp/127.0.0.1/1234; printf 'tw' >&5
            until [ $(ss -Htn state established 'sport = :1234' | awk '$1 == 0' | wc -l) = 1 ]; do sleep 0.01; done; sleep 0.2
            begin=$(date +%s%N); kill -TERM $s
            until grep -q ending s.err; do sleep 0.01; done; cat s.err
            kill -TERM $s; wait $s; echo $?
            [ $(( ($(date +%s%N) - begin) / 1000000000 )) -lt 5 ] && echo soon
            """)
        #expect(lines == ["ending: 1 connection under way; a second signal ends at once", "0", "soon"])
    }

    @Test(arguments: ["iterative", "processes", "threads", "events"])
    func `an output that nobody reads loses lines, and no client`(_ model: String) throws {
        let lines = try run(
            """
            mkfifo fifo; sleep 60 <fifo >/dev/null 2>&1 & reader=$!; trap 'kill -KILL $reader $s 2>/dev/null || true' EXIT
            "$P" serve echo --number-lines --model \(model) >fifo 2>s.err & s=$!
            until [ $(ss -Hltn | wc -l) = 1 ]; do sleep 0.01; done
            # More than a pipe holds.
            seq 3000 | sed 's/$/ 012345678901234567890123456789/' >lines
            timeout 60 $P connect echo --number-lines <lines >answers; tail -n 1 answers
            sort -u s.err; kill -TERM $s; wait $s; echo $?
            """)
        #expect(lines == ["3000: 3000 012345678901234567890123456789", "nobody reads the output: lines are left out", "0"])
    }

    /// A second farm would share the connections of the first.
    @Test func `two farms on one port are told of each other`() throws {
        let lines = try run("serve f echo --farm 1; serve g echo --farm 1; cat g.err; finish $f; finish $g")
        #expect(lines == ["127.0.0.1:1234: another socket has this port; if it has SO_REUSEPORT, too, connections are shared with it"])
    }

    /// Silent clients hold all places until others come.
    @Test func `who is silent gives up his place to others`() throws {
        let lines = try run(
            """
            port=1234
            for model in processes threads events; do
                serve s$port echo --model $model --port $port --connections 2; port=$((port + 1))
            done
            for port in 1234 1235 1236; do eval "exec {a}<>/dev/tcp/127.0.0.1/$port {b}<>/dev/tcp/127.0.0.1/$port"; done
            for port in 1234 1235 1236; do printf 'x\\n' | timeout 40 $P connect echo 127.0.0.1 $port & done; wait $(jobs -p | tail -n 3)
            grep -h -o 'closed: silent.*' s*.err | sort | uniq -c | tr -s ' '
            finish $s1234; finish $s1235; finish $s1236
            """)
        #expect(Array(lines.prefix(3)) == ["x", "x", "x"])
        #expect(lines.last?.hasSuffix("closed: silent while others wait for a place") == true)
    }

    @Test(arguments: ["iterative", "processes", "threads", "events"])
    func `a line has a time of its own, and who is too slow is told so`(_ model: String) throws {
        let lines = try run(
            """
            serve m mail --root box --timeout 1 --model \(model); serve f file --timeout 1 --model \(model); serve s sort --timeout 1 --model \(model)
            cat >slow.py <<'END'
            import socket, sys, time
            def to_end(client):
                said = b""
                while piece := client.recv(4096): said += piece
                return said.decode()
            def talk(port, lines, pause):
                client = socket.create_connection(("127.0.0.1", port), timeout=60)
                try:
                    for line in lines:
                        client.sendall(line.encode()); time.sleep(pause)
                except OSError: pass
                return to_end(client)
            mail = ["EHLO a\\r\\n", "MAIL FROM:<a@b>\\r\\n", "RCPT TO:<c@d>\\r\\n", "DATA\\r\\n"]
            print(talk(2525, mail + ["line\\r\\n"] * 6 + [".\\r\\nQUIT\\r\\n"], 0.4).split("\\r\\n")[-3])
            print(talk(5194, ["b\\n", "c\\n", "a\\n", "d\\n", "\\n"], 0.4).split())
            print(talk(2525, mail + list("xxxxxxxxxx"), 0.3).split("\\r\\n")[-2][-8:])
            print(talk(5195, ["OPEN new w\\n", "WRITE 100\\n"] + list("xxxxxxxxxx"), 0.3).split("\\n")[-2])
            END
            python3 slow.py; finish $m; finish $f; finish $s
            """)
        #expect(lines == ["250 taken", "['a', 'b', 'c', 'd']", "too slow", "ERROR too slow"])
    }

    @Test(arguments: ["iterative", "processes", "threads", "events"])
    func `an answer comes whole to whoever reads late`(_ model: String) throws {
        let lines = try run(
            """
            mkdir root; head -c 65536 /dev/zero >root/a; serve s web --root root --send-buffer 8192 --model \(model)
            python3 -c '
            import socket, time
            client = socket.socket(); client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096); client.connect(("127.0.0.1", 8080))
            client.sendall(b"GET /a HTTP/1.0\\r\\n\\r\\n"); time.sleep(4)
            got = b""
            while piece := client.recv(65536): got += piece
            print(len(got.split(b"\\r\\n\\r\\n", 1)[1]))'
            finish $s
            """)
        #expect(lines == ["65536"])
    }
}
