# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel holds of the firewall, as nft lists it, against what was declared."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

RULES_TABLE = "inet groundwork"
BANS_TABLE = "inet groundwork_bans"
BANS_SETS = ("banned4", "banned6")
TABLE = re.compile(r"table (\S+ \S+) \{")
OBJECT = re.compile(r"\t([a-z][a-z ]*) (\S+) \{")
ELEMENTS = re.compile(r"elements = \{(.*?)\}", re.DOTALL)
COMMENT = re.compile(r' comment "(.*)"$')


@dataclass
class Object:
    """A set, a chain or something else in a table. head: how it is made. rules: of a chain, in their order. elements: of a set."""

    head: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    elements: set[str] = field(default_factory=set)


Tables = dict[str, dict[str, Object]]


def parsed(listing: str) -> Tables:
    """Return what `nft -s list` printed: table to the objects in it by kind and name; "" holds what belongs to the table itself.

    Elements that come and go by themselves (`flags timeout`, `flags dynamic`) are left out.
    """
    tables: Tables = {}
    objects: dict[str, Object] = {}
    name, body = "", [""]
    for line in listing.splitlines():
        if match := TABLE.fullmatch(line):
            objects = tables.setdefault(match[1], {"": Object()})
        elif match := OBJECT.fullmatch(line):
            name, body = f"{match[1]} {match[2]}", []
        elif line == "\t}" and name:
            objects[name] = judged(name.split()[0], "\n".join(body))
            name = ""
        elif name:
            body.append(line.strip())
        elif line.strip() not in ("", "}") and objects:
            objects[""].head.append(line.strip())
    return tables


def judged(kind: str, body: str) -> Object:
    """Return the object with this body."""
    if kind == "chain":
        lines = body.splitlines()
        base = [line for line in lines if re.match("(type|comment|policy) ", line)]
        return Object(base, [line for line in lines if line not in base])
    match = ELEMENTS.search(body)
    found = Object([line for line in ELEMENTS.sub("", body).splitlines() if line.strip()])
    flags = next((line.split()[1].split(",") for line in found.head if line.startswith("flags ")), [])
    if match and not {"dynamic", "timeout"} & set(flags):
        found.elements = {one.strip() for one in match[1].split(",") if one.strip()}
    return found


def declared(ruleset: Mapping[str, Any]) -> Tables:
    """Return the ruleset in the form of a listing. The rules are their comments: how nft writes a rule depends on its version."""
    objects = {"": Object()}
    for one in ruleset["sets"]:
        objects[f"set {one['name']}"] = Object([], [], set(one["elements"]))
    for chain in ruleset["chains"]:
        head = f"type filter hook {chain['name']} priority {chain['priority']}; policy {chain['policy']};"
        objects[f"chain {chain['name']}"] = Object([head], [rule["comment"] for rule in chain["rules"]])
    tables = {RULES_TABLE: objects}
    if ruleset["bans"]:
        chain = Object(["type filter hook prerouting priority raw; policy accept;"], ["loopback", "banned", "banned"])
        tables[BANS_TABLE] = {"": Object(), **{f"set {name}": Object() for name in BANS_SETS}, "chain prerouting": chain}
    return tables


def by_comment(tables: Tables) -> Tables:
    """Return a listing in which rules are their comments, and sets have no head, as in `declared`."""
    return {
        table: {
            name: Object(one.head if name.startswith("chain ") or not name else [], [named(rule) for rule in one.rules], one.elements)
            for name, one in objects.items()
        }
        for table, objects in tables.items()
    }


def named(rule: str) -> str:
    """Return the comment of a rule, which says what it is for, or the rule where it has none."""
    match = COMMENT.search(rule)
    return match[1] if match else rule


def shown(lines: Iterable[str]) -> str:
    """Return lines as a sentence holds them."""
    return "; ".join(line.rstrip(";") for line in lines) or "nothing"


def rule_differences(where: str, wanted: list[str], loaded: list[str]) -> list[str]:
    """Compare the rules of a chain."""
    missing, foreign = Counter(wanted) - Counter(loaded), Counter(loaded) - Counter(wanted)
    changed = {named(rule) for rule in missing} & {named(rule) for rule in foreign}
    found = [f"the rule {named(rule)!r} of {where} is loaded as {rule!r}" for rule in foreign if named(rule) in changed]
    found += [f"the rule {named(rule)!r} of {where} is not loaded" for rule in missing if named(rule) not in changed]
    found += [f"the rule {named(rule)!r} of {where} is loaded but not declared" for rule in foreign if named(rule) not in changed]
    if not found and wanted != loaded:
        found.append(f"the rules of {where} are loaded in another order than declared")
    return found


def object_differences(where: str, wanted: Object, loaded: Object) -> list[str]:
    """Compare one object."""
    found = []
    if wanted.head != loaded.head:
        found.append(f"{where} is loaded with {shown(loaded.head)}, expected {shown(wanted.head)}")
    found += [f"{where} lacks {element}" for element in sorted(wanted.elements - loaded.elements)]
    found += [f"{where} holds {element}, which was not declared" for element in sorted(loaded.elements - wanted.elements)]
    return found + rule_differences(where, wanted.rules, loaded.rules)


def differences(listed: str, ruleset: Mapping[str, Any], reference: str = "") -> list[str]:
    """Compare what the kernel holds with the ruleset. Return sentences, none where it is the same.

    listed: the listings of both tables. reference: the listing of the same file in a kernel that holds nothing else, against which
    every word is compared; without one, sets, their elements, chains and the order and the comments of the rules are.
    """
    expected, loaded = parsed(reference), parsed(listed)
    if not expected:
        expected, loaded = declared(ruleset), by_comment(loaded)
    found = []
    for table in sorted({*expected, *loaded}):
        if table not in loaded:
            found.append(f"the table {table} is not loaded")
        elif table not in expected:
            found.append(f"the table {table} is loaded but not declared")
        else:
            found += table_differences(table, expected[table], loaded[table])
    return found


def table_differences(table: str, expected: Mapping[str, Object], loaded: Mapping[str, Object]) -> list[str]:
    """Compare one table."""
    found = []
    for name in sorted({*expected, *loaded}):
        where = f"the {name}" if name else f"the table {table}"
        if name not in loaded:
            found.append(f"{where} is not loaded")
        elif name not in expected:
            found.append(f"{where} is loaded but not declared")
        else:
            found += object_differences(where, expected[name], loaded[name])
    return found
