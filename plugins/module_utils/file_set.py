# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a set of files should be against what it is: entries, observed states and the difference between them."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input

DIFF_LIMIT = 104448  # bytes; the limit of Ansible's own copy and template actions


@dataclass(frozen=True)
class Entry:
    """One path of a set, as it should be.

    kind: file, directory, link or absent. mode: permission bits. content: of a file. target: of a link.
    secret: the content never stands in a diff or in the journal. recurse: an absent directory goes with its content.
    """

    path: str
    kind: str
    mode: Optional[int] = None
    owner: Optional[str] = None
    group: Optional[str] = None
    content: bytes = b""
    target: str = ""
    secret: bool = False
    recurse: bool = True


@dataclass(frozen=True)
class State:
    """What stands at a path: kind is file, directory, link, absent or other."""

    kind: str
    mode: int = 0
    uid: int = 0
    gid: int = 0
    content: bytes = b""
    target: str = ""


@dataclass(frozen=True)
class Change:
    """An entry that differs from what is there."""

    entry: Entry
    before: State


ABSENT = State("absent")


def observe(path: str) -> State:
    """Return the state of `path`, never following a link at its end."""
    try:
        info = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return ABSENT
    mode = stat.S_IMODE(info.st_mode)
    if stat.S_ISLNK(info.st_mode):
        return State("link", mode, info.st_uid, info.st_gid, target=os.readlink(path))
    if stat.S_ISDIR(info.st_mode):
        return State("directory", mode, info.st_uid, info.st_gid)
    if stat.S_ISREG(info.st_mode):
        with open(path, "rb") as stream:
            return State("file", mode, info.st_uid, info.st_gid, content=stream.read())
    return State("other", mode, info.st_uid, info.st_gid)


def user_id(name: Optional[str]) -> Optional[int]:
    """Return the uid of a user given by name or number, None for a name that the host does not know."""
    if name is None:
        return None
    if name.isdigit():
        return int(name)
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def group_id(name: Optional[str]) -> Optional[int]:
    """Return the gid of a group given by name or number, None for a name that the host does not know."""
    if name is None:
        return None
    if name.isdigit():
        return int(name)
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None


def differs(entry: Entry, state: State) -> bool:
    """Tell whether `state` is not what `entry` asks for. An unknown owner or group counts as a difference."""
    if entry.kind != state.kind:
        return True
    if entry.kind == "absent":
        return False
    if entry.kind == "link":
        return entry.target != state.target
    if entry.kind == "file" and entry.content != state.content:
        return True
    if entry.mode is not None and entry.mode != state.mode:
        return True
    if entry.owner is not None and user_id(entry.owner) != state.uid:
        return True
    return entry.group is not None and group_id(entry.group) != state.gid


def removal(entries: List[Entry]) -> List[Entry]:
    """Return the entries that take a whole set away: a directory of the set goes only when it is empty by then."""
    return [
        Entry(entry.path, "absent", secret=entry.secret, recurse=entry.kind != "directory") for entry in entries if entry.kind != "absent"
    ]


def changes(entries: List[Entry]) -> List[Change]:
    """Return what has to change, parents before children, and what is removed last and children first."""
    found = [Change(entry, state) for entry in entries for state in [observe(entry.path)] if differs(entry, state)]
    kept = sorted((change for change in found if change.entry.kind != "absent"), key=lambda change: change.entry.path)
    gone = sorted((change for change in found if change.entry.kind == "absent"), key=lambda change: change.entry.path, reverse=True)
    return kept + [change for change in gone if removable(change, {other.entry.path for other in gone})]


def removable(change: Change, gone: set[str]) -> bool:
    """Tell whether a directory of a removed set will be empty once the rest of the set is gone."""
    if change.before.kind != "directory" or change.entry.recurse:
        return True
    return all(os.path.join(change.entry.path, name) in gone for name in os.listdir(change.entry.path))


def refuse_impossible(found: List[Change], check_mode: bool) -> None:
    """Raise BadInput for what cannot be written: a missing parent, an unknown owner, a path of another kind.

    In check mode a missing parent or owner is no error: on a fresh host an earlier task would have made it.
    """
    made = {change.entry.path for change in found if change.entry.kind == "directory"}
    for change in found:
        entry, where = change.entry, "files[%r]" % change.entry.path
        if entry.kind == "absent":
            continue
        if change.before.kind not in ("absent", entry.kind) and {change.before.kind, entry.kind} & {"directory", "other"}:
            raise bad_input(where, change.before.kind, "a path that is free or a %s" % entry.kind, "Move away what stands there.")
        if check_mode:
            continue
        parent = os.path.dirname(entry.path)
        if not os.path.isdir(parent) and parent not in made:
            raise bad_input(where, entry.path, "a parent directory that exists or is in the set", "Add %s: {directory: true}." % parent)
        if entry.owner is not None and user_id(entry.owner) is None:
            raise bad_input(where + ".owner", entry.owner, "a user of the host", "Create the user before this task.")
        if entry.group is not None and group_id(entry.group) is None:
            raise bad_input(where + ".group", entry.group, "a group of the host", "Create the group before this task.")


def described(kind: str, mode: Optional[int], owner: str, group: str, target: str) -> str:
    """Return the line under which a state stands in a diff."""
    if kind == "absent":
        return "absent"
    if kind == "link":
        return "link to %s" % target
    return "%s %04o %s:%s" % (kind, mode or 0, owner, group)


def _text(content: bytes, secret: bool) -> str:
    if secret:
        return "(secret content, %s)\n" % ("present" if content else "absent")
    if len(content) > DIFF_LIMIT or b"\0" in content:
        return "(binary or large content, %d bytes)\n" % len(content)
    return content.decode("utf-8", "replace")


def diff_of(change: Change) -> Dict[str, str]:
    """Return the change as Ansible's diff; secret content is only named."""
    entry, before = change.entry, change.before
    secret_changed = entry.secret and entry.content != before.content
    old = described(before.kind, before.mode, _name(pwd, before.uid), _name(grp, before.gid), before.target)
    new = described(
        entry.kind,
        entry.mode if entry.mode is not None else before.mode,
        entry.owner or _name(pwd, before.uid),
        entry.group or _name(grp, before.gid),
        entry.target,
    )
    after_text = _text(entry.content, entry.secret) if entry.kind == "file" else ""
    before_text = _text(before.content, entry.secret) if before.kind == "file" else ""
    if secret_changed and before.kind == "file" and entry.kind == "file":
        before_text, after_text = "(secret content, old)\n", "(secret content, new)\n"
    if not secret_changed and old != new and before_text == after_text:
        before_text, after_text = before_text + "# %s\n" % old, after_text + "# %s\n" % new
    return {
        "before_header": "%s (%s)" % (entry.path, old),
        "after_header": "%s (%s)" % (entry.path, new),
        "before": before_text,
        "after": after_text,
    }


def _name(database: Any, number: int) -> str:
    try:
        return str(database.getpwuid(number).pw_name if database is pwd else database.getgrgid(number).gr_name)
    except KeyError:
        return str(number)


def placeholders(entries: List[Entry], located: Mapping[str, str]) -> List[Tuple[str, str]]:
    """Return what a validator's `{path}` stands for: the staged file where there is one, the path itself otherwise."""
    return [("{%s}" % entry.path, located.get(entry.path, entry.path)) for entry in entries]
