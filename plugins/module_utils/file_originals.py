# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stood where an owner's set of files stands now, so that it comes back when the owner does not declare a path any more."""

from __future__ import annotations

import base64
import os
from typing import Any, Dict, Iterable, List, Mapping

from ansible_collections.groundwork.fleet.plugins.module_utils import file_content
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry, State, observe

MEMORY = "/var/lib/groundwork/files"

OURS = b"# groundwork.fleet:"

#: Path to what stood there, as `packed` writes it.
Originals = Dict[str, Dict[str, Any]]


def memory_path(owner: str) -> str:
    """Return where the originals of an owner are. Raises BadInput for a name that is no word."""
    if not owner.replace("_", "").replace("-", "").isalnum():
        raise bad_input("owner", owner, "a name of letters, digits, - and _", "Give the name of the role.")
    return os.path.join(MEMORY, owner + ".json")


def packed(path: str, state: State) -> Dict[str, Any]:
    """Return a state as it is remembered. Raises BadInput for a file that is too large to keep."""
    if state.large:
        expected = "a file of at most %d KiB, to be kept for the way back" % (file_content.LARGE // 1024)
        raise bad_input("files[%r]" % path, "%d bytes" % state.size, expected, "Leave out `owner`, or take the path out of the set.")
    if state.kind == "file" and state.content.startswith(OURS):
        return {"kind": "absent"}  # an earlier release wrote it, before owners were remembered
    kept: Dict[str, Any] = {"kind": state.kind}
    if state.kind == "file":
        kept.update(mode=state.mode, uid=state.uid, gid=state.gid, content=base64.b64encode(state.content).decode())
    elif state.kind == "link":
        kept["target"] = state.target
    return kept


def newly(entries: Iterable[Entry], originals: Originals) -> Originals:
    """Return what is to be remembered in addition: what stands where the owner declares something for the first time."""
    unknown = [entry.path for entry in entries if entry.path not in originals and not entry.internal]
    return {path: packed(path, observe(path)) for path in unknown}


def returned(path: str, original: Mapping[str, Any]) -> List[Entry]:
    """Return the entry that brings an original back; none for a directory that was there before."""
    kind = original["kind"]
    if kind == "file":
        content = base64.b64decode(original["content"])
        return [Entry(path, "file", original["mode"], str(original["uid"]), str(original["gid"]), content)]
    if kind == "link":
        return [Entry(path, "link", target=original["target"])]
    return [Entry(path, "absent", recurse=False)] if kind == "absent" else []


def completed(entries: List[Entry], originals: Originals) -> List[Entry]:
    """Return the set together with what brings back all that the owner does not declare any more."""
    declared = {entry.path for entry in entries}
    return entries + [entry for path in sorted(originals) if path not in declared for entry in returned(path, originals[path])]
