# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put a set of changes in place or leave everything as it was, also after kill -9 and power loss.

Under the lock: record the old state, stage every file beside its destination, validate the staged set, keep each old file under a
second name (a hard link), swap by rename, flush, drop the second names. Until the last step any path can be put back exactly; who
comes next and finds the change pending does so.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List

from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, guard_record, secret_paths
from ansible_collections.groundwork.fleet.plugins.module_utils.anchored_paths import (
    Anchors,
    replace_durably,
    set_directory,
    write_durably,
)
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import (
    Change,
    Entry,
    changes,
    lacking,
    observe,
    refuse_impossible,
)
from ansible_collections.groundwork.fleet.plugins.module_utils.file_validators import run_validators

MARK = ".groundwork-"


class NotRestored(BadInput):
    """A change failed and could not be taken back either; it stays pending, the next run tries again."""


@dataclass
class Outcome:
    """What came of a set: the changes, the id in the journal (empty without any), and what there is to tell."""

    found: List[Change] = field(default_factory=list)
    change: str = ""
    notes: List[str] = field(default_factory=list)


def staged_name(path: str, change_id: str) -> str:
    """Return the name under which a file is staged beside its destination: hidden, and no drop-in directory's pattern takes it."""
    return os.path.join(os.path.dirname(path), ".%s%s%s" % (os.path.basename(path), MARK, change_id))


def aside_name(path: str, change_id: str) -> str:
    """Return the name under which what stood at a path waits until the change is done."""
    return staged_name(path, change_id) + ".old"


def _stage(change: Change, anchors: Anchors, change_id: str) -> None:
    """Make a directory, or write a file or link under its staged name."""
    entry, after = change.entry, change_journal.after_of(change)
    path = anchors.at(entry.path)
    if entry.kind == "directory":
        if change.before.kind == "absent":
            os.mkdir(path, 0o700)
        set_directory(path, after.uid, after.gid, after.mode)
    elif entry.kind == "link":
        os.symlink(entry.target, anchors.at(staged_name(entry.path, change_id)))
    elif entry.kind == "file":
        staged = anchors.at(staged_name(entry.path, change_id))
        like = path if change.before.kind == "file" else None
        source = (entry.source or path) if entry.size >= 0 else ""
        digest = write_durably(staged, entry.content, after.mode, after.uid, after.gid, like, source, entry.path)
        if source and digest != entry.sha256:
            raise BadInput("files[%r]: the content did not arrive whole. Nothing was changed. Run again." % entry.path)


def _swap(change: Change, anchors: Anchors, change_id: str) -> None:
    """Put one path in place; what stood there keeps a second name."""
    entry, before = change.entry, change.before
    if entry.kind == "directory":
        return
    path, aside = anchors.at(entry.path), anchors.at(aside_name(entry.path, change_id))
    if entry.kind == "absent":
        os.rename(path, aside)
        return
    if before.kind != "absent":
        try:
            os.link(path, aside, follow_symlinks=False)
        except OSError:  # a file system without hard links
            if before.kind == "link":
                os.symlink(before.target, aside)
            else:
                write_durably(aside, b"", before.mode, before.uid, before.gid, like=path, source=path)
    os.replace(anchors.at(staged_name(entry.path, change_id)), path)


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def _put_back(record: Dict[str, Any], anchors: Anchors, change_id: str, swapping: bool) -> None:
    """Put one path back to what it was before the change, however far the change came."""
    before, after = record["before"], record["after"]
    path, staged = anchors.at(record["path"]), anchors.at(staged_name(record["path"], change_id))
    aside = anchors.at(aside_name(record["path"], change_id))
    if after["kind"] == "directory":
        if before["kind"] == "directory":
            set_directory(path, before["uid"], before["gid"], before["mode"])
        else:
            with contextlib.suppress(OSError):  # gone already, or somebody put something in it
                os.rmdir(path)
    elif os.path.lexists(staged):  # the swap did not come: what stands at the path is the original, the second name may be half a copy
        _remove(aside)
        _remove(staged)
    elif os.path.lexists(aside):
        os.rename(aside, path)
    elif swapping and before["kind"] == "absent" and observe(path).kind == after["kind"]:
        os.unlink(path)


def take_back(records: List[Dict[str, Any]], change_id: str, anchors: Anchors, swapping: bool) -> None:
    """Put every path back to what it was before the change. swapping: whether the change had come to its swaps.

    One path that cannot be put back does not hold up the others; the first error is raised when all were tried.
    """
    errors: List[Exception] = []
    for record in reversed(records):
        try:
            _put_back(record, anchors, change_id, swapping)
        except FileNotFoundError:  # a parent that the change was to make
            continue
        except (OSError, BadInput) as error:
            errors.append(error)
    anchors.flush()
    if errors:
        raise errors[0]


def close(records: List[Dict[str, Any]], change_id: str, anchors: Anchors, journal: str) -> List[str]:
    """Drop the second names of what was replaced. Returns what could not be removed; the change then stays pending for that alone."""
    left = []
    for record in reversed(records):
        aside = aside_name(record["path"], change_id)
        try:
            _remove(anchors.at(aside))
        except FileNotFoundError:
            continue
        except OSError:
            left.append(aside)
    if not left:
        change_journal.mark(change_id, "", journal)
    return left


