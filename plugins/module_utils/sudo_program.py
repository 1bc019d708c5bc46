# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom the program sudo starts for: a group of its own, whose members are those to whom the rules of sudo give something."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, List, Mapping, Set, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input

PROGRAM = "/usr/bin/sudo"
MODE = "4110"  # root's, set-user-ID; the group may start it; nobody reads it
GROUP = re.compile(r"[a-z_][a-z0-9_-]{0,31}")  # groupadd(8)
RULES = ["cvtsudoers", "-e", "-f", "json", "/etc/sudoers"]  # every rule, aliases resolved and included files too: cvtsudoers(1)


@dataclass(frozen=True)
class Program:
    """Owner, group and mode (octal) of the program."""

    owner: str
    group: str
    mode: str

    def words(self) -> str:
        """Return it as dpkg-statoverride(1) writes it."""
        return "%s %s %s" % (self.owner, self.group, self.mode)


@dataclass(frozen=True)
class Person:
    """An account: its number, and names and numbers of all its groups."""

    number: int
    groups: Tuple[str, ...] = ()
    group_numbers: Tuple[int, ...] = ()


@dataclass(frozen=True)
class Seen:
    """The host as it is. groups: name to members. overrides: path to owner, group and mode, as dpkg-statoverride keeps them."""

    program: Program
    groups: Mapping[str, Tuple[str, ...]]
    overrides: Mapping[str, Program]
    entitled: Tuple[str, ...]


@dataclass
class Plan:
    """commands: what is run, with what takes it back and its name. remembered: what the record holds afterwards."""

    commands: List[Dict[str, Any]] = field(default_factory=list)
    remembered: Dict[str, Any] = field(default_factory=dict)

    def run(self, command: List[str], what: str, *undo: List[str]) -> None:
        """Add a command."""
        self.commands.append({"command": command, "what": what, "undo": list(undo)})


def wanted(given: Mapping[str, Any]) -> str:
    """Return the group of `{group: name}`; nothing for an empty mapping. Raises BadInput for anything else."""
    if not given:
        return ""
    name = given.get("group")
    if set(given) != {"group"} or not isinstance(name, str) or not GROUP.fullmatch(name) or name == "root":
        raise bad_input("sudo_program", dict(given), "{group: the name of a group}", "Small letters, digits, - and _; not root.")
    return name


def entitled(rules: str, people: Mapping[str, Person]) -> Tuple[str, ...]:
    """Return the accounts that a rule names, as themselves or by a group, from the output of RULES; root is not one of them.

    It is somebody more rather than somebody fewer: for which host and which command a rule is, sudo itself judges.
    Raises BadInput where the output is none.
    """
    try:
        listed = [one for spec in json.loads(rules).get("User_Specs", []) for one in spec["User_List"] if not one.get("negated")]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise bad_input("sudo_program", rules[:60], "rules that cvtsudoers can read", "See visudo -c on the host.") from None
    named: Dict[str, Set[Any]] = {}
    for one in listed:
        for kind, value in one.items():
            named.setdefault(kind, set()).add(value)
    everybody = "ALL" in named.get("username", set())
    return tuple(
        sorted(
            name
            for name, person in people.items()
            if person.number != 0
            and (
                everybody
                or name in named.get("username", set())
                or person.number in named.get("userid", set())
                or named.get("usergroup", set()) & {*person.groups}
                or named.get("usergid", set()) & {*person.group_numbers}
            )
        )
    )


def stranger(user: str) -> BadInput:
    """Return why somebody without a right cannot be the user of the connection."""
    remedy = "With this control sudo would not start for that account any more. Nothing was changed."
    return bad_input("sudo_program: the user of the connection", user, "an account that a rule of sudo names", remedy)


def lets_in(user: str, seen: Seen) -> None:
    """Raise BadInput where the user of the connection would be locked out of sudo; root needs none."""
    if user not in ("", "root", *seen.entitled):
        raise stranger(user)


def same(group: str, known: Mapping[str, Any]) -> None:
    """Raise BadInput where another group is remembered: what was before it would be forgotten."""
    if group and known and known["group"] != group:
        raise bad_input("sudo_program.group", group, "%r, as before" % known["group"], "Run once without it, then with the new one.")


