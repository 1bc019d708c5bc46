# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has a rule of sudo, and what it takes so that only a group can run sudo, with all of them in it. Nothing here touches the host."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Sequence, Set

from ansible_collections.groundwork.fleet.plugins.module_utils.permissions import Has

MODE = 0o4110
AS_PACKAGED = [0o4755, 0, 0]  # mode, uid and gid of sudo
GROUP = re.compile(r"^[a-z_][a-z0-9_-]{0,30}$")


def users(policy: Mapping[str, Any], members: Callable[[str], Sequence[str]], everybody: Sequence[str]) -> List[str]:
    """Return the names of all users with a rule, but root.

    policy: what `cvtsudoers -f json` prints. members: of a group, by name. everybody: who is meant by ALL and by what cannot be resolved.
    """
    aliases: Mapping[str, Any] = policy.get("User_Aliases", {})
    found: Set[str] = set()

    def add(entries: Sequence[Mapping[str, Any]], depth: int = 0) -> None:
        for entry in entries:
            if entry.get("negated"):
                continue
            if "usergroup" in entry:
                found.update(members(str(entry["usergroup"])))
            elif "useralias" in entry and depth < 8:
                add(aliases.get(entry["useralias"], []), depth + 1)
            elif str(entry.get("username", "ALL")) == "ALL":
                found.update(everybody)
            else:
                found.add(str(entry["username"]))

    for rule in policy.get("User_Specs", []):
        add(rule.get("User_List", []))
    return sorted(found - {"root"})


@dataclass
class Plan:
    """make, drop: whether the group is made or removed. add, remove: members. change: whether sudo changes. pending: sudo has to wait.

    members, gid: of a group that is removed.

    remembered: what is to be put back later.
    """

    make: bool = False
    drop: bool = False
    add: List[str] = field(default_factory=list)
    remove: List[str] = field(default_factory=list)
    members: List[str] = field(default_factory=list)
    gid: int = -1
    change: bool = False
    pending: bool = False
    remembered: Dict[str, Any] = field(default_factory=dict)


def present(
    group: str, needed: Sequence[str], exists: bool, members: Sequence[str], right: bool, in_session: bool, known: Mapping[str, Any]
) -> Plan:
    """Decide. exists, members: of the group now. right: whether sudo is the group's already. in_session: whether the caller has the group.

    A session keeps the groups that it began with. Where it has not got this one, sudo waits: it would shut out the rest of the run.
    """
    plan = Plan(make=not exists, add=[name for name in needed if name not in members])
    plan.change = not right and in_session
    plan.pending = not right and not in_session
    plan.remembered = {
        "group": group,
        "made": plan.make or bool(known.get("made")),
        "added": sorted({*plan.add, *known.get("added", [])}),
        "before": known.get("before") or (AS_PACKAGED if right else None),  # who knows it no more, after an undo, gives back this
    }
    return plan


def absent(members: Sequence[str], gid: int, known: Mapping[str, Any]) -> Plan:
    """Decide what takes it back. gid: of the group, -1 where there is none any more."""
    drop = gid >= 0 and bool(known.get("made"))
    remove = [] if drop else [name for name in known.get("added", []) if name in members]
    return Plan(drop=drop, remove=remove, members=sorted(members) if drop else [], gid=gid, change=bool(known.get("before")))


def commands(plan: Plan, group: str) -> List[List[str]]:
    """Return what is run for the group and its members."""
    found = [["groupadd", "--system", group]] if plan.make else []
    found += [["gpasswd", "--add", name, group] for name in plan.add]
    found += [["gpasswd", "--delete", name, group] for name in plan.remove]
    return found + ([["groupdel", group]] if plan.drop else [])


def effects(plan: Plan, group: str) -> List[Dict[str, Any]]:
    """Return what takes these commands back, in the form of the journal: the newest is undone first."""
    found = [{"undo": ["groupdel", group], "what": "the group %s was made" % group}] if plan.make else []
    found += [{"undo": ["gpasswd", "--delete", name, group], "what": "%s became a member of %s" % (name, group)} for name in plan.add]
    found += [{"undo": ["gpasswd", "--add", name, group], "what": "%s was a member of %s" % (name, group)} for name in plan.remove]
    found += [{"undo": ["gpasswd", "--add", name, group], "what": "%s was a member of %s" % (name, group)} for name in plan.members]
    made = ["groupadd", "--system", "--gid", str(plan.gid), group]
    return found + ([{"undo": made, "what": "the group %s was removed" % group}] if plan.drop else [])


def session_groups(statuses: Sequence[str], uid: int) -> Sequence[int]:
    """Return the groups of the nearest process of a user; statuses: texts of /proc/<pid>/status, from this process up to the first."""
    for text in statuses:
        lines = dict(line.partition(":")[::2] for line in text.splitlines())
        if set(lines.get("Uid", "").split()) == {str(uid)}:  # sudo itself has the user as its real one only
            return [int(number) for number in (lines.get("Groups", "") + " " + lines.get("Gid", "")).split()]
    return []


def described(path: str, has: Has, group: str, members: Sequence[str]) -> str:
    """Lay it out for a diff."""
    return "%s %04o of group %s\n%s" % (path, has.mode, group, "".join("member: %s\n" % name for name in sorted(members)))
