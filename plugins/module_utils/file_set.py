# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a set of files should be against what it is: entries, observed states and the difference between them."""

from __future__ import annotations

import grp
import hmac
import os
import pwd
import stat
from dataclasses import dataclass, replace
from typing import Dict, List, Mapping, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import file_content
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input


@dataclass(frozen=True)
class Entry:
    """One path of a set, as it should be.

    kind: file, directory, link or absent. mode: permission bits. content: of a file. target: of a link.
    size and sha256: of large content, which is not in `content`; source: where it lies on the host once it was sent.
    secret: the content, or what is purged, never stands in a diff or in the journal. recurse: an absent directory goes with its content.
    purge: what else goes from a directory: "" nothing, "managed" what earlier sets wrote there, otherwise a glob of names.
    key: of a secret that was not sent yet; `sha256` is its keyed digest then.
    credential: the name under which systemd knows the secret, which stands encrypted in the file.
    once: what stands there already is left as it is, whatever its content, mode and owner.
    internal: a record of the engine itself; it alone is no change to report.
    patient: root's while the host does not know the owner or the group, as before the package that brings them.
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
    size: int = -1
    sha256: str = ""
    source: str = ""
    purge: str = ""
    internal: bool = False
    key: str = ""
    credential: str = ""
    patient: bool = False
    once: bool = False

    @property
    def length(self) -> int:
        """The size of the content in bytes."""
        return self.size if self.size >= 0 else len(self.content)


@dataclass(frozen=True)
class State:
    """What stands at a path: kind is file, directory, link, absent or other. Content over LARGE is left where it is."""

    kind: str
    mode: int = 0
    uid: int = 0
    gid: int = 0
    content: bytes = b""
    target: str = ""
    size: int = 0

    @property
    def large(self) -> bool:
        """Whether `content` does not hold the content."""
        return self.size > file_content.LARGE


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
        content = b""
        if info.st_size <= file_content.LARGE:
            with file_content.open_file(path) as stream:
                content = stream.read()
        return State("file", mode, info.st_uid, info.st_gid, content, size=info.st_size)
    return State("other", mode, info.st_uid, info.st_gid)


_KNOWN: Dict[Tuple[str, str], int] = {}


def _number(database: str, name: Optional[str]) -> Optional[int]:
    if name is None or name.isdigit():
        return None if name is None else int(name)
    if (database, name) not in _KNOWN:  # only what was found is remembered: a later step may create the rest
        try:
            _KNOWN[database, name] = pwd.getpwnam(name).pw_uid if database == "user" else grp.getgrnam(name).gr_gid
        except KeyError:
            return None
    return _KNOWN[database, name]


def user_id(name: Optional[str]) -> Optional[int]:
    """Return the uid of a user given by name or number, None for a name that the host does not know."""
    return _number("user", name)


def group_id(name: Optional[str]) -> Optional[int]:
    """Return the gid of a group given by name or number, None for a name that the host does not know."""
    return _number("group", name)


def owned(entry: Entry) -> Entry:
    """Return the entry as root's, and still `patient`, where the host does not know its owner or group yet."""
    if not entry.patient:
        return entry
    if user_id(entry.owner) is not None and group_id(entry.group) is not None:
        return replace(entry, patient=False)
    return replace(entry, owner="root", group="root")


def same_content(entry: Entry, state: State) -> bool:
    """Tell whether a file has the content of an entry; large content is read in pieces, and only where the size is right."""
    if entry.key:
        found = file_content.keyed_file(entry.key, entry.path) if state.large else file_content.keyed(entry.key, state.content)
        return hmac.compare_digest(found, entry.sha256)
    if entry.length != state.size:
        return False
    if entry.size >= 0:
        return file_content.digest(entry.path) == entry.sha256
    return entry.content == state.content


