# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How well patched this host is. Looks only: no list is fetched, no package changed.

Where each fact comes from:

pending: `apt-get -s --ignore-hold dist-upgrade` names every upgrade, `apt-get -s --with-new-pkgs upgrade` those that need no removal.
security: the origin of the new version is a suite *-security, as Debian and Ubuntu name theirs.
held: the selection state `hold` in dpkg's database (dpkg-query(1)).
obsolete: `apt list ?obsolete`, installed and in no repository (apt-patterns(7)).
lists: the newest of the change of /var/lib/apt/lists, this collection's own record and /var/lib/apt/periodic/update-stamp, which
apt.systemd.daily touches after each success.
dpkg: files in /var/lib/dpkg/updates and packages that are neither installed nor only configured (dpkg(1), package states).
reboot, processes, keys: reboot.py, outdated_processes.py, repository_keys.py.
"""

from __future__ import annotations

import os
import re
import time
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import apt, apt_host, outdated_processes, reboot, repository_keys
from ansible_collections.groundwork.fleet.plugins.module_utils.metrics import Sample, family

UPDATE_STAMP = "/var/lib/apt/periodic/update-stamp"
EVERYTHING = ("--ignore-hold", "--allow-change-held-packages", "dist-upgrade")
WITHOUT_REMOVAL = ("--with-new-pkgs", "upgrade")


_LISTED = re.compile(r"^(\S+?)/\S* (\S+) (\S+) \[[^\]]*installed")


def parse_list(text: str, architecture: str) -> Dict[str, str]:
    """Parse `apt list PATTERN`: name and version of what is installed."""
    found: Dict[str, str] = {}
    for line in text.splitlines():
        match = _LISTED.match(line)
        if match:
            found[apt.native("%s:%s" % (match.group(1), match.group(3)), architecture)] = match.group(2)
    return found


def pending(everything: apt.Simulation, easy: apt.Simulation, packages: Mapping[str, apt.Package]) -> List[Dict[str, Any]]:
    """Return the upgrades by name: `name`, `before`, `after`, `origin`, `security` and `kept`, why an upgrade leaves it out.

    kept: `held`, or `kept back` where it needs a removal or waits for its phase; empty where it would come.
    """
    found = []
    for name, item in sorted({**easy.install, **everything.install}.items()):
        if item.before is None:
            continue
        held = name in packages and packages[name].held
        kept = "held" if held else "" if name in easy.install else "kept back"
        security = bool(apt.SECURITY.search(item.origin))
        entry = {"name": name, "before": item.before, "after": item.after, "origin": item.origin, "security": security, "kept": kept}
        found.append(entry)
    return found


def due(status: Mapping[str, Any], mode: str) -> List[str]:
    """Return the packages that an upgrade of this mode (security, all) would bring."""
    return [one["name"] for one in status["pending"] if not one["kept"] and (mode == "all" or one["security"])]


def lists_refreshed(lists_at: Optional[float], record: Mapping[str, Any], stamp: str = UPDATE_STAMP) -> Optional[float]:
    """Return when the lists were fetched, in seconds since 1970; None where there are none."""
    if lists_at is None:
        return None
    try:
        daily = os.stat(stamp).st_mtime
    except OSError:
        daily = 0.0
    return max(apt.refreshed_at(lists_at, record), daily)


def _simulated(host: apt_host.Apt, arguments: Sequence[str]) -> apt.Simulation:
    simulation, refusal = host.simulate(arguments)
    if refusal:
        raise apt_host.AptError("apt-get cannot tell what is pending: %s" % refusal)
    return simulation


def gather(host: apt_host.Apt, record: Mapping[str, Any], now: Optional[float] = None) -> Dict[str, Any]:
    """Return the status of this host, documented in modules/patch_status.py. Raises AptError.

    record: that of the last refresh, from apt_host.read_records. now: seconds since 1970.
    """
    packages = host.packages()
    here = apt.installed(packages)
    refreshed = lists_refreshed(host.lists_at(), record)
    interrupted = apt.unfinished(packages)
    broken = host.journal_is_open() or bool(interrupted)
    found: List[Dict[str, Any]] = []
    problem = ""
    if refreshed is not None:
        try:
            everything = _simulated(host, EVERYTHING)
            easy = _simulated(host, WITHOUT_REMOVAL) if everything.install else everything
            found = pending(everything, easy, packages)
        except apt_host.AptError as error:
            if not broken:  # otherwise that is what it is about
                raise
            problem = str(error)
    reasons = reboot.reasons(os.uname().release, reboot.BOOT, reboot.FLAGS)
    return {
        "pending": found,
        "security": [one["name"] for one in found if one["security"]],
        "held": {name: here[name] for name, package in sorted(packages.items()) if package.held and name in here},
        # Without lists everything would be in no repository.
        "obsolete": parse_list(host.must(["apt", "list", "?obsolete"]).out, host.architecture) if refreshed is not None else {},
        "reboot": {"needed": bool(reasons), "reasons": reasons},
        "processes": outdated_processes.by_unit(outdated_processes.running()),
        "lists": {
            "refreshed": None if refreshed is None else int(refreshed),
            "age": None if refreshed is None else max(0, int((time.time() if now is None else now) - refreshed)),
        },
        "dpkg": {"interrupted": broken, "packages": interrupted, "problem": problem},
        "repository_keys": repository_keys.observe(),
    }


def _metric(name: str, text: str, samples: Sequence[Sample]) -> List[str]:
    return family("groundwork_patch_" + name, text, samples)


def to_textfile(status: Mapping[str, Any], now: float) -> str:
    """Return the status as Prometheus metrics. now: when it was looked, in seconds since 1970.

    Moments instead of ages, so that a metric does not grow old with its file. Without package lists what depends on them is left out.
    """
    counts = {
        "pending": ("Packages with an upgrade in the package lists.", len(status["pending"])),
        "pending_security": ("Packages with a security upgrade in the package lists.", len(status["security"])),
        "held": ("Packages that no upgrade may change.", len(status["held"])),
        "obsolete": ("Installed packages that are in no repository.", len(status["obsolete"])),
        "reboot_needed": ("1 where the host waits for a reboot.", int(status["reboot"]["needed"])),
        "outdated_processes": (
            "Processes that run a program or library that was replaced.",
            sum(one["processes"] for one in status["processes"]),
        ),
        "dpkg_interrupted": ("1 where an interrupted dpkg has to be repaired.", int(status["dpkg"]["interrupted"])),
    }
    refreshed = status["lists"]["refreshed"]
    unknown = ("pending", "pending_security", "obsolete") if refreshed is None or status["dpkg"]["problem"] else ()
    lines: List[str] = []
    for name, (text, count) in counts.items():
        lines += _metric(name, text, [] if name in unknown else [({}, count)])
    lines += _metric("lists_timestamp_seconds", "When the package lists were fetched.", [] if refreshed is None else [({}, refreshed)])
    ends = [({"repository": key["repository"]}, key["expires"]) for key in status["repository_keys"] if key["expires"]]
    lines += _metric("key_expiry_timestamp_seconds", "When the last key that signs the repository ends.", ends)
    lines += _metric("last_run_seconds", "When this was looked, in seconds since 1970.", [({}, int(now))])
    return "\n".join(lines) + "\n"
