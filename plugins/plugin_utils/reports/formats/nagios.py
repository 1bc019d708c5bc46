# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as a plugin of Nagios or Icinga prints it: one line with performance data, then a line for each problem."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import STATUSES, Report

ENDING = "nagios.txt"
CODES = {"OK": 0, "WARNING": 1, "CRITICAL": 2, "UNKNOWN": 3}


def state(report: Report) -> str:
    """Return OK, WARNING, CRITICAL, or UNKNOWN where nothing was examined; CODES has the exit code that goes with it."""
    if report.counts["fail"] or report.unexamined:
        return "CRITICAL"
    if not any(report.counts.values()):
        return "UNKNOWN"
    return "WARNING" if report.counts["warn"] else "OK"


def render(report: Report) -> str:
    """Return the text, without the exit code."""
    problems = list(_problems(report))
    ill = sum(not host.is_right for host in report.hosts)
    told = "%d of %d hosts ill" % (ill, len(report.hosts))
    if problems:
        told += "; " + problems[0]
    metrics = ["'hosts'=%d" % len(report.hosts), "'ill_hosts'=%d;;0" % ill]
    metrics += ["'%s'=%d%s" % (status, report.counts[status], ";;0" if status == "fail" else "") for status in STATUSES]
    first = "%s %s - %s | %s" % (report.kind.upper(), state(report), told, " ".join(metrics))
    return "\n".join([first, *problems]) + "\n"


def one_line(text: str) -> str:
    """Return a text on one line without the bar that would begin performance data."""
    return " ".join(text.split()).replace("|", "/")


def _problems(report: Report) -> Iterator[str]:
    for status in ("fail", "warn"):
        for host in report.hosts:
            if host.problem and status == "fail":
                yield one_line("%s: %s" % (host.host, host.problem))
            for item in host.items:
                if item.status == status:
                    prefix = "(warning) " if status == "warn" else ""
                    yield one_line("%s%s %s: %s" % (prefix, host.host, item.id, item.message))