def _spare_foreign(records: List[Dict[str, Any]], change_id: str, anchors: Anchors, journal: str) -> List[str]:
    """Take out of the records what somebody wrote since the interruption: it stays. Returns what there is to tell."""
    digests, told = change_journal.Digests(journal), []
    for record in list(records):
        state = observe(record["path"])
        known = [one["digest"] for one in (record["before"], record["after"]) if one["kind"] == "file"]
        if state.kind == "file" and known and digests.of_state(record["path"], state, record["secret"]) not in known:
            for name in (staged_name, aside_name):
                _remove(anchors.at(name(record["path"], change_id)))
            records.remove(record)
            told.append("%s was written by somebody since change %s was interrupted, and stays." % (record["path"], change_id))
    return told


def recover(journal: str = change_journal.JOURNAL) -> List[str]:
    """Finish or take back, under the lock, what an interrupted run left. Returns what was done, as texts."""
    told = []
    for change_id in change_journal.pending(journal):
        anchors = Anchors()
        try:
            stage, records = change_journal.stage_of(change_id, journal), change_journal.read(change_id, journal)["paths"]
            if stage == "closing":
                close(records, change_id, anchors, journal)
                continue
            told += _spare_foreign(records, change_id, anchors, journal)
            take_back(records, change_id, anchors, stage == "swapping")
            change_journal.mark(change_id, "", journal)
            change_journal.forget(change_id, journal)
            told.append("Change %s had been interrupted and was taken back: %s." % (change_id, ", ".join(one["path"] for one in records)))
        except (OSError, BadInput) as error:
            told.append("Change %s was interrupted and could not be taken back: %s. The next run tries again." % (change_id, error))
        finally:
            anchors.close()
    return told


def _no_step(name: str) -> None:
    """Ignore a step's name."""


@dataclass
class Conditions:
    """Under which a set is put in place. run: who asks; refused where another run holds the host armed. step: told each step (for tests).

    undoes: the change that this one takes back. kept, days: how much of the journal stays, 0 for all of it.
    """

    run: str = ""
    journal: str = change_journal.JOURNAL
    step: Callable[[str], None] = _no_step
    undoes: str = ""
    kept: int = 0
    days: int = change_journal.KEPT_DAYS


def apply(entries: List[Entry], validators: List[str], conditions: Conditions) -> Outcome:
    """Make every change of a set or none."""
    outcome, journal = Outcome(), conditions.journal
    places = guard_record.beside(journal)
    with change_journal.locked(journal, conditions.run):
        guard_record.refuse_foreign(conditions.run, places)
        outcome.notes = recover(journal)
        entries = secret_paths.marked(entries, journal)
        found = outcome.found = changes(entries)  # anew: another run may have ended meanwhile
        if not found:
            return outcome
        refuse_impossible(found, entries, check_mode=False)
        if lacking(found):
            raise BadInput("Content of %s did not reach the host. Nothing was changed. Run again." % lacking(found))
        if all(change.entry.internal for change in found):
            for change in found:
                _keep_record(change)
            return outcome
        secret_paths.remember(entries, journal)
        outcome.change = change_id = change_journal.new_change_id(journal)
        anchors = Anchors()
        try:
            left = _carry_out(found, entries, validators, change_id, anchors, conditions)
        finally:
            anchors.close()
        outcome.notes += ["%s was replaced but could not be taken away for good; the next run tries again." % one for one in left]
        if conditions.kept and not os.path.exists(places.armed):  # an armed guard takes back by these records
            change_journal.prune(journal, conditions.kept, conditions.days)
    return outcome


def _keep_record(change: Change) -> None:
    """Write or remove a record of the engine itself, where nothing else changes."""
    if change.entry.kind == "absent":
        _remove(change.entry.path)
    else:
        replace_durably(change.entry.path, change.entry.content, 0o600)


def _carry_out(
    found: List[Change], entries: List[Entry], validators: List[str], change_id: str, anchors: Anchors, conditions: Conditions
) -> List[str]:
    journal, step, swapping, at = conditions.journal, conditions.step, False, ""
    records: List[Dict[str, Any]] = []
    try:
        change_journal.Writer(change_id, journal).write(found, conditions.run, conditions.undoes)
        records = change_journal.read(change_id, journal)["paths"]
        step("journalled")
        for change in found:
            at = change.entry.path
            _stage(change, anchors, change_id)
            step("staged " + change.entry.path)
        staged = {change.entry.path: staged_name(change.entry.path, change_id) for change in found if change.entry.kind == "file"}
        run_validators(validators, entries, staged, missing_allowed=False)
        step("validated")
        change_journal.mark(change_id, "swapping", journal)
        swapping = True
        for change in found:
            at = change.entry.path
            _swap(change, anchors, change_id)
            step("swapped " + change.entry.path)
        anchors.flush()
        change_journal.mark(change_id, "closing", journal)
    except BaseException as error:
        if isinstance(error, OSError):
            error.filename = at or error.filename
        try:
            take_back(records, change_id, anchors, swapping)
        except (OSError, BadInput) as second:
            text = "%s. Not everything could be put back (%s); the next run tries again."
            raise NotRestored(text % (error, second)) from error
        change_journal.mark(change_id, "", journal)
        change_journal.forget(change_id, journal)
        raise
    step("closing")
    return close(records, change_id, anchors, journal)
