# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take permissions of paths that others made down to what they may have at most, and give them back later."""

from __future__ import annotations

import os
import pwd
import stat
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, originals, permissions
from ansible_collections.groundwork.fleet.plugins.module_utils.anchored_paths import Anchors
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.module_utils.file_diff import name_of
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import group_id, user_id
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

MEMORY = "/var/lib/groundwork/permissions"

ARGUMENTS: Dict[str, Any] = {
    "owner": {"type": "str", "required": True},
    "permissions": {"type": "dict", "default": {}},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "change": {"type": "str", "default": ""},
    "run": {"type": "str", "default": ""},
}
JOURNAL = change_journal.JOURNAL


def owner_of(path: str) -> int:
    """Return the uid of who owns a directory, -1 where it is none."""
    try:
        info = os.lstat(path)
    except OSError:
        return -1
    return info.st_uid if stat.S_ISDIR(info.st_mode) else -1


def existing(pattern: str) -> Iterator[str]:
    """Return the paths that a pattern means on this host."""
    if pattern.startswith(permissions.HOMES):
        for home in permissions.homes(pwd.getpwall(), owner_of):
            yield from existing(os.path.join(home, pattern[len(permissions.HOMES) :]))
        return
    directory = os.path.dirname(pattern)
    if permissions.matches(pattern, [os.path.basename(pattern)]) and os.path.lexists(pattern):
        yield pattern
        return
    try:
        names = os.listdir(directory)
    except OSError:
        return
    for name in permissions.matches(pattern, names):
        yield os.path.join(directory, name)


class Paths:
    """The paths of this host. Each is opened once and changed through what was opened: nobody can turn it elsewhere in between."""

    def __init__(self) -> None:
        self.anchors = Anchors()
        self.opened: Dict[str, int] = {}

    def observe(self, path: str) -> Optional[permissions.Has]:
        """Return what a path has; nothing for a link, what is not there, and what another owner's directory lends under two names."""
        try:
            parent = self.anchors.parent(path)
            descriptor = os.open(os.path.basename(path), os.O_PATH | os.O_NOFOLLOW, dir_fd=parent)
        except OSError:
            return None
        info = os.fstat(descriptor)
        lent = stat.S_ISREG(info.st_mode) and info.st_nlink > 1 and os.fstat(parent).st_uid not in (0, os.geteuid())
        if stat.S_ISLNK(info.st_mode) or lent:
            os.close(descriptor)
            return None
        self.opened[path] = descriptor
        return permissions.Has(stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid)

    def set(self, path: str, before: permissions.Has, after: permissions.Has) -> None:
        """Give a path its owner first, which takes set-id bits off, then its bits."""
        at = "/proc/self/fd/%d" % self.opened[path]
        if (before.uid, before.gid) != (after.uid, after.gid):
            os.chown(at, after.uid, after.gid)
        os.chmod(at, after.mode)

    def close(self) -> None:
        """Close them."""
        for descriptor in self.opened.values():
            os.close(descriptor)
        self.anchors.close()


def number(kind: str, name: str, where: str, look_up: Callable[[str], Optional[int]]) -> int:
    """Return the number of an owner or group, -1 where none is asked for. Raises BadInput for one that this host does not have."""
    found = look_up(name) if name else -1
    if found is None:
        raise bad_input(where, name, "a %s of this host" % kind, "Correct the name, or leave it out.")
    return found


def limits(wanted: List[permissions.Wanted]) -> Dict[str, permissions.Has]:
    """Return what each existing path may have at most; of two patterns the later one decides."""
    found: Dict[str, permissions.Has] = {}
    for one in wanted:
        paths = list(existing(one.pattern))
        if not paths:
            continue
        uid = number("user", one.owner, "permissions[%r].owner" % one.pattern, user_id)
        gid = number("group", one.group, "permissions[%r].group" % one.pattern, group_id)
        found.update({path: permissions.Has(-1 if one.mode is None else one.mode, uid, gid) for path in paths})
    return found


def described(states: Dict[str, permissions.Has]) -> str:
    """Lay them out for a diff."""
    shown = [(path, has.mode, name_of("user", has.uid), name_of("group", has.gid)) for path, has in sorted(states.items())]
    return "".join("%s %04o %s:%s\n" % line for line in shown)


def carry_out(
    module: StepModule, paths: Paths, plan: permissions.Plan, observed: Dict[str, permissions.Has], forgotten: List[Dict[str, Any]]
) -> Tuple[str, List[str]]:
    """Record how to take the plan back, then change the paths. Returns the id of the change."""
    from ansible_collections.groundwork.fleet.plugins.module_utils import undo_effects  # pylint: disable=import-outside-toplevel

    if not plan.change:
        return "", []
    module.about_to_change()
    change = undo_effects.noted(module, permissions.effects(plan.change, observed) + forgotten, JOURNAL)
    refused = []
    for path, after in plan.change.items():
        try:
            paths.set(path, observed[path], after)
        except OSError as error:  # a file system that is mounted read-only, or an immutable file
            refused.append(path)
            module.warn("%s keeps its permissions: %s." % (path, error.strerror))
    return change, refused


def run(module: StepModule) -> None:
    """Observe, plan, remember, change."""
    record = os.path.join(MEMORY, module.params["owner"] + ".json")
    known: Dict[str, List[List[int]]] = originals.recall(record)
    paths = Paths()
    try:
        wanted = permissions.wanted(module.params["permissions"]) if module.params["state"] == "present" else []
        most = limits(wanted)
        seen = {path: paths.observe(path) for path in {**known, **most}}
    except BadInput as error:
        paths.close()
        module.fail_json(msg=str(error))
    observed = {path: has for path, has in seen.items() if has is not None}
    plan = permissions.plan(most, observed, known)
    change = ""
    refused: List[str] = []
    if not module.check_mode:
        with originals.kept(record, known, plan.remembered, MEMORY):
            forgotten = originals.effects(record, known, plan.remembered, MEMORY)
            change, refused = carry_out(module, paths, plan, observed, forgotten)
    paths.close()
    done = {path: has for path, has in plan.change.items() if path not in refused}
    module.exit_json(
        changed=bool(done),
        change=change,
        paths=sorted(done),
        refused=refused,
        diff={"before": described({path: observed[path] for path in done}), "after": described(done)},
    )
