"""Clients that mean no good, against every service under every model. See scripts/hostile."""

import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

from attacks import *
from farm import farm_under_attack
from server import *


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
