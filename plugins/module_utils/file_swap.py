# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put a set of changes in place: stage everything, validate, journal the old state, swap by rename, restore on failure."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
import uuid
from typing import Callable, Dict, List, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, processes
from ansible_collections.groundwork.fleet.plugins.module_utils.anchored_paths import Anchors, set_directory, write_durably
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import (
    Change,
    Entry,
    State,
    group_id,
    placeholders,
    user_id,
)

MARK = ".groundwork-"
VALIDATOR_SECONDS = 60


class ValidationFailed(BadInput):
    """A validator refused the staged set; nothing was changed."""


def staged_name(path: str, change_id: str) -> str:
    """Return the name under which a file is staged beside its destination: hidden, and no drop-in directory's pattern takes it."""
    return os.path.join(os.path.dirname(path), ".%s%s%s" % (os.path.basename(path), MARK, change_id))


def _ids(entry: Entry, before: State) -> Tuple[int, int]:
    existing = before.kind == entry.kind
    uid, gid = user_id(entry.owner), group_id(entry.group)
    return (
        uid if uid is not None else before.uid if existing else 0,
        gid if gid is not None else before.gid if existing else 0,
    )


def stage(change: Change, staged: str, destination: str) -> None:
    """Write the file or link of a change to its staged name; `destination` gives the extended attributes to keep."""
    entry, before = change.entry, change.before
    if entry.kind == "link":
        os.symlink(entry.target, staged)
        return
    uid, gid = _ids(entry, before)
    mode = entry.mode if entry.mode is not None else before.mode if before.kind == "file" else 0o644
    write_durably(staged, entry.content, mode, uid, gid, like=destination if before.kind == "file" else None)


def make_directory(change: Change, path: str) -> None:
    """Create a directory or set its mode and owner."""
    entry, before = change.entry, change.before
    if before.kind == "absent":
        os.mkdir(path, 0o700)
    uid, gid = _ids(entry, before)
    set_directory(path, uid, gid, entry.mode if entry.mode is not None else 0o755 if before.kind == "absent" else before.mode)


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
        if done.returncode != 0 and any(entry.secret and "{%s}" % entry.path in line for entry in entries):
            raise ValidationFailed(
                "The validator %r refused the new files (exit status %d); nothing was changed. What it says may show a secret and is not "
                "printed: run it on the host." % (line, done.returncode)
            )
        if done.returncode != 0:
            output = done.stdout.decode("utf-8", "replace").strip()
            for placeholder, path in placeholders(entries, located):
                output = output.replace(path, placeholder[1:-1])
            raise ValidationFailed("The validator %r refused the new files; nothing was changed. It says: %s" % (line, output))
    return skipped


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def restore(change: Change, path: str, aside: Optional[str]) -> None:
    """Put one path back to what it was before the change."""
    before = change.before
    if aside is not None:
        os.rename(aside, path)
    elif before.kind == "absent":
        if os.path.lexists(path):
            _remove(path)
    elif before.kind == "directory":
        set_directory(path, before.uid, before.gid, before.mode)
    else:
        staged = staged_name(path, "restore-" + uuid.uuid4().hex[:8])
        if before.kind == "link":
            os.symlink(before.target, staged)
        else:
            write_durably(staged, before.content, before.mode, before.uid, before.gid)
        os.replace(staged, path)


def leftovers(entries: List[Entry], anchors: Anchors) -> List[str]:
    """Return what a killed run left beside the paths of a set: staged files, and what it had set aside to remove."""
    here = [entry for entry in entries if os.path.isdir(os.path.dirname(entry.path))]
    return [path for entry in here for path in anchors.leftovers(entry.path, MARK)]


def collect(entries: List[Entry], journal: str = change_journal.JOURNAL) -> List[str]:
    """Remove what a killed run left behind and return it. Another run's staged files are safe: it holds the lock."""
    anchors = Anchors()
    try:
        if not leftovers(entries, anchors):
            return []
        with change_journal.locked(journal):
            found = leftovers(entries, anchors)
            for path in found:
                _remove(anchors.at(path))
            return found
    finally:
        anchors.close()


