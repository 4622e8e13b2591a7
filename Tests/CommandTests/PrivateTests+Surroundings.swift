import Foundation
import Testing

extension PrivateTests {
    // MARK: Signals

    @Test func `SIGTERM and SIGHUP are passed on, SIGUSR1 is portwatch's own`() throws {
        let finished = try run(
            .ordinary,
            """
            start() {
                rm -f ready
                $P --private -- bash -c 'trap "exit 5" TERM; trap "exit 6" HUP; echo >ready; while :; do sleep 0.01; done' 2>err & p=$!
                wait_for ready
            }
            start; kill -TERM $p; status wait $p
            start; kill -HUP $p; status wait $p
            start; kill -USR1 $p; until_says err '^0 packets captured'; kill -TERM $p; status wait $p
            """)
        #expect(finished.lines == ["status 5", "status 6", "status 5"])
    }

    @Test func `Ctrl-C reaches both, and portwatch goes on until the command has ended`() throws {
        // With job control on, the job is a process group of its own, as at a terminal.
        let finished = try run(
            .ordinary,
            """
            set -m
            $P --private -- bash -c '
                trap "echo farewell >/dev/udp/127.0.0.1/6428; exit 4" INT; echo >ready; while :; do sleep 0.01; done' >out & p=$!
            wait_for ready
            kill -INT -- -$p
            status wait $p
            grep -c farewell out
            """)
        #expect(finished.lines == ["status 4", "1"])
    }

    @Test(arguments: Person.allCases)
    func `the command gets signals and descriptors as without portwatch`(_ person: Person) throws {
        let finished = try run(
            person,
            """
            printf '%s\\n' 'import os, signal, sys' 'signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))' \\
                'signal.signal(signal.SIGCHLD, signal.SIG_IGN)' 'signal.signal(signal.SIGHUP, signal.SIG_IGN)' \\
                'os.execv(sys.argv[1], sys.argv[1:])' >odd.py
            private -- bash -c 'grep SigBlk /proc/self/status; ls /proc/self/fd >inside; exit 8' 7</dev/null
            bash -c 'ls /proc/self/fd >outside' 7</dev/null
            cmp inside outside
            status python3 odd.py $P --private -- python3 -c '
            import signal
            for name in "SIGPIPE", "SIGCHLD", "SIGHUP": print(signal.getsignal(getattr(signal, name)).name)
            print(len(signal.pthread_sigmask(signal.SIG_BLOCK, [])))
            raise SystemExit(9)'
            grep -q '^7$' inside
            echo to the command | $P --private -- cat
            """)
        // Python ignores SIGPIPE by itself.
        #expect(
            finished.lines == [
                "SigBlk:\t0000000000000000", "status 8", "SIG_IGN", "SIG_DFL", "SIG_IGN", "0", "status 9", "to the command",
            ])
    }

    // MARK: The namespace

    @Test(arguments: Person.allCases)
    func `a private server and the outside do not meet`(_ person: Person) throws {
        let finished = try run(
            person, inside: true,
            """
            ip link set lo up
            serve() { local n=$1; shift; $P serve echo "$@" >$n.out 2>$n.err & eval "$n=$!"; until_says $n.out '^listening on 127.0.0.1:1234'; }
            serve one --private
            serve two --private
            status $P connect echo </dev/null
            serve outside
            echo here | $P connect echo
            status $P connect echo --private </dev/null
            kill $one $two $outside; wait
            grep -c 'in a private network namespace' one.err two.err outside.err || true
            """)
        #expect(finished.lines == ["status 1", "here", "status 1", "one.err:1", "two.err:1", "outside.err:0"])
        #expect(finished.errors.components(separatedBy: "127.0.0.1:1234: connection refused").count == 3)
    }

    @Test(arguments: Person.allCases)
    func `others come in by the command that is told`(_ person: Person) throws {
        let finished = try run(
            person,
            """
            $P --private --port 6428 >out 2>err & p=$!
            until_says err '^listening on lo'
            way=$(sed -n 's/^in a private network namespace.*: \\(sudo \\)\\{0,1\\}\\(nsenter .*\\) COMMAND$/\\2/p' err)
            $way bash -c 'echo knock >/dev/udp/127.0.0.1/6428'
            until_says out 'ICMP port unreachable'
            kill -INT $p
            wait $p
            grep -c knock out
            """)
        #expect(finished.lines == ["1"])
    }

    @Test(arguments: Person.allCases)
    func `which and sockets find nobody there`(_ person: Person) throws {
        let finished = try run(
            person,
            """
            status $P which tcp 127.0.0.1:9157 127.0.0.1:1234 --private --json
            status $P sockets --private
            """)
        #expect(finished.lines.first?.contains(#""receiver":null"#) == true)
        #expect(finished.lines.dropFirst() == ["status 1", "No such TCP or UDP socket.", "status 0"])
    }

    @Test func `the command sees the sockets of its namespace, and its own server is found`() throws {
        let finished = try run(
            .ordinary,
            """
            export P D; export -f wait_for
            private -- bash -c '$P serve echo >served & wait_for served; $P which tcp 127.0.0.1:9157 127.0.0.1:1234'
            """)
        #expect(finished.output.contains("⇒ L1"))
        #expect(finished.output.contains("echod"))
        #expect(finished.lines.last == "status 0")
    }

    @Test func `a file with capabilities does not hinder it`() throws {
        // Root of a user namespace who has nothing but what the file gives him: the process is then not dumpable. Beside
        // the rights to capture that is CAP_SETFCAP, without which root may not be mapped (user_namespaces(7)).
        let script =
            PrivateTests.prelude + """
                printf '%s\\n' 'import os, struct, sys' \\
                    'os.setxattr(sys.argv[1], "security.capability", struct.pack("<5I", 0x02000001, 0x80003000, 0, 0, 0))' >give.py
                python3 give.py $P
                setpriv --securebits=+noroot --inh-caps=-all bash -c '
                    grep CapEff /proc/self/status; $0 --private -n -- bash -c "echo x >/dev/udp/127.0.0.1/6428"' $P
                """
        let finished = try Command.shell(script, wrapper: Person.unprivileged + ["unshare", "-r"])
        #expect(finished.status == 0, "\(finished.errors)")
        #expect(finished.lines.first == "CapEff:\t0000000000000000")
        #expect(finished.lines.count == 3)
    }

    @Test func `where it is forbidden the setting is named`() throws {
        // A user namespace has limits of its own, below which its inhabitants are.
        let script =
            PrivateTests.prelude + """
                echo 0 >/proc/sys/user/max_user_namespaces
                status setpriv --ambient-caps=-all --inh-caps=-all $P --private -- true
                """
        let finished = try Command.shell(
            script, wrapper: Person.unprivileged + ["unshare", "-U", "--map-user=1000", "--keep-caps"])
        #expect(finished.lines == ["status 1"])
        #expect(
            finished.errors == """
                portwatch: --private: user namespaces are forbidden (user.max_user_namespaces is 0)
                type sudo before it; or once: sudo sysctl -w user.max_user_namespaces=10000

                """)
    }
}
