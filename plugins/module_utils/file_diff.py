# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of files as Ansible's diffs; secret content is only named."""

from __future__ import annotations

import grp
import pwd
from typing import Any, Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Change, same_content

DIFF_LIMIT = 104448  # bytes; the limit of Ansible's own copy and template actions


def described(kind: str, mode: Optional[int], owner: str, group: str, target: str) -> str:
    """Return the line under which a state stands in a diff."""
    if kind == "absent":
        return "absent"
    if kind == "link":
        return "link to %s" % target
    return "%s %04o %s:%s" % (kind, mode or 0, owner, group)


def text_of(content: bytes, size: int, secret: bool) -> str:
    """Return content as a diff may show it."""
    if secret:
        return "(secret content, %s)\n" % ("present" if size else "absent")
    if size > DIFF_LIMIT or b"\0" in content:
        return "(binary or large content, %d bytes)\n" % size
    return content.decode("utf-8", "replace")


def diff_of(change: Change) -> Dict[str, str]:
    """Return the change as Ansible's diff."""
    entry, before = change.entry, change.before
    both = before.kind == "file" and entry.kind == "file"
    other_content = both and not same_content(entry, before)
    old = described(before.kind, before.mode, name_of("user", before.uid), name_of("group", before.gid), before.target)
    new = described(
        entry.kind,
        entry.mode if entry.mode is not None else before.mode,
        entry.owner or name_of("user", before.uid),
        entry.group or name_of("group", before.gid),
        entry.target,
    )
    after_text = text_of(entry.content, entry.length, entry.secret) if entry.kind == "file" else ""
    before_text = text_of(before.content, before.size, entry.secret) if before.kind == "file" else ""
    if other_content and before_text == after_text:  # both secret, or both binary and of one size
        before_text, after_text = before_text.replace("(", "(old ", 1), after_text.replace("(", "(new ", 1)
    if not other_content and old != new and before_text == after_text:
        before_text, after_text = before_text + "# %s\n" % old, after_text + "# %s\n" % new
    return {
        "before_header": "%s (%s)" % (entry.path, old),
        "after_header": "%s (%s)" % (entry.path, new),
        "before": before_text,
        "after": after_text,
    }


def name_of(database: str, number: int) -> str:
    """Return the name of a user or group, its number where it has none."""
    found: Any
    try:
        found = pwd.getpwuid(number).pw_name if database == "user" else grp.getgrgid(number).gr_name
    except KeyError:
        found = number
    return str(found)
