# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the health checks of hosts found, as one list: counted, ordered, judged. Reads what M(groundwork.fleet.health_check) answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input

#: Every status that a check may end with, the worst first: the order of every view.
STATUSES = ("failed", "warning", "skipped", "not_applicable", "ok")

#: The name under which a host stands that gave no answer at all.
HOST = "(host)"


@dataclass(frozen=True)
class Line:
    """One check of one host. seconds: how long it took. root: the failed check for which it was skipped.

    excused: why its failure does not block.
    """

    host: str
    check: str
    type: str
    status: str
    message: str = ""
    seconds: float = 0.0
    root: str = ""
    excused: str = ""

    @property
    def order(self) -> tuple[int, str, str]:
        """Return where it stands: the worst first, then by host and name."""
        rank = STATUSES.index(self.status) if self.status in STATUSES else 0
        return (rank, self.host, self.check)


def lines_of(results: object, host: str = "") -> list[Line]:
    """Return the lines of one answer of health_check (it has `checks`) or of a mapping of hosts to such answers, the worst first.

    A host whose answer has no `checks` (unreachable, failed before the checks, not asked) is one failed line with its message.
    """
    if not isinstance(results, Mapping):
        raise bad_input("results", results, "an answer of health_check, or a mapping of hosts to answers", "Register health_check.")
    if isinstance(results.get("checks"), Mapping):
        return sorted(_of_answer(results, host), key=lambda line: line.order)
    found: list[Line] = []
    for name, answer in results.items():
        if isinstance(answer, Mapping) and isinstance(answer.get("checks"), Mapping):
            found += _of_answer(answer, str(name))
        else:
            found.append(_no_answer(str(name), answer))
    return sorted(found, key=lambda line: line.order)


def _of_answer(answer: Mapping[str, Any], host: str) -> Iterable[Line]:
    for name, result in answer["checks"].items():
        yield Line(
            host,
            str(name),
            str(result.get("type", "")),
            str(result.get("status", "failed")),
            str(result.get("message") or ""),
            float(result.get("seconds") or 0),
            str(result.get("root") or ""),
            str(result.get("excused") or ""),
        )


def _no_answer(host: str, answer: object) -> Line:
    told = str(answer.get("msg") or "") if isinstance(answer, Mapping) else ""
    unreachable = isinstance(answer, Mapping) and answer.get("unreachable")
    message = told or "no answer: the checks did not run"
    return Line(host, HOST, "unreachable" if unreachable else "host", "failed", message)


def counted(lines: Iterable[Line]) -> dict[str, int]:
    """Return how many lines each status has, with 0 for those that none has."""
    counts = dict.fromkeys(STATUSES, 0)
    for line in lines:
        counts[line.status] = counts.get(line.status, 0) + 1
    return counts


def is_healthy(results: object, warnings: bool = True) -> bool:
    """Return whether no check failed. warnings: whether a warning still counts as healthy. Nothing checked is not healthy."""
    lines = lines_of(results)
    bad = ("failed",) if warnings else ("failed", "warning")
    return bool(lines) and not any(line.status in bad or line.status not in STATUSES for line in lines)


def unhealthy_hosts(results: object, warnings: bool = True) -> list[str]:
    """Return the hosts on which a check failed, or that gave no answer. warnings: whether a warning still counts as healthy."""
    bad = {"failed"} if warnings else {"failed", "warning"}
    return sorted({line.host for line in lines_of(results) if line.host and (line.status in bad or line.status not in STATUSES)})


def summary(results: object) -> dict[str, Any]:
    """Return the counts, the healthy and the ill hosts and what is wrong, the worst first."""
    lines = lines_of(results)
    wrong = [line for line in lines if line.status in ("failed", "warning") or line.status not in STATUSES]
    hosts = sorted({line.host for line in lines})
    ill = sorted({line.host for line in wrong if line.status != "warning"})
    return {
        "healthy": is_healthy(results),
        "checks": len(lines),
        "counts": counted(lines),
        "hosts": [host for host in hosts if host],
        "ill_hosts": [host for host in ill if host],
        "problems": [
            {"host": line.host, "check": line.check, "type": line.type, "status": line.status, "message": line.message} for line in wrong
        ],
    }
