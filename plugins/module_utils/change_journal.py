# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of what changes replaced, below /var/lib/groundwork/changes: root only, never the content of a secret.

`<journal>/<id>/manifest.json` has each path before and after, `contents` the small old contents one after the other, `<n>.content` a large
one, `<n>.tar` a removed directory, `effects.json` what was done to units and accounts. `<journal>.pending/<id>` stands while a change is
under way: whoever takes the lock next sees it and takes that change back.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import re
import shutil
import tarfile
import time
from typing import Any, Dict, Iterator, List, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import file_content
from ansible_collections.groundwork.fleet.plugins.module_utils.anchored_paths import flush_directory, replace_durably, write_durably
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Change, Entry, State, group_id, user_id

JOURNAL = "/var/lib/groundwork/changes"
KEPT = 100  # changes
KEPT_DAYS = 90
LOCK_SECONDS = 60
TREE_LIMIT = 64 * 1024 * 1024  # bytes of a removed directory that are kept
VERSION = 2
ID = re.compile(r"^\d{6,}-")  # names of another form are of an earlier version
#: Old secrets by change's directory and path, in memory alone and only while a process may still take back what it changed itself.
_held: Optional[Dict[Tuple[str, str], bytes]] = None


def hold_secrets(hold: bool) -> None:
    """Have this process hold the old content of the secrets that it replaces from now on, or forget what it holds."""
    global _held
    if not hold:
        _held = None
    elif _held is None:
        _held = {}


def names(journal: str = JOURNAL) -> List[str]:
    """Return the ids of all changes, oldest first."""
    try:
        return sorted(name for name in os.listdir(journal) if ID.match(name) and os.path.isdir(os.path.join(journal, name)))
    except FileNotFoundError:
        return []


def new_change_id(journal: str = JOURNAL) -> str:
    """Return the id of the next change, under the lock: a number that sorts even where the clock was set back, and the time."""
    last = max([int(name.split("-")[0]) for name in names(journal)], default=0)
    return "%06d-%s" % (last + 1, time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()))


def newer_than(marker: str, journal: str = JOURNAL) -> List[str]:
    """Return the ids of the changes after `marker`, newest first. An empty marker stands before all."""
    return [name for name in reversed(names(journal)) if name > marker]


def holder(stream: Any) -> str:
    """Return who holds the lock and for how long, as the holder wrote it."""
    stream.seek(0)
    run, _tab, since = stream.read().partition("\t")
    with contextlib.suppress(ValueError):
        return "%s, for %d s" % (run, max(0, int(time.time() - float(since))))
    return run or "unknown"


@contextlib.contextmanager
def locked(journal: str = JOURNAL, run: str = "") -> Iterator[None]:
    """Let one run at a time change files of this host. Raises BadInput that names the other run when it does not end in a minute."""
    os.makedirs(journal, mode=0o700, exist_ok=True)
    with open(journal + ".lock", "a+", encoding="utf-8", opener=lambda path, flags: os.open(path, flags | os.O_CLOEXEC, 0o600)) as stream:
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    text = "Another run changes files of this host: %s. Nothing was changed. Wait for it to end, or end it."
                    raise BadInput(text % holder(stream)) from None
                time.sleep(0.2)
        stream.truncate(0)
        stream.write("process %d (%s)\t%f" % (os.getpid(), run or "no run given", time.time()))
        stream.flush()
        yield


class Digests:
    """Digests of contents. Those of secrets are keyed, so that a copy of the journal tells nothing about them."""

    def __init__(self, journal: str) -> None:
        self.path = journal + ".key"
        self.key = b""

    def of(self, sha256: str, secret: bool) -> str:
        """Return what stands in the journal for content with this SHA-256."""
        if not secret:
            return sha256
        if not self.key:
            if not os.path.exists(self.path):
                replace_durably(self.path, os.urandom(32), 0o600)
            with open(self.path, "rb") as stream:
                self.key = stream.read()
        return "keyed:" + hmac.new(self.key, sha256.encode(), "sha256").hexdigest()

    def of_state(self, path: str, state: State, secret: bool) -> str:
        """Return the same for what stands at a path."""
        if state.kind != "file":
            return ""
        return self.of(file_content.digest(path) if state.large else hashlib.sha256(state.content).hexdigest(), secret)

    def of_entry(self, entry: Entry) -> str:
        """Return the same for what is to stand there."""
        return self.of(entry.sha256 or hashlib.sha256(entry.content).hexdigest(), entry.secret) if entry.kind == "file" else ""