def differs(entry: Entry, state: State) -> bool:
    """Tell whether `state` is not what `entry` asks for. An unknown owner or group counts as a difference."""
    if entry.kind != state.kind:
        return True
    if entry.kind == "absent" or entry.once:
        return False
    if entry.kind == "link":
        return entry.target != state.target
    if entry.kind == "file" and not same_content(entry, state):
        return True
    if entry.mode is not None and entry.mode != state.mode:
        return True
    if entry.owner is not None and user_id(entry.owner) != state.uid:
        return True
    return entry.group is not None and group_id(entry.group) != state.gid


def removal(entries: List[Entry]) -> List[Entry]:
    """Return the entries that take a whole set away: a directory of the set goes only when it is empty by then."""
    return [
        replace(Entry(entry.path, "absent", secret=entry.secret, recurse=entry.kind != "directory"), purge=entry.purge)
        for entry in entries
        if entry.kind != "absent"
    ]


def changes(entries: List[Entry]) -> List[Change]:
    """Return what has to change, parents before children, and what is removed last and children first."""
    found = [Change(entry, state) for entry in entries for state in [observe(entry.path)] if differs(entry, state)]
    kept = sorted((change for change in found if change.entry.kind != "absent"), key=lambda change: change.entry.path)
    gone = sorted((change for change in found if change.entry.kind == "absent"), key=lambda change: change.entry.path, reverse=True)
    paths = {other.entry.path for other in gone}
    return kept + [change for change in gone if removable(change, paths)]


def removable(change: Change, gone: set[str]) -> bool:
    """Tell whether a directory of a removed set will be empty once the rest of the set is gone."""
    if change.before.kind != "directory" or change.entry.recurse:
        return True
    return all(os.path.join(change.entry.path, name) in gone for name in os.listdir(change.entry.path))


def lacking(found: List[Change]) -> List[str]:
    """Return the digests of the content that the host lacks: large content, and a secret of whose file anything is not as it should be."""
    return sorted({change.entry.sha256 for change in found if _unsent(change.entry) and (change.entry.key or _new(change))})


def withheld(entries: List[Entry]) -> List[str]:
    """Return the digests of all secrets that are sent only where they are asked for."""
    return sorted({entry.sha256 for entry in entries if entry.key})


def _unsent(entry: Entry) -> bool:
    return bool(entry.key) or (entry.size >= 0 and not entry.source)


def _new(change: Change) -> bool:
    return change.before.kind != "file" or not same_content(change.entry, change.before)


KERNELS_OWN = ("/proc/", "/sys/")  # nothing can be staged there, nor put back


def refuse_impossible(found: List[Change], entries: List[Entry], check_mode: bool) -> None:
    """Raise BadInput for what cannot be written: a missing parent, an unknown owner, a path of another kind, one place twice.

    In check mode a missing parent or owner is no error: on a fresh host an earlier task would have made it.
    """
    refuse_one_place_twice(entries)
    made = {change.entry.path for change in found if change.entry.kind == "directory"}
    for change in found:
        entry, where = change.entry, "files[%r]" % change.entry.path
        if entry.path.startswith(KERNELS_OWN):
            raise bad_input(
                where, entry.path, "a path on a disk", "The kernel makes /proc and /sys; for its settings there is kernel_settings."
            )
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


def refuse_one_place_twice(entries: List[Entry]) -> None:
    """Raise BadInput where two paths of a set are one place, by a link on the way: the last one written would win unseen."""
    real: Dict[str, str] = {}
    parents: Dict[str, str] = {}
    for entry in entries:
        parent, name = os.path.split(entry.path)
        if parent not in parents:
            parents[parent] = os.path.realpath(parent)
        place = os.path.join(parents[parent], name)
        if place in real:
            remedy = "Both are %s on this host: keep one of them." % place
            raise bad_input("files[%r]" % entry.path, entry.path, "a place that %r is not already" % real[place], remedy)
        real[place] = entry.path


def placeholders(entries: List[Entry], located: Mapping[str, str]) -> List[Tuple[str, str]]:
    """Return what a validator's `{path}` stands for: the staged file where there is one, the path itself otherwise."""
    return [("{%s}" % entry.path, located.get(entry.path, entry.path)) for entry in entries]
