# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run cost in remote calls, from what callbacks/remote_calls.py wrote, and where that is more than ADR 0005 allows."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

LIMIT = 3
FACTS = ("min", "network", "virtual")
GATHERING = ("setup", "facts")  # the modules that gather facts, without their collection


@dataclass(frozen=True)
class Call:
    """One process on a host, or one file brought there.

    execution: tells the runs of modules apart; one of them may be several processes. subset: of the module that gathers facts.
    """

    host: str
    role: str
    task: str
    module: str = ""
    execution: str = ""
    subset: tuple[str, ...] = ()


def parsed(text: str) -> list[Call]:
    """Return the calls of a run, in their order."""
    found = [json.loads(line) for line in text.splitlines()]
    return [Call(**{**one, "subset": tuple(one.get("subset", ()))}) for one in found]


def counted(calls: list[Call]) -> dict[str, dict[str, int]]:
    """Return role to host to number of calls; what belongs to no role stands under ''."""
    numbers = Counter((call.role, call.host) for call in calls)
    return {role: {host: numbers[role, host] for one, host in sorted(numbers) if one == role} for role, _host in sorted(numbers)}


def runs_of_modules(calls: list[Call]) -> dict[str, int]:
    """Return host to how many modules were run on it; what else SSH started (the search for Python) belongs to one of them."""
    return dict(Counter(host for host, _execution in {(call.host, call.execution) for call in calls}))


def violations(calls: list[Call], limit: int = LIMIT) -> list[str]:
    """Return what a run in which nothing changed must not have needed, one sentence each."""
    found = []
    for role, hosts in counted(calls).items():
        for host, number in hosts.items():
            if role and number > limit:
                tasks = "; ".join(call.task for call in calls if (call.role, call.host) == (role, host))
                found.append(f"{role} made {number} remote calls on {host}, at most {limit}: {tasks}")
    for host in sorted({call.host for call in calls}):
        gathered = {call.execution: call.subset for call in calls if call.host == host and call.module.rpartition(".")[2] in GATHERING}
        if len(gathered) != 1:
            found.append(f"the facts of {host} were gathered {len(gathered)} times, once is enough")
        for subset in gathered.values():
            if more := sorted(set(subset) - set(FACTS)):
                found.append(f"the facts of {host} were gathered with {', '.join(more)}, which no role needs")
    return found


def table(calls: list[Call]) -> str:
    """Return the numbers as people read them: a line for each role, a column for each host."""
    numbers = counted(calls)
    hosts = sorted({call.host for call in calls})
    rows = [["role", *hosts]] + [[role or "(playbooks)", *(str(numbers[role].get(host, 0)) for host in hosts)] for role in numbers]
    widths = [max(len(row[column]) for row in rows) for column in range(len(hosts) + 1)]
    return "\n".join("  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows)
