# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit as a report: what the controls of hosts came to, and what a terminal shows of it."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import control_results, patch_report, waivers
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import Detail, HostReport, Item, Report, Status

KIND = "audit"
KINDS = (KIND, patch_report.KIND)
MOST_ROWS = 20
WRAPPED = re.compile(r"Task failed: (?:Finalization of task args .* failed: )?", re.DOTALL)
STATUSES: Mapping[str, Status] = {
    control_results.PASS: "pass",
    control_results.FAIL: "fail",
    control_results.WAIVED: "waived",
    control_results.NOT_APPLICABLE: "skipped",
    patch_report.WARNING: "warn",
}


def collection_version(collection: Path) -> str:
    """Return the version of the collection: from its manifest where it was installed, from galaxy.yml in a clone."""
    manifest, source = collection / "MANIFEST.json", collection / "galaxy.yml"
    if manifest.is_file():
        return str(json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"])
    return str(yaml.safe_load(source.read_text(encoding="utf-8"))["version"]) if source.is_file() else ""


def report(
    title: str,
    now: datetime.datetime,
    hosts: Iterable[HostReport],
    properties: Mapping[str, str],
    version: str,
    details: Mapping[str, Detail] | None = None,
    kind: str = KIND,
) -> Report:
    """Return an audit, or another kind of report."""
    return Report(kind, title, now, tuple(hosts), dict(details or {}), dict(properties), version)


def file_mode(text: str) -> int:
    """Return the mode of a file from its octal digits. Raises BadInput."""
    if not re.fullmatch("0?[0-7]{3}", text):
        raise bad_input("mode", text, 'the octal mode of a file, like "0640"', "Write it in quotes.")
    return int(text, 8)


def problem(message: str) -> str:
    """Return why a host could not be examined, without what ansible-core 2.19 and newer put before the cause."""
    return WRAPPED.sub("", message.strip(), count=1)


def item(result: Mapping[str, Any]) -> Item:
    """Return what one control came to. Raises BadInput for a status that there is not."""
    status = STATUSES.get(str(result["status"]))
    if status is None:
        raise bad_input("results: status", result["status"], "one of %s" % ", ".join(STATUSES), "Take what control_results gives.")
    waiver = result.get("waiver") if status == "waived" else None
    return Item(
        id=str(result["id"]),
        title=str(result["title"]),
        status=status,
        message=str(result.get("reason") or ""),
        group=str(result.get("area") or ""),
        waiver=waivers.from_mapping(waiver) if waiver else None,
    )


def detail(result: Mapping[str, Any]) -> Detail:
    """Return what there is to say about a control."""
    references = {str(standard): tuple(str(one) for one in numbers) for standard, numbers in (result.get("references") or {}).items()}
    return Detail(
        level=str(result.get("level") or ""),
        rationale=str(result.get("rationale") or ""),
        mend=str(result.get("mend") or ""),
        references=references,
        risk=tuple(str(one) for one in result.get("risk") or ()),
    )


def shared_properties(made: Report) -> dict[str, str]:
    """Return the properties that all examined hosts have with the same value, such as their level."""
    known = [set(host.properties.items()) for host in made.hosts if not host.problem]
    return dict(sorted(set.intersection(*known))) if known else {}


def below(made: Report, limit: int) -> list[str]:
    """Return the hosts whose score is below `limit`, and those that could not be examined, each with why."""
    found = []
    for host in made.hosts:
        if host.problem:
            found.append("%s (not examined)" % host.host)
        elif host.score is not None and host.score < limit:
            found.append("%s (%d)" % (host.host, host.score))
    return found


def too_low(low: list[str], limit: int, directory: str) -> str:
    """Return why the run fails. low: what `below` returned."""
    shown = ", ".join(low[:MOST_ROWS]) + (" and %d more" % (len(low) - MOST_ROWS) if len(low) > MOST_ROWS else "")
    count = "1 host is" if len(low) == 1 else "%d hosts are" % len(low)
    return "%s below %d: %s. The report lies in %s." % (count, limit, shown, directory)


def table(made: Report) -> list[str]:
    """Return the report as lines for a terminal: the worst hosts, then the fleet."""
    if made.kind == patch_report.KIND:
        return patch_report.table(made)
    hosts = sorted(made.hosts, key=lambda host: (not host.problem, 101 if host.score is None else host.score, host.host))
    shown = hosts[:MOST_ROWS]
    width = max((len(host.host) for host in shown), default=0)
    total = "all %d hosts" % len(hosts) if len(hosts) != 1 else "1 host"
    width = max(width, len(total))
    lines = ["%-*s  %5s  %6s  %6s  %6s  %14s" % (width, "host", "score", "failed", "waived", "passed", "not applicable")]
    lines += [_row(host.host, host.score, host.counts, host.problem, width) for host in shown]
    if len(hosts) > len(shown):
        lines.append("... and %d more, none of them worse" % (len(hosts) - len(shown)))
    lines.append(_row(total, made.score, made.counts, "", width))
    return [*lines, *_remarks(made)]


def _row(name: str, score: int | None, counts: Mapping[Status, int], problem: str, width: int) -> str:
    if problem:
        told = " ".join(problem.split()).rpartition(": ")[2]  # the cause; the report has all of it
        return "%-*s  not examined (%s)" % (width, name, told if len(told) <= 50 else told[:47] + "...")
    shown = "-" if score is None else str(score)
    numbers = (counts["fail"], counts["waived"], counts["pass"], counts["skipped"])
    return "%-*s  %5s  %6s  %6s  %6s  %14s" % (width, name, shown, *numbers)


def _remarks(made: Report) -> Iterator[str]:
    """Yield the waivers that somebody has to look after."""
    used = {one.waiver for host in made.hosts for one in host.items if one.waiver is not None}
    for waiver in sorted(used, key=lambda one: (one.expires, one.name)):
        if waiver.ends_soon(made.today):
            yield "waiver %s of %s ends on %s" % (waiver.name, waiver.owner, waiver.expires)
