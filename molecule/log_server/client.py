#!/usr/bin/env python3
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Try a log server from the host on which it runs. Each trial prints what it found.

client.py syslog PORT HOST TEXT [CERTIFICATE KEY]          one line: taken, or refused
client.py relp PORT HOST TEXT COUNT [CERTIFICATE KEY]      lines `TEXT 1` to `TEXT COUNT`, again until each is acknowledged
client.py refused PORT HOST TEXT COUNT [CERTIFICATE KEY]   whether a session is refused
client.py killed PORT HOST TEXT COUNT [CERTIFICATE KEY]    the same, and the receiver and what forwards are killed after half of them
client.py there PORT HOST TEXT COUNT                       how many of them have arrived, once all have or the time is over
client.py full PORT HOST TEXT COUNT [CERTIFICATE KEY]      the same on a file system that is nearly full, and free again later
"""

from __future__ import annotations

import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable

WINDOW = 128  # lines on their way without an acknowledgement, as many as librelp's
LOGS = pathlib.Path("/var/log/groundwork")
FILLER = LOGS / "filler"
ROOM = 9 << 18  # bytes, a little more than the reserve and less than the lines of a trial
UNIT = "groundwork-log-server.service"
SECONDS = 40


def connected(port: int, pair: list[str]) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile="/etc/groundwork/tls/ca.crt")
    if pair:
        context.load_cert_chain(*pair)
    plain = socket.create_connection(("127.0.0.1", port), timeout=3)
    return context.wrap_socket(plain, server_hostname="localhost")


def line_of(host: str, text: str) -> bytes:
    return ("<14>1 2026-01-01T00:00:00Z %s client - - - %s" % (host, text)).encode()


def syslog(port: int, host: str, text: str, pair: list[str]) -> str:
    line = line_of(host, text)
    try:
        with connected(port, pair) as secure:
            secure.sendall(b"%d %s" % (len(line), line))
            return "taken" if secure.recv(1) else "refused: closed"
    except TimeoutError:  # the server stays connected and has nothing to say
        return "taken"
    except OSError as error:
        return "refused: %s" % error


class Session:
    """One connection that speaks RELP: frames `NUMBER COMMAND LENGTH DATA LF`, each answered by `NUMBER rsp LENGTH 200 OK LF`."""

    def __init__(self, port: int, pair: list[str]) -> None:
        self.secure = connected(port, pair)
        self.secure.settimeout(5)
        self.number = 0
        self.rest = b""
        self.send(b"open", b"relp_version=0\nrelp_software=client\ncommands=syslog")
        self.answers()

    def send(self, command: bytes, *bodies: bytes) -> None:
        frames = []
        for body in bodies:
            self.number += 1
            frames.append(b"%d %s %d %s\n" % (self.number, command, len(body), body))
        self.secure.sendall(b"".join(frames))

    def answers(self) -> int:
        """Wait for answers and return how many came that say 200."""
        while True:
            found = self.secure.recv(65536)
            if not found:
                raise ConnectionError("closed")
            self.rest += found
            good = 0
            while True:
                head = self.rest.split(b" ", 3)
                if len(head) < 4 or len(head[3]) <= int(head[2]):
                    break
                if head[1] == b"serverclose":
                    raise ConnectionError("the server closes")
                if not head[3].startswith(b"200"):
                    raise ConnectionError(head[3].decode())
                good += 1
                self.rest = head[3][int(head[2]) + 1 :]
            if good:
                return good


def relp(
    port: int, host: str, text: str, count: int, pair: list[str], meanwhile: Callable[[int], None] = lambda _acknowledged: None
) -> int:
    """Send, and return how many were acknowledged."""
    ends = time.monotonic() + SECONDS
    waiting = deque(line_of(host, "%s %d" % (text, number)) for number in range(1, count + 1))
    under_way: deque[bytes] = deque()
    while (waiting or under_way) and time.monotonic() < ends:
        try:
            session = Session(port, pair)
            while waiting or under_way:
                more = [waiting.popleft() for _one in range(min(WINDOW - len(under_way), len(waiting)))]
                under_way.extend(more)
                session.send(b"syslog", *more)
                for _one in range(session.answers()):
                    under_way.popleft()
                meanwhile(count - len(waiting) - len(under_way))
        except OSError:
            waiting.extendleft(reversed(under_way))  # what nobody acknowledged goes again
            under_way.clear()
            time.sleep(0.2)
    return count - len(waiting) - len(under_way)


def shown(what: str) -> str:
    command = ["systemctl", "show", "--property", what, "--value", UNIT]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def killed(count: int) -> Callable[[int], None]:
    """Return what kills the receiver once, after half of the lines."""
    done: list[int] = []

    def kill(acknowledged: int) -> None:
        if acknowledged > count / 2 and not done:
            done.append(int(shown("MainPID")))
            os.kill(done[0], signal.SIGKILL)
            kill_senders = ["systemctl", "kill", "--kill-who=main", "--signal=KILL", "groundwork-log-forward-*.service"]
            subprocess.run(kill_senders, check=False)

    return kill


def fill() -> threading.Thread:
    """Leave little room, and take the filler away when the receiver has been stopped for a while."""
    status = os.statvfs(LOGS)
    with FILLER.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, status.f_bavail * status.f_frsize - ROOM)

    def free() -> None:
        ends = time.monotonic() + 20
        while shown("ActiveState") == "active" and time.monotonic() < ends:
            time.sleep(0.2)
        time.sleep(3)
        sys.stdout.write("%s while full\n" % ("taking" if shown("ActiveState") == "active" else "stopped"))
        FILLER.unlink()

    thread = threading.Thread(target=free)
    thread.start()
    return thread


def arrived(host: str, text: str) -> tuple[int, int]:
    """Return how many different lines of a trial are there, and how many in all."""
    file = LOGS / host / "client.log"
    found = [line.rsplit(" ", 2)[1:] for line in file.read_text().splitlines()] if file.exists() else []
    return len({number for name, number in found if name == text}), len(found)


def main() -> int:
    kind, port, host, text, *more = sys.argv[1:]
    if kind == "syslog":
        sys.stdout.write(syslog(int(port), host, text, more) + "\n")
        return 0
    count = int(more[0])
    if kind == "refused":
        try:
            Session(int(port), more[1:])
        except OSError as error:
            sys.stdout.write("refused: %s\n" % error)
        return 0
    if kind == "there":
        ends = time.monotonic() + SECONDS
        while arrived(host, text)[0] < count and time.monotonic() < ends:
            time.sleep(0.5)
        sys.stdout.write("there %d, in all %d\n" % arrived(host, text))
        return 0
    filled = fill() if kind == "full" else None
    acknowledged = relp(int(port), host, text, count, more[1:], killed(count) if kind == "killed" else lambda _acknowledged: None)
    if filled:
        filled.join()
    there, lines = arrived(host, text)
    # At most a window is sent twice for each time that the connection broke.
    doubled = "few" if lines - there <= 20 * WINDOW else "many"
    sys.stdout.write("acknowledged %d, there %d, doubled %s\n" % (acknowledged, there, doubled))
    return 0


if __name__ == "__main__":
    sys.exit(main())
