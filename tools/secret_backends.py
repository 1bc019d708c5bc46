#!/usr/bin/env python3
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write, or check, the tables of options in docs/secret-backends.md from the files of the backends."""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from tools.role_readme import cell, update_page

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "collections"))

BACKENDS = "ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets"
PAGE = ROOT / "docs" / "secret-backends.md"
MARK = re.compile(r"<!-- options:(\w+):start -->\n.*?<!-- options:\1:end -->", re.DOTALL)


def table(backend: ModuleType) -> str:
    """Return the tables of one backend: its options, and those of its references."""
    rows = ["| option | meaning |", "|---|---|"]
    rows += ["| `%s` | %s |" % (name, cell(meaning)) for name, meaning in backend.OPTIONS.items()]
    rows += ["| reference: `?%s=` | %s |" % (name, cell(meaning)) for name, meaning in getattr(backend, "REFERENCE_OPTIONS", {}).items()]
    return "\n".join(rows)


def page_with(page: str, backends: dict[str, ModuleType]) -> str:
    """Return the page with the tables between its marks. Raises ValueError for a backend that has no marks."""
    missing = sorted(set(backends) - set(MARK.findall(page)))
    if missing:
        raise ValueError("no section for %s: write one with <!-- options:%s:start --> and :end" % (", ".join(missing), missing[0]))
    return MARK.sub(
        lambda found: "<!-- options:%s:start -->\n%s\n<!-- options:%s:end -->" % (found[1], table(backends[found[1]]), found[1]), page
    )


def known(names: Iterable[str]) -> dict[str, ModuleType]:
    """Return the backends by name."""
    return {name: importlib.import_module("%s.%s" % (BACKENDS, name)) for name in names}


def main() -> int:
    """Bring the page up to date, or say that it is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 where a table is out of date")
    arguments = parser.parse_args()
    try:
        wanted = page_with(PAGE.read_text(encoding="utf-8"), known(importlib.import_module(BACKENDS).known()))
    except ValueError as error:
        print("docs/secret-backends.md: %s." % error, file=sys.stderr)
        return 1
    return update_page(PAGE, wanted, arguments.check, "the options differ from plugins/plugin_utils/secrets")


if __name__ == "__main__":
    sys.exit(main())
