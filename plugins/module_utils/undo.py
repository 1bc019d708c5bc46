# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take changes of the journal back: files through the engine, as a change of its own; then units and accounts."""

from __future__ import annotations

import contextlib
import os
import tarfile
from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, file_set, file_swap, guard_record, undo_effects
from ansible_collections.groundwork.fleet.plugins.module_utils.change_journal import JOURNAL
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.file_diff import described, diff_of, name_of
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Change, Entry

FACTS = ("kind", "mode", "uid", "gid", "target", "digest")
COMPARED = {"file": FACTS, "directory": ("kind", "mode", "uid", "gid"), "link": ("kind", "target"), "absent": ("kind",)}


class Refused(BadInput):
    """A change that is not taken back: somebody changed its paths since, or what they were is not kept."""


@dataclass
class Undone:
    """What was taken back. lost: what could not be, and why. changes: the ids of the changes that did it."""

    paths: List[str] = field(default_factory=list)
    units: List[str] = field(default_factory=list)
    commands: List[str] = field(default_factory=list)
    lost: List[str] = field(default_factory=list)
    errors: List[str] = field(default_factory=list)
    diff: List[Dict[str, str]] = field(default_factory=list)
    changes: List[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether there was anything to take back."""
        return bool(self.paths or self.units or self.commands)


def chosen(which: str, journal: str = JOURNAL) -> List[str]:
    """Return the ids that `which` stands for, newest first.

    One id; `last`; `last_run`, all changes of the newest one's run; `run:MARK`, all changes of the run with this mark, maybe none.
    """
    if which not in ("last", "last_run") and not which.startswith("run:"):
        change_journal.read(which, journal)
        return [which]
    runs: Dict[str, str] = {}
    for name in change_journal.newer_than("", journal):
        with contextlib.suppress(BadInput):  # cut off before it was written, or of another version
            runs[name] = change_journal.read(name, journal)["run"]
    if which.startswith("run:"):
        return [name for name, run in runs.items() if "(run %s)" % which[4:] in run]
    if not runs:
        raise BadInput("The journal of this host has no change: there is nothing to take back.")
    newest = next(iter(runs))
    return [newest] if which == "last" else [name for name, run in runs.items() if run == runs[newest]]


def facts_now(record: Dict[str, Any], digests: change_journal.Digests) -> Dict[str, Any]:
    """Return what stands at a path, in the journal's form."""
    state = file_set.observe(record["path"])
    return {
        "kind": state.kind, "mode": state.mode, "uid": state.uid, "gid": state.gid, "target": state.target, "size": state.size,
        "digest": digests.of_state(record["path"], state, record["secret"]),
    }  # fmt: skip


def same(one: Dict[str, Any], other: Dict[str, Any]) -> bool:
    """Tell whether two states are the same in what counts for their kind."""
    keyed = [str(facts["digest"]).startswith("keyed:") for facts in (one, other)]
    compared = [key for key in COMPARED.get(one["kind"], FACTS) if key != "digest" or keyed[0] == keyed[1]]
    return bool(one["kind"] == other["kind"]) and all(one[key] == other[key] for key in compared)


def shown(facts: Dict[str, Any]) -> str:
    """Return a state as an error shows it."""
    text = described(facts["kind"], facts["mode"], name_of("user", facts["uid"]), name_of("group", facts["gid"]), facts["target"])
    digest = str(facts["digest"])
    return "%s, %d bytes, sha256 %s" % (text, facts["size"], digest[:12]) if digest and ":" not in digest else text


def conflicts(manifests: List[Dict[str, Any]], journal: str) -> Tuple[List[str], List[str]]:
    """Return what speaks against taking changes back, newest first: paths that somebody changed since, and contents that are lost."""
    digests = change_journal.Digests(journal)
    simulated: Dict[str, Dict[str, Any]] = {}
    current: Dict[str, Dict[str, Any]] = {}
    foreign: List[str] = []
    lost: List[str] = []
    for manifest in manifests:
        for record in manifest["paths"]:
            path, before, after = record["path"], record["before"], record["after"]
            now = simulated.get(path) or facts_now(record, digests)
            current.setdefault(path, now)
            simulated[path] = before
            if not same(now, after) and not same(now, before):
                foreign.append("%s: change %s left %s; now it is %s" % (path, manifest["id"], shown(after), shown(now)))
    for path, (record, manifest) in net_of(manifests).items():
        reason = change_journal.lost(record, manifest["id"], journal)
        if reason and not same(current[path], record["before"]):
            lost.append("%s: %s" % (path, reason))
    return foreign, lost


def entry_of(record: Dict[str, Any], change_id: str, journal: str, refilled: bool = False) -> Entry:
    """Return the entry that brings a path back to what it was. refilled: a directory came back with all that was in it."""
    path, before, secret = record["path"], record["before"], record["secret"]
    if before["kind"] in ("absent", "other"):
        return Entry(path, "absent", secret=secret, recurse=refilled or record["after"]["kind"] != "directory")
    if before["kind"] == "link":
        return Entry(path, "link", target=before["target"])
    entry = Entry(path, before["kind"], before["mode"], str(before["uid"]), str(before["gid"]), secret=secret)
    if before["kind"] == "directory":
        return entry
    if "file" in record:
        return replace(entry, size=before["size"], sha256=before["digest"], source=os.path.join(journal, change_id, record["file"]))
    return replace(entry, content=change_journal.content_of(record, change_id, journal))


Net = Dict[str, Tuple[Dict[str, Any], Dict[str, Any]]]


def net_of(manifests: List[Dict[str, Any]]) -> Net:
    """Return the record, with its manifest, that says what each path was before the oldest of the changes, newest first."""
    return {record["path"]: (record, manifest) for manifest in manifests for record in manifest["paths"]}


def refilled(manifest: Dict[str, Any], path: str, journal: str) -> bool:
    """Tell whether a change brought a removed directory back with all that was in it: then it goes the same way."""
    for change_id in filter(None, manifest["undoes"].split(" ")):
        with contextlib.suppress(BadInput):  # pruned by now
            if any("archive" in one and one["path"] == path for one in change_journal.read(change_id, journal)["paths"]):
                return True
    return False


def entries_of(net: Net, journal: str) -> List[Entry]:
    """Return the set that brings back every path that can be."""
    return [
        entry_of(record, manifest["id"], journal, refilled(manifest, path, journal))
        for path, (record, manifest) in sorted(net.items())
        if not change_journal.lost(record, manifest["id"], journal)
    ]


def _unpack(net: Net, found: List[Change], journal: str) -> None:
    """Bring back what was in the directories that were removed, as far as they came back now."""
    back = [change.entry.path for change in found if change.entry.kind == "directory" and change.before.kind == "absent"]
    for path, (record, manifest) in net.items():
        # Empty: an earlier attempt came as far as the directory.
        if "archive" in record and (path in back or not os.listdir(path)):
            with tarfile.open(os.path.join(journal, manifest["id"], record["archive"])) as archive:
                # Root's own archive, in root's own directory: owners, modes and links as they were.
                trusted: Dict[str, Any] = {"filter": "fully_trusted"} if hasattr(tarfile, "fully_trusted_filter") else {}
                archive.extractall(path, **trusted)  # noqa: S202


def _readable(change_ids: List[str], force: bool, journal: str, errors: List[str]) -> List[Dict[str, Any]]:
    """Return the manifests. With `force` one that cannot be read does not hold up the others."""
    found = []
    for change_id in change_ids:
        try:
            found.append(change_journal.read(change_id, journal))
        except (BadInput, OSError) as error:
            if not force:
                raise
            errors.append(str(error))
    return found


def foreseen(change_ids: List[str], force: bool = False, journal: str = JOURNAL) -> Undone:
    """Return what taking changes back would do. Raises Refused unless `force`."""
    manifests = _readable(change_ids, force, journal, [])
    foreign, lost = conflicts(manifests, journal)
    if foreign and not force:
        text = "Nothing was taken back, since somebody changed it in the meantime: %s. Look at it, then force it to lose what is there now."
        raise Refused(text % "; ".join(foreign))
    if lost and not force:
        text = "Nothing was taken back, since not all of it can be: %s. Force it to take the rest back and leave these as they are."
        raise Refused(text % "; ".join(lost))
    found = file_set.changes(entries_of(net_of(manifests), journal))
    done = Undone([change.entry.path for change in found], lost=lost, diff=[diff_of(change) for change in found])
    effects = [effect for manifest in manifests for effect in manifest["effects"]]
    done.units = sorted({effect["unit"] for effect in effects if "unit" in effect})
    done.commands = [" ".join(effect["undo"]) for effect in effects if effect.get("undo")]
    done.lost += [effect["what"] for effect in effects if "undo" in effect and not effect["undo"]]
    return done


def _files_back(net: Net, conditions: file_swap.Conditions, done: Undone) -> None:
    """Bring paths back, as one change."""
    outcome = file_swap.apply(entries_of(net, conditions.journal), [], conditions)
    if outcome.change:
        done.changes.append(outcome.change)
    try:
        _unpack(net, outcome.found, conditions.journal)
    except (OSError, tarfile.TarError) as error:
        done.errors.append("what was in a directory did not come back whole: %s" % error)
    done.errors += [note for note in outcome.notes if "could not" in note]
    done.paths += [change.entry.path for change in outcome.found]
    done.diff += [diff_of(change) for change in outcome.found]


def _one_by_one(net: Net, conditions: file_swap.Conditions, done: Undone) -> None:
    """Bring back what can be, where not all of it can: nobody shall stay locked out for the sake of another path."""
    for path, known in sorted(net.items()):
        try:
            _files_back({path: known}, conditions, done)
        except (BadInput, OSError) as error:
            done.errors.append("%s: %s" % (path, error))


def undo(change_ids: List[str], run: str = "", force: bool = False, journal: str = JOURNAL) -> Undone:
    """Take changes back, given newest first, as one change.

    Raises Refused, before anything is done, where somebody changed a path since or an old content is not kept; with `force` what is
    there now is lost, and what is not kept stays. Units and commands that fail are told in `errors`, the rest goes on.
    """
    with change_journal.locked(journal, run):  # before any unit is stopped
        guard_record.refuse_foreign(run, guard_record.beside(journal))
    done = Undone(lost=list(dict.fromkeys(foreseen(change_ids, force, journal).lost)))
    manifests = _readable(change_ids, force, journal, done.errors)
    net, conditions = net_of(manifests), file_swap.Conditions(run=run, journal=journal, undoes=" ".join(change_ids))
    effects = [effect for manifest in manifests for effect in reversed(manifest["effects"])]  # newest first
    units = undo_effects.merged([effect for effect in effects if "unit" in effect])
    own = undo_effects.observed(units)
    stopped = undo_effects.stop(units, done.errors)
    try:
        _files_back(net, conditions, done)
    except (BadInput, OSError):
        if not force:
            undo_effects.again(stopped, done.errors)
            raise
        _one_by_one(net, conditions, done)
    # Units and accounts once, when all files are back: what is restarted reads them.
    done.commands += undo_effects.commands([effect for effect in effects if effect.get("undo")], done.errors)
    undo_effects.records([effect for effect in effects if "record" in effect], done.errors)
    done.units += undo_effects.start(units, done.paths, done.errors)
    own += [{"undo": [], "what": "what %s did" % command} for command in done.commands]
    recorded = change_journal.add_effects(own, done.changes[-1] if done.changes else "", run, journal)
    done.changes = done.changes or [recorded] if recorded else done.changes
    return done
