"""A farm whose members die in every way. See scripts/hostile."""

import os
import random
import resource
import signal
import socket
import time

from server import *


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
