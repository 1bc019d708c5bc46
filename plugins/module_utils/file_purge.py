# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes besides: from directories that are kept exact, and of paths that come and go.

`purge: "*.conf"` takes away every file or link whose name matches and that the set does not name; `purge: true` only what earlier sets
with that directory wrote there, which is remembered in /var/lib/groundwork/managed. Directories inside are never touched.
`prune: {orders: [paths]}` remembers paths under a name in the same place; with `state: absent` those that are not listed any more go.
"""

from __future__ import annotations

import hashlib
import json
import os
from fnmatch import fnmatchcase
from typing import Any, Dict, List

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry

MANAGED = "/var/lib/groundwork/managed"


def record_path(directory: str, managed: str = MANAGED) -> str:
    """Return where the names that earlier sets wrote into a directory are remembered."""
    return os.path.join(managed, hashlib.sha256(directory.encode()).hexdigest()[:16] + ".json")


def _held(record: str, what: str) -> List[str]:
    try:
        with open(record, encoding="utf-8") as stream:
            found: Dict[str, List[str]] = json.load(stream)
    except (FileNotFoundError, ValueError):
        return []
    return found[what]


def remembered(directory: str, managed: str = MANAGED) -> List[str]:
    """Return the names that earlier sets wrote into a directory."""
    return _held(record_path(directory, managed), "names")


def surplus(directory: Entry, named: List[str], managed: str = MANAGED) -> List[str]:
    """Return the names in a directory that are to go."""
    try:
        found = sorted(one.name for one in os.scandir(directory.path) if not one.is_dir(follow_symlinks=False))
    except (FileNotFoundError, NotADirectoryError):
        return []
    candidates = set(remembered(directory.path, managed)) if directory.purge == "managed" else set(found)
    pattern = "*" if directory.purge == "managed" else directory.purge
    # A name that starts with a dot is matched by a pattern that does too, as in a shell: the engine's own staged files are such names.
    return [
        name
        for name in found
        if name in candidates and name not in named and fnmatchcase(name, pattern) and name.startswith(".") <= pattern.startswith(".")
    ]


def expanded(entries: List[Entry], managed: str = MANAGED) -> List[Entry]:
    """Return the set with what its purged directories lose, and with the engine's record of what it wrote there."""
    result = list(entries)
    for directory in entries:
        if not directory.purge:
            continue
        inside = [one for one in entries if os.path.dirname(one.path) == directory.path and one.kind in ("file", "link")]
        named = sorted(os.path.basename(one.path) for one in inside)
        everything = [os.path.basename(one.path) for one in entries if os.path.dirname(one.path) == directory.path]
        gone = [os.path.join(directory.path, name) for name in surplus(directory, everything, managed)]
        result += [Entry(path, "absent", secret=directory.secret) for path in gone]
        if directory.purge != "managed":
            continue
        record = record_path(directory.path, managed)
        if directory.kind == "absent":
            result.append(Entry(record, "absent", internal=True))
        else:
            text = json.dumps({"directory": directory.path, "names": named}) + "\n"
            result.append(Entry(record, "file", 0o600, content=text.encode(), internal=True))
    return result


def pruned(entries: List[Entry], prune: Dict[str, Any], leaving: bool, managed: str = MANAGED) -> List[Entry]:
    """Return the set with the removal of what is remembered under a name and not listed, where it is `leaving`, and with the records.

    A directory goes only when it is empty by then: what else is in there is not ours. What the set names without listing it has come to
    stay, and is remembered no more. Raises BadInput.
    """
    named = {entry.path for entry in entries}
    found, records = list(entries), []
    for name, listed in prune.items():
        if not isinstance(listed, list) or not all(isinstance(one, str) and one.startswith("/") for one in listed):
            raise bad_input("prune.%s" % name, listed, "a list of absolute paths", "Write {%s: [/etc/orders/1.conf]}." % name)
        record = record_path("prune:" + name, managed)
        known = _held(record, "paths")
        kept = sorted(set(listed) if leaving else {*listed, *(path for path in known if path not in named)})
        found += [Entry(path, "absent", recurse=False) for path in known if path not in kept and path not in named]
        if kept:
            text = json.dumps({"name": name, "paths": kept}) + "\n"
            records.append(Entry(record, "file", 0o600, content=text.encode(), internal=True))
        elif known:
            records.append(Entry(record, "absent", internal=True))
    if records and all(one.kind == "absent" for one in records):
        records.append(Entry(managed, "absent", recurse=False, internal=True))  # where nobody else has a record there
    return found + records
