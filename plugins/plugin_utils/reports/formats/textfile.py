# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report in the text format of Prometheus (0.0.4), for the textfile collector of the node exporter.

Series grow with hosts and with items, never with both: which control fails on which host stands in the other formats.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator

from ansible_collections.groundwork.fleet.plugins.module_utils.metrics import Sample, family
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import STATUSES, Report
from ansible_collections.groundwork.fleet.plugins.plugin_utils.waivers import Waiver

ENDING = "prom"


def render(report: Report) -> str:
    """Return the metrics, named after the kind of the report."""
    begin = "groundwork_%s_" % report.kind
    return "".join(line + "\n" for name, text, samples in _families(report) for line in family(begin + name, text, samples))


def _families(report: Report) -> Iterator[tuple[str, str, Iterable[Sample]]]:
    hosts = report.hosts
    yield "timestamp_seconds", "When the report was made.", [({}, report.generated.timestamp())]
    yield "host_examined", "1 where the host could be examined.", [({"host": host.host}, float(not host.problem)) for host in hosts]
    scored = [({"host": host.host}, host.score / 100) for host in hosts if host.score is not None]
    yield "score_ratio", "How much of what was judged on the host is right; what is waived or does not apply is not judged.", scored
    results = [
        ({"host": host.host, "status": status}, float(host.counts[status])) for host in hosts if not host.problem for status in STATUSES
    ]
    yield "results", "How many results the host has, by how they ended.", results
    yield "failed_hosts", "On how many hosts it fails; only what fails somewhere.", _failing(report)
    yield "waiver_expiry_timestamp_seconds", "The end of the last day of each waiver that is made use of.", _expiries(report)


def _failing(report: Report) -> list[Sample]:
    failing = Counter((item.id, item.group) for host in report.hosts for item in host.items if item.status == "fail")
    return [
        ({"id": name, "group": group, "level": report.detail(name).level}, float(count)) for (name, group), count in sorted(failing.items())
    ]


def _expiries(report: Report) -> list[Sample]:
    waivers: set[Waiver] = {item.waiver for host in report.hosts for item in host.items if item.waiver is not None}
    return [({"waiver": one.name, "owner": one.owner}, _end(one.expires)) for one in sorted(waivers, key=lambda one: one.name)]


def _end(last: datetime.date) -> float:
    following = last + datetime.timedelta(days=1)
    return datetime.datetime(following.year, following.month, following.day, tzinfo=datetime.UTC).timestamp()
