# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which paths of a host hold secrets: a later set that removes or replaces one need not say so again.

`<journal>.secrets` lists every path that a set wrote with `secret: true`. What stands there is never journalled or shown.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import List, Set

from ansible_collections.groundwork.fleet.plugins.module_utils.anchored_paths import replace_durably
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry


def known(journal: str) -> Set[str]:
    """Return the paths that hold, or held, a secret."""
    try:
        with open(journal + ".secrets", encoding="utf-8") as stream:
            return set(json.load(stream))
    except (FileNotFoundError, PermissionError, ValueError):
        return set()


def marked(entries: List[Entry], journal: str) -> List[Entry]:
    """Return the entries, those secret that are at the path of a secret or take one along with its directory."""
    secrets = known(journal)
    if not secrets:
        return entries
    return [replace(one, secret=True) if not one.secret and touches(one, secrets) else one for one in entries]


def touches(entry: Entry, secrets: Set[str]) -> bool:
    """Tell whether an entry replaces or removes something secret. A directory that stays does not."""
    if entry.path in secrets:
        return True
    return entry.kind == "absent" and any(path.startswith(entry.path + "/") for path in secrets)


def remember(entries: List[Entry], journal: str) -> None:
    """Write down, under the lock and before a change, which of its paths are secret."""
    secrets = known(journal)
    fresh = {one.path for one in entries if one.secret and one.kind == "file"} - secrets
    if fresh:
        replace_durably(journal + ".secrets", json.dumps(sorted(secrets | fresh)).encode(), 0o600)