def overrides(listing: str) -> Dict[str, Program]:
    """Return what `dpkg-statoverride --list` prints."""
    words = (line.split(None, 3) for line in listing.splitlines())
    return {found[3]: Program(found[0], found[1], found[2].lstrip("0")) for found in words if len(found) == 4}


def _set(program: Program) -> List[List[str]]:
    return [["chown", "%s:%s" % (program.owner, program.group), PROGRAM], ["chmod", program.mode, PROGRAM]]


def _override(plan: Plan, seen: Seen, to: Program) -> None:
    now = seen.overrides.get(PROGRAM)
    if now != to:
        if now is not None:
            plan.run(["dpkg-statoverride", "--remove", PROGRAM], "the override of %s" % PROGRAM, _added(now))
        plan.run(_added(to), "the override of %s" % PROGRAM, ["dpkg-statoverride", "--remove", PROGRAM])
    if seen.program != to:
        back = _set(seen.program)
        # chown takes the set-user-ID bit away: the mode comes last, also on the way back.
        plan.run(_set(to)[0], "the group of %s" % PROGRAM, *back)
        plan.run(_set(to)[1], "the mode of %s" % PROGRAM)


def _added(program: Program) -> List[str]:
    return ["dpkg-statoverride", "--add", *program.words().split(), PROGRAM]


def _members(plan: Plan, group: str, add: Iterable[str], remove: Iterable[str]) -> None:
    for name in add:
        plan.run(["gpasswd", "--add", name, group], "%s in %s" % (name, group), ["gpasswd", "--delete", name, group])
    for name in remove:
        plan.run(["gpasswd", "--delete", name, group], "%s in %s" % (name, group), ["gpasswd", "--add", name, group])


def present(seen: Seen, group: str, known: Mapping[str, Any]) -> Plan:
    """Return what lets sudo start for the members of the group alone: they become members first. known: what is remembered."""
    plan = Plan()
    members = seen.groups.get(group)
    if members is None:
        plan.run(["groupadd", "--system", group], "the group %s" % group, ["groupdel", group])
    has = members or ()
    added = [name for name in known.get("members", []) if name in has]
    gone = [name for name in added if name not in seen.entitled]
    new = [name for name in seen.entitled if name not in has]
    _members(plan, group, new, gone)
    _override(plan, seen, Program("root", group, MODE))
    former = seen.overrides.get(PROGRAM)
    plan.remembered = {
        "group": group,
        "made": bool(known.get("made")) or members is None,
        "members": sorted({*added, *new} - {*gone}),
        "program": known.get("program", seen.program.words()),
        "override": known.get("override", former.words() if former else ""),
    }
    return plan


def absent(seen: Seen, known: Mapping[str, Any]) -> Plan:
    """Return what brings the program and the group back to what they were; nothing where nothing is remembered."""
    plan = Plan()
    if not known:
        return plan
    group = known["group"]
    ours = Program("root", group, MODE)
    if seen.overrides.get(PROGRAM) == ours:
        plan.run(["dpkg-statoverride", "--remove", PROGRAM], "the override of %s" % PROGRAM, _added(ours))
        if known["override"]:
            former = Program(*known["override"].split())
            plan.run(_added(former), "the override of %s" % PROGRAM, ["dpkg-statoverride", "--remove", PROGRAM])
    if seen.program == ours:
        back = Program(*known["program"].split())
        plan.run(_set(back)[0], "the group of %s" % PROGRAM, *_set(ours))
        plan.run(_set(back)[1], "the mode of %s" % PROGRAM)
    if group in seen.groups:
        _members(plan, group, (), [name for name in known["members"] if name in seen.groups[group]])
        if known["made"]:
            plan.run(["groupdel", group], "the group %s" % group, ["groupadd", "--system", group])
    return plan


def effects(plan: Plan) -> List[Dict[str, Any]]:
    """Return what takes a plan back, in the form of the journal; its readers go from the last to the first."""
    return [{"undo": command, "what": one["what"]} for one in plan.commands for command in reversed(one["undo"])]


def described(seen: Seen, group: str, plan: Plan) -> Dict[str, str]:
    """Return both sides of a diff."""
    lines = ["%s: %s\n" % (PROGRAM, seen.program.words())]
    lines += ["%s: %s\n" % (name, " ".join(seen.groups[name]) or "nobody") for name in (group,) if name in seen.groups]
    return {"before": "".join(lines), "after": "".join(lines) + "".join("%s\n" % " ".join(one["command"]) for one in plan.commands)}
