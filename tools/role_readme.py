#!/usr/bin/env python3
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write, or check, the tables of every role's README: its variables from its argument spec, and the controls from the catalogue.

Both are declared there and nowhere else.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
START = "<!-- variables:start -->"
END = "<!-- variables:end -->"
#: Where a README has these, the table of all controls stands between them.
CONTROLS_START = "<!-- controls:start -->"
CONTROLS_END = "<!-- controls:end -->"
CONTROLS = ROOT / "catalogue" / "controls"
LEVELS = ("baseline", "strict", "high")
#: Ansible's markup in descriptions: C(code), V(value), O(option), E(variable), P(plugin#type), M(module), B(bold), I(italic).
MARKUP = re.compile(r"\b([CVOEPMBI])\(((?:[^()\\]|\\.|\([^()]*\))*)\)")
EMPHASIS = {"B": "**", "I": "*"}


class ReadmeError(Exception):
    """A README or an argument spec that cannot be worked with; its text says how to mend it."""


def cell(text: str) -> str:
    """Return `text` as one table cell."""
    return " ".join(text.split()).replace("|", "\\|")


def markdown(text: str) -> str:
    """Return Ansible's markup as Markdown."""

    def written(found: re.Match[str]) -> str:
        mark = EMPHASIS.get(found[1], "`")
        inner = found[2].replace("\\", "")
        return mark + (inner.split("#")[0] if found[1] in "PM" else inner) + mark

    return MARKUP.sub(written, text)


def described(option: Mapping[str, Any]) -> str:
    """Return the description, with the choices and whether the value is required."""
    description = option.get("description", "")
    text = " ".join(description) if isinstance(description, list) else str(description)
    if option.get("choices"):
        text += " One of %s." % ", ".join("`%s`" % choice for choice in option["choices"])
    return cell(markdown(text))


def type_of(option: Mapping[str, Any]) -> str:
    """Return the type, with the type of its items where it is a list."""
    kind = str(option.get("type", "str"))
    return "%s of %s" % (kind, option.get("elements", "str")) if kind == "list" else kind


def default_of(option: Mapping[str, Any]) -> str:
    """Return the default as it would be written in YAML's flow style."""
    if option.get("required"):
        return "required"
    if "default" not in option:
        return ""
    value = option["default"]
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return "`%s`" % cell(text)


def rows(options: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Return one row per option, the options below it after it."""
    for name, option in options.items():
        path = prefix + name
        yield "| `%s` | %s | %s | %s |" % (path, type_of(option), default_of(option), described(option))
        below = path + ("[]." if option.get("type") == "list" else ".")
        yield from rows(option.get("options") or {}, below)


def table(argument_specs: Mapping[str, Any]) -> str:
    """Return the table for a parsed argument_specs.yml."""
    entry_points: Mapping[str, Any] = argument_specs.get("argument_specs") or {}
    parts = []
    for name, entry in entry_points.items():
        options = entry.get("options") or {}
        title = "" if len(entry_points) == 1 else "### Entry point `%s`\n\n" % name
        head = "| variable | type | default | meaning |\n|---|---|---|---|\n"
        parts.append(title + head + "".join(row + "\n" for row in rows(options)))
    return "\n".join(parts)


def with_table(readme: str, wanted: str, start: str = START, end: str = END) -> str:
    """Return `readme` with the text between the markers replaced by `wanted`."""
    if readme.count(start) != 1 or readme.count(end) != 1 or readme.index(start) > readme.index(end):
        raise ReadmeError("expected one %s line and one %s line after it. Add both where the table shall stand." % (start, end))
    before, rest = readme.split(start)
    after = rest.split(end)[1]
    return "%s%s\n%s%s%s" % (before, start, wanted, end, after)


def update_page(page: Path, wanted: str, check: bool, differs: str) -> int:
    """Bring a generated page up to date, or with `check` say that it is not (`differs`). Returns the exit status."""
    if wanted == page.read_text(encoding="utf-8"):
        return 0
    if check:
        sys.stderr.write("docs/%s: %s. Run `./run docs`.\n" % (page.name, differs))
        return 1
    page.write_text(wanted, encoding="utf-8")
    return 0


def controls_table(folder: Path) -> str:
    """Return the table of the controls in `folder`, by area and level."""
    entries = [
        (path.stem, yaml.safe_load(path.read_text(encoding="utf-8"))) for path in folder.glob("*.yml") if not path.stem.endswith("_test")
    ]
    entries.sort(key=lambda one: (one[1]["area"], LEVELS.index(one[1]["level"]), one[0]))
    lines = ["| area | control | level | what it is | references |", "|---|---|---|---|---|"]
    for name, entry in entries:
        references = "; ".join("%s %s" % (standard, ", ".join(numbers)) for standard, numbers in (entry.get("references") or {}).items())
        lines.append("| %s | `%s` | %s | %s | %s |" % (cell(entry["area"]), name, entry["level"], cell(entry["title"]), cell(references)))
    return "".join(line + "\n" for line in lines)


def update(role: Path, check: bool, controls: Path = CONTROLS) -> str | None:
    """Bring one role's README up to date; return what is wrong with it, or None. controls: the folder of the catalogue."""
    readme = role / "README.md"
    specs = role / "meta" / "argument_specs.yml"
    try:
        parsed = yaml.safe_load(specs.read_text(encoding="utf-8"))
        current = readme.read_text(encoding="utf-8")
        wanted = with_table(current, table(parsed or {}))
        if CONTROLS_START in current or CONTROLS_END in current:
            wanted = with_table(wanted, controls_table(controls), CONTROLS_START, CONTROLS_END)
    except FileNotFoundError as missing:
        return "%s does not exist" % Path(str(missing.filename)).relative_to(role)
    except yaml.YAMLError as error:
        return "meta/argument_specs.yml or a control is not YAML: %s" % " ".join(str(error).split())
    except (KeyError, ValueError) as error:
        return "a control lacks its title, area or level, or has another level: %s" % error
    except ReadmeError as error:
        return "README.md: %s" % error
    if wanted == current:
        return None
    if check:
        return "a table in README.md differs from meta/argument_specs.yml or the catalogue. Run `./run docs`."
    readme.write_text(wanted, encoding="utf-8")
    return None


def main() -> int:
    """Handle every role, or the named ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 where a table is out of date")
    parser.add_argument("role", nargs="*", help="only these roles; without any, all")
    arguments = parser.parse_args()
    names = arguments.role or sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
    wrong = {name: problem for name in names if (problem := update(ROOT / "roles" / name, arguments.check))}
    for name, problem in wrong.items():
        print("roles/%s: %s" % (name, problem), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
