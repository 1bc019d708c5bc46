# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that run what an upgrade has replaced: a program or a library whose file is gone, its old content still in memory.

The source is proc(5): the link exe and the lines of maps end in " (deleted)" where the file was removed or another one was renamed over
it, as dpkg does. Only root sees those of other users.
"""

from __future__ import annotations

import os
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Tuple

DELETED = " (deleted)"
#: Where packages put programs and libraries; what is mapped from elsewhere (memfd, /tmp, /dev/shm) is no upgrade's doing.
INSTALLED = ("/usr/", "/lib", "/bin/", "/sbin/", "/opt/")
MOST_FILES = 5  # that are told of one process
#: What cannot be restarted without taking the host or its sessions along: those wait for a reboot or for the end of the session.
NEEDS_REBOOT = ("dbus.service", "dbus-broker.service", "systemd-logind.service", "systemd-journald.service", "init.scope")


class Process(NamedTuple):
    """One process. unit: the innermost service or scope that it belongs to, empty where there is none. files: what was replaced."""

    number: int
    name: str
    unit: str
    files: Tuple[str, ...]


def replaced(maps: str) -> List[str]:
    """Return the installed files that are mapped executable and gone, from the text of /proc/PID/maps."""
    found = []
    for line in maps.splitlines():
        fields = line.split(None, 5)
        if len(fields) == 6 and "x" in fields[1] and fields[5].endswith(DELETED) and fields[5].startswith(INSTALLED):
            found.append(fields[5][: -len(DELETED)])
    return list(dict.fromkeys(found))


def unit_of(cgroup: str) -> str:
    """Return the innermost unit from the text of /proc/PID/cgroup, of version 2 or of systemd's hierarchy of version 1."""
    for line in cgroup.splitlines():
        number, _colon, rest = line.partition(":")
        controllers, _colon, path = rest.partition(":")
        if number == "0" or controllers == "name=systemd":
            names = [part for part in path.split("/") if part.endswith((".service", ".scope"))]
            if names:
                return names[-1]
    return ""


def _text(path: str) -> str:
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "replace")


def _process(folder: str, number: str, root: Tuple[int, int]) -> List[Process]:
    base = os.path.join(folder, number)
    try:
        status = os.stat(os.path.join(base, "root"))
        if (status.st_dev, status.st_ino) != root:  # a container: its packages are not those of this host
            return []
        program = os.readlink(os.path.join(base, "exe"))
        files = [program[: -len(DELETED)]] if program.endswith(DELETED) and program.startswith(INSTALLED) else []
        files += [path for path in replaced(_text(os.path.join(base, "maps"))) if path not in files]
        if not files:
            return []
        return [Process(int(number), _text(os.path.join(base, "comm")).strip(), unit_of(_text(os.path.join(base, "cgroup"))), tuple(files))]
    except OSError:  # a kernel thread, or it has ended meanwhile
        return []


def running(folder: str = "/proc") -> List[Process]:
    """Return the processes of this host that run replaced files."""
    status = os.stat(os.path.join(folder, "1", "root")) if os.path.exists(os.path.join(folder, "1", "root")) else os.stat("/")
    root = (status.st_dev, status.st_ino)
    own = str(os.getpid())
    numbers = sorted((name for name in os.listdir(folder) if name.isdigit() and name != own), key=int)
    return [process for number in numbers for process in _process(folder, number, root)]


def by_unit(processes: Iterable[Process]) -> List[Dict[str, Any]]:
    """Return them by unit: `unit`, `programs`, `processes` (how many), `files` and `restart` (whether a restart of the unit mends it)."""
    found: Dict[Tuple[str, str], Dict[str, Any]] = {}
    for one in processes:
        entry = found.setdefault((one.unit, "" if one.unit else one.name), {"programs": set(), "files": set(), "processes": 0})
        entry["programs"].add(one.name)
        entry["files"].update(one.files)
        entry["processes"] += 1
    return [_told(unit, entry) for (unit, _name), entry in sorted(found.items())]


def _told(unit: str, entry: Mapping[str, Any]) -> Dict[str, Any]:
    restart = unit.endswith(".service") and unit not in NEEDS_REBOOT and not unit.startswith(("user@", "getty@", "serial-getty@"))
    files = sorted(entry["files"])[:MOST_FILES]
    return {"unit": unit, "programs": sorted(entry["programs"]), "processes": entry["processes"], "files": files, "restart": restart}
