#!/usr/bin/env python3
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write, or check, the table of exporters in docs/monitoring.md from catalogue/exporters."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tools.role_readme import cell, update_page

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "catalogue" / "exporters"
PAGE = ROOT / "docs" / "monitoring.md"
MARK = re.compile(r"<!-- exporters:start -->\n.*?<!-- exporters:end -->", re.DOTALL)


def origin(entry: Mapping[str, Any]) -> str:
    """Return in words where the program of an entry comes from."""
    if entry.get("upstream"):
        return "the service's own page, behind a tunnel"
    if (entry.get("collect") or {}).get("program"):
        return "this collection"
    install = entry.get("install") or {}
    package = install.get("package")
    if package:
        names = [name if isinstance(name, str) else name[0] for name in package.values()]
        only = "" if "Debian" in package else " (%s)" % ", ".join(sorted(package))
        return "package `%s`%s" % (names[0], only)
    if install.get("release"):
        return "release of `%s`, checksum yours" % install["release"]["repository"]
    return "already there, `%s`" % install.get("present", "path_of_program")


def table(entries: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the table of all entries."""
    rows = ["| name | what it tells | port | from | alerts |", "|---|---|---|---|---|"]
    for name, entry in sorted(entries.items()):
        port = "by `node`" if entry.get("collect") else str(entry["port"])
        told = cell(str(entry.get("description", "")))
        rows.append("| `%s` | %s | %s | %s | %d |" % (name, told, port, origin(entry), len(entry.get("alerts", ()))))
    return "\n".join(rows)


def page_with(page: str, entries: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the page with the table between its marks."""
    return MARK.sub(lambda _found: "<!-- exporters:start -->\n%s\n<!-- exporters:end -->" % table(entries), page)


def main() -> int:
    """Bring the page up to date, or say that it is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 where the table is out of date")
    arguments = parser.parse_args()
    entries = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in CATALOGUE.glob("*.yml")}
    wanted = page_with(PAGE.read_text(encoding="utf-8"), entries)
    return update_page(PAGE, wanted, arguments.check, "the table of exporters differs from catalogue/exporters")


if __name__ == "__main__":
    sys.exit(main())
