# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How well patched hosts are as a report: the items of one host, and what a terminal shows of the fleet."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import control_results as results
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import HostReport, Report

KIND = "patch"
WARNING = "warning"
MOST_ROWS = 20
MOST_NAMES = 30
DAY = 86400
OLDEST_LISTS = 2 * DAY  # seconds; twice what apt-daily.timer takes at most
KEY_ENDS_SOON = 30  # days
#: How a run can end on a host, to how the report judges that.
OUTCOMES: Mapping[str, str] = {
    "nothing to do": results.PASS,
    "patched": results.PASS,
    "waiting": results.NOT_APPLICABLE,
    "would be patched": results.NOT_APPLICABLE,
    "begun": results.FAIL,
    "back": results.FAIL,
    "failed": results.FAIL,
}
MEND = {
    "security_updates": "Run groundwork.fleet.patch.",
    "updates": "Run groundwork.fleet.patch.",
    "held": "Release it with `apt-mark unhold`, or take it out of packages_held.",
    "obsolete": "Remove it, or add its repository (packages_repositories): nobody sends it security updates.",
    "reboot": "Run groundwork.fleet.patch; with patch_reboot=when_needed it reboots the host.",
    "processes": "Restart the units, or reboot.",
    "package_lists": "See `journalctl -u apt-daily.service` on the host, or run `apt-get update`.",
    "dpkg": "Run groundwork.fleet.patch, which repairs it, or `dpkg --configure -a`.",
    "repository_keys": "Get the prolonged key from the publisher, and put it into packages_repositories.",
    "run": "docs/patch.md tells how to go on.",
}


def shown(names: Iterable[str]) -> str:
    """Return some names, and how many more there are."""
    found = list(names)
    return ", ".join(found[:MOST_NAMES]) + (" and %d more" % (len(found) - MOST_NAMES) if len(found) > MOST_NAMES else "")


def _update(one: Mapping[str, Any]) -> str:
    return "%s %s -> %s%s" % (one["name"], one["before"], one["after"], " (%s)" % one["kept"] if one["kept"] else "")


def _item(name: str, title: str, status: str, reason: str = "") -> dict[str, Any]:
    return {"id": name, "title": title, "area": KIND, "status": status, "reason": reason, "mend": MEND[name]}


def _keys(keys: Iterable[Mapping[str, Any]], now: float) -> dict[str, Any]:
    ending = {key["repository"]: (key["expires"] - now) / DAY for key in keys if key["expires"] is not None}
    over = ["%s ended" % name for name, days in sorted(ending.items()) if days <= 0]
    soon = ["%s in %d days" % (name, days) for name, days in sorted(ending.items()) if 0 < days <= KEY_ENDS_SOON]
    status = results.FAIL if over else WARNING if soon else results.PASS
    return _item("repository_keys", "The keys of the repositories do not end soon", status, shown(over + soon))


def host_items(status: Mapping[str, Any], now: float) -> list[dict[str, Any]]:
    """Return what the status of a host comes to, in the form in which control_results gives controls.

    status: the answer of patch_status. now: seconds since 1970.
    """
    age, problem = status["lists"]["age"], status["dpkg"]["problem"]
    unknown = "there are no package lists" if age is None else problem
    security = [_update(one) for one in status["pending"] if one["security"]]
    others = [_update(one) for one in status["pending"] if not one["security"]]
    held = ["%s %s" % one for one in status["held"].items()]
    held_back = [one["name"] for one in status["pending"] if one["kept"] == "held"]
    obsolete = ["%s %s" % one for one in status["obsolete"].items()]
    processes = ["%s (%d)" % (one["unit"] or ", ".join(one["programs"]), one["processes"]) for one in status["processes"]]
    half = status["dpkg"]["packages"]

    def pending(name: str, title: str, found: list[str], bad: str) -> dict[str, Any]:
        return _item(name, title, results.NOT_APPLICABLE if unknown else bad if found else results.PASS, unknown or shown(found))

    lists = "missing" if age is None else "%.1f hours old" % (age / 3600)
    return [
        pending("security_updates", "No security update is pending", security, results.FAIL),
        pending("updates", "No other update is pending", others, WARNING),
        _item("held", "No held package has an update", WARNING if held_back else results.PASS, shown(held_back or held)),
        pending("obsolete", "Every package is in a repository", obsolete, WARNING),
        _item(
            "reboot",
            "The host does not wait for a reboot",
            results.FAIL if status["reboot"]["needed"] else results.PASS,
            "; ".join(status["reboot"]["reasons"]),
        ),
        _item("processes", "No process runs what was replaced", results.FAIL if processes else results.PASS, shown(processes)),
        _item("package_lists", "The package lists are fresh", results.FAIL if age is None or age > OLDEST_LISTS else results.PASS, lists),
        _item("dpkg", "dpkg was not interrupted", results.FAIL if status["dpkg"]["interrupted"] else results.PASS, problem or shown(half)),
        _keys(status["repository_keys"], now),
    ]


