# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was there before an owner changed it: one small JSON file for each owner, kept until everything is put back."""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any, Dict, Iterator, List, Mapping

from ansible_collections.groundwork.fleet.plugins.module_utils.anchored_paths import replace_durably


def recall(record: str) -> Dict[str, Any]:
    """Return what the record at this path holds, nothing where there is none."""
    try:
        with open(record, encoding="utf-8") as stream:
            found: Dict[str, Any] = json.load(stream)
            return found
    except FileNotFoundError:
        return {}


def remember(record: str, values: Mapping[str, Any], top: str) -> None:
    """Write a record; where there is nothing to remember, take it and the empty directories up to `top` away."""
    if values:
        os.makedirs(os.path.dirname(record), mode=0o700, exist_ok=True)
        replace_durably(record, json.dumps(dict(values), indent=1, sort_keys=True).encode(), 0o600)
        return
    if os.path.exists(record):
        os.unlink(record)
    directory = os.path.dirname(record)
    while os.path.isdir(directory) and not os.listdir(directory):
        os.rmdir(directory)
        if directory == top:
            return
        directory = os.path.dirname(directory)


def effects(record: str, before: Mapping[str, Any], after: Mapping[str, Any], top: str) -> List[Dict[str, Any]]:
    """Return what the journal is to know of a record that is about to forget: what takes the change back has it remember again."""
    return [{"record": record, "held": dict(before), "top": top}] if set(before) - set(after) else []


def remember_again(effect: Mapping[str, Any]) -> None:
    """Take back what `effects` told of; what was remembered since stays as it is."""
    remember(effect["record"], {**effect["held"], **recall(effect["record"])}, effect["top"])


@contextlib.contextmanager
def kept(record: str, before: Mapping[str, Any], after: Mapping[str, Any], top: str) -> Iterator[None]:
    """Remember what the caller is about to change before it does, and forget what it put back once it has.

    before: what the record holds. after: what it is to hold. A run that is cut off in between has forgotten nothing.
    """
    while_it_lasts = {**before, **after}
    if while_it_lasts != before:
        remember(record, while_it_lasts, top)
    yield
    if after != while_it_lasts:
        remember(record, after, top)
