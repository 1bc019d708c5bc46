# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have systemd judge unit files before they are installed: it ignores a line that it does not understand, and starts without it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from typing import Dict, List, Mapping

from ansible_collections.groundwork.fleet.plugins.module_utils import processes

COMMAND = ("systemd-analyze", "verify")
QUADLET = ".container"
GENERATOR = "/usr/lib/systemd/system-generators/podman-system-generator"
INSTALLED = ("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
SECONDS = 30
#: What is true of a unit that is right: its program may come later, and a directive may have a newer name.
HARMLESS = ("is not executable", "deprecated", "obsolete", "has been removed")


def possible() -> bool:
    """Tell whether this host can judge."""
    return shutil.which(COMMAND[0]) is not None


def refused(files: Mapping[str, bytes]) -> str:
    """Return what is wrong with unit files, drop-ins and quadlets, a line each; empty where nothing is.

    files: where each is to stand, to its content.
    """
    with tempfile.TemporaryDirectory(prefix="groundwork-") as directory:
        places: Dict[str, str] = {}
        units: List[str] = []
        found: List[str] = []
        for path, content in files.items():
            if path.endswith(QUADLET):
                said, content = generated(path, content)
                found += said
                path = os.path.join(INSTALLED[0], os.path.basename(path)[: -len(QUADLET)] + ".service")
            place = _placed(directory, path, content)
            places[place] = path
            units.append(_unit_of(directory, path))
        told = [line for unit in dict.fromkeys(units) for line in _judged(unit)]
        return "\n".join(dict.fromkeys(found + [shown(line, places) for line in told if wrong(line, directory, units)]))


def _placed(directory: str, path: str, content: bytes) -> str:
    """Write a file under the name that systemd knows it by, a drop-in beside its unit. Returns where."""
    parent, name = os.path.basename(os.path.dirname(path)), os.path.basename(path)
    place = os.path.join(directory, parent, name) if parent.endswith(".d") else os.path.join(directory, name)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "wb") as stream:
        stream.write(content)
    return place


def _unit_of(directory: str, path: str) -> str:
    """Return the copy of the unit to judge: the file itself, or the installed unit of a drop-in."""
    parent = os.path.basename(os.path.dirname(path))
    name = parent[: -len(".d")] if parent.endswith(".d") else os.path.basename(path)
    unit = os.path.join(directory, name)
    if not os.path.exists(unit):
        installed = next((os.path.join(one, name) for one in INSTALLED if os.path.isfile(os.path.join(one, name))), None)
        if installed:
            shutil.copyfile(installed, unit)
    return unit


def _judged(unit: str) -> List[str]:
    if not os.path.exists(unit):
        return []  # a drop-in for a unit that its package has not brought yet
    _code, said = processes.answer([*COMMAND, "--man=no", unit], SECONDS, env={**os.environ, "LC_ALL": "C", "SYSTEMD_COLORS": "0"})
    return said.splitlines()


def generated(path: str, content: bytes) -> tuple[List[str], bytes]:
    """Return what Podman's generator refuses of a quadlet, and the unit that it makes of it; nothing where it is not there yet."""
    if not os.path.exists(GENERATOR):
        return [], b"[Service]\nExecStart=/bin/true\n"
    with tempfile.TemporaryDirectory(prefix="groundwork-") as directory:
        with open(os.path.join(directory, os.path.basename(path)), "wb") as stream:
            stream.write(content)
        code, said = processes.answer([GENERATOR, "--dryrun"], SECONDS, env={**os.environ, "QUADLET_UNIT_DIRS": directory})
    if code:
        lines = [line for line in said.splitlines() if os.path.basename(path) in line or "key" in line]
        return ["%s: %s" % (path, line.split("]: ", 1)[-1].replace(directory + "/", "")) for line in lines] or [
            "%s: %s" % (path, said)
        ], b""
    return [], said.partition("---\n")[2].encode()


def wrong(line: str, directory: str, units: List[str]) -> bool:
    """Tell whether a line of systemd-analyze is about one of these files and says that it is wrong."""
    if any(word in line for word in HARMLESS):
        return False
    of_ours = any(line.startswith(os.path.basename(unit) + ":") for unit in units)
    return bool(re.match(re.escape(directory) + r"/[^:]+:\d+: ", line)) or (of_ours and line.endswith("Refusing."))


def shown(line: str, places: Mapping[str, str]) -> str:
    """Return a line with the places where the files are to stand."""
    for place, path in places.items():
        line = line.replace(place + ":", path + ":")
    return line
