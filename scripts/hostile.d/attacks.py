"""What a client may do that means no good. See scripts/hostile."""

import concurrent.futures
import os
import random
import resource
import signal
import socket
import threading
import time

from server import *

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
    """So many, one after the other, and some at a time; nothing of them is left. A password is made to be slow: one in a
    hundred says it."""
    def some(number):
        for turn in range(number):
            honest(server, "many connections", exchange if turn % 100 == 0 else exchange_without_password)

    workers = 1 if server.model == "iterative" else 4
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for future in [pool.submit(some, count // workers) for _ in range(workers)]:
            future.result()
