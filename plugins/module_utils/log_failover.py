# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An output with several servers: its sender sends to one of them, and is turned to the next that answers where that one takes nothing.

`FOLDER/send.conf` leads to the configuration of the server that is in use, `FOLDER/server.json` names the one that the next start takes.
To turn away from a server is an unclean end of the sender: what was not acknowledged goes to the other one (log_recovery.py). To turn back
is a restart, which doubles nothing while all is acknowledged.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import (
    kernel_sockets,
    log_drain,
    log_relp,
    log_spool,
    processes,
    rsyslog_stats,
)

LINK, CHOICE = "send.conf", "server.json"
SECOND = 1.0  # between two looks
#: Seconds for which a server has not got what was sent, or is not connected, until it is asked whether it is there.
LOST = 10.0
REFUSALS = 3  # in a row make it away
#: Seconds for which lines wait and none is taken, though the server answers.
STALLED = 30.0
#: Seconds for which a better server has to have answered; doubled each time that it was not good for an hour, up to that.
BACK, LONGEST = 60.0, 3600.0
EVERY = 10.0  # seconds between two questions to a better server
SETTLE = 45.0  # seconds for which a sender may take to come up with another server
ESTABLISHED = "01"
Metric = Tuple[str, Dict[str, str], float]


class Server(NamedTuple):
    """One of an output's servers. name: in its certificate. configuration: the path of the sender's for this one."""

    name: str
    host: str
    port: int
    configuration: str


class View(NamedTuple):
    """What is seen of a sender. unsent: bytes that the server has not got. waiting: whether lines do. done: moves while lines are taken."""

    connected: bool
    unsent: int
    waiting: bool
    done: Tuple[float, float]


class Turn(NamedTuple):
    """That the sender has to send to another server. clean: whether the one before still takes lines."""

    server: Server
    reason: str
    clean: bool


def servers(output: Mapping[str, Any]) -> List[Server]:
    """Return the servers of an output in their order; none where it has only one."""
    return [Server(one["name"], one["host"], int(one["port"]), one["configuration"]) for one in output.get("servers") or ()]


def _choice(folder: str) -> Dict[str, Any]:
    with contextlib.suppress(OSError, ValueError), open(os.path.join(folder, CHOICE), encoding="utf-8") as stream:
        found = json.load(stream)
        return found if isinstance(found, dict) else {}
    return {}


def choose(folder: str, name: str, changes: int) -> None:
    """Note which server the next start of the sender takes, and how often it was another one. Raises OSError."""
    log_spool.write_json(os.path.join(folder, CHOICE), {"server": name, "changes": changes})


def in_use(folder: str, output: Mapping[str, Any]) -> Optional[Server]:
    """Return the server that the sender was last started for, None where there is none or the output has only one."""
    with contextlib.suppress(OSError):
        path = os.readlink(os.path.join(folder, LINK))
        return next((one for one in servers(output) if one.configuration == path), None)
    return None


def asking(tls_directory: str) -> Callable[[Server], bool]:
    """Return what tells whether a server answers. tls_directory: of this host's certificate."""
    return lambda server: not log_relp.refusal(server.host, server.port, server.name, tls_directory)


def begin(folder: str, output: Mapping[str, Any], ask: Callable[[Server], bool]) -> Optional[Server]:
    """Make the sender that is about to start use the server that is chosen, the first that answers where none is; return it.

    ask: whether a server answers. Raises OSError.
    """
    known = servers(output)
    if not known:
        return None
    choice = _choice(folder)
    server = next((one for one in known if one.name == choice.get("server")), None)
    if server is None:
        server = next(filter(ask, known), known[0])
        choose(folder, server.name, int(choice.get("changes", 0)))
    link = os.path.join(folder, LINK)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(link + ".new")
    os.symlink(server.configuration, link + ".new")
    os.rename(link + ".new", link)
    return server


def view(folder: str, server: Server) -> View:
    """Return what is seen of a sender: by the kernel's connections, what it has read of the segments, and what rsyslog tells."""
    sockets = kernel_sockets.connections(server.host, server.port)
    found = log_spool.segments(folder)
    stats = rsyslog_stats.statistics(os.path.join(folder, "state", "stats"))
    queued = stats.get(("core.queue", "send"), {}).get("size", 0.0)
    return View(
        any(one.state == ESTABLISHED for one in sockets),
        sum(one.unsent for one in sockets),
        any(one.unread for one in found) or queued > 0,
        (float(sum(one.read or 0 for one in found)), stats.get(("core.action", "send"), {}).get("processed", 0.0)),
    )


