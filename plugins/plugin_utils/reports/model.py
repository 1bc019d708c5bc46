# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report says, whatever it is written as: hosts, what was examined on each of them and how it ended.

An audit and a health report are both of this form. Times are in UTC, durations in seconds.
"""

from __future__ import annotations

import datetime
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args
from urllib.parse import quote

from ansible_collections.groundwork.fleet.plugins.plugin_utils.waivers import Waiver

#: `skipped` is what does not apply to a host; its message is the reason.
Status = Literal["pass", "warn", "fail", "waived", "skipped"]
LONGEST_NAME = 200  # bytes; file systems end at 255
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True)
class Item:
    """How one thing that was examined ended on one host.

    id: its name, the same on every host. title: what it is, for people. message: what was observed, or why it was skipped.
    group: what it belongs to (the area of a control, the type of a check). waiver: only where the status is `waived`.
    """

    id: str
    title: str
    status: Status
    message: str = ""
    seconds: float = 0.0
    group: str = ""
    waiver: Waiver | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Detail:
    """What there is to say about an item whatever the host: it stands once in a report, however many hosts there are.

    references: standard to the numbers in it, as people write both. risk: of lock_out, reboot, breaks.
    """

    level: str = ""
    rationale: str = ""
    mend: str = ""
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    risk: tuple[str, ...] = ()


@dataclass(frozen=True)
class HostReport:
    """One host. problem: why it could not be examined, empty where it was."""

    host: str
    items: tuple[Item, ...] = ()
    problem: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def counts(self) -> dict[Status, int]:
        """Return how many items ended in each way."""
        return counted(self.items)

    @property
    def score(self) -> int | None:
        """Return the score of this host, see `score`."""
        return score(self.counts)

    @property
    def is_right(self) -> bool:
        """Return whether it was examined and nothing failed."""
        return not self.problem and not self.counts["fail"]


@dataclass(frozen=True)
class Report:
    """One run over a fleet.

    kind: one word that names what was done, as it becomes part of names: `audit`, `health`.
    details: by the id of the items. properties: about the run (inventory, level), shown in their order.
    """

    kind: str
    title: str
    generated: datetime.datetime
    hosts: tuple[HostReport, ...]
    details: Mapping[str, Detail] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    version: str = ""

    @cached_property
    def counts(self) -> dict[Status, int]:
        """Return how many items of all hosts ended in each way."""
        return {status: sum(host.counts[status] for host in self.hosts) for status in STATUSES}

    @property
    def score(self) -> int | None:
        """Return the score of the fleet: that of all items of all hosts."""
        return score(self.counts)

    @property
    def unexamined(self) -> list[HostReport]:
        """Return the hosts that could not be examined."""
        return [host for host in self.hosts if host.problem]

    @property
    def today(self) -> datetime.date:
        """Return the day of the report."""
        return self.generated.astimezone(datetime.UTC).date()

    @property
    def stamp(self) -> str:
        """Return when it was made: 2026-11-25T22:40:00Z."""
        return self.generated.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def host_file(self, host: str) -> str:
        """Return where the report of one host lies beside that of the fleet: `hosts/web-1.audit.json`. Any name of a host will do."""
        name = quote(host, safe="", errors="replace")
        if name.startswith(".") or len(name) > LONGEST_NAME:
            name = "host-%s" % hashlib.sha256(host.encode("utf-8", "replace")).hexdigest()
        return "hosts/%s.%s.json" % (name, self.kind)

    def detail(self, item: str) -> Detail:
        """Return what there is to say about an item, nothing where nobody said anything."""
        return self.details.get(item, NO_DETAIL)


NO_DETAIL = Detail()


def counted(items: Iterable[Item]) -> dict[Status, int]:
    """Return how many of the items ended in each way, 0 included."""
    found = Counter(item.status for item in items)
    return {status: found[status] for status in STATUSES}


def score(counts: Mapping[Status, int]) -> int | None:
    """Return how much of what was judged is right, in percent, rounded down: 100 means that nothing failed.

    What is waived or skipped counts neither way. None where nothing was judged.
    """
    right = counts["pass"] + counts["warn"]
    judged = right + counts["fail"]
    return right * 100 // judged if judged else None
