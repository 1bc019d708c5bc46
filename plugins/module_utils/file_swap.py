# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put a set of changes in place: stage everything, validate, journal the old state, swap by rename, restore on failure."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import tempfile
import time
import uuid
from typing import Callable, Dict, List, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import processes
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import (
    Change,
    Entry,
    State,
    group_id,
    placeholders,
    user_id,
)

JOURNAL = "/var/lib/groundwork/changes"
VALIDATOR_SECONDS = 60


class ValidationFailed(BadInput):
    """A validator refused the staged set; nothing was changed."""


def new_change_id() -> str:
    """Return an id that sorts by time: 20261123T135000Z-1a2b3c4d."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()) + "-" + uuid.uuid4().hex[:8]


def staged_name(path: str, change_id: str) -> str:
    """Return the name under which a file is staged beside its destination: hidden, and no drop-in directory's pattern takes it."""
    return os.path.join(os.path.dirname(path), ".%s.groundwork-%s" % (os.path.basename(path), change_id))


def _flush_directory(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_durably(path: str, content: bytes, mode: int, uid: int = -1, gid: int = -1) -> None:
    """Create `path` with its final owner and mode before its content, and flush it to the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        os.fchown(descriptor, uid, gid)
        os.fchmod(descriptor, mode)
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)


def _keep_attributes(source: str, target: str) -> None:
    """Carry extended attributes (an SELinux label, an ACL) over to the file that takes the place."""
    try:
        for name in os.listxattr(source, follow_symlinks=False):
            os.setxattr(target, name, os.getxattr(source, name, follow_symlinks=False), follow_symlinks=False)
    except OSError:
        return  # the file system has none, or this one may not be set: the default label applies


def _ids(entry: Entry, before: State) -> Tuple[int, int]:
    existing = before.kind == entry.kind
    uid, gid = user_id(entry.owner), group_id(entry.group)
    return (
        uid if uid is not None else before.uid if existing else 0,
        gid if gid is not None else before.gid if existing else 0,
    )


def stage(change: Change, staged: str) -> None:
    """Write the file or link of a change to its staged name."""
    entry, before = change.entry, change.before
    if entry.kind == "link":
        os.symlink(entry.target, staged)
        return
    uid, gid = _ids(entry, before)
    mode = entry.mode if entry.mode is not None else before.mode if before.kind == "file" else 0o644
    write_durably(staged, entry.content, mode, uid, gid)
    if before.kind == "file":
        _keep_attributes(entry.path, staged)
        os.chmod(staged, mode)


def make_directory(change: Change) -> None:
    """Create a directory or set its mode and owner."""
    entry, before = change.entry, change.before
    if before.kind == "absent":
        os.mkdir(entry.path, 0o700)
    uid, gid = _ids(entry, before)
    os.chown(entry.path, uid, gid)
    os.chmod(entry.path, entry.mode if entry.mode is not None else 0o755 if before.kind == "absent" else before.mode)


def run_validators(validators: List[str], entries: List[Entry], located: Dict[str, str], missing_allowed: bool) -> List[str]:
    """Run each validator on the staged set. Return those skipped for want of their program (only where that is allowed).

    Raises ValidationFailed with the command and its output; a validator that takes over a minute has failed.
    """
    skipped = []
    for line in validators:
        argv = []
        for word in shlex.split(line):
            for placeholder, path in placeholders(entries, located):
                word = word.replace(placeholder, path)
            argv.append(word)
        if shutil.which(argv[0]) is None and missing_allowed:
            skipped.append(line)
            continue
        try:
            done = processes.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=VALIDATOR_SECONDS)
        except FileNotFoundError:
            raise ValidationFailed("validate is %r; expected a program of the host. Install it before this task." % argv[0]) from None
        except subprocess.TimeoutExpired:
            raise ValidationFailed("The validator %r did not end within %d s; nothing was changed." % (line, VALIDATOR_SECONDS)) from None
        if done.returncode != 0:
            output = done.stdout.decode("utf-8", "replace").strip()
            for placeholder, path in placeholders(entries, located):
                output = output.replace(path, placeholder[1:-1])
            raise ValidationFailed("The validator %r refused the new files; nothing was changed. It says: %s" % (line, output))
    return skipped


def _journal_entry(change: Change, directory: str, number: int) -> Dict[str, object]:
    entry, before = change.entry, change.before
    record: Dict[str, object] = {
        "path": entry.path,
        "secret": entry.secret,
        "before": {"kind": before.kind, "mode": before.mode, "uid": before.uid, "gid": before.gid, "target": before.target},
        "after": {"kind": entry.kind, "mode": entry.mode, "target": entry.target},
    }
    if before.kind == "file" and not entry.secret:
        write_durably(os.path.join(directory, str(number)), before.content, 0o600)
        record["content"] = str(number)
    return record


def write_journal(found: List[Change], change_id: str, journal: str = JOURNAL) -> str:
    """Record the old state of every path under `journal`/`change_id` (root only; never the content of a secret)."""
    os.makedirs(journal, mode=0o700, exist_ok=True)
    directory = os.path.join(journal, change_id)
    os.mkdir(directory, 0o700)
    records = [_journal_entry(change, directory, number) for number, change in enumerate(found)]
    manifest = {"id": change_id, "started": time.time(), "paths": records}
    write_durably(os.path.join(directory, "manifest.json"), json.dumps(manifest, indent=1).encode(), 0o600)
    _flush_directory(directory)
    return directory


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def _set_aside(change: Change, change_id: str) -> Optional[str]:
    """Move what is to be removed out of the way, in its own directory, so that it can return."""
    aside = staged_name(change.entry.path, change_id)
    os.rename(change.entry.path, aside)
    return aside


def restore(change: Change, aside: Optional[str]) -> None:
    """Put one path back to what it was before the change."""
    path, before = change.entry.path, change.before
    if aside is not None:
        os.rename(aside, path)
    elif before.kind == "absent":
        if os.path.lexists(path):
            _remove(path)
    elif before.kind == "directory":
        os.chown(path, before.uid, before.gid)
        os.chmod(path, before.mode)
    else:
        staged = staged_name(path, "restore-" + uuid.uuid4().hex[:8])
        if before.kind == "link":
            os.symlink(before.target, staged)
        else:
            write_durably(staged, before.content, before.mode, before.uid, before.gid)
        os.replace(staged, path)


class _Progress:
    """How far a set of changes has come, so that it can be taken back."""

    def __init__(self, change_id: str) -> None:
        self.change_id = change_id
        self.done: List[Tuple[Change, Optional[str]]] = []
        self.staged: Dict[str, str] = {}

    def stage(self, found: List[Change]) -> None:
        """Make the directories and write every file and link under its staged name."""
        for change in found:
            if change.entry.kind == "directory":
                self.done.append((change, None))
                make_directory(change)
            elif change.entry.kind != "absent":
                self.staged[change.entry.path] = staged_name(change.entry.path, self.change_id)
                stage(change, self.staged[change.entry.path])

    def swap(self, found: List[Change], step: Callable[[str], None]) -> None:
        """Rename every staged file over its destination and set aside what is to go."""
        for change in found:
            if change.entry.kind in ("file", "link"):
                self.done.append((change, None))
                os.replace(self.staged.pop(change.entry.path), change.entry.path)
                step("swapped " + change.entry.path)
            elif change.entry.kind == "absent":
                self.done.append((change, _set_aside(change, self.change_id)))
        for parent in sorted({os.path.dirname(change.entry.path) for change in found}):
            if os.path.isdir(parent):
                _flush_directory(parent)

    def take_back(self) -> None:
        """Put every path back to what it was."""
        for change, aside in reversed(self.done):
            restore(change, aside)

    def forget_staged(self) -> None:
        """Remove staged files that were not swapped."""
        for path in self.staged.values():
            if os.path.lexists(path):
                os.unlink(path)

    def drop_aside(self) -> None:
        """Remove for good what was set aside."""
        for _change, aside in reversed(self.done):
            if aside is not None and os.path.lexists(aside):
                _remove(aside)


def _no_step(name: str) -> None:
    """Ignore a step's name."""


def apply(
    found: List[Change],
    entries: List[Entry],
    validators: List[str],
    change_id: str,
    journal: str = JOURNAL,
    step: Callable[[str], None] = _no_step,
) -> None:
    """Make every change or none. `step` is told each step's name (for fault injection in tests)."""
    progress = _Progress(change_id)
    try:
        progress.stage(found)
        step("staged")
        run_validators(validators, entries, progress.staged, missing_allowed=False)
        write_journal(found, change_id, journal)
        step("journalled")
        progress.swap(found, step)
    except BaseException:
        progress.take_back()
        raise
    finally:
        progress.forget_staged()
    progress.drop_aside()


def rehearse(found: List[Change], entries: List[Entry], validators: List[str]) -> List[str]:
    """Run the validators on a copy of the new files outside the destinations. Return the validators that could not run yet."""
    with tempfile.TemporaryDirectory(prefix="groundwork-") as directory:
        located = {}
        for number, change in enumerate(found):
            if change.entry.kind == "file":
                located[change.entry.path] = os.path.join(directory, "%d-%s" % (number, os.path.basename(change.entry.path)))
                write_durably(located[change.entry.path], change.entry.content, 0o600)
        return run_validators(validators, entries, located, missing_allowed=True)