class Watch:
    """Decides when a sender turns to another server.

    known: the servers in their order. ask: whether one answers. back: seconds, see BACK. Times are those of time.monotonic().
    """

    def __init__(self, known: List[Server], ask: Callable[[Server], bool], back: float = BACK) -> None:
        self.known, self.ask, self.back = known, ask, back
        self.using = ""
        self.since = self.fine = self.moved = 0.0
        self.done = (0.0, 0.0)
        self.refused = 0
        self.pause = 0.0  # nothing is decided before
        self.asked: Dict[str, float] = {}
        self.answers: Dict[str, float] = {}  # from when on a better server has answered
        self.wait: Dict[str, float] = {}  # for how long one that was left has to answer
        self.rest: Dict[str, float] = {}  # one that answers and takes nothing is not turned to before

    def look(self, using: Server, seen: View, now: float) -> Optional[Turn]:
        """Return what has to be done, None for nothing. using: the server that the sender was started for."""
        if using.name != self.using:
            self.using, self.since, self.fine, self.moved, self.done = using.name, now, now, now, seen.done
            self.refused, self.pause = 0, 0.0
            self.answers.clear()
        if seen.connected and not seen.unsent:
            self.fine, self.refused = now, 0
        if not seen.waiting or seen.done != self.done:
            self.moved, self.done = now, seen.done
        if now < self.pause:
            return None
        if now - self.moved >= STALLED:
            return self._away(using, "took no line for %d s though lines wait" % (now - self.moved), now, rests=True)
        if now - self.fine >= LOST:
            self.refused = 0 if self.ask(using) else self.refused + 1
            if self.refused >= REFUSALS:
                return self._away(using, "does not answer", now, rests=False)
            self.pause = now + (SECOND if self.refused else LOST)
            return None
        return self._better(using, now)

    def _away(self, using: Server, reason: str, now: float, rests: bool) -> Optional[Turn]:
        """Turn to the first of the others that answers; where none does, stay. rests: not back to this one for a while."""
        for server in self.known:
            if server.name != using.name and self.rest.get(server.name, 0.0) <= now and self.ask(server):
                often = using.name in self.wait and now - self.since < LONGEST
                self.wait[using.name] = min(2 * self.wait[using.name], LONGEST) if often else self.back
                self.rest[using.name] = now + self.wait[using.name] if rests else 0.0
                self.pause = now + SETTLE
                return Turn(server, "%s %s" % (using.name, reason), False)
        self.pause = now + LOST / 2
        return None

    def _better(self, using: Server, now: float) -> Optional[Turn]:
        """Turn to one that stands before this one, where it has answered for long enough."""
        for server in self.known[: [one.name for one in self.known].index(using.name)]:
            if now - self.asked.get(server.name, -EVERY) < min(EVERY, self.back / 3):
                continue
            self.asked[server.name] = now
            if not self.ask(server):
                self.answers.pop(server.name, None)
            elif now - self.answers.setdefault(server.name, now) >= self.wait.get(server.name, self.back) and (
                self.rest.get(server.name, 0.0) <= now
            ):
                self.pause = now + SETTLE
                return Turn(server, "%s answers again" % server.name, True)
        return None


def turn(name: str, folder: str, wanted: Turn) -> bool:
    """Have the sender of an output send to another server; return whether it runs at all. Raises OSError."""
    unit = "%s%s.service" % (log_drain.SENDER, name)
    if processes.answer(["systemctl", "is-active", unit], 30)[0] != 0:
        return False
    choose(folder, wanted.server.name, int(_choice(folder).get("changes", 0)) + 1)
    how = ["restart", "--no-block"] if wanted.clean else ["kill", "--kill-who=main", "--signal=KILL"]
    processes.answer(["systemctl", *how, unit], 30)
    return True


def follow(
    configuration: Mapping[str, Any], say: Callable[[str], object], rounds: int = 0, pause: Callable[[float], object] = time.sleep
) -> None:
    """Watch every output that has several servers. rounds: how often to look, 0 for ever."""
    outputs = {name: output for name, output in configuration["outputs"].items() if servers(output)}
    ask = asking(configuration["tls_directory"])
    watches = {name: Watch(servers(output), ask, float(output["back"])) for name, output in outputs.items()}
    done = 0
    while outputs:
        for name, output in outputs.items():
            folder = os.path.join(configuration["state"], name)
            try:
                using = in_use(folder, output)
                wanted = watches[name].look(using, view(folder, using), time.monotonic()) if using else None
                if wanted and turn(name, folder, wanted):
                    say("%s: the output %s sends to %s now" % (wanted.reason, name, wanted.server.name))
            except OSError as error:
                say("%s: %s" % (name, error))
        done += 1
        if rounds and done >= rounds:
            return
        pause(SECOND)


def metrics(name: str, folder: str, output: Mapping[str, Any]) -> Iterator[Metric]:
    """Yield which server an output with several uses, and how often it has turned to another one."""
    known, using = servers(output), in_use(folder, output)
    for rank, server in enumerate(known, 1):
        yield "server", {"output": name, "server": server.name, "rank": str(rank)}, float(server == using)
    if known:
        yield "server_changes_total", {"output": name}, float(_choice(folder).get("changes", 0))


def told(configuration: Mapping[str, Any]) -> Dict[str, str]:
    """Return which server each output with several uses."""
    state = configuration["state"]
    found = {name: in_use(os.path.join(state, name), output) for name, output in configuration["outputs"].items()}
    return {name: server.name for name, server in found.items() if server}
