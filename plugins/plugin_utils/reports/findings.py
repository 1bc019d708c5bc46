# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report turned round: by item instead of by host, so that what is the same on many hosts is told once.

What people read is bounded here: names of hosts, observations and findings of single hosts are cut, with how many are left out,
so that a fleet of thousands gives a page that a browser can show. Every pass over the items is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import STATUSES, Detail, HostReport, Item, Report, Status
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import score as score_of
from ansible_collections.groundwork.fleet.plugins.plugin_utils.waivers import Waiver

LEVELS = ("baseline", "strict", "high")  # what everybody should have comes first
MOST_NAMES = 50
MOST_MESSAGES = 20
MOST_LINKS = 20000  # findings of single hosts, of the whole report


@dataclass(frozen=True)
class Named:
    """Some hosts by name, and how many more there are."""

    names: tuple[str, ...]
    total: int

    @property
    def more(self) -> int:
        """Return how many are not named."""
        return self.total - len(self.names)


@dataclass(frozen=True)
class Observed:
    """What was observed, and where."""

    message: str
    hosts: Named


@dataclass(frozen=True)
class Finding:
    """One item over all hosts. number: its place in the report, for links."""

    number: int
    id: str
    title: str
    group: str
    detail: Detail
    counts: Mapping[Status, int]
    failed: tuple[Observed, ...] = ()
    warned: tuple[Observed, ...] = ()
    skipped: tuple[Observed, ...] = ()

    @property
    def hosts(self) -> int:
        """Return how many hosts were asked."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class WaiverUse:
    """A waiver that was made use of."""

    waiver: Waiver
    findings: tuple[Finding, ...]
    hosts: Named
    days_left: int
    ends_soon: bool


@dataclass(frozen=True)
class Reason:
    """Why items were skipped, and which."""

    message: str
    findings: tuple[tuple[Finding, int], ...]


@dataclass(frozen=True)
class HostView:
    """A host with its findings; `left_out` where they did not fit into the report any more."""

    report: HostReport
    failed: tuple[tuple[Finding, Item], ...] = ()
    left_out: bool = False


@dataclass
class _Gathered:
    first: Item
    counts: Counter[Status] = field(default_factory=Counter)
    messages: dict[Status, dict[str, list[str]]] = field(default_factory=dict)


def named(hosts: Iterable[str]) -> Named:
    """Return the first names and how many hosts there are."""
    names = list(hosts)
    return Named(tuple(names[:MOST_NAMES]), len(names))


def by_item(report: Report) -> list[Finding]:
    """Return what became of each item. What everybody should have comes first, then what most hosts fail."""
    gathered: dict[str, _Gathered] = {}
    for host in report.hosts:
        for item in host.items:
            one = gathered.setdefault(item.id, _Gathered(item))
            one.counts[item.status] += 1
            if item.status in ("fail", "warn", "skipped"):
                one.messages.setdefault(item.status, {}).setdefault(item.message, []).append(host.host)

    def rank(name: str) -> tuple[int, int, str]:
        level = report.detail(name).level
        return (LEVELS.index(level) if level in LEVELS else len(LEVELS), -gathered[name].counts["fail"], name)

    return [_finding(number, name, gathered[name], report) for number, name in enumerate(sorted(gathered, key=rank), start=1)]


def by_group(found: Iterable[Finding]) -> list[tuple[str, Mapping[Status, int], int | None]]:
    """Return the groups with their counts and scores, the worst first."""
    counts: dict[str, Counter[Status]] = {}
    for one in found:
        counts.setdefault(one.group, Counter()).update(one.counts)
    scored = [(group, {status: count[status] for status in STATUSES}, score_of(count)) for group, count in counts.items()]
    return sorted(scored, key=lambda one: (101 if one[2] is None else one[2], one[0]))


def waivers_used(report: Report, found: Iterable[Finding]) -> list[WaiverUse]:
    """Return the waivers that were made use of, the one that ends first at the top."""
    known = {one.id: one for one in found}
    used: dict[Waiver, tuple[dict[str, None], dict[str, None]]] = {}
    for host in report.hosts:
        for item in host.items:
            if item.waiver is not None:
                items, hosts = used.setdefault(item.waiver, ({}, {}))
                items[item.id] = hosts[host.host] = None
    today = report.today
    return [
        WaiverUse(one, tuple(known[name] for name in items), named(hosts), one.days_left(today), one.ends_soon(today))
        for one, (items, hosts) in sorted(used.items(), key=lambda entry: (entry[0].expires, entry[0].name))
    ]


def reasons(found: Iterable[Finding]) -> list[Reason]:
    """Return why items were skipped, the reason of most items first."""
    gathered: dict[str, list[tuple[Finding, int]]] = {}
    for one in found:
        for seen in one.skipped:
            gathered.setdefault(seen.message, []).append((one, seen.hosts.total))
    return [Reason(message, tuple(gathered[message])) for message in sorted(gathered, key=lambda key: (-len(gathered[key]), key))]


def unexamined(report: Report) -> tuple[Observed, ...]:
    """Return why hosts could not be examined, the reason of most hosts first."""
    gathered: dict[str, list[str]] = {}
    for host in report.unexamined:
        gathered.setdefault(host.problem, []).append(host.host)
    return _observed(gathered)


def by_host(report: Report, found: Iterable[Finding]) -> list[HostView]:
    """Return the hosts: those that could not be examined first, then by their score."""
    known = {one.id: one for one in found}
    left = MOST_LINKS
    views = []
    for host in sorted(report.hosts, key=lambda one: (not one.problem, 101 if one.score is None else one.score, one.host)):
        failed = tuple((known[item.id], item) for item in host.items if item.status == "fail")
        fits = len(failed) <= left
        left -= len(failed) if fits else 0
        views.append(HostView(host, failed if fits else (), not fits))
    return views


def _finding(number: int, name: str, gathered: _Gathered, report: Report) -> Finding:
    first = gathered.first
    counts: dict[Status, int] = {status: gathered.counts[status] for status in STATUSES}
    seen = {status: _observed(gathered.messages.get(status, {})) for status in STATUSES}
    return Finding(number, name, first.title, first.group, report.detail(name), counts, seen["fail"], seen["warn"], seen["skipped"])


def _observed(messages: Mapping[str, list[str]]) -> tuple[Observed, ...]:
    """Return the messages with their hosts, the most frequent first; many rare ones become one."""
    ordered = sorted(messages, key=lambda message: (-len(messages[message]), message))
    kept = ordered if len(ordered) <= MOST_MESSAGES else ordered[: MOST_MESSAGES - 1]
    shown = [Observed(message, named(messages[message])) for message in kept]
    if rest := ordered[len(kept) :]:
        hosts = [host for message in rest for host in messages[message]]
        shown.append(Observed("%d further observations" % len(rest), named(hosts)))
    return tuple(shown)
