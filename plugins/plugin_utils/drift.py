# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run in check mode would change, by host and role: kept while it runs, told as answers of health checks and as metrics."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.module_utils.metrics import family

FILE = "groundwork-drift.json"  # in the local temporary directory of the run, which ends with it
COLLECTION = "groundwork.fleet."
NO_ROLE = "playbook"  # what tasks without a role count for
#: What modules of the collection call what they do to packages, releases, units and accounts.
DONE = (
    *("installed", "upgraded", "removed", "marked", "switched"),
    *("started", "restarted", "reloaded", "stopped", "enabled", "disabled", "masked", "unmasked", "locked"),
)
NAMED = 8  # of one task; the others are counted
PREFIX = "groundwork_drift_"


@dataclass(frozen=True)
class Difference:
    """What one task would change. number: of files, or of other things. what: their names."""

    task: str
    number: int
    what: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """Return it for people."""
        more = f" and {len(self.what) - NAMED} more" if len(self.what) > NAMED else ""
        return f"{self.task}: {', '.join(self.what[:NAMED])}{more}" if self.what else self.task


@dataclass
class Record:
    """What is known so far. hosts: by host and role, an empty list where nothing differs. problems: by host why it could not go on."""

    hosts: dict[str, dict[str, list[Difference]]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    def take(self, host: str, role: str, task: str, result: Mapping[str, Any]) -> None:
        """Take in how a task ended well."""
        found = self.hosts.setdefault(host, {}).setdefault(role.removeprefix(COLLECTION) or NO_ROLE, [])
        if result.get("changed"):
            found.append(difference(task, result))

    def fail(self, host: str, task: str, result: Mapping[str, Any]) -> None:
        """Take in that a task failed, or that its host could not be reached. It counts only where the host is not there at the end."""
        self.problems.setdefault(host, f"{task}: {result.get('msg') or 'failed'}")

    def text(self) -> str:
        """Return all of it as JSON."""
        hosts = {
            host: {role: [[one.task, one.number, list(one.what)] for one in found] for role, found in roles.items()}
            for host, roles in self.hosts.items()
        }
        return json.dumps({"hosts": hosts, "problems": self.problems})


def difference(task: str, result: Mapping[str, Any]) -> Difference:
    """Return what a task that reports a change would change. Names only: values may be secret."""
    parts = result.get("results")
    named: list[str] = []
    unnamed = 0
    steps: Iterable[tuple[str, Any]] = [("", result)]
    if isinstance(parts, Mapping):  # of converge
        steps = parts.items()
    elif isinstance(parts, list):  # of a loop
        steps = [("", one) for one in parts]
    for name, answer in steps:
        if isinstance(answer, Mapping) and answer.get("changed"):
            found = _names(answer)
            unnamed += not found
            named += found or ([str(name)] if name else [])
    what = tuple(dict.fromkeys(named))
    return Difference(task, max(len(what), unnamed, 1), what)


def _names(answer: Mapping[str, Any]) -> list[str]:
    files = answer.get("changed_files")
    found = list(map(str, files)) if isinstance(files, list) else []
    for word in DONE:
        names = answer.get(word)
        if isinstance(names, (list, Mapping)):
            found += [f"{word} {name}" for name in names]
    return found


def read(directory: str, check_mode: bool) -> Record:
    """Return what the callback kept in this run. Raises BadInput where it did not listen."""
    path = Path(directory) / FILE
    if not path.exists():
        if not check_mode:
            raise bad_input("check mode", False, "a run with --check", "Run the playbook with --check: without it the site is changed.")
        remedy = "Add it to callbacks_enabled in ansible.cfg, or set ANSIBLE_CALLBACKS_ENABLED=groundwork.fleet.drift."
        raise bad_input("callbacks_enabled", None, "the callback groundwork.fleet.drift, which counts what would change", remedy)
    kept = json.loads(path.read_text(encoding="utf-8"))
    hosts = {
        host: {role: [Difference(task, number, tuple(what)) for task, number, what in found] for role, found in roles.items()}
        for host, roles in kept["hosts"].items()
    }
    return Record(hosts, kept["problems"])


def answers(record: Record, hosts: Iterable[str], there: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return by host what health_report takes: a check for each role, failed where it would change something.

    hosts: all of the run. there: those that are still in it; what failed on them was rescued.
    """
    still = set(there)
    return {host: _answer(record, host, host in still) for host in hosts}


def _answer(record: Record, host: str, is_there: bool) -> dict[str, Any]:
    if not is_there:
        return {"msg": record.problems.get(host) or "it left the run before its end; its output says why"}
    checks = {}
    for role, found in sorted(record.hosts.get(host, {}).items()):
        number = sum(one.number for one in found)
        message = f"{number} {'difference' if number == 1 else 'differences'}: {'; '.join(one.told for one in found)}" if found else ""
        checks[role] = {"type": "role", "status": "failed" if found else "ok", "message": message, "seconds": 0}
    return {"checks": checks}


def to_textfile(record: Record, host: str, now: float) -> str:
    """Return the metrics of a host. now: seconds since 1970."""
    counts = {role: sum(one.number for one in found) for role, found in sorted(record.hosts.get(host, {}).items())}
    lines = family(PREFIX + "differences", "How much a role would change on the host.", [({"role": role}, n) for role, n in counts.items()])
    return (
        "\n".join([*lines, *family(PREFIX + "last_run_seconds", "When this was looked, in seconds since 1970.", [({}, int(now))])]) + "\n"
    )
