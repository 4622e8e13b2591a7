import Foundation
import Testing

/// `--private` and `-- COMMAND` as root and as an ordinary user, who has no rights at all until portwatch takes them.
///
/// No test waits by the clock: each waits for what it is about, and a hang is ended by the suite's time limit.
@Suite(.timeLimit(.minutes(5))) struct PrivateTests {
    /// Functions of bash that the scripts share.
    static let prelude = """
        cp "$P" $D/portwatch; P=$D/portwatch; cd $D
        # Standard output says how it ended, after what it said.
        status() { local status=0; "$@" || status=$?; echo "status $status"; }
        private() { status "$P" --private "$@"; }
        wait_for() { until [ -s "$1" ]; do sleep 0.01; done; }
        until_says() { until grep -q -e "$2" "$1" 2>/dev/null; do sleep 0.01; done; }
        # gone FILE: whether the processes with the numbers in it have ended.
        gone() { local n; for n in $(cat "$1"); do [ ! -e /proc/$n ] || { echo "$n goes on"; return 1; }; done; echo gone; }

        """

    func run(
        _ person: Person, inside: Bool = false, _ script: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Finished {
        // Where root is wanted and nobody is, root of a user namespace, on the machine's own network.
        let wrapper = inside ? person.wrapper : person == .ordinary ? Person.unprivileged : getuid() == 0 ? [] : ["unshare", "-r"]
        let finished = try Command.shell(PrivateTests.prelude + script, wrapper: wrapper)
        if finished.status != 0 {
            Issue.record("\(finished.status): \(finished.errors) \(finished.output)", sourceLocation: sourceLocation)
        }
        return finished
    }

    // MARK: What is seen

    @Test(arguments: Person.allCases)
    func `an exchange of two programs in Python, of which the server is left behind`(_ person: Person) throws {
        let finished = try run(
            person,
            """
            printf '%s\\n' 'import os, socket' 's = socket.create_server(("127.0.0.1", 1234))' \\
                'open("server", "w").write(str(os.getpid()))' 'while True:' '    c, _ = s.accept()' \\
                '    while d := c.recv(1000): c.sendall(d)' '    c.close()' >server.py
            printf '%s\\n' 'import socket' 'c = socket.create_connection(("127.0.0.1", 1234))' \\
                'c.sendall(b"Here we go...\\n")' 'open("said", "wb").write(c.recv(1000))' >client.py
            export -f wait_for
            $P --private --json --port 1234 -- bash -c 'python3 server.py & wait_for server; python3 client.py'
            cat said >&2
            gone server >&2
            """)
        #expect(finished.errors.contains("Here we go..."))
        #expect(finished.errors.hasSuffix("gone\n"))
        #expect(finished.errors.contains("listening on lo"))
        let frames = try Portwatch.json(finished.output)
        #expect(frames.count >= 8)
        let rules = try frames.map { try #require(($0["demux"] as? [String: Any])?["rule"] as? String) }
        #expect(rules.first?.hasPrefix("listener") == true && rules.dropFirst().allSatisfy { $0 == "four-tuple" })
        let flags = try frames.map { try #require(($0["tcp"] as? [String: Any])?["flags"] as? Int) }
        // The client's FIN is the last that is sent before the command ends.
        #expect(flags.contains { $0 & 1 == 1 })
    }

    @Test(arguments: Person.allCases)
    func `what is sent just before the end is seen`(_ person: Person) throws {
        let finished = try run(
            person, "for n in 1 2 3 4 5 6 7 8; do $P --private -n -- bash -c 'echo last >/dev/udp/127.0.0.1/6428'; done")
        #expect(finished.lines.filter { $0.contains("UDP 5 B \"last\\n\"") }.count == 8)
        #expect(finished.lines.filter { $0.contains("ICMP port unreachable") }.count == 8)
        #expect(finished.errors.components(separatedBy: "2 packets captured\n").count == 9)
    }

    @Test func `a flood that goes on does not keep it from ending`() throws {
        let finished = try run(
            .ordinary,
            """
            private -w flood.pcap -- bash -c '
                (while :; do echo x >/dev/udp/127.0.0.1/6428; done) 2>/dev/null & until [ -s flood.pcap ]; do :; done; exit 3'
            """)
        #expect(finished.lines == ["status 3"])
    }

    @Test func `the table and the counters come when the command has ended`() throws {
        let finished = try run(
            .ordinary, "$P --private -q --sockets -- bash -c 'echo during; echo x >/dev/udp/127.0.0.1/6428'")
        #expect(finished.lines.first == "during")
        #expect(finished.output.contains("Sockets, in the order"))
        #expect(finished.errors.contains("\n0 packets dropped by kernel\n"))
    }

    // MARK: How it ends

    @Test(arguments: Person.allCases)
    func `the exit status is the command's`(_ person: Person) throws {
        let finished = try run(
            person,
            """
            private -- true
            private -- sh -c 'exit 7'
            private -- sh -c 'exit 255'
            private -- sh -c 'kill -KILL $$'
            private -- sh -c 'kill -PIPE $$'
            """)
        #expect(finished.lines == [0, 7, 255, 137, 141].map { "status \($0)" })
        #expect(!finished.errors.contains("portwatch:"))
    }

    @Test(arguments: Person.allCases)
    func `a command that does not run is told as by a shell`(_ person: Person) throws {
        let finished = try run(
            person,
            """
            echo 'echo by sh' >plain; echo >text; printf '#!/no/such\\n' >lost; chmod +x plain lost
            mkdir shut; touch shut/hidden; export PATH=$PATH:$D/shut
            private -- no-such-command
            private -- ./no-such-file
            private -- ./text
            private -- /tmp
            private -- ./lost
            private -- hidden
            private -- ./plain
            """)
        #expect(finished.lines == ["127", "127", "126", "126", "126", "126"].map { "status \($0)" } + ["by sh", "status 0"])
        let told = finished.errors.split(separator: "\n").filter { $0.hasPrefix("portwatch: ") }
        #expect(
            told == [
                "portwatch: no-such-command: no such command in PATH", "portwatch: ./no-such-file: No such file or directory",
                "portwatch: ./text: cannot be run: Permission denied", "portwatch: /tmp: cannot be run: Permission denied",
                "portwatch: ./lost: cannot be run: the interpreter that it names is not there",
                "portwatch: hidden: cannot be run: Permission denied",
            ])
    }

    @Test func `where portwatch itself fails it is 1, and the command is ended`() throws {
        let finished = try run(
            .ordinary,
            """
            private -w /dev/full -U -- bash -c 'echo $$ >number; while :; do echo x >/dev/udp/127.0.0.1/6428; done 2>/dev/null'
            gone number
            private -i nonesuch0 -- sh -c 'echo it ran'
            """)
        #expect(finished.lines == ["status 1", "gone", "status 1"])
        #expect(finished.errors.contains("portwatch: /dev/full: No space left on device"))
        #expect(finished.errors.contains("portwatch: nonesuch0: no such interface"))
    }

    @Test func `after the last frame that is wanted the command is ended`() throws {
        let finished = try run(
            .ordinary,
            """
            endless='echo $$ >number; while :; do echo x >/dev/udp/127.0.0.1/6428; done 2>/dev/null'
            private -c 3 -- bash -c "$endless"
            gone number
            set +o pipefail
            { $P --private -- bash -c "$endless" || echo "status $?" >&2; } | head -n 1
            gone number
            """)
        #expect(finished.lines.count == 7)
        #expect(finished.lines[3] == "status 143")
        #expect(finished.lines[4] == "gone" && finished.lines[6] == "gone")
        #expect(finished.errors.contains("3 packets captured"))
        #expect(finished.errors.contains("status 143") && !finished.errors.contains("portwatch:"))
    }

    @Test(arguments: Person.allCases)
    func `whatever the command leaves behind is ended`(_ person: Person) throws {
        // One as usual, one of a session of its own, one whose parent has ended, one that is stopped, one that is deaf.
        let finished = try run(
            person,
            """
            export -f wait_for
            private -- bash -c '
                sleep 1000 & echo $! >>left
                setsid bash -c "echo \\$\\$ >>left; echo >setsid; while :; do sleep 1000; done" &
                (sh -c "sleep 1000 & echo \\$! >>left"; echo >orphan) &
                bash -c "echo \\$\\$ >>left; echo >stopped; kill -STOP \\$\\$" &
                bash -c "trap \\"\\" TERM; echo \\$\\$ >>left; echo >deaf; while :; do sleep 1000; done" &
                for name in setsid orphan stopped deaf; do wait_for $name; done
                exit 9'
            wc -l <left
            gone left
            """)
        #expect(finished.lines == ["status 9", "5", "gone"])
        #expect(!finished.errors.contains("portwatch:"))
    }
}
