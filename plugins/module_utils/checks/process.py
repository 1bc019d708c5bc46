# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of a name run."""

from __future__ import annotations

import dataclasses
import os
import pwd
import re
from typing import Any, Dict, List, NamedTuple, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_least, at_most, equal, option


@dataclasses.dataclass
class Options:
    """Options of a process check."""

    name: Optional[str] = option("the name of the program's file, without its folder", None)
    command: Optional[str] = option("a regular expression that is found in its command line", None)
    user: Optional[str] = option("the name of the user that runs it; others do not count", None)
    minimum: int = option("how many have to run", 1, expects=at_least, fact="count")
    maximum: Optional[int] = option("how many may run", None, expects=at_most, fact="count")
    memory: Optional[int] = option("how much memory the largest may have", None, expects=at_most, unit="bytes")
    age: Optional[float] = option("for how long the youngest has to run", None, expects=at_least, unit="seconds")
    zombies: Optional[int] = option("how many may have ended without anybody asking how", None, expects=equal)


def problem(options: Options) -> str:
    """Demand one of the two, and an expression that compiles."""
    if options.name is None and options.command is None:
        return "Give `name` or `command`."
    try:
        re.compile(options.command or "")
    except re.error as error:
        return "The expression of `command` does not compile: %s." % error
    return ""


class _Process(NamedTuple):
    number: str
    state: str
    age: float
    memory: int


def _read(number: str, name: str) -> str:
    with open("/proc/%s/%s" % (number, name), "rb") as stream:
        return stream.read(65536).decode("utf-8", "replace")


def _names(command: str, title: str) -> List[str]:
    """Return the names under which a process is known: of its program, and for a zombie or a kernel thread its title."""
    first = command.split("\0")[0]
    return [os.path.basename(first.split(" ")[0].rstrip(":"))] if first else [title]


def _found(number: str, options: Options, uptime: float) -> Optional[_Process]:
    try:
        command, status = _read(number, "cmdline"), _read(number, "stat")
        title, _end, rest = status.partition(" (")[2].rpartition(") ")
        words = rest.split()
        if options.name is not None and options.name not in _names(command, title):
            return None
        if options.command is not None and not re.search(options.command, command.replace("\0", " ").strip()):
            return None
        if options.user is not None and os.stat("/proc/" + number).st_uid != pwd.getpwnam(options.user).pw_uid:
            return None
    except OSError:  # it has ended meanwhile
        return None
    started = int(words[19]) / os.sysconf("SC_CLK_TCK")
    return _Process(number, words[0], max(uptime - started, 0.0), int(words[21]) * os.sysconf("SC_PAGE_SIZE"))


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Count the processes whose command has the name."""
    with open("/proc/uptime", encoding="ascii") as stream:
        uptime = float(stream.read().split()[0])
    own = str(os.getpid())
    seen = [_found(number, options, uptime) for number in os.listdir("/proc") if number.isdigit() and number != own]
    found = [process for process in seen if process is not None]
    alive = [process for process in found if process.state != "Z"]
    facts: Dict[str, Any] = {"count": len(alive), "zombies": len(found) - len(alive)}
    if alive:
        facts.update(memory=max(process.memory for process in alive), age=min(process.age for process in alive))
    return Observation(facts, identity=" ".join(sorted(process.number for process in alive)))
