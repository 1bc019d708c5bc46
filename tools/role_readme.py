#!/usr/bin/env python3
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write, or check, the variables table of every role's README from its argument spec, the only declaration."""

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


def with_table(readme: str, wanted: str) -> str:
    """Return `readme` with the text between the markers replaced by `wanted`."""
    if readme.count(START) != 1 or readme.count(END) != 1 or readme.index(START) > readme.index(END):
        raise ReadmeError("expected one %s line and one %s line after it. Add both where the table shall stand." % (START, END))
    before, rest = readme.split(START)
    after = rest.split(END)[1]
    return "%s%s\n%s%s%s" % (before, START, wanted, END, after)


def update(role: Path, check: bool) -> str | None:
    """Bring one role's README up to date; return what is wrong with it, or None."""
    readme = role / "README.md"
    specs = role / "meta" / "argument_specs.yml"
    try:
        parsed = yaml.safe_load(specs.read_text(encoding="utf-8"))
        current = readme.read_text(encoding="utf-8")
        wanted = with_table(current, table(parsed or {}))
    except FileNotFoundError as missing:
        return "%s does not exist" % Path(str(missing.filename)).relative_to(role)
    except yaml.YAMLError as error:
        return "meta/argument_specs.yml is not YAML: %s" % " ".join(str(error).split())
    except ReadmeError as error:
        return "README.md: %s" % error
    if wanted == current:
        return None
    if check:
        return "the table in README.md differs from meta/argument_specs.yml. Run `./run docs`."
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
