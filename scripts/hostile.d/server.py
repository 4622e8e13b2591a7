"""A server under attack, and the honest client that it must go on to serve."""

import os
import signal
import socket
import struct
import subprocess
import tempfile
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


def exchange_without_password(server, client):
    """As `exchange`, but where a password would be hashed the server answers before it."""
    if server.service == "auth":
        client.sendall(b"CHECK none read\n")
        return receive(client, b"\n") == b"NO\n"
    if server.service == "login":
        return receive(client, b"login: ") == b"login: "
    return exchange(server, client)


def honest(server, after, exchange=exchange):
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