def after_of(change: Change) -> State:
    """Return the state that a change leads to; content left out."""
    entry, before = change.entry, change.before
    if entry.kind in ("absent", "link"):
        return State(entry.kind, target=entry.target)
    existing, uid, gid = before.kind == entry.kind, user_id(entry.owner), group_id(entry.group)
    default = 0o755 if entry.kind == "directory" else 0o644
    return State(
        entry.kind,
        mode=entry.mode if entry.mode is not None else before.mode if existing else default,
        uid=uid if uid is not None else before.uid if existing else 0,
        gid=gid if gid is not None else before.gid if existing else 0,
        size=entry.length if entry.kind == "file" else 0,
    )


def _facts(state: State, digest: str) -> Dict[str, Any]:
    facts: Dict[str, Any] = {"kind": state.kind, "mode": state.mode, "uid": state.uid, "gid": state.gid}
    return dict(facts, target=state.target, size=state.size, digest=digest)


def _tree_size(path: str) -> int:
    found = 0
    for directory, _directories, files in os.walk(path):
        found += sum(os.lstat(os.path.join(directory, name)).st_size for name in files)
    return found


def _roots_own(path: str) -> bool:
    """Tell whether nobody but root (or who runs this) can change what is below a directory while it is packed or unpacked."""
    trusted = (0, os.geteuid())
    for directory, _directories, _files in os.walk(path):
        info = os.lstat(directory)
        if info.st_uid not in trusted or info.st_mode & 0o022:
            return False
    return True


class Writer:
    """Writes the record of one change."""

    def __init__(self, change_id: str, journal: str) -> None:
        self.change_id, self.journal = change_id, journal
        self.directory = os.path.join(journal, change_id)
        self.digests = Digests(journal)
        self.contents: List[bytes] = []
        self.offset = 0

    def _keep(self, change: Change, number: int) -> Dict[str, Any]:
        """Keep the old content and tell where, or why it is not kept."""
        entry, before = change.entry, change.before
        if entry.secret and (before.kind == "file" or (before.kind == "directory" and entry.kind == "absent")):
            if _held is not None and before.kind == "file" and not before.large:
                _held[self.directory, entry.path] = before.content
            return {"lost": "secret content is not kept"}
        if before.kind == "file" and before.large:
            name = "%d.content" % number
            write_durably(os.path.join(self.directory, name), b"", 0o600, source=entry.path)
            return {"file": name}
        if before.kind == "file":
            self.contents.append(before.content)
            self.offset += before.size
            return {"at": [self.offset - before.size, before.size]}
        if before.kind == "directory" and entry.kind == "absent" and os.listdir(entry.path) and entry.recurse:
            if not _roots_own(entry.path):
                return {"lost": "somebody else than root may write into the directory"}
            if _tree_size(entry.path) > TREE_LIMIT:
                return {"lost": "the directory has more than %d MiB" % (TREE_LIMIT >> 20)}
            name = "%d.tar" % number
            with open(os.path.join(self.directory, name), "xb") as stream:
                with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
                    archive.add(entry.path, ".")
                stream.flush()
                os.fsync(stream.fileno())
            return {"archive": name}
        return {}

    def write(self, found: List[Change], run: str, undoes: str) -> None:
        """Record every path before and after, durably; from then on the change is pending."""
        os.makedirs(self.journal + ".pending", mode=0o700, exist_ok=True)
        os.mkdir(self.directory, 0o700)
        records = []
        for number, change in enumerate(found):
            entry, before = change.entry, change.before
            kept = self._keep(change, number)
            old = _facts(before, self.digests.of_state(entry.path, before, entry.secret))
            new = _facts(after_of(change), self.digests.of_entry(entry))
            records.append({"path": entry.path, "secret": entry.secret, "internal": entry.internal, "before": old, "after": new, **kept})
        write_durably(os.path.join(self.directory, "contents"), b"".join(self.contents), 0o600)
        manifest = {"version": VERSION, "id": self.change_id, "started": time.time(), "run": run, "undoes": undoes, "paths": records}
        write_durably(os.path.join(self.directory, "manifest.json"), json.dumps(manifest, indent=1).encode(), 0o600)
        flush_directory(self.directory)
        flush_directory(self.journal)
        mark(self.change_id, "staging", self.journal)


