# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of what changes replaced, below /var/lib/groundwork/changes: root only, never the content of a secret."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
import uuid
from typing import Dict, Iterator, List

from ansible_collections.groundwork.fleet.plugins.module_utils.anchored_paths import write_durably
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Change

JOURNAL = "/var/lib/groundwork/changes"
KEPT = 100  # changes
LOCK_SECONDS = 60


def new_change_id() -> str:
    """Return an id that sorts by time: 20261123T135000Z-1a2b3c4d."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()) + "-" + uuid.uuid4().hex[:8]


@contextlib.contextmanager
def locked(journal: str = JOURNAL) -> Iterator[None]:
    """Let one run at a time change files of this host. Raises BadInput that names the other run when it does not end in a minute."""
    os.makedirs(journal, mode=0o700, exist_ok=True)
    with open(journal + ".lock", "a+", encoding="ascii") as stream:
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    stream.seek(0)
                    other = stream.read().strip() or "unknown"
                    raise BadInput("Another run changes files of this host (process %s). Wait for it to end, or end it." % other) from None
                time.sleep(0.2)
        stream.truncate(0)
        stream.write("%d since %s" % (os.getpid(), time.strftime("%Y-%m-%dT%H:%M:%S%z")))
        stream.flush()
        yield


def _record(change: Change, directory: str, number: int) -> Dict[str, object]:
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


def write(found: List[Change], change_id: str, journal: str = JOURNAL) -> str:
    """Record the old state of every path under `journal`/`change_id` and return that directory."""
    directory = os.path.join(journal, change_id)
    os.mkdir(directory, 0o700)
    records = [_record(change, directory, number) for number, change in enumerate(found)]
    manifest = {"id": change_id, "started": time.time(), "paths": records}
    write_durably(os.path.join(directory, "manifest.json"), json.dumps(manifest, indent=1).encode(), 0o600)
    return directory


def forget(change_id: str, journal: str = JOURNAL) -> None:
    """Drop the record of a change that was taken back."""
    shutil.rmtree(os.path.join(journal, change_id), ignore_errors=True)


def prune(journal: str = JOURNAL, kept: int = KEPT) -> None:
    """Keep the newest records."""
    names = sorted(name for name in os.listdir(journal) if os.path.isdir(os.path.join(journal, name)))
    for name in names[: max(0, len(names) - kept)]:
        forget(name, journal)
