"""Clients that mean no good, against every service under every model. See scripts/hostile."""

import argparse
import concurrent.futures
import os
import random
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

MODELS = ["iterative", "processes", "threads", "events"]
SERVICES = ["echo", "numbering", "visitor", "finger", "sort", "file", "web", "mail", "auth", "login"]
FARM = "farm"  # echo in several processes, whose members die
PATIENCE = 60  # seconds for what should come soon, on a machine that is busy
TIMEOUT = 0.5  # of the servers, so that silence is over soon
LINE = 4096
CONNECTIONS = 32

ACCOUNT, PASSWORD = "ada", "secret word"


class Failure(Exception):
    pass


def check(condition, what):
    if not condition:
        raise Failure(what)


class Server:
    def __init__(self, service, model, place, extra=(), limit=None, quiet=True):
        self.service, self.model = service, model
        self.work = tempfile.mkdtemp(dir=place.folder)
        name, options = service, []
        if service == "numbering":
            name, options = "echo", ["--number-lines"]
        elif service in ("file", "web"):
            options = ["--root", place.root]
        elif service == "mail":
            options = ["--root", self.work + "/Maildir"]
        elif service == "auth":
            options = ["--users", place.users]
        elif service == "login":
            options = ["--auth", place.auth]
        command = [place.binary, "serve", name, "--port", "0", "--model", model, *options, *extra]
        if quiet:
            command.append("-q")
        self.errors = open(self.work + "/errors", "w+")
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self.errors, text=True, preexec_fn=limit)
        line = self.process.stdout.readline()
        check(line.startswith("listening on "), f"{command}: {line!r} {self.said()}")
        self.port = int(line.rsplit(":", 1)[1])

    def said(self):
        self.errors.seek(0)
        return self.errors.read()

    def connect(self, timeout=PATIENCE):
        client = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        return client

    def counts(self):
        """Descriptors, threads and children of the server."""
        pid = self.process.pid
        children = open(f"/proc/{pid}/task/{pid}/children").read().split()
        return len(os.listdir(f"/proc/{pid}/fd")), len(os.listdir(f"/proc/{pid}/task")), len(children)

    def memory(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmRSS"):
                return int(line.split()[1])
        return 0

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failure("did not end on SIGTERM")
        check(status == 0, f"exit status {status} after SIGTERM: {self.said()}")


def receive(client, end):
    data = b""
    while not data.endswith(end) if isinstance(end, bytes) else len(data) < end:
        piece = client.recv(65536)
        if not piece:
            break
        data += piece
    return data


def to_end(client):
    data = b""
    while piece := client.recv(65536):
        data += piece
    return data


def exchange(server, client):
    """What an honest client says, and whether it is answered rightly."""
    service = server.service
    if service == "echo":
        client.sendall(b"hello")
        return receive(client, 5) == b"hello"
    if service == "numbering":
        client.sendall(b"hello\n")
        return receive(client, b"\n") == b"1: hello\n"
    if service == "visitor":
        client.sendall(b"cew\0")
        return to_end(client).startswith(b"Hello cew, you are visitor number ")
    if service == "finger":
        client.sendall(b"root\r\n")
        return b"Login: root" in to_end(client)
    if service == "sort":
        client.sendall(b"b\na\n\n")
        return to_end(client) == b"a\nb\n"
    if service == "file":
        client.sendall(b"OPEN a.txt r\nREAD 5\nCLOSE\n")
        return receive(client, b"OK\n") == b"OK 6\nOK 5\nhelloOK\n"
    if service == "web":
        client.sendall(b"GET /a.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = to_end(client)
        return answer.startswith(b"HTTP/1.1 200 OK\r\n") and answer.endswith(b"\r\n\r\nhello\n")
    if service == "mail":
        said = receive(client, b"\r\n")
        for line, code in [("EHLO me", b"250"), ("MAIL FROM:<a@b>", b"250"), ("RCPT TO:<c@d>", b"250"), ("DATA", b"354"), ("hi\r\n.", b"250")]:
            client.sendall(line.encode() + b"\r\n")
            said = receive(client, b"\r\n")
            if not said.startswith(code):
                return False
        return True
    if service == "auth":
        client.sendall(f"LOGIN {ACCOUNT} {PASSWORD}\n".encode())
        return receive(client, b"\n").startswith(b"OK " + ACCOUNT.encode())
    if service == "login":
        receive(client, b"login: ")
        client.sendall(ACCOUNT.encode() + b"\n")
        receive(client, b"password: ")
        client.sendall(PASSWORD.encode() + b"\n")
        if receive(client, b"\n") != b"Hello ada\n":
            return False
        client.sendall(b"logout\n")
        return to_end(client) == b"Goodbye\n"
    raise Failure(service)


def honest(server, after):
    """An honest client is served, whatever came before. One whose turn has not come is not refused, but tries again."""
    deadline = time.monotonic() + PATIENCE
    why = ""
    while time.monotonic() < deadline:
        try:
            with server.connect() as client:
                if exchange(server, client):
                    return
                why = "answered wrongly"
        except OSError as error:
            why = str(error)
        time.sleep(0.05)
    raise Failure(f"after {after}: an honest client is not served: {why}; {server.said()[-500:]}")


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


FIRST = {
    "echo": b"hello", "numbering": b"hello\nwor", "visitor": b"ce", "finger": b"ro", "sort": b"b\na\nx", "file": b"OPEN a.txt r\nREAD 5\nREA",
    "web": b"GET /a.txt HTTP/1.1\r\nHost: x\r\n", "mail": b"EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nhi\r\n", "auth": b"LOGIN ada secret", "login": b"ada\nsecret",
}


def closed_by_server(client, within=PATIENCE):
    """Waits for the server's end of the connection."""
    client.settimeout(within)
    try:
        while client.recv(65536):
            pass
    except (ConnectionResetError, BrokenPipeError):
        pass
    except socket.timeout:
        raise Failure("the server holds a connection that it should end")


def endless_line(server, size):
    with server.connect() as client:
        piece = b"a" * 65536
        client.settimeout(PATIENCE)
        sent = 0
        try:
            # Who echoes what comes must be read.
            reader = threading.Thread(target=lambda: closed_by_server(client) if server.service == "echo" else None, daemon=True)
            reader.start()
            while sent < size:
                sent += client.send(piece)
            # What is thrown away while the answer is on its way may be much; the end comes all the same.
            if server.service != "echo":
                closed_by_server(client)
        except (ConnectionResetError, BrokenPipeError):
            pass
        if server.service == "echo":
            client.shutdown(socket.SHUT_WR)
            reader.join()


def drip(server):
    with server.connect() as client:
        deadline = time.monotonic() + PATIENCE
        try:
            while time.monotonic() < deadline:
                client.sendall(b"x")
                time.sleep(TIMEOUT / 4)
                client.settimeout(0.001)
                try:
                    if client.recv(1) == b"" or server.service == "echo":
                        return
                except socket.timeout:
                    pass
                client.settimeout(PATIENCE)
            raise Failure("a byte now and then keeps a connection")
        except (ConnectionResetError, BrokenPipeError):
            pass


def silence(server):
    with server.connect() as client:
        closed_by_server(client)


def resets(server):
    whole = FIRST[server.service]
    for cut in {0, 1, len(whole) // 2, len(whole)}:
        client = server.connect()
        if cut:
            client.sendall(whole[:cut])
        reset(client)
        client = server.connect()
        client.sendall(whole[:cut] + b"\r\n\r\n.\r\n\0\n")
        client.settimeout(0.02)
        try:
            client.recv(1)
        except OSError:
            pass
        reset(client)


def half_closes(server):
    whole = FIRST[server.service]
    for cut in {0, 1, len(whole) // 2, len(whole)}:
        with server.connect() as client:
            client.sendall(whole[:cut])
            client.shutdown(socket.SHUT_WR)
            closed_by_server(client)


def garbage(server):
    generator = random.Random(server.service)
    for _ in range(5):
        with server.connect() as client:
            try:
                client.sendall(generator.randbytes(2000))
                client.shutdown(socket.SHUT_WR)
                closed_by_server(client)
            except (ConnectionResetError, BrokenPipeError, OSError):
                pass


def crowd(server, size):
    """Thousands at once, all silent: further ones wait, and have their turn."""
    clients = []
    for _ in range(size):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", server.port))
        clients.append(client)
    time.sleep(0.1)
    for client in clients:
        client.close()


def no_reader(server):
    """Wants much and reads nothing."""
    wants = {
        "echo": b"x" * 8_000_000, "numbering": b"\n" * 2_000_000, "file": b"OPEN big r\n" + b"SEEK 0\nREAD 8000000\n" * 4, "web": b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n" * 8,
        "mail": b"NOOP\r\n" * 2_000_000, "auth": b"CHECK x y\n" * 2_000_000, "sort": b"z\n" * 200_000 + b"\n",
    }
    if server.service not in wants:
        return
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(TIMEOUT * 4)
    client.connect(("127.0.0.1", server.port))
    try:
        client.sendall(wants[server.service])
    except OSError:
        pass
    time.sleep(TIMEOUT * 2)
    client.close()


def climbing(server):
    for path in ["../secret", "sub/../../secret", "/../secret", "link", "sub/link", "folderlink/secret", "/etc/passwd", "//etc/passwd", "a\0b", "..", "sub/..", "./../secret"]:
        with server.connect() as client:
            if server.service == "file":
                client.sendall(f"OPEN {path} r\n".encode())
                answer = receive(client, b"\n")
                check(answer.startswith(b"ERROR"), f"{path!r} gives {answer!r}")
            else:
                for written in {path.replace("\0", "%00"), "".join(f"%{byte:02x}" for byte in path.encode())}:
                    client.sendall(f"GET /{written} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                    answer = client.recv(65536)
                    check(answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400")), f"{path!r} gives {answer[:60]!r}")


def large_mail(model, place):
    # Of a server that gives it the time.
    server = Server("mail", model, place)
    with server.connect() as client:
        receive(client, b"\r\n")
        client.sendall(b"EHLO me\r\nMAIL FROM:<a@b> SIZE=99999999\r\n")
        time.sleep(0.05)
        said = client.recv(65536)
        check(b"552" in said, f"SIZE too large: {said!r}")
        client.sendall(b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n")
        while b"354" not in said:
            said += client.recv(65536)
        line = b"x" * 1000 + b"\r\n"
        for _ in range(18):
            client.sendall(line * 1000)
        client.sendall(b".\r\n")
        said = receive(client, b"\r\n")
        check(said.startswith(b"552"), f"a mail larger than the limit: {said!r}")
    leftovers = os.listdir(server.work + "/Maildir/tmp")
    check(not leftovers, f"left in tmp: {leftovers}")
    server.end()


def signals(server):
    """Stopped and continued in the middle: calls end early, and are made again."""
    with server.connect() as client:
        for _ in range(5):
            server.process.send_signal(signal.SIGSTOP)
            server.process.send_signal(signal.SIGCONT)
        check(exchange(server, client), "answered wrongly after SIGSTOP and SIGCONT")


def resting(server):
    """What it has open with no client: what it has after nothing has changed for as long as a connection may be idle."""
    counts, since = server.counts(), time.monotonic()
    while time.monotonic() < since + 3 * TIMEOUT:
        time.sleep(0.05)
        if server.counts() != counts:
            counts, since = server.counts(), time.monotonic()
    return counts


def settled(server, at_rest):
    """What was used is given back."""
    deadline = time.monotonic() + PATIENCE
    while server.counts() != at_rest:
        check(time.monotonic() < deadline, f"descriptors, threads, children: {server.counts()}, and {at_rest} at the beginning")
        time.sleep(0.05)


def out_of_descriptors(service, model, place):
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))

    server = Server(service, model, place, ["--timeout", str(TIMEOUT * 2)], limit)
    try:
        crowd(server, 60)
        honest(server, "using up all descriptors")
    finally:
        server.end()


def many_connections(server, count):
    """So many, one after the other, and some at a time; nothing of them is left."""
    def some(number):
        for _ in range(number):
            honest(server, "many connections")

    workers = 1 if server.model == "iterative" else 4
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for future in [pool.submit(some, count // workers) for _ in range(workers)]:
            future.result()


def attack(service, model, place, arguments):
    server = Server(service, model, place, ["--timeout", str(TIMEOUT), "--line-length", str(LINE), "--connections", str(CONNECTIONS)])
    ended = False
    try:
        honest(server, "the beginning")
        at_rest = resting(server)
        for name, act in [
            ("an endless line", lambda: endless_line(server, arguments.line)), ("a byte now and then", lambda: drip(server)),
            ("silence", lambda: silence(server)), ("resets", lambda: resets(server)), ("half-closes", lambda: half_closes(server)),
            ("garbage", lambda: garbage(server)), ("a client that does not read", lambda: no_reader(server)),
            ("a crowd", lambda: crowd(server, arguments.crowd)), ("signals", lambda: signals(server) if model != "iterative" else None),
        ]:
            try:
                act()
            except Failure as failure:
                raise Failure(f"{name}: {failure}")
            honest(server, name)
        if service in ("file", "web"):
            climbing(server)
        if service == "mail":
            large_mail(model, place)
        many_connections(server, arguments.connections)
        settled(server, at_rest)
        before = server.memory()
        many_connections(server, arguments.connections)
        settled(server, at_rest)
        grown = server.memory() - before
        check(grown < 2048, f"{grown} KB more after {arguments.connections} connections")
        check(PASSWORD not in server.said(), "a password is in the log")
        ended = True
        server.end()
        out_of_descriptors(service, model, place)
        return f"{service} {model}: ok, {grown:+d} KB over {arguments.connections} connections"
    finally:
        if not ended:
            server.process.kill()


def farm_under_attack(model, place, arguments):
    """Members die in every way while clients come: the farm goes on, and leaves nothing behind."""
    server = Server("echo", model, place, ["--farm", "3", "--timeout", "5"])
    ended = False

    def members():
        return [int(word) for word in open(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read().split()]

    def descendants(pid):
        try:
            children = [int(word) for word in open(f"/proc/{pid}/task/{pid}/children").read().split()]
        except OSError:
            return []
        return children + [below for child in children for below in descendants(child)]

    try:
        honest(server, "the beginning")
        generator = random.Random(model)
        for number in range(12):
            client = socket.socket()
            try:
                # Nobody listens where all have just died.
                client.connect(("127.0.0.1", server.port))
            except OSError:
                pass
            for member in members()[: generator.choice([1, 3])]:
                try:
                    os.kill(member, generator.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
                except ProcessLookupError:
                    pass
            reset(client) if generator.random() < 0.5 else client.close()
            check(server.process.poll() is None, f"the farm has ended: {server.said()[-500:]}")
            honest(server, "a member's end")
        # Nothing to start another with, for a while.
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (5, 4096))
        os.kill(members()[0], signal.SIGKILL)
        time.sleep(1.5)
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (1024, 4096))
        # Those that were started meanwhile have no more than that themselves.
        for member in members():
            resource.prlimit(member, resource.RLIMIT_NOFILE, (1024, 4096))
        deadline = time.monotonic() + PATIENCE
        while len(members()) < 3:
            check(time.monotonic() < deadline, f"a member is missing: {server.said()[-500:]}")
            time.sleep(0.05)
        honest(server, "no descriptors")
        # One that serves is killed: what it has forked goes with it.
        clients = [server.connect() for _ in range(6 if model != "iterative" else 1)]
        for client in clients:
            check(exchange(server, client), "answered wrongly")
        below = descendants(server.process.pid)
        os.kill(members()[0], signal.SIGKILL)
        for client in clients:
            client.close()
        ended = True
        server.end()
        deadline = time.monotonic() + PATIENCE
        while any(os.path.exists(f"/proc/{pid}/exe") for pid in below):
            check(time.monotonic() < deadline, "a process outlives the farm")
            time.sleep(0.05)
        return f"farm {model}: ok, 16 members have died"
    finally:
        if not ended:
            server.process.kill()


class Place:
    """The folder that is served, the accounts, and the auth server that login asks."""

    def __init__(self, binary):
        self.binary = binary
        self.folder = tempfile.mkdtemp(prefix="hostile-")
        self.root = self.folder + "/root"
        os.makedirs(self.root + "/sub")
        for name, text in [("/a.txt", "hello\n"), ("/big", "x" * 8_000_000)]:
            with open(self.root + name, "w") as file:
                file.write(text)
        with open(self.folder + "/secret", "w") as file:
            file.write("secret\n")
        os.symlink("/etc/passwd", self.root + "/link")
        os.symlink("../../secret", self.root + "/sub/link")
        os.symlink("..", self.root + "/folderlink")
        os.mkfifo(self.root + "/fifo")
        self.users = self.folder + "/users"
        subprocess.run([binary, "serve", "auth", "--users", self.users, "--add-user", ACCOUNT, "--grant", "read,write"], input=PASSWORD + "\n", text=True, check=True)
        self.authority = Server("auth", "events", self)
        self.auth = f"127.0.0.1:{self.authority.port}"

    def leave(self):
        self.authority.end()
        shutil.rmtree(self.folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--services", default=",".join(SERVICES + [FARM]))
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--connections", type=int, default=100)
    parser.add_argument("--crowd", type=int, default=100)
    parser.add_argument("--line", type=int, default=64_000_000)
    parser.add_argument("--at-once", type=int, default=8)
    arguments = parser.parse_args()
    place = Place(arguments.binary)
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.at_once) as pool:
        futures = {
            pool.submit(attack, service, model, place, arguments): f"{service} {model}"
            for service in arguments.services.split(",") if service != "farm" for model in arguments.models.split(",")
        }
        if "farm" in arguments.services.split(","):
            futures |= {pool.submit(farm_under_attack, model, place, arguments): f"farm {model}" for model in arguments.models.split(",")}
        for future in concurrent.futures.as_completed(futures):
            try:
                print(future.result(), flush=True)
            except Exception as error:  # every kind is this combination's failure
                failures += 1
                print(f"{futures[future]}: {type(error).__name__}: {error}", flush=True)
    place.leave()
    sys.exit(1 if failures else 0)


main()