def mark(change_id: str, state: str, journal: str = JOURNAL) -> None:
    """Say durably how far a pending change is: staging, swapping, closing; empty when it is done."""
    path = os.path.join(journal + ".pending", change_id)
    if state:
        replace_durably(path, state.encode(), 0o600)
        return
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
        flush_directory(journal + ".pending")


def pending(journal: str = JOURNAL) -> List[str]:
    """Return the ids of changes that did not come to their end, newest first."""
    try:
        return sorted((name for name in os.listdir(journal + ".pending") if not name.endswith(".new")), reverse=True)
    except FileNotFoundError:
        return []


def stage_of(change_id: str, journal: str = JOURNAL) -> str:
    """Return how far a pending change came."""
    with open(os.path.join(journal + ".pending", change_id), encoding="ascii") as stream:
        return stream.read()


def read(change_id: str, journal: str = JOURNAL) -> Dict[str, Any]:
    """Return the manifest of a change with its effects. Raises BadInput where there is none."""
    directory = os.path.join(journal, change_id)
    try:
        with open(os.path.join(directory, "manifest.json"), "rb") as stream:
            manifest: Dict[str, Any] = json.loads(stream.read())
    except (FileNotFoundError, ValueError):
        known = ", ".join(names(journal)[-3:]) or "none"
        raise BadInput("The journal has no change %r. The newest are: %s." % (change_id, known)) from None
    if manifest.get("version") != VERSION:
        text = "The change %r was recorded by another version of groundwork.fleet (format %s, expected %d): undo it by hand from %s."
        raise BadInput(text % (change_id, manifest.get("version", 1), VERSION, directory))
    manifest["effects"] = _effects(directory)
    return manifest


def _effects(directory: str) -> List[Dict[str, Any]]:
    try:
        with open(os.path.join(directory, "effects.json"), "rb") as stream:
            found: List[Dict[str, Any]] = json.loads(stream.read())
            return found
    except FileNotFoundError:
        return []


def add_effects(effects: List[Dict[str, Any]], change_id: str, run: str = "", journal: str = JOURNAL) -> str:
    """Record what is about to be done besides files, in a change or, with an empty id, in one of its own. Returns the id.

    An effect is {"unit": name, "before": {"active", "enabled"}, "did": start|stop|restart|reload|…}, {"undo": argv, "what": text},
    or what originals.effects returns.
    """
    if not effects:
        return change_id
    # Not at the top: guard_record stands on this file.
    from ansible_collections.groundwork.fleet.plugins.module_utils import guard_record  # pylint: disable=import-outside-toplevel

    with locked(journal, run):
        guard_record.refuse_foreign(run, guard_record.beside(journal))
        if not change_id:
            change_id = new_change_id(journal)
            Writer(change_id, journal).write([], run, "")
            mark(change_id, "", journal)
        directory = os.path.join(journal, change_id)
        replace_durably(os.path.join(directory, "effects.json"), json.dumps(_effects(directory) + effects, indent=1).encode(), 0o600)
    return change_id


def lost(record: Dict[str, Any], change_id: str, journal: str = JOURNAL) -> str:
    """Return why the old content of a path cannot come back, empty where it can."""
    if _held is not None and (os.path.join(journal, change_id), record["path"]) in _held:
        return ""
    return str(record.get("lost", ""))


def content_of(record: Dict[str, Any], change_id: str, journal: str = JOURNAL) -> bytes:
    """Return the small old content of a path: from the journal, or of a secret that this process holds."""
    if "lost" in record and _held is not None:
        return _held[os.path.join(journal, change_id), record["path"]]
    offset, length = record["at"]
    with open(os.path.join(journal, change_id, "contents"), "rb") as stream:
        stream.seek(offset)
        return stream.read(length)


def forget(change_id: str, journal: str = JOURNAL) -> None:
    """Drop the record of a change."""
    shutil.rmtree(os.path.join(journal, change_id), ignore_errors=True)


def prune(journal: str = JOURNAL, kept: int = KEPT, days: int = KEPT_DAYS) -> None:
    """Keep the newest records, and of those none that is too old; the newest one stays in any case. Earlier versions' go by age."""
    found = names(journal)
    oldest = time.time() - days * 86400
    for name in set(os.listdir(journal)) - set(found):
        if os.stat(os.path.join(journal, name)).st_mtime < oldest:
            forget(name, journal)
    for name in [name for name in found[:-1] if name not in pending(journal)]:
        if name in found[: max(0, len(found) - kept)] or os.stat(os.path.join(journal, name)).st_mtime < oldest:
            forget(name, journal)
