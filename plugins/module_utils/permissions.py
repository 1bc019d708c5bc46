# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Permissions of paths that others made: which bits they lose, who is to own them, and how they were. Nothing here touches a file."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, refuse_unknown_options

OPTIONS = ("mode", "owner", "group")
HOMES = "~/"  # begins a pattern that means the home of everybody who can log in


@dataclass(frozen=True)
class Wanted:
    """What a path may have at most. mode: None leaves the bits alone; owner, group: empty leaves them alone."""

    pattern: str
    mode: Optional[int] = None
    owner: str = ""
    group: str = ""


@dataclass(frozen=True)
class Has:
    """What a path has: its bits, and the numbers of its owner and group."""

    mode: int
    uid: int
    gid: int


@dataclass
class Plan:
    """path to what it gets, and what to remember of each path for the way back: [what it had, what it was given]."""

    change: Dict[str, Has]
    remembered: Dict[str, List[List[int]]]


def wanted(declared: Mapping[str, Any]) -> List[Wanted]:
    """Check the option `permissions`. Raises BadInput for what no path can have."""
    found = []
    for pattern, given in declared.items():
        if given is None:
            continue
        where = "permissions[%r]" % pattern
        directory, _slash, name = str(pattern).rpartition("/")
        if (
            not (str(pattern).startswith("/") or directory == "~")
            or re.search(r"[*?\[]", directory)
            or name in ("", ".", "..")
            or ".." in directory.split("/")
        ):
            remedy = "Write it from the root on, or ~/ and a name for everybody's home, with *, ? or [] after the last slash only."
            raise bad_input(where, pattern, "an absolute path or pattern", remedy)
        if not isinstance(given, Mapping):
            raise bad_input(where, given, "a mapping of %s" % ", ".join(OPTIONS), "Write {mode: '0640', owner: root, group: adm}.")
        refuse_unknown_options(where, given, OPTIONS)
        mode = given.get("mode")
        if mode is not None and not (isinstance(mode, str) and re.match(r"^0?[0-7]{3,4}$", mode)):
            raise bad_input(where + ".mode", mode, "an octal number in quotes", "Write '0640'.")
        owner, group = str(given.get("owner") or ""), str(given.get("group") or "")
        found.append(Wanted(str(pattern), None if mode is None else int(mode, 8), owner, group))
    return found


def homes(accounts: Sequence[Any], owner_of: Callable[[str], int]) -> List[str]:
    """Return the homes of people: accounts (as of the module pwd) of an id from 1000 on, with a shell, whose home is theirs."""
    people = [one for one in accounts if 1000 <= one.pw_uid < 65534 and one.pw_shell.rpartition("/")[2] not in ("nologin", "false")]
    return sorted({one.pw_dir.rstrip("/") for one in people if one.pw_dir.strip("/") and owner_of(one.pw_dir) == one.pw_uid})


def matches(pattern: str, names: Sequence[str]) -> List[str]:
    """Return the names of a directory that the last part of a pattern means; as in a shell, * does not mean a leading dot."""
    last = pattern.rpartition("/")[2]
    if not re.search(r"[*?\[]", last):
        return [name for name in names if name == last]
    return sorted(name for name in names if fnmatch.fnmatchcase(name, last) and (last.startswith(".") or not name.startswith(".")))


def limited(has: Has, mode: Optional[int], uid: int, gid: int) -> Has:
    """Return what a path has once it has no more bits than `mode` and the given owner and group; -1 leaves one alone."""
    return Has(has.mode if mode is None else has.mode & mode, has.uid if uid < 0 else uid, has.gid if gid < 0 else gid)


def plan(limits: Mapping[str, Has], observed: Mapping[str, Has], known: Mapping[str, List[List[int]]]) -> Plan:
    """Decide. limits: path to the most it may have, with -1 for what is left alone. observed: path to what it has.

    A path of `known` that has no limit any more gets back what it had, unless somebody else has changed it since.
    """
    found = Plan({}, {})
    for path, has in observed.items():
        before, given = (Has(*known[path][0]), Has(*known[path][1])) if path in known else (has, None)
        if path in limits:
            limit = limits[path]
            after = limited(before if has == given else has, limit.mode if limit.mode >= 0 else None, limit.uid, limit.gid)
        else:
            after = before if has == given else has
        if after != has:
            found.change[path] = after
        if path in limits and (after != has or path in known):
            found.remembered[path] = [[before.mode, before.uid, before.gid], [after.mode, after.uid, after.gid]]
    return found


def effects(change: Mapping[str, Has], observed: Mapping[str, Has]) -> List[Dict[str, Any]]:
    """Return what takes a plan back, in the form of the journal: the newest is undone first, and chown takes set-id bits off.

    What belongs to somebody is changed in their name: they may have put a link in its place by then.
    """
    found: List[Dict[str, Any]] = []
    for path, after in change.items():
        before = observed[path]
        name = ["setpriv", "--reuid=%d" % before.uid, "--regid=%d" % before.gid, "--clear-groups", "--"] if before.uid else []
        was = "%s was %04o of %d:%d" % (path, before.mode, before.uid, before.gid)
        found.append({"undo": [*name, "chmod", "%04o" % before.mode, "--", path], "what": was})
        if (before.uid, before.gid) != (after.uid, after.gid):
            found.append({"undo": ["chown", "%d:%d" % (before.uid, before.gid), "--", path], "what": was})
    return found
