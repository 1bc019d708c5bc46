#!/usr/bin/env python3
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write, or check, the table of health check types in docs/health.md from the files of the types."""

from __future__ import annotations

import argparse
import ast
import dataclasses
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.role_readme import cell, update_page, with_table

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "collections"))

from ansible_collections.groundwork.fleet.plugins.module_utils import health  # noqa: E402  # found from a clone by the line above

TYPES = ROOT / "plugins" / "module_utils" / "checks"
PAGE = ROOT / "docs" / "health.md"
START, END = "<!-- types:start -->", "<!-- types:end -->"


def _default(field: dataclasses.Field[Any]) -> str:
    """Return the default as it would be written in YAML."""
    factory = field.default_factory
    value = field.default if factory is dataclasses.MISSING else factory()
    if value is dataclasses.MISSING:
        return "required"
    return "" if value is None else "`%s`" % (value if isinstance(value, str) and value else json.dumps(value))


def rows(name: str, source: str) -> Iterator[str]:
    """Return the section of one check type."""
    fields = dataclasses.fields(health.load_type(name, source).options)
    yield "### `%s`\n\n%s\n" % (name, ast.get_docstring(ast.parse(source)))
    yield "| option | default | expectation | meaning |\n|---|---|---|---|"
    for field in fields:
        expectation = "yes" if field.metadata["expects"] else ""
        yield "| `%s` | %s | %s | %s |" % (field.name, _default(field), expectation, cell(field.metadata["help"]))
    yield ""


def page_with(page: str, sources: dict[str, str]) -> str:
    """Return the page with the sections of these types between its marks."""
    inside = "\n".join(row for name in sorted(sources) for row in rows(name, sources[name]))
    return with_table(page, inside, START, END)


def main() -> int:
    """Bring the page up to date, or say that it is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 where the table is out of date")
    arguments = parser.parse_args()
    sources = {path.stem: path.read_text(encoding="utf-8") for path in TYPES.glob("*.py") if not path.stem.startswith("_")}
    wanted = page_with(PAGE.read_text(encoding="utf-8"), sources)
    return update_page(PAGE, wanted, arguments.check, "the check types differ from plugins/module_utils/checks")


if __name__ == "__main__":
    sys.exit(main())
