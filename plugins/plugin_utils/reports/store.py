# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a run keeps its reports on the controller: one for the fleet in each format, and one for each host in the folder `hosts`.

What was found on a host is written when it is known, so that a run over thousands of hosts need not hold all of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.plugin_utils.private_files import write_atomically
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports import formats
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.formats import document
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import Detail, HostReport, Report

RUN = "run"  # the property that says which run made a report
NOT_KEPT = "nothing was found out in this run; its output says why"


def keep_host(directory: Path, report: Report, mode: int) -> Path:
    """Write the report of one host. The report has that host only."""
    path = directory / report.host_file(report.hosts[0].host)
    _folder(directory)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    write_atomically(path, document.render(report).encode(), mode)
    return path


def with_hosts(directory: Path, report: Report, hosts: Iterable[str]) -> Report:
    """Return `report` with what this run kept of the hosts. A host of which nothing was kept could not be examined."""
    found: list[HostReport] = []
    details: dict[str, Detail] = {}
    for host in hosts:
        kept = _kept(directory / report.host_file(host), host, report.properties.get(RUN, ""))
        found.append(HostReport(host, problem=NOT_KEPT) if kept is None else kept.hosts[0])
        details |= {name: detail for name, detail in (kept.details if kept else {}).items() if name not in details}
    return replace(report, hosts=tuple(found), details=details)


def keep(directory: Path, report: Report, names: Iterable[str] | None, mode: int) -> list[Path]:
    """Write the report of the fleet in the formats `names`, all without any. Raises BadInput for one that there is not."""
    texts = formats.rendered(report, names)
    _folder(directory)
    for name, text in texts.items():
        write_atomically(directory / name, text.encode("utf-8", "replace"), mode)
    return [directory / name for name in texts]


def _kept(path: Path, host: str, run: str) -> Report | None:
    try:
        kept = document.parsed(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return kept if kept.properties.get(RUN, "") == run and [one.host for one in kept.hosts] == [host] else None


def _folder(directory: Path) -> None:
    """Make a folder that is closed to others and kept out of git; one that exists stays as it is."""
    missing = [parent for parent in (directory, *directory.parents) if not parent.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
    if directory in missing:
        (directory / ".gitignore").write_text("*\n", encoding="utf-8")
