# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How old the secrets are that were delivered to the host, and whether others may read them; never what they are."""

from __future__ import annotations

import json
import os
import stat
from typing import Any, List, Mapping

from ansible_collections.groundwork.fleet.plugins.module_utils import collector
from ansible_collections.groundwork.fleet.plugins.module_utils.metrics import Sample, family

PREFIX = "groundwork_secret_file_"
LIST = "/var/lib/groundwork/changes.secrets"  # of module_utils/secret_paths.py, which would bring half of the step `files` along


def paths(listed: str = LIST) -> List[str]:
    """Return the files that runs wrote as secrets, none where there was none. Raises OSError, ValueError."""
    try:
        with open(listed, encoding="utf-8") as stream:
            return sorted(map(str, json.load(stream)))
    except FileNotFoundError:
        return []


def collect(options: Mapping[str, Any], _earlier: str, now: float, listed: str = LIST) -> List[str]:
    """Return the metrics. A file that is gone is not told."""
    written: List[Sample] = []
    exposed: List[Sample] = []
    for path in paths(listed):
        try:
            status = os.lstat(path)
        except OSError:
            continue
        written.append(({"path": path}, int(status.st_mtime)))
        exposed.append(({"path": path}, int(bool(stat.S_ISREG(status.st_mode) and status.st_mode & stat.S_IRWXO))))
    return [
        *family(PREFIX + "timestamp_seconds", "When the secret in this file was last replaced.", written),
        *family(PREFIX + "exposed", "1 where everybody on the host may read or write the file.", exposed),
        *family(PREFIX + "age_limit_seconds", "How old a secret may be.", [({}, int(options["age"]))]),
        *family(PREFIX + "last_run_seconds", "When this was looked, in seconds since 1970.", [({}, int(now))]),
    ]


def main(words: List[str], *_registry: Any) -> int:
    """Run as a program of the host."""
    return collector.run(words, collect)
