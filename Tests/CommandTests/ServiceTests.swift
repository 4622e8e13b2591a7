import Foundation
import Testing

/// The servers against clients that nobody here wrote, under every model, in private network namespaces.
@Suite(.timeLimit(.minutes(5))) struct ServiceTests {
    static let models = ["iterative", "processes", "threads", "events"]

    private static let prelude = ServerScript.prelude + """
        mkdir root; echo hello >root/a.txt; head -c 3000000 /dev/urandom >root/big; echo '<p>hi</p>' >root/index.html

        """

    private func run(_ script: String) throws -> [String] {
        let finished = try Command.shell(ServiceTests.prelude + script, wrapper: Person.ordinary.wrapper)
        if finished.status != 0 { Issue.record("\(finished.status): \(finished.errors) \(finished.output)") }
        return finished.lines
    }

    @Test(arguments: models)
    func `echo answers nc, socat and Perl`(_ model: String) throws {
        let lines = try run(
            """
            serve s echo --model \(model)
            printf 'one\\ntwo\\n' | nc -N 127.0.0.1 1234
            printf 'three' | socat -t 5 - TCP:127.0.0.1:1234; echo
            head -c 1000000 root/big | nc -N 127.0.0.1 1234 | cmp - <(head -c 1000000 root/big) && echo same
            finish $s
            serve n echo --number-lines --model \(model)
            perl -MIO::Socket::INET -e '
                my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => 1234, Proto => "tcp") or die $!;
                for ("Here we go...", "Wow, a response!", "Goodbye") { print $s "$_\\n"; print scalar <$s>; }'
            finish $n
            sed 's/ [0-9]*\\]/ PORT]/; s/:[0-9]*$//' n.out
            """)
        #expect(
            lines == [
                "one", "two", "three", "same", "1: Here we go...", "2: Wow, a response!", "3: Goodbye", "listening on 127.0.0.1",
                "connection from 127.0.0.1", "[127.0.0.1 PORT] Here we go...", "[127.0.0.1 PORT] Wow, a response!", "[127.0.0.1 PORT] Goodbye",
            ])
    }

    /// The textbook's client in C: `strlen + 1` bytes out, all that comes until end of file in.
    @Test(arguments: models)
    func `visitor answers a C client, and counts over all of its processes`(_ model: String) throws {
        let lines = try run(
            """
            cat >visitor.c <<'END'
            #include <arpa/inet.h>
            #include <stdio.h>
            #include <string.h>
            #include <sys/socket.h>
            #include <unistd.h>
            int main(int argc, char **argv)
            {
                struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(4242), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
                int s = socket(AF_INET, SOCK_STREAM, 0), n;
                char buffer[5];
                if (argc < 2 || connect(s, (struct sockaddr *)&server, sizeof server) != 0) return 1;
                if (send(s, argv[1], strlen(argv[1]) + 1, 0) < 0) return 1;
                while ((n = recv(s, buffer, sizeof buffer, 0)) > 0) if (write(1, buffer, n) != n) return 1;
                return n == 0 ? 0 : 1;
            }
            END
            cc -o visitor visitor.c
            serve s visitor --port 4242 --model \(model)
            ./visitor cew; ./visitor cew; $P connect visitor --user 'Grace Hopper' 127.0.0.1 4242
            finish $s
            """)
        #expect(
            lines == [
                "Hello cew, you are visitor number 1 to this server", "Hello cew, you are visitor number 2 to this server",
                "Hello Grace Hopper, you are visitor number 3 to this server",
            ])
    }

    @Test(arguments: models)
    func `finger answers the finger of Debian`(_ model: String) throws {
        let lines = try run(
            """
            serve s finger --model \(model); cat s.out
            finger root@127.0.0.1 | grep -c 'Login: root  *Name: root'
            finger @127.0.0.1 | grep -c '^root '
            finger nobody-here@127.0.0.1 | tr -d '\\r' | tail -n 1
            $P connect finger --user root | grep -c '/root'
            finish $s
            """)
        #expect(lines == ["listening on 127.0.0.1:79", "1", "1", "nobody-here: no such user", "1"])
    }

    @Test(arguments: models)
    func `web answers curl and wget`(_ model: String) throws {
        let lines = try run(
            """
            serve s web --root root --model \(model)
            curl -s http://127.0.0.1:8080/big | cmp - root/big && echo same
            curl -sv http://127.0.0.1:8080/a.txt http://127.0.0.1:8080/a.txt 2>err; grep -c 'Re-using existing connection' err
            wget -q -O - http://127.0.0.1:8080/
            wget -q -O got http://127.0.0.1:8080/big && cmp got root/big && echo same
            curl -s -o out -w '%{http_code}\\n' http://127.0.0.1:8080/nothing
            curl -s -o out -w '%{http_code}\\n' -X DELETE http://127.0.0.1:8080/a.txt
            curl -s -o out -w '%{http_code}\\n' -d x=y http://127.0.0.1:8080/a.txt
            curl -sI http://127.0.0.1:8080/a.txt | tr -d '\\r' | grep -e HTTP -e Length -e Type
            curl -s --http1.0 http://127.0.0.1:8080/a.txt
            printf '/a.txt\\nindex.html\\n' | $P connect web
            printf '/none\\n' | $P connect web 2>&1 >out || echo $?
            finish $s
            """)
        #expect(
            lines == [
                "same", "hello", "hello", "1", "<p>hi</p>", "same", "404", "405", "405", "HTTP/1.1 200 OK",
                "Content-Type: text/plain; charset=utf-8", "Content-Length: 6", "hello", "hello", "<p>hi</p>",
                "portwatch: /none: 404 Not Found", "1",
            ])
    }

    @Test(arguments: models)
    func `mail takes what curl, swaks and msmtp send`(_ model: String) throws {
        let lines = try run(
            """
            serve s mail --root box --model \(model)
            printf 'Subject: curl\\r\\n\\r\\n.dot\\r\\n' | curl -s smtp://127.0.0.1:2525 --mail-from a@b --mail-rcpt c@d -T -
            swaks --server 127.0.0.1:2525 --from a@b --to c@d --h-Subject swaks --body hello >swaks.log
            printf 'Subject: msmtp\\n\\nhello\\n' | msmtp --host=127.0.0.1 --port=2525 --from=a@b c@d
            printf 'Subject: own\\n\\n..\\n.\\nend\\n' | $P connect mail --from a@b --to c@d --to e@f
            grep -h '^Subject:' box/new/* | sort
            grep -h -A 3 '^Subject: own' box/new/*
            grep -hc '^Delivered-To: ' box/new/* | sort | uniq -c | tr -s ' '
            grep -h '^\\.dot' box/new/*
            ls box/tmp | wc -l
            finish $s
            """)
        #expect(
            lines == [
                "250 taken", "Subject: curl", "Subject: msmtp", "Subject: own", "Subject: swaks", "Subject: own", "", "..", ".", " 3 1", " 1 2",
                ".dot", "0",
            ])
    }

    @Test(arguments: models)
    func `sort, file, auth and login answer their clients`(_ model: String) throws {
        let lines = try run(
            """
            printf 'secret word\\n' | $P serve auth --users users --add-user ada --grant read
            serve a auth --users users --model \(model)
            serve l login --model \(model)
            serve f file --root root --auth 127.0.0.1:5196 --model \(model)
            serve o file --root root --port 7000 --model \(model)
            serve s sort --model \(model)
            printf 'pear\\napple\\nfig\\n' | $P connect sort
            printf 'b\\r\\na\\r\\n\\r\\n' | nc 127.0.0.1 5194
            token=$(printf 'secret word\\n' | $P connect auth --user ada)
            printf 'secret wort\\n' | $P connect auth --user ada 2>&1 || echo $?
            printf 'secret word\\nwhoami\\nmay read\\nmay write\\nlogout\\n' | $P connect login --user ada
            printf 'OPEN a.txt r\\nTOKEN %s\\nOPEN a.txt r\\nREAD 3\\nSEEK 1\\nREAD 99\\nOPEN a.txt w\\n' $token | $P connect file
            printf 'TOKEN %sX\\nOPEN a.txt r\\n' $token | $P connect file
            printf 'OPEN new w\\nWRITE 3\\nabcOPEN new a\\nWRITE 2\\ndeCLOSE\\nREAD 1\\nOPEN fifo r\\n' | $P connect file 127.0.0.1 7000; cat root/new; echo
            for p in $a $l $f $o $s; do finish $p; done
            cat *.out *.err | grep -c secret || true
            """)
        #expect(
            lines == [
                "apple", "fig", "pear", "a", "b", "portwatch: 127.0.0.1:5196: name or password is wrong", "1",
                "login: password: Hello ada", "ada", "yes", "no", "Goodbye",
                "ERROR not permitted", "OK", "OK 6", "OK 3", "helOK 1", "OK 5", "ello", "ERROR not permitted", "OK", "ERROR not permitted",
                "OK 0", "OK 3", "OK 3", "OK 2", "OK", "ERROR no file is open", "ERROR No such file or directory", "abcde", "0",
            ])
    }

    /// Three connections are open at once, but at the iterative server.
    @Test(arguments: [("iterative", "1 0"), ("processes", "1 3"), ("threads", "4 0"), ("events", "1 0")])
    func `threads and children are the model's`(_ model: String, _ counts: String) throws {
        let lines = try run(
            """
            printf 'x\\n' | $P serve auth --users users --add-user ada --grant read
            for service in "echo" "echo --number-lines" "echo --once" visitor finger sort "file --root root" "web --root root" "mail --root box" "auth --users users" login; do
                serve s $service --port 5555 --model \(model)
                exec 5<>/dev/tcp/127.0.0.1/5555 6<>/dev/tcp/127.0.0.1/5555 7<>/dev/tcp/127.0.0.1/5555
                wanted=3; [ \(model) != iterative ] || wanted=1
                until [ $(grep -c '^connection from' s.out) = $wanted ]; do sleep 0.01; done; sleep 0.05
                echo "$(ls /proc/$s/task | wc -l) $(wc -w </proc/$s/task/$s/children) $(cat /proc/$s/comm)"
                exec 5>&- 6>&- 7>&-
                finish $s
            done
            """)
        let names = ["echod", "echod", "echod", "visitord", "fingerd", "sortd", "filed", "webd", "maild", "authd", "logind"]
        #expect(lines == names.map { "\(counts) \($0)" })
    }

    @Test(arguments: models)
    func `on SIGTERM nobody is accepted any more, and what is under way is ended`(_ model: String) throws {
        let lines = try run(
            """
            serve s echo --number-lines --model \(model)
            exec 5<>/dev/tcp/127.0.0.1/1234
            printf 'one\\ntw' >&5; read -r line <&5; echo "$line"
            kill -TERM $s
            until ! (exec 6<>/dev/tcp/127.0.0.1/1234) 2>/dev/null; do sleep 0.01; done
            printf 'o\\n' >&5; cat <&5
            wait $s; echo $?
            """)
        #expect(lines == ["1: one", "2: two", "0"])
    }
}
