#!/usr/bin/env python3
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write, or check, the options of the catalogue's services in docs/service-catalogue.md from their entries."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tools.role_readme import rows, update_page, with_table

ROOT = Path(__file__).resolve().parents[1]
ENTRIES = ROOT / "catalogue" / "services"
PAGE = ROOT / "docs" / "service-catalogue.md"
START, END = "<!-- services:start -->", "<!-- services:end -->"


def section(name: str, entry: Mapping[str, Any]) -> Iterator[str]:
    """Return the section of one entry: what it is, and a row for each option."""
    yield "### `%s`\n\n%s.\n" % (name, str(entry["description"]).rstrip("."))
    spec = {key: option for key, option in (entry.get("option_spec") or {}).items() if option.get("description") != "Internal."}
    if spec:
        yield "| option | type | default | meaning |\n|---|---|---|---|"
        yield from rows({key: named(option) for key, option in spec.items()})
        yield ""


def named(option: Mapping[str, Any]) -> dict[str, Any]:
    """Return an option as the table shows it: below names of the user's own stands `NAME`."""
    below = {key: named(one) for key, one in (option.get("options") or {}).items()}
    if option.get("type") == "dict" and option.get("elements") == "dict":
        below = {"NAME": {"type": "dict", "description": "", "options": below}}
    return {**option, "options": below}


def page_with(page: str, entries: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the page with the sections of these entries between its marks."""
    inside = "\n".join(row for name in sorted(entries) for row in section(name, entries[name]))
    return with_table(page, inside, START, END)


def main() -> int:
    """Bring the page up to date, or say that it is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 where the tables are out of date")
    arguments = parser.parse_args()
    entries = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in ENTRIES.glob("*.yml")}
    wanted = page_with(PAGE.read_text(encoding="utf-8"), entries)
    return update_page(PAGE, wanted, arguments.check, "the options of services differ from catalogue/services")


if __name__ == "__main__":
    sys.exit(main())
