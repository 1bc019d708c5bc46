# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lead requests from one colour of a service to the other without losing any: nginx by its upstream file, HAProxy by its socket."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from typing import Any, Callable, Dict, List, Mapping, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import blue_green, kernel_sockets, processes
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

ESTABLISHED = "01"  # of a TCP socket, proc_pid_net(5)
TAKEN_WITHIN = 30.0  # seconds for nginx to start workers with the new configuration
ANSWER_WITHIN = 5.0  # seconds for HAProxy's socket
PAUSE = 0.1
SHUTTING_DOWN = "is shutting down"  # nginx renames a worker that takes no more connections

Write = Callable[[str, bytes], None]


def connections(port: int) -> int:
    """Return how many established connections of this host have the port at one end; a container's port is known by the other end."""
    ends = [":%04X" % port] * 2
    return sum(local.endswith(ends[0]) or remote.endswith(ends[1]) for local, remote in kernel_sockets.sockets("tcp", ESTABLISHED))


def until(held: Callable[[], bool], seconds: float) -> bool:
    """Wait until something holds. Returns whether it does."""
    end = time.monotonic() + seconds
    while not held():
        if time.monotonic() >= end:
            return False
        time.sleep(PAUSE)
    return True


class Nginx:
    """A file with the upstream that nginx includes, then a reload.

    unit: acts on nginx's unit, verb to error text. write: replaces a file as a whole.
    """

    def __init__(self, options: Mapping[str, Any], act: Callable[[str, str], str], main_pid: Callable[[str], int], write: Write) -> None:
        self.path, self.contents, self.unit = str(options["path"]), options["contents"], str(options["unit"])
        self.act, self.main_pid, self.write = act, main_pid, write
        self.ports: Dict[str, int] = {}

    def _content(self) -> Optional[str]:
        try:
            with open(self.path, encoding="utf-8", errors="replace") as stream:
                return stream.read()
        except OSError:
            return None

    def served(self, ports: Mapping[str, int]) -> str:
        """Return the colour that the file leads to, "" where it tells none."""
        return blue_green.port_served(self._content() or "", ports)

    def settled(self, colour: str) -> bool:
        """Tell whether the file is all that it should be for a colour."""
        return self._content() == str(self.contents[colour])

    def check(self) -> None:
        """Nothing has to answer before the switch."""

    def keep_out(self, colour: str) -> None:
        """Nothing leads to a colour that the file does not name."""

    def lead_to(self, colour: str) -> None:
        """Have nginx lead to a colour, until no worker of the old configuration takes connections. Raises BadInput, all as it was."""
        before = self._content()
        self.write(self.path, self.contents[colour].encode())
        main = self.main_pid(self.unit)
        if not main:
            return  # nobody asks it for anything; it starts with the new file
        error = self._reload(main)
        if error:
            if before is not None:
                self.write(self.path, before.encode())
                self._reload(main)
            raise BadInput("nginx did not take %s: %s" % (self.path, error))

    def _reload(self, main: int) -> str:
        code, said = processes.answer(["nginx", "-t", "-q"], TAKEN_WITHIN)
        if code:
            return said.strip()
        old = accepting(main)
        error = self.act("reload", self.unit)
        if error:
            return error
        if not until(lambda: not set(old) & set(accepting(main)), TAKEN_WITHIN):
            return "its old workers still take connections %d s after the reload; see its error log." % TAKEN_WITHIN
        return ""

    def idle(self, port: int, _colour: str) -> bool:
        """Tell whether a colour has nothing to finish."""
        return not connections(port)

    def note(self) -> None:
        """The file is what is noted."""


def accepting(main: int) -> List[int]:
    """Return the workers of nginx that take connections: children of its master that are not shutting down."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):  # a process that has just ended
            with open("/proc/%s/stat" % entry, encoding="utf-8", errors="replace") as stream:
                parent = int(stream.read().rpartition(")")[2].split()[1])
            if parent == main:
                with open("/proc/%s/cmdline" % entry, "rb") as stream:
                    title = stream.read().decode("utf-8", "replace")
                if SHUTTING_DOWN not in title:
                    found.append(int(entry))
    return found


class HaProxy:
    """The servers blue and green of one backend, by HAProxy's runtime socket: no process starts anew."""

    def __init__(self, options: Mapping[str, Any], write: Write) -> None:
        self.backend, self.socket, self.state_file = str(options["backend"]), str(options["socket"]), str(options.get("state_file") or "")
        self.write = write

    def ask(self, command: str) -> str:
        """Return what the socket answers to a command. Raises OSError where nothing answers."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
            stream.settimeout(ANSWER_WITHIN)
            stream.connect(self.socket)
            stream.sendall(command.encode() + b"\n")
            parts = iter(lambda: stream.recv(65536), b"")
            return b"".join(parts).decode("utf-8", "replace")

    def served(self, _ports: Mapping[str, int]) -> str:
        """Return the colour that gets requests, "" where the socket tells none."""
        try:
            return blue_green.haproxy_served(self.ask("show servers state %s" % self.backend))
        except OSError:
            return ""

    def settled(self, _colour: str) -> bool:
        """Which colour gets requests is all there is; a socket that does not answer needs nothing."""
        return True

    def check(self) -> None:
        """See that the socket answers and knows the backend. Raises BadInput."""
        try:
            said = self.ask("show servers state %s" % self.backend)
        except OSError as error:
            raise BadInput(
                "HAProxy does not answer on %s: %s. Give it `stats socket %s level admin`." % (self.socket, error, self.socket)
            ) from None
        for colour in blue_green.COLOURS:
            if " %s " % colour not in said:
                remedy = "Give it the servers blue and green." if said.startswith("1") else said.strip()
                raise BadInput("HAProxy has no server %s/%s. %s" % (self.backend, colour, remedy))

    def _set(self, colour: str, state: str) -> None:
        said = self.ask("set server %s/%s state %s" % (self.backend, colour, state)).strip()
        if said:
            raise BadInput("HAProxy refused to set %s/%s to %s: %s" % (self.backend, colour, state, said))

    def keep_out(self, colour: str) -> None:
        """Let no request reach a colour."""
        with contextlib.suppress(OSError):  # nobody asks a HAProxy that does not run
            self._set(colour, "maint")

    def lead_to(self, colour: str) -> None:
        """Have HAProxy lead to a colour. The other one finishes what it has. Raises BadInput."""
        try:
            self._set(colour, "ready")
            # Proven already: HAProxy's own checks need not find it out again.
            self.ask("set server %s/%s health up" % (self.backend, colour))
            self._set(blue_green.other(colour), "drain")
        except (BadInput, OSError) as error:
            with contextlib.suppress(BadInput, OSError):
                self._set(blue_green.other(colour), "ready")
                self._set(colour, "maint")
            if os.path.exists(self.socket):
                raise BadInput("HAProxy could not be led to %s/%s: %s" % (self.backend, colour, error)) from None
        self.note()

    def idle(self, _port: int, colour: str) -> bool:
        """Tell whether a colour has nothing to finish."""
        try:
            return not blue_green.haproxy_sessions(self.ask("show stat"), self.backend, colour)
        except OSError:
            return True

    def note(self) -> None:
        """Keep the state of the servers where HAProxy reads it when it starts anew."""
        if self.state_file:
            with contextlib.suppress(OSError):
                self.write(self.state_file, self.ask("show servers state").encode())