def outcome_item(outcome: str, message: str) -> dict[str, Any]:
    """Return how a run ended on a host. Raises BadInput for an outcome that there is not."""
    if outcome not in OUTCOMES:
        raise unknown_name("outcome", "outcome", outcome, OUTCOMES)
    return _item("run", "The run has patched the host", OUTCOMES[outcome], outcome + (": %s" % message if message else ""))


def host_properties(status: Mapping[str, Any], outcome: str) -> dict[str, str]:
    """Return what the table shows of a host."""
    age = status["lists"]["age"]
    unknown = age is None or bool(status["dpkg"]["problem"])
    counts = {
        "security": "?" if unknown else str(len(status["security"])),
        "pending": "?" if unknown else str(len(status["pending"])),
        "held": str(len(status["held"])),
        "obsolete": "?" if unknown else str(len(status["obsolete"])),
        "reboot": "yes" if status["reboot"]["needed"] else "no",
        "outdated processes": str(sum(one["processes"] for one in status["processes"])),
        "lists": "none" if age is None else "%.1f h" % (age / 3600),
    }
    return {**counts, "outcome": outcome} if outcome else counts


def host_result(status: Mapping[str, Any], outcome: str, message: str, now: datetime.datetime) -> dict[str, Any]:
    """Return the `results` and `properties` that audit_result keeps of a host. outcome: empty where nothing was run. Raises BadInput."""
    items = [outcome_item(outcome, message)] if outcome else []
    return {"results": items + host_items(status, now.timestamp()), "properties": host_properties(status, outcome)}


COLUMNS = ("security", "pending", "held", "obsolete", "reboot", "outdated processes", "lists")
HEADS = ("security", "pending", "held", "obsolete", "reboot", "old processes", "lists")


def _count(host: HostReport, column: str) -> int:
    text = host.properties.get(column, "")
    return int(text) if text.isdecimal() else 0


def _badness(host: HostReport) -> tuple[bool, bool, int, bool, int, int]:
    failed = OUTCOMES.get(host.properties.get("outcome", ""), "") == results.FAIL
    reboot = host.properties.get("reboot") == "yes"
    return (bool(host.problem), failed, _count(host, "security"), reboot, _count(host, "outdated processes"), _count(host, "pending"))


def table(made: Report) -> list[str]:
    """Return the report as lines for a terminal: the worst hosts first, then the fleet."""
    hosts = sorted(sorted(made.hosts, key=lambda host: host.host), key=_badness, reverse=True)
    total = "all %d hosts" % len(hosts) if len(hosts) != 1 else "1 host"
    width = max([len(host.host) for host in hosts[:MOST_ROWS]] + [len(total)])
    ran = any("outcome" in host.properties for host in hosts)
    lines = [_row("host", HEADS, "outcome" if ran else "", width)]
    for host in hosts[:MOST_ROWS]:
        if host.problem:
            lines.append("%-*s  not examined (%s)" % (width, host.host, " ".join(host.problem.split())[:100]))
        else:
            values = tuple(host.properties.get(column, "?") for column in COLUMNS)
            lines.append(_row(host.host, values, host.properties.get("outcome", ""), width))
    if len(hosts) > MOST_ROWS:
        lines.append("... and %d more, none of them worse" % (len(hosts) - MOST_ROWS))
    sums = [str(sum(_count(host, column) for host in hosts)) for column in COLUMNS]
    sums[4] = str(sum(host.properties.get("reboot") == "yes" for host in hosts))
    return [*lines, _row(total, (*sums[:6], ""), "", width)]


def _row(name: str, values: Iterable[str], outcome: str, width: int) -> str:
    cells = ["%*s" % (max(len(head), 6), value) for head, value in zip(HEADS, values, strict=True)]
    return ("%-*s  %s  %s" % (width, name, "  ".join(cells), outcome)).rstrip()