class _Progress:
    """How far a set of changes has come, so that it can be taken back."""

    def __init__(self, change_id: str) -> None:
        self.change_id = change_id
        self.anchors = Anchors()
        self.done: List[Tuple[Change, Optional[str]]] = []
        self.staged: Dict[str, str] = {}

    def stage(self, found: List[Change]) -> None:
        """Make the directories and write every file and link under its staged name."""
        for change in found:
            path = change.entry.path
            if change.entry.kind == "directory":
                self.done.append((change, None))
                make_directory(change, self.anchors.at(path))
            elif change.entry.kind != "absent":
                self.staged[path] = staged_name(path, self.change_id)
                stage(change, self.anchors.at(self.staged[path]), self.anchors.at(path))

    def swap(self, found: List[Change], step: Callable[[str], None]) -> None:
        """Rename every staged file over its destination and set aside what is to go, each in its own directory."""
        for change in found:
            path = change.entry.path
            if change.entry.kind in ("file", "link"):
                self.done.append((change, None))
                os.replace(self.anchors.at(self.staged.pop(path)), self.anchors.at(path))
                step("swapped " + path)
            elif change.entry.kind == "absent":
                aside = staged_name(path, self.change_id)
                os.rename(self.anchors.at(path), self.anchors.at(aside))
                self.done.append((change, aside))
        self.anchors.flush()

    def take_back(self) -> None:
        """Put every path back to what it was."""
        for change, aside in reversed(self.done):
            restore(change, self.anchors.at(change.entry.path), aside and self.anchors.at(aside))

    def forget_staged(self) -> None:
        """Remove staged files that were not swapped."""
        for path in self.staged.values():
            if os.path.lexists(self.anchors.at(path)):
                os.unlink(self.anchors.at(path))

    def drop_aside(self) -> List[str]:
        """Remove for good what was set aside. Return what could not be removed: the change itself is done."""
        left = []
        for _change, aside in reversed(self.done):
            try:
                if aside is not None and os.path.lexists(self.anchors.at(aside)):
                    _remove(self.anchors.at(aside))
            except OSError:
                left.append(str(aside))
        return left


def _no_step(name: str) -> None:
    """Ignore a step's name."""


def apply(
    found: List[Change],
    entries: List[Entry],
    validators: List[str],
    change_id: str,
    journal: str = change_journal.JOURNAL,
    step: Callable[[str], None] = _no_step,
) -> List[str]:
    """Make every change or none. Return the hidden names of removed paths that could not be taken away for good.

    `step` is told each step's name (for fault injection in tests).
    """
    progress = _Progress(change_id)
    with change_journal.locked(journal):
        try:
            progress.stage(found)
            step("staged")
            run_validators(validators, entries, progress.staged, missing_allowed=False)
            change_journal.write(found, change_id, journal)
            step("journalled")
            progress.swap(found, step)
        except BaseException as error:
            if isinstance(error, OSError):
                error.filename = progress.anchors.current
            progress.take_back()
            change_journal.forget(change_id, journal)
            raise
        finally:
            progress.forget_staged()
        left = progress.drop_aside()
        progress.anchors.close()
        change_journal.prune(journal)
    return left


def rehearse(found: List[Change], entries: List[Entry], validators: List[str]) -> List[str]:
    """Run the validators on a copy of the new files outside the destinations. Return the validators that could not run yet."""
    with tempfile.TemporaryDirectory(prefix="groundwork-") as directory:
        located = {}
        for number, change in enumerate(found):
            if change.entry.kind == "file":
                located[change.entry.path] = os.path.join(directory, "%d-%s" % (number, os.path.basename(change.entry.path)))
                write_durably(located[change.entry.path], change.entry.content, 0o600)
        return run_validators(validators, entries, located, missing_allowed=True)
