# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The health of hosts as a report, which can be written in every format of reports/formats."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import health_formats
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_results import HOST, Line, lines_of
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports import formats
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import HostReport, Item, Report, Status

#: What a report calls each status of a check; an unknown one has failed.
STATUSES: Mapping[str, Status] = {
    "ok": "pass",
    "warning": "warn",
    "failed": "fail",
    "skipped": "skipped",
    "not_applicable": "skipped",
}

#: What a report of this form may be called, the usual name first.
KINDS = ("health", "drift")
KIND = KINDS[0]
#: What is written where nobody says which formats.
FORMATS = ("document", "junit", "tap", "nagios", "page")


def item_of(line: Line) -> Item:
    """Return one check as an item."""
    status = STATUSES.get(line.status, "fail")
    message = line.message
    if line.status == "skipped" and line.root:
        message = message or "%s failed" % line.root
    properties = {"root": line.root} if line.root else {}
    return Item(line.check, line.type, status, message, line.seconds, line.type, properties=properties)


def report_of(
    results: object,
    now: datetime.datetime,
    title: str = "Health",
    properties: Mapping[str, str] | None = None,
    version: str = "",
    kind: str = KIND,
) -> Report:
    """Return the report of an answer of health_check, or of a mapping of hosts to answers.

    now: when it was looked. properties: about the run, shown in their order. version: that of the collection.
    kind: one of KINDS, which its files are named after.
    Raises BadInput for anything else.
    """
    lines = lines_of(results)
    hosts = sorted({line.host for line in lines})
    found = tuple(_host(host, [line for line in lines if line.host == host]) for host in hosts)
    return Report(kind, title, now, found, properties=dict(properties or {}), version=version)


def _host(host: str, lines: Sequence[Line]) -> HostReport:
    problem = next((line.message for line in lines if line.check == HOST), "")
    return HostReport(host or "host", tuple(item_of(line) for line in lines if line.check != HOST), problem)


def is_one_host(results: object) -> bool:
    """Return whether it is the answer of one host, as health_check gives it, and not a mapping of hosts."""
    return isinstance(results, Mapping) and isinstance(results.get("checks"), Mapping)


def as_format(results: object, name: str, now: datetime.datetime, title: str = "Health") -> str:
    """Return the results in a format of reports/formats. Of one host, Nagios and Prometheus read what the host's own program writes."""
    if is_one_host(results):
        checks = results["checks"]  # type: ignore[index]
        if name == "nagios":
            return health_formats.to_nagios(checks)
        if name == "textfile":
            return health_formats.to_textfile(checks, now.timestamp())
    return formats.load(name).render(report_of(results, now, title))
