import Foundation
import Testing

/// The clients against servers that do not behave, and what a terminal sees of them.
@Suite(.timeLimit(.minutes(5))) struct ServiceClientTests {
    private static let prelude = ServerScript.prelude + """
        # fake PORT PIECE...: a server that says a piece, then one for each line of the client's, and closes.
        cat >fake.py <<'END'
        import socket, sys
        listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
        client, _ = listener.accept()
        lines = client.makefile("rb")
        for index, piece in enumerate(sys.argv[2:]):
            if index: lines.readline()
            if piece == "forever":
                import time
                while True: client.sendall(b"250-more\\r\\n"); time.sleep(0.05)
            client.sendall(piece.encode().decode("unicode_escape").encode("latin-1"))
        END
        fake() { timeout -s KILL 30 python3 fake.py "$@" 2>/dev/null & until [ $(ss -Hltn "sport = :$1" | wc -l) = 1 ]; do sleep 0.01; done; }

        """

    private func run(_ script: String) throws -> [String] {
        let finished = try Command.shell(ServiceClientTests.prelude + script, wrapper: Person.ordinary.wrapper)
        if finished.status != 0 { Issue.record("\(finished.status): \(finished.errors) \(finished.output)") }
        return finished.lines
    }

    @Test func `a login that fails is a failure`() throws {
        let lines = try run(
            """
            printf 'word\\n' | $P serve auth --users users --add-user ada; serve a auth --users users; serve l login
            printf 'wrong\\n' | $P connect login --user ada 2>&1 || echo $?
            printf 'word\\nwhoami\\nlogout\\n' | $P connect login --user ada && echo fine
            printf 'other\\n' | $P serve auth --users users --add-user ada 2>&1 || echo $?
            $P serve auth --users none 2>&1 || echo $?
            finish $l; finish $a
            """)
        #expect(lines.dropLast(9).last == "1" || lines.contains { $0.hasSuffix(": not logged in") })
        #expect(lines.contains("fine") && lines.contains("portwatch: ada: is in users already; take the line out to give another password"))
        #expect(lines.suffix(2) == ["make the first account: portwatch serve auth --users none --add-user NAME --grant read,write", "1"])
    }

    @Test func `a mail is given once it is taken, and a reply has an end`() throws {
        let lines = try run(
            """
            fake 2525 '220 x\\r\\n' '250 x\\r\\n' '250 x\\r\\n' '250 x\\r\\n' '354 x\\r\\n' '250 taken\\r\\n'
            printf 'hi\\n' | $P connect mail --from a@b --to c@d 2>&1 | head -n 1; echo ${PIPESTATUS[1]}
            fake 2526 forever
            printf 'hi\\n' | timeout 20 $P connect mail --timeout 1 --to c@d 127.0.0.1 2526 2>&1 || echo $?
            """)
        #expect(lines == ["250 taken", "0", "portwatch: 127.0.0.1:2526: no answer in time", "1"])
    }

    @Test func `web asks for any name, and once more where the server has closed`() throws {
        let lines = try run(
            """
            mkdir root; echo spaced >'root/my file.txt'; echo plain >root/a; serve w web --root root
            printf 'my file.txt\\nx%%zz\\na\\n' | $P connect web 2>&1 || echo $?
            fake 8081 '' '' '' '' 'HTTP/1.1 200 OK\\r\\nContent-Length: -5\\r\\n\\r\\nhello'
            echo a | $P connect web 127.0.0.1 8081 2>&1 || echo $?
            finish $w
            """)
        #expect(lines.first == "spaced" && lines.contains("plain") && lines.contains("portwatch: /x%zz: 400 Bad Request"))
        #expect(lines.suffix(2) == ["portwatch: 127.0.0.1:8081: a length that is none: -5", "1"])
    }

    @Test func `who does not answer is told as that`() throws {
        let lines = try run(
            """
            python3 -c '
            import socket, time
            l = socket.create_server(("127.0.0.1", 9999), backlog=0); c = [socket.socket() for _ in range(3)]
            for x in c: x.setblocking(False); x.connect_ex(("127.0.0.1", 9999))
            open("full", "w").close(); time.sleep(20)' & p=$!
            until [ -e full ]; do sleep 0.01; done
            $P connect echo --timeout 0.5 127.0.0.1 9999 </dev/null 2>&1 || echo $?; kill -KILL $p
            ($P connect sort 2>&1 </dev/null || true) | tail -n 1; printf 'bad\\033[2J' | xargs -0 $P lookup service 2>&1 || true
            $P lookup network 127; $P lookup host fe80::1%lo; $P lookup service HTTP | head -n 1
            """)
        #expect(
            lines == [
                "portwatch: 127.0.0.1:9999: no answer in time", "1", "start a server there: portwatch serve sort --port 5194",
                "portwatch: bad\\u{1B}[2J: no such service", "loopback 127.0.0.0", "fe80::1%lo fe80::1%lo", "http 80/tcp (also www)",
            ])
    }

    @Test func `what a server says does not steer a terminal`() throws {
        let lines = try run(
            """
            fake 79 '' '\\033]0;evil\\007\\033[2J\\r\\n'
            $P connect finger --user x
            fake 7777 '\\033[2J\\n'
            python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' $P connect sort 127.0.0.1 7777 </dev/null | tr -d '\\r' | grep -o '.u{1B}.*'
            """)
        #expect(lines == ["\\u{1B}]0;evil\\u{07}\\u{1B}[2J", "\\u{1B}[2J"])
    }

    /// What ends the client while a password is typed.
    @Test(arguments: ["SIGINT", "SIGTERM", "SIGHUP", "typed"])
    func `a terminal shows again what is typed`(_ how: String) throws {
        let lines = try run(
            """
            cat >prompt.py <<'END'
            import os, pty, signal, sys, termios, time
            how, binary = sys.argv[1:]
            child, terminal = pty.fork()
            if child == 0:
                for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP): signal.signal(s, signal.SIG_DFL)
                signal.pthread_sigmask(signal.SIG_SETMASK, [])
                os.execv(binary, [binary, "serve", "auth", "--users", "u", "--add-user", "ada"])
            def echo(): return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
            said = b""
            while b"password: " not in said: said += os.read(terminal, 100)
            while echo(): time.sleep(0.01)
            if how == "typed":
                os.write(terminal, b"\\x03")
            else:
                os.kill(child, getattr(signal, how))
            _, status = os.waitpid(child, 0)
            print("ended by", os.WTERMSIG(status), "echo" if echo() else "silent")
            END
            timeout -s KILL 30 python3 prompt.py \(how) $P
            """)
        let number = ["SIGINT": 2, "SIGTERM": 15, "SIGHUP": 1, "typed": 2][how] ?? 0
        #expect(lines == ["ended by \(number) echo"])
    }
}
